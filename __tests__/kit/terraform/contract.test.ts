import { describe, expect, it } from '@jest/globals'
import { contractDigest } from '../../../kit/terraform/contract.ts'
import { createHider } from '../../../kit/terraform/hide.ts'
import { parsePlan, type Plan } from '../../../kit/terraform/plan.ts'
import { fixtureText } from './fixture.ts'

const CONTEXT = { root: 'infra', workspace: 'default', lockFileDigest: '0'.repeat(64) }

function digest(plan: Plan | string, planKey: string | null = 'a key of some length', context = CONTEXT): string {
  const read = typeof plan === 'string' ? parsePlan(plan, 'plan') : plan
  return contractDigest(read, context, { planKey: planKey ?? undefined, isTainted: createHider(read, []).isTainted })
}

type Leaf = [holder: Record<string, unknown> | unknown[], key: string | number]

function leavesOf(value: unknown, found: Leaf[] = []): Leaf[] {
  if (typeof value !== 'object' || value === null) return found
  for (const key of Object.keys(value)) {
    const holder = value as Record<string, unknown>
    if (typeof holder[key] === 'object' && holder[key] !== null) leavesOf(holder[key], found)
    else found.push([holder, key])
  }
  return found
}

describe('R37: the contract of a plan', () => {
  it.each(['every-action', 'aws-create', 'secret-only', 'move-only', 'output-only'])(
    'is the same for %s planned again at another time',
    shape => {
      const text = fixtureText(shape)
      const again = text.replace(/"timestamp":"[^"]+"/, '"timestamp":"2030-01-01T00:00:00Z"')
      expect(again).not.toBe(text)
      expect(digest(again)).toBe(digest(text))
    },
  )

  it('changes with every single value of every change that will happen', () => {
    const original = digest(fixtureText('every-action'))
    const count = leavesOf(effectiveChanges(fixtureText('every-action')).changes).length
    expect(count).toBeGreaterThan(100)
    for (let index = 0; index < count; index++) {
      const { document, changes } = effectiveChanges(fixtureText('every-action'))
      const [holder, key] = leavesOf(changes)[index]!
      const target = holder as Record<string | number, unknown>
      const before = target[key]
      target[key] = typeof before === 'boolean' ? !before : before === null ? 'not null' : `${String(before)} changed`
      expect([key, before, digest(JSON.stringify(document)) === original]).toEqual([key, before, false])
    }
  })

  it.each([
    ['a number beyond 2^53', '12345678901234567891', '12345678901234567892'],
    ['the order of a replace', '["delete","create"]', '["create","delete"]'],
    [
      'where a moved object was',
      '"previous_address":"terraform_data.old_name"',
      '"previous_address":"terraform_data.older"',
    ],
    ['what is imported', '"importing":{"id":"known-id"}', '"importing":{"id":"other-id"}'],
    ['a forget that becomes a destroy', '["forget"]', '["delete"]'],
    ['an output', 'http://new.example', 'http://newer.example'],
    ['a secret only', 'a-new-and-long-one', 'a-new-and-long-two'],
    ['1 that becomes "1"', '"size":3', '"size":"3"'],
  ])('changes with %s', (_what, from, to) => {
    const text = fixtureText('every-action')
    expect(text).toContain(from)
    expect(digest(text.replaceAll(from, to))).not.toBe(digest(text))
  })

  it.each([
    ['root', { ...CONTEXT, root: 'other' }],
    ['workspace', { ...CONTEXT, workspace: 'prod' }],
    ['lock file', { ...CONTEXT, lockFileDigest: '1'.repeat(64) }],
  ])('changes with the %s', (_what, context) => {
    const text = fixtureText('every-action')
    expect(digest(text, 'a key of some length', context)).not.toBe(digest(text))
  })

  it('does not tell a null attribute from a missing one only where Terraform itself does not', () => {
    const plan = (after: unknown) =>
      JSON.stringify({
        resource_changes: [{ address: 'a.b', mode: 'managed', change: { actions: ['create'], after } }],
      })
    expect(digest(plan({ a: null }))).not.toBe(digest(plan({})))
  })

  it('holds no trace of a secret without a key, so that nobody can try values against it', () => {
    const text = fixtureText('every-action')
    const guess = text
      .replaceAll('a-new-and-long-one', 'some-other-secret')
      .replaceAll('correct-horse-battery', 'another-older-one')
    expect(digest(guess, null)).toBe(digest(text, null))
    expect(digest(guess)).not.toBe(digest(text))
  })

  it('is another one under another key', () => {
    const text = fixtureText('secret-only')
    expect(digest(text, 'another key of length')).not.toBe(digest(text))
  })
})

function effectiveChanges(text: string): { document: Record<string, unknown>; changes: unknown[] } {
  const document = JSON.parse(text) as Record<string, unknown>
  const parts = ['actions', 'before', 'after']
  const changes = (document['resource_changes'] as { address: string; change: Record<string, unknown> }[])
    .filter(({ change }) => (change['actions'] as string[])[0] !== 'no-op')
    .map(({ change }) => Object.fromEntries(parts.map(part => [part, change[part]])))
  return { document, changes }
}
