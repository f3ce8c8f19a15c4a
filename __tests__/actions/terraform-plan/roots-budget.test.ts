import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { readRecord } from '../../../actions/terraform-plan/src/read-record.ts'
import { rootsReport, type RootsFacts } from '../../../actions/terraform-plan/src/roots-report.ts'
import { viewRoots } from '../../../actions/terraform-plan/src/roots-view.ts'
import type { Budget } from '../../../kit/ports.ts'
import { COMMENT_BUDGETS } from '../../../kit/report/budget.ts'
import { failureRecord } from '../../../actions/terraform-plan/src/record.ts'
import type { Plan } from '../../../kit/terraform/plan.ts'
import { expandRange } from '../../kit/terraform/expand-range.ts'
import { RECORD_FACTS, recordOf } from './make-record.ts'
import { bigPlan, smallPlans } from './random-plan.ts'
import { codeIn, expectBalanced, expectWithin, outsideCode, seen } from './read-comment.ts'

const FACTS: RootsFacts = {
  ...{ subject: 'shop', sha: 'a1b2c3d4e5', runNumber: 57 },
  runUrl: 'https://github.example/acme/shop/actions/runs/1',
}
const LONG = process.env['SLIPWAY_LONG'] === '1'
const DANGEROUS = new Set(['delete', 'replace', 'forget', 'other'])

/** The root's name beside the others. */
const nameNumbered = (index: number) => `e${index % 3}/p${index}`

function reportOf(plans: readonly Plan[], more: { failed?: number; missing?: number; refused?: number } = {}) {
  const numbers = (count = 0) => Array.from({ length: count }, (_, index) => index)
  const failures = numbers(more.failed).map(index => {
    const failure = {
      message: `terraform plan failed\n${'``` </details> @octocat\n'.repeat(40)}`,
      cause: '<b>x',
      hint: '|',
    }
    return failureRecord({ ...RECORD_FACTS, root: `infra/broken${index}` }, failure)
  })
  const records = [...plans.map((plan, index) => recordOf(plan, { root: `infra/${nameNumbered(index)}` })), ...failures]
  const gathered = {
    records: records.map(readRecord),
    missing: numbers(more.missing).map(index => `infra/gone${index}`),
    refused: numbers(more.refused).map(index => ({ file: `forged${index}.json`, why: '`it` is </details> bad' })),
    unexpected: [],
  }
  return rootsReport(
    viewRoots(gathered, text => text),
    FACTS,
    text => text,
  )
}

/** Which roots a title or a line says that it is of, as a reader understands it. */
function rootsIn(words: string, count: number): ReadonlySet<string> {
  const all = Array.from({ length: count }, (_, index) => nameNumbered(index))
  const text = words
    .replace(/, (?:other values in .*|values differ)$/, '')
    .replace(/&#(\d+);/g, (_, number: string) => String.fromCodePoint(Number(number)))
  const named = [...text.matchAll(/<code>(.*?)<\/code>/g)].flatMap(([, name = '']) => expandBraces(name))
  if (/ in all \d+ roots but /.test(text)) return new Set(all.filter(name => !named.includes(name)))
  return new Set(/ in all \d+ roots/.test(text) ? all : named)
}

function expandBraces(text: string): string[] {
  const [, before = '', inside, after = ''] = /^(.*)\{(.*)\}(.*)$/.exec(text) ?? []
  return inside === undefined ? [text] : inside.split(',').map(one => before + one + after)
}

const DANGER_FOLD = /<summary>((?:Destroys|Replaces|Forgets|Unknown actions on) .*?)<\/summary>/

/** `r1 address` of every object that the folds of dangerous changes name. */
function namedIn(bodies: readonly string[], count: number): ReadonlySet<string> {
  const named = new Set<string>()
  for (const body of bodies)
    for (const [index, piece] of body
      .split(/(?=<details><summary>(?:Destroys|Replaces|Forgets|Unknown|Changes|Adds|Moves|Imports))/)
      .entries()) {
      const title = DANGER_FOLD.exec(piece)?.[1]
      if (index === 0 || title === undefined) continue
      const where = title.slice(0, title.indexOf(': '))
      for (const code of codeIn(piece))
        for (const address of expandRange(code))
          for (const root of rootsIn(where, count)) named.add(`${root} ${address}`)
    }
  return named
}

function expectKept(plans: readonly Plan[], budget: Budget, bodies: readonly string[]): void {
  for (const body of bodies) {
    expectWithin(body, budget)
    expectBalanced(body)
    const outside = outsideCode(body)
    expect(outside).not.toContain('<!--')
    expect(outside).not.toMatch(/@(?=octocat)/)
  }
  const named = namedIn(
    bodies.map(body => body.replaceAll('<details open>', '<details>')),
    plans.length,
  )
  const dangerous = plans.flatMap((plan, index) =>
    plan.changes
      .filter(({ kind }) => DANGEROUS.has(kind))
      .map(({ address }) => `${nameNumbered(index)} ${seen(address)}`),
  )
  expect(dangerous.filter(one => !named.has(one))).toEqual([])
}

/** Roots that have much in common: each is one of few plans, or of its own. */
const rootSets = fc
  .tuple(
    fc.array(smallPlans, { minLength: 1, maxLength: 3 }),
    fc.array(fc.nat({ max: 20 }), { minLength: 2, maxLength: 14 }),
  )
  .map(([plans, choices]) => choices.flatMap(choice => plans[choice % plans.length] ?? []))

describe('R5: whatever roots hold, their comments stay within the budget, balanced, and name all that is dangerous in each', () => {
  it('with few objects and hostile texts, in little room', () => {
    const budgets = fc
      .integer({ min: 12_000, max: 40_000 })
      .chain(most => fc.constantFrom({ bytes: most, characters: Infinity }, { bytes: 4 * most, characters: most }))
    const problems = fc.record({ failed: fc.nat({ max: 3 }), missing: fc.nat({ max: 6 }), refused: fc.nat({ max: 6 }) })
    fc.assert(
      fc.property(rootSets, budgets, problems, (plans, budget, more) => {
        expectKept(plans, budget, reportOf(plans, more).comments(budget))
      }),
      { numRuns: LONG ? 500 : 60 },
    )
  })

  it.each(
    COMMENT_BUDGETS.map(
      budget => [Number.isFinite(budget.characters) ? '65,536 characters' : '262,144 bytes', budget] as const,
    ),
  )('with many objects in many roots, in %s', (_what, budget) => {
    for (const sizes of LONG
      ? [[1000, 1000, 900, 1000], Array.from({ length: 20 }, () => 1_000)]
      : [[400, 400, 300], Array.from({ length: 20 }, (_, index) => 20 + index)]) {
      const plans = sizes.map((size, index) => bigPlan(index % 3, size))
      expectKept(plans, budget, reportOf(plans).comments(budget))
    }
  })

  it('with more roots than a matrix can have', () => {
    const plans = Array.from({ length: 300 }, (_, index) => bigPlan(index, 12))
    expectKept(plans, COMMENT_BUDGETS[1], reportOf(plans, { failed: 20, missing: 60 }).comments(COMMENT_BUDGETS[1]))
  })

  it('and so does the summary', () => {
    const plans = [0, 1, 2, 0].map(seed => bigPlan(seed, 400))
    const summary = reportOf(plans, { failed: 2 }).summary(200_000)
    expectWithin(summary, { bytes: 200_000, characters: Infinity })
    expectBalanced(summary)
  })
})
