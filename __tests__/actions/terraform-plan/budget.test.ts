import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { planReport, type ReportFacts } from '../../../actions/terraform-plan/src/report.ts'
import type { Budget } from '../../../kit/ports.ts'
import { COMMENT_BUDGETS } from '../../../kit/report/budget.ts'
import { countChanges, type Plan } from '../../../kit/terraform/plan.ts'
import { renderMarkdown, tagsIn } from '../../kit/report/markdown.ts'
import { expandRange } from '../../kit/terraform/expand-range.ts'
import { bigPlan, smallPlans } from './random-plan.ts'
import { codeIn, expectBalanced, expectWithin, outsideCode, seen } from './read-comment.ts'

const FACTS: ReportFacts = {
  ...{ subject: 'shop/prod', root: 'infra/prod', sha: 'a1b2c3d4e5', runNumber: 57, binary: 'terraform' },
  ...{
    runUrl: 'https://github.example/acme/shop/actions/runs/1',
    binaryVersion: '1.11.4',
    warnings: 0,
    shortValues: 0,
    remarks: [],
  },
  contract: '4f2a91c07be31d55',
}
const LONG = process.env['SLIPWAY_LONG'] === '1'
const DANGEROUS = new Set(['delete', 'replace', 'forget', 'other'])

function commentsOf(plan: Plan, budget: Budget): readonly string[] {
  return planReport(plan, countChanges(plan), FACTS, text => text).comments(budget)
}

function expectKept(plan: Plan, budget: Budget, bodies: readonly string[]): void {
  const named = new Set<string>()
  for (const body of bodies) {
    expectWithin(body, budget)
    expectBalanced(body)
    for (const code of codeIn(body)) for (const address of expandRange(code)) named.add(address)
  }
  const dangerous = plan.changes.filter(({ kind }) => DANGEROUS.has(kind)).map(({ address }) => seen(address))
  expect(dangerous.filter(address => !named.has(address))).toEqual([])
}

describe('R5: whatever a plan holds, its comments stay within the budget, balanced, and name all that is dangerous', () => {
  it('with few objects and hostile texts, in little room', () => {
    const budgets = fc
      .integer({ min: 6_000, max: 30_000 })
      .chain(most => fc.constantFrom({ bytes: most, characters: Infinity }, { bytes: 4 * most, characters: most }))
    fc.assert(
      fc.property(smallPlans, budgets, (plan, budget) => {
        const bodies = commentsOf(plan, budget)
        expectKept(plan, budget, bodies)
        for (const body of bodies) {
          const outside = outsideCode(body)
          expect(outside).not.toContain('<!--')
          expect(outside).not.toMatch(/@(?=octocat)/)
        }
      }),
      { numRuns: LONG ? 5_000 : 120 },
    )
  })

  it('as a reader of Markdown sees it', () => {
    fc.assert(
      fc.property(smallPlans, plan => {
        const [body = ''] = commentsOf(plan, { bytes: 8_000, characters: Infinity })
        const tags = new Set(tagsIn(renderMarkdown(body)))
        const known = [
          'p',
          'strong',
          'code',
          'pre',
          'details',
          'summary',
          'ul',
          'li',
          'table',
          'thead',
          'tbody',
          'tr',
          'th',
          'td',
          'br',
          'sub',
          'a',
        ]
        expect([...tags].filter(tag => !known.includes(tag))).toEqual([])
      }),
      { numRuns: LONG ? 1_000 : 25 },
    )
  })

  it.each(
    COMMENT_BUDGETS.map(
      budget => [Number.isFinite(budget.characters) ? '65,536 characters' : '262,144 bytes', budget] as const,
    ),
  )('with thousands of objects, in %s', (_what, budget) => {
    const sizes = LONG ? [20_000, 20_000, 20_000, 5_000, 5_000, 1_000, 1_000, 300] : [20_000, 700]
    for (const [index, count] of sizes.entries())
      for (const seed of LONG ? [index, index + 100, index + 200] : [index]) {
        const plan = bigPlan(seed, count)
        expectKept(plan, budget, commentsOf(plan, budget))
      }
  })

  it('takes several comments when one cannot hold the names, each of which says where it stands', () => {
    const plan = bigPlan(2, 4_000)
    const [first = '', ...further] = commentsOf(plan, COMMENT_BUDGETS[1])
    expect(further.length).toBeGreaterThan(0)
    expect(first).toMatch(
      new RegExp(`the others in ${further.length} comments? more, “continued 2 of ${further.length + 1}”`),
    )
    for (const [index, body] of further.entries())
      expect(body.split('\n')[0]).toBe(
        `⚠️ **shop/prod**: continued ${index + 2} of ${further.length + 1} · \`infra/prod\``,
      )
  })
})

describe('R19: the summary', () => {
  it('holds what one step may write, and more than a comment', () => {
    const plan = bigPlan(0, 3_000)
    const report = planReport(plan, countChanges(plan), FACTS, text => text)
    const summary = report.summary(1_048_576)
    expect(Buffer.byteLength(summary)).toBeLessThanOrEqual(1_048_576)
    expect(summary.length).toBeGreaterThan(report.comments(COMMENT_BUDGETS[0]).join('').length)
    expectBalanced(summary)
  })

  it('says how many are not in it', () => {
    const plan = bigPlan(2, 2_000)
    const summary = planReport(plan, countChanges(plan), FACTS, text => text).summary(20_000)
    expect(Buffer.byteLength(summary)).toBeLessThanOrEqual(20_000)
    expect(summary).toMatch(/[\d,]+ objects named here/)
    expectBalanced(summary)
  })
})
