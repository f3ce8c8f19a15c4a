import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { isTag, parseTagTemplate, renderTag, runNumberOf, sanitiseTag } from '../../../kit/oci/tag.ts'

const facts = { runNumber: 57, runAttempt: 2, sha: '0a3087a'.padEnd(40, 'b'), branch: 'feature/Über+1' }
const render = (template: string, changes = {}) => renderTag(parseTagTemplate(template), { ...facts, ...changes })

describe('a tag', () => {
  it.each([
    ['{run}-{sha:7}', '57-0a3087a'],
    ['v1.2-{attempt}', 'v1.2-2'],
    ['{branch}-{run}', 'feature-ber-1-57'],
    ['{sha}', facts.sha],
    ['latest', 'latest'],
  ])('%s gives %s', (template, tag) => expect(render(template)).toBe(tag))

  it.each([
    ['', 'it is empty'],
    ['{run', 'a single "{"'],
    ['run}', 'a single "}"'],
    ['{build}', 'there is no field {build}'],
    ['{sha:3}', 'no length of a commit'],
    ['{sha:41}', 'no length of a commit'],
    ['{run}{sha:7}', 'two fields stand side by side'],
    ['a b', 'cannot be in a tag'],
    ['a/b', 'cannot be in a tag'],
    ['-{run}', 'cannot begin with'],
    ['.x', 'cannot begin with'],
    ['$(id)', 'cannot be in a tag'],
  ])('R23: the template %j is refused', (template, problem) =>
    expect(() => parseTagTemplate(template)).toThrow(problem),
  )

  it.each([
    ['{run}', { runNumber: 0 }, 'outside of a workflow'],
    ['{sha:7}', { sha: '' }, 'outside of a commit'],
    ['{branch}', { branch: '' }, 'this run is of no branch'],
    [`${'x'.repeat(127)}{run}`, {}, 'which is no tag'],
  ])('R23: %j with %j has no value', (template, changes, problem) =>
    expect(() => render(template, changes)).toThrow(problem),
  )

  it('R23: any text becomes a tag or nothing', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300, unit: 'binary' }), text => {
        const tag = sanitiseTag(text)
        expect(tag === '' || isTag(tag)).toBe(true)
        expect(sanitiseTag(tag)).toBe(tag)
      }),
    )
  })

  it('two long texts with the same beginning get two tags', () => {
    const long = 'x'.repeat(140)
    expect(sanitiseTag(`${long}1`)).toHaveLength(128)
    expect(sanitiseTag(`${long}1`)).not.toBe(sanitiseTag(`${long}2`))
  })

  it.each([
    ['{run}-{sha:7}', '57-0a3087a', 57],
    ['{run}-{sha:7}', '57-0a3087', undefined],
    ['{run}-{sha:7}', '057-0a3087a', undefined],
    ['{run}-{sha:7}', 'latest', undefined],
    ['{branch}-{run}', 'release-2-57', 57],
    ['v{run}.{attempt}', 'v57.2', 57],
    ['v{run}.{attempt}', 'v57x2', undefined],
    ['{sha:7}', '0a3087a', undefined],
  ])('R21: with %s the run of %s is %s', (template, tag, run) =>
    expect(runNumberOf(parseTagTemplate(template), tag)).toBe(run),
  )

  it('R21: the run is read back from every tag that a template gives', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('{run}-{sha:7}', '{branch}-{run}', '{run}-{branch}', 'a{run}.{attempt}', '{sha}_{run}'),
        fc.integer({ min: 1, max: 10 ** 9 }),
        fc.stringMatching(/^[a-z][a-z0-9/-]{0,20}[a-z]$/),
        (template, runNumber, branch) => {
          const read = parseTagTemplate(template)
          expect(runNumberOf(read, renderTag(read, { ...facts, runNumber, branch }))).toBe(runNumber)
        },
      ),
    )
  })
})
