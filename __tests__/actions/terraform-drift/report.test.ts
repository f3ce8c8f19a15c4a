import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { findDrift } from '../../../actions/terraform-drift/src/drift.ts'
import { driftReport, type ReportFacts } from '../../../actions/terraform-drift/src/report.ts'
import { ISSUE_BUDGET } from '../../../kit/report/budget.ts'
import { fits } from '../../../kit/report/measure.ts'
import type { Json } from '../../../kit/terraform/json.ts'
import { parsePlan } from '../../../kit/terraform/plan.ts'
import { change, outsidePlan } from './fixture.ts'

const facts: ReportFacts = {
  ...{ subject: 'shop/prod', place: 'infra/prod', root: 'infra/prod', sha: 'c'.repeat(40), reportUnmanaged: false },
  run: { runNumber: 57, runUrl: 'https://github.example/acme/shop/actions/runs/9/attempts/1' },
  tool: { name: 'terraform', version: '1.11.4' },
}
const show = (text: string) => text
const reportOf = (plan: string, changes: Partial<ReportFacts> = {}) =>
  driftReport(findDrift(parsePlan(plan, 'test')), { ...facts, ...changes }, show)

it('reads as it should', () => {
  expect(reportOf(outsidePlan()).issue(ISSUE_BUDGET)).toMatchInlineSnapshot(`
   "⚠️ **shop/prod**: 1 object deleted outside, 2 objects changed outside, 1 change not applied · \`infra/prod\`

   - **Deleted outside** \`aws_sns_topic.alerts\` — an apply creates it again

   An apply undoes what was changed outside. What is to stay goes into the configuration first.

   <details><summary>Changed outside: 2 objects</summary>

   \`-\` as it was at the last apply, \`+\` as it is.

   \`aws_cloudwatch_log_group.audit\` — an apply sets it back
   \`\`\`diff
   - retention_in_days = 30
   + retention_in_days = 7
   \`\`\`

   \`aws_ssm_parameter.password\` — an apply changes it
   \`\`\`diff
     value = (sensitive)  # changes
   - version = 1
   + version = 2
   \`\`\`
   An apply:
   \`\`\`diff
   + insecure_value = (known after apply)
     value = (sensitive)  # changes
   - version = 2
   + version = (known after apply)
   \`\`\`

   </details>

   <details><summary>Not applied: 1 change</summary>

   \`-\` as it is, \`+\` as the configuration wants it.

   \`aws_sns_topic.news\` — an apply changes it
   \`\`\`diff
   - display_name = "News"
   + display_name = "Latest news"
   \`\`\`

   </details>

   <details><summary>Changed outside, and an apply leaves it: 1 object</summary>

   - \`aws_sqs_queue.jobs\`

   </details>

   First seen like this by [run 57](https://github.example/acme/shop/actions/runs/9/attempts/1).

   <sub>It closes by itself when the drift is gone. Closed as not planned, it rests until the drift changes; closed as completed, it opens again while there is drift.</sub>

   <sub>ccccccc · run 57 · Terraform 1.11.4</sub>"
  `)
})

describe('the title', () => {
  it.each<[string, Record<string, Json>, string]>([
    ['objects', { resource_changes: [change('a.b', ['create'])] }, '1 object'],
    ['outputs', { output_changes: { url: { actions: ['create'], after: 'x' } } }, '1 output'],
    [
      'both, and what comes later',
      {
        resource_changes: [change('a.b', ['create']), change('a.c', ['delete'])],
        output_changes: { url: { actions: ['create'], after: 'x' } },
        deferred_changes: [{ reason: 'x', resource_change: change('a.d', ['create']) }],
      },
      '2 objects, 1 output, 1 later step',
    ],
  ])('counts %s', (_, parts, counted) => {
    expect(reportOf(JSON.stringify({ resource_changes: [], ...parts })).title).toBe(`Drift in infra/prod: ${counted}`)
  })

  it('shows what hides in a name', () => {
    const title = reportOf(outsidePlan(), { place: 'prod\n\u202Efra' }).title
    expect(title).toBe('Drift in prod <U+202E>fra: 4 objects')
  })
})

describe('the first lines', () => {
  const lines = (actions: readonly (readonly string[])[]) => {
    const resource_changes = actions.map((action, index) => change(`terraform_data.x${index}`, action))
    return reportOf(JSON.stringify({ resource_changes })).issue(ISSUE_BUDGET)
  }

  it('name what an apply would destroy, replace or forget, and count those that are too many', () => {
    expect(lines([['delete'], ['create', 'delete'], ['forget']])).toContain(
      [
        '- **Not applied** `terraform_data.x0` — an apply destroys it',
        '- **Not applied** `terraform_data.x1` — an apply destroys and creates it',
        '- **Not applied** `terraform_data.x2` — an apply stops to manage it',
        '',
      ].join('\n'),
    )
    expect(lines(Array.from({ length: 12 }, () => ['delete']))).toContain(
      'x6` — an apply destroys it\n- … and 5 more, below',
    )
  })

  it('say what to do about each kind of drift', () => {
    expect(reportOf(outsidePlan()).issue(ISSUE_BUDGET)).toContain('An apply undoes what was changed outside.')
    expect(lines([['create']])).toContain('the configuration is not applied')
  })
})

it('fits the budget, is balanced, and begins with the answer, for drift of any size and text', () => {
  const value = fc.string({ unit: 'grapheme', maxLength: 200 })
  const drifted = fc.record({
    count: fc.integer({ min: 1, max: 60 }),
    before: value,
    after: value,
    characters: fc.integer({ min: 700, max: 65_536 }),
  })
  fc.assert(
    fc.property(drifted, ({ count, before, after, characters }) => {
      const names = Array.from({ length: count }, (_, index) => `terraform_data.x["${index}"]`)
      const values = { before: { text: before }, after: { text: `${after}!` } }
      const back = { before: values.after, after: values.before }
      const plan = JSON.stringify({
        resource_changes: names.map(name => change(name, ['update'], back)),
        resource_drift: names.map(name => change(name, ['update'], values)),
      })
      const budget = { bytes: 262_144, characters }
      const body = reportOf(plan).issue(budget)
      expect(fits(body, budget)).toBe(true)
      expect(body).toMatch(/^⚠️ \*\*shop\/prod\*\*: \d+ objects? changed outside/)
      const outsideFences = body.replace(/^(`{3,})diff\n[^]*?\n\1$/gm, '')
      expect(outsideFences.split('<details>').length).toBe(outsideFences.split('</details>').length)
    }),
    { numRuns: 25 },
  )
})
