import { describe, expect, it } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../../scripts/metadata.ts'
import { APPLY_CASES } from './negative/apply-cases.ts'
import type { NegativeCase } from './negative/negative-case.ts'
import { ACKNOWLEDGE_CASES, DRIFT_CASES, REVIEWED_CASES, VALIDATE_CASES } from './negative/other-cases.ts'
import { PLAN_CASES } from './negative/plan-cases.ts'
import { PLAYS, type Played } from './negative/play.ts'

const TABLES = {
  'terraform-validate': VALIDATE_CASES,
  'terraform-plan': PLAN_CASES,
  'terraform-reviewed-plan': REVIEWED_CASES,
  'terraform-apply': APPLY_CASES,
  'terraform-drift': DRIFT_CASES,
  'terraform-acknowledge': ACKNOWLEDGE_CASES,
} as const

type Name = keyof typeof TABLES
const NAMES = Object.keys(TABLES) as Name[]

const WELL: NegativeCase = { name: 'well', summary: '' }

const applies = ({ world }: Played) => world.exec.commands.filter(({ args }) => args[0] === 'apply').length

/** Red means that no later step can take it for green, that no check is, and that nothing was begun that it does not tell of. */
function expectClosed(played: Played, { verdict }: NegativeCase): void {
  const { outputs, left, sent } = played
  expect([outputs['verdict'], outputs['valid']]).not.toContain('pass')
  expect(outputs['valid']).not.toBe('true')
  for (const path of left) expect(path).toMatch(/^\/temporary\/slipway-(?:plan-results|outputs)-\d\//)
  if (verdict === 'invalid') expect(applies(played)).toBe(0)
  for (const { route, body } of sent)
    if (verdict === 'fail' && route === 'POST /check-runs' && body.includes('Terraform protection'))
      expect(body).toContain('"conclusion":"failure"')
}

describe.each(NAMES)('%s tells the user of', name => {
  it.each<NegativeCase>(TABLES[name])('$name', async one => {
    const played = await PLAYS[name](one)
    expect(played.told).toBe(one.told)
    expect(played.outputs['verdict']).toBe(one.verdict)
    expect(played.said).toEqual(one.said ?? [])
    expect(played.summary.split('\n')[0]).toBe(one.summary)
    if (one.told !== undefined) expectClosed(played, one)
  })

  it('nothing, where nothing is wrong', async () => {
    const { told, outputs } = await PLAYS[name](WELL)
    expect(told).toBeUndefined()
    for (const value of [outputs['verdict'] ?? 'pass', outputs['valid'] ?? 'true']) expect(value).toMatch(/^pass|true$/)
  })
})

describe('the page "When it says no"', () => {
  const page = readFileSync(join(ROOT, 'docs/when-it-says-no.md'), 'utf8')
  const quotes = [...page.matchAll(/^\| `([^`]+)` \|.*\|.*\|$/gm)].map(([, quote = '']) => quote)
  const isIn = (text: string, quote: string) => {
    let from = 0
    return quote.split('…').every(part => {
      const found = text.indexOf(part.trim(), from)
      from = found + part.trim().length
      return found >= 0
    })
  }
  const texts = NAMES.flatMap(name =>
    TABLES[name].map(({ name: what, told = '', said = [] }) => ({
      what: `${name}: ${what}`,
      text: [told, ...said].join('\n'),
    })),
  )

  it('quotes only what is said', () => {
    expect(quotes.length).toBeGreaterThan(15)
    expect(quotes.filter(quote => !texts.some(({ text }) => isIn(text, quote)))).toEqual([])
  })

  it('leaves nothing out that is red or warned of', () => {
    const quiet = ['terraform-plan: a token of a person, where nothing is protected']
    const missing = texts.filter(({ text, what }) => !quiet.includes(what) && !quotes.some(quote => isIn(text, quote)))
    expect(missing).toEqual([])
  })
})
