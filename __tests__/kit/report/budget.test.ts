import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { beside, COMMENT_BUDGETS, fit } from '../../../kit/report/budget.ts'
import { cut } from '../../../kit/report/cut.ts'
import { details } from '../../../kit/report/details.ts'
import { diffFence, fence } from '../../../kit/report/fence.ts'
import { html, text } from '../../../kit/report/inline.ts'
import { fits, measure } from '../../../kit/report/measure.ts'
import { shortenEnd, shortenMiddle } from '../../../kit/report/shorten.ts'
import { table } from '../../../kit/report/table.ts'
import { elementsIn, renderMarkdown, tagsIn, textOf } from './markdown.ts'

const words = fc.string({ unit: 'binary', maxLength: 60 })
const block: fc.Arbitrary<string> = fc.oneof(
  words.map(text),
  words.map(body => fence(body)),
  fc.array(words, { maxLength: 8 }).map(lines => diffFence(lines.map(line => ({ sign: '+', text: line })))),
  fc.array(words, { maxLength: 8 }).map(cells =>
    table(
      [{ title: 'what' }, { title: 'n' }],
      cells.map(cell => [text(cell), '1']),
    ),
  ),
)
const report = fc
  .array(
    fc.oneof(
      block,
      fc
        .tuple(words, block, block)
        .map(([title, one, other]) => details(html(title), `${one}\n\n${details('in', other)}`)),
    ),
    {
      minLength: 1,
      maxLength: 8,
    },
  )
  .map(blocks => ['✅ **shop/prod**: adds 12', ...blocks].join('\n\n'))
const ENDING = 'Shortened, see the run.'

describe('a report that is too long', () => {
  it('R5: fits its budget after the cut, keeps the first line, and what follows the cut is outside of everything', () => {
    fc.assert(
      fc.property(report, fc.integer({ min: 80, max: 900 }), fc.boolean(), (markdown, size, byBytes) => {
        const budget = byBytes ? { bytes: size, characters: Infinity } : { bytes: Infinity, characters: size }
        const result = cut(markdown, budget, ENDING)
        expect(fits(result, budget)).toBe(true)
        expect(result.isWellFormed()).toBe(true)
        expect(result.split('\n')[0]).toBe('✅ **shop/prod**: adds 12')
        if (result === markdown) return
        const last = elementsIn(renderMarkdown(result)).at(-1)
        expect(last?.tagName).toBe('p')
        expect(last === undefined ? '' : textOf(last)).toBe(ENDING)
      }),
      { numRuns: 600, endOnFailure: true },
    )
  })

  it('R5: a table keeps whole rows and its head is never left without one', () => {
    const rows = Array.from({ length: 40 }, (_, index) => [`row ${index}`, String(index)])
    const whole = table([{ title: 'what' }, { title: 'n', align: 'right' }], rows)
    for (let bytes = 34; bytes < 400; bytes += 1) {
      const result = cut(`first\n\n${whole}`, { bytes, characters: Infinity }, ENDING)
      const root = renderMarkdown(result)
      expect(textOf(root)).not.toContain('|')
      for (const line of result.split('\n').filter(line => line.startsWith('|'))) expect(whole).toContain(line)
      expect(tagsIn(root).filter(tag => tag === 'table').length).toBeLessThanOrEqual(1)
      expect(tagsIn(root).includes('table')).toBe(tagsIn(root).includes('td'))
    }
  })

  it('R5: an over-long first line stays as plain text, cut between characters', () => {
    for (let bytes = 60; bytes < 130; bytes += 1) {
      const result = cut('😀'.repeat(100), { bytes, characters: Infinity }, ENDING)
      expect(result).toMatch(/^(?:😀)+…\n\nShortened, see the run\.$/u)
      expect(result.isWellFormed()).toBe(true)
    }
  })

  it('takes the fullest tier that fits and makes no smaller one', () => {
    const made: string[] = []
    const tier = (name: string, length: number) => () => {
      made.push(name)
      return 'x'.repeat(length)
    }
    const tiers = [tier('full', 300), tier('middle', 90), tier('small', 10)]
    expect(fit(tiers, { bytes: 100, characters: Infinity }, ENDING)).toHaveLength(90)
    expect(made).toEqual(['full', 'middle'])
  })

  it('knows the two limits of a comment and what is left beside a marker', () => {
    expect(COMMENT_BUDGETS).toEqual([
      { bytes: 262_144, characters: Infinity },
      { bytes: 262_144, characters: 65_536 },
    ])
    expect(beside({ bytes: 100, characters: 50 }, 'é')).toEqual({ bytes: 97, characters: 48 })
  })

  it('measures as UTF-8 and as code points', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), sample => {
        expect(measure(sample)).toEqual({ bytes: Buffer.byteLength(sample), characters: Array.from(sample).length })
      }),
    )
  })

  it('shortens values in the middle and descriptions at the end, never inside of a character', () => {
    expect(shortenMiddle('abcdefghijklmnop', 7)).toBe('abc…nop (16 characters)')
    expect(shortenEnd('abcdef', 4)).toBe('abc…')
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('😀', 'a') }), fc.integer({ min: 2, max: 20 }), (sample, limit) => {
        expect(shortenEnd(sample, limit).length).toBeLessThanOrEqual(limit)
        expect(shortenEnd(sample, limit).isWellFormed()).toBe(true)
        expect(shortenMiddle(sample, limit).isWellFormed()).toBe(true)
      }),
    )
  })
})
