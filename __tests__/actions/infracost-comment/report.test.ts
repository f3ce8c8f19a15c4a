import { describe, expect, it } from '@jest/globals'
import Big from 'big.js'
import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { compareEstimate, type Comparison } from '../../../actions/infracost-comment/src/compare.ts'
import { judge } from '../../../actions/infracost-comment/src/gate.ts'
import { readInfracost } from '../../../actions/infracost-comment/src/infracost-read.ts'
import { renderReport } from '../../../actions/infracost-comment/src/report.ts'
import { measure } from '../../../kit/report/measure.ts'
import { parsePlan } from '../../../kit/terraform/plan.ts'
import { compare, makePlan } from './plans.ts'

const facts = {
  subject: 'shop/prod',
  commitSha: 'a1b2c3d4e5f6',
  runUrl: 'https://github.example/run/1',
  onExceeded: 'fail',
} as const
const whole = { bytes: 262_144, characters: Infinity }

function render(
  comparison: Comparison,
  maxIncrease?: string,
  budget = whole,
  onExceeded: 'fail' | 'warn' = 'fail',
): string {
  const limits = {
    maxIncrease: maxIncrease === undefined ? undefined : new Big(maxIncrease),
    maxIncreasePercent: undefined,
    maxTotal: undefined,
  }
  return renderReport(comparison, judge(comparison, limits), { ...facts, onExceeded }, budget)
}

const changed = compare(parsePlan(readFileSync(new URL('fixtures/changed.json', import.meta.url), 'utf8'), 'plan'))
const nat = { address: 'aws_nat_gateway.a', before: {}, after: {} }

describe('the first line', () => {
  it.each([
    ['no limit', changed, undefined, '**shop/prod**: costs **$310.96 a month, +$233.37 (+301 %)** · unknown: 3'],
    [
      'a limit that is crossed',
      changed,
      '25',
      '❌ **shop/prod**: costs **$310.96 a month, +$233.37 (+301 %)** · limit +$25.00 · unknown: 3',
    ],
    [
      'a limit that is kept',
      changed,
      '500',
      '✅ **shop/prod**: costs **$310.96 a month, +$233.37 (+301 %)** · limit +$500.00 · unknown: 3',
    ],
    [
      'no change',
      compare(makePlan([nat])),
      '0',
      '✅ **shop/prod**: costs **$32.85 a month, no change** · limit $0.00 · unknown: 0',
    ],
    [
      'nothing there',
      compare(makePlan([])),
      undefined,
      '**shop/prod**: costs **$0.00 a month, no change** · unknown: 0',
    ],
    [
      'a gate that cannot decide',
      compare(makePlan([{ address: 'aws_sfn_state_machine.x', after: {} }])),
      '5',
      '⛔ **shop/prod**: the cost cannot be judged; what is known of it is **$0.00 a month, no change** · limit +$5.00 · unknown: 1',
    ],
  ])('answers with %s', (_, comparison, limit, line) => {
    expect(render(comparison, limit).split('\n')[0]).toBe(line)
  })

  it('warns where a limit only warns', () => {
    expect(render(changed, '25', whole, 'warn').startsWith('⚠️ ')).toBe(true)
  })
})

it('shows the danger and the largest changes in 16 lines above the first fold', () => {
  const above = render(changed, '25').split('<details>')[0]!.trimEnd()
  expect(above).toBe(`❌ **shop/prod**: costs **$310.96 a month, +$233.37 (+301 %)** · limit +$25.00 · unknown: 3

**Over the limit**: +$233.37 a month is over the limit of +$25.00.

| what | a month | how |
|---|--:|---|
| \`aws_instance.app["c"]\` | +$62.34 | 1 × t3.large · 730 h × $0.0832 + 20 GB gp3 × $0.08 (new) |
| \`aws_instance.app\` × 2 | +$60.74 | 2 × t3.medium → t3.large · 730 h × $0.0416 → $0.0832 |
| \`aws_db_instance.main\` | +$49.28 | 1 × db.t3.micro Multi-AZ · 730 h × $0.036 + 100 GB gp3 Multi-AZ × $0.23 (new) |
| \`aws_nat_gateway.main\` | +$32.85 | 1 × NAT gateway · 730 h × $0.045 (new) |
| \`aws_lb.front\` | +$23.73 | 1 × Application load balancer · 730 h × $0.0225 + 2 × Public IPv4 address · 730 h × $0.005 (new) |
| 2 more below | +$4.43 |  |
| **total** | **+$233.37** | $77.59 before, $310.96 after |

**Not in these figures**: \`aws_instance.huge\` (price unknown: ec2/x2gd.large in us-east-1); \`aws_route53_zone.main\` (no longer managed by Terraform, but still there and paid for); \`aws_sqs_queue.jobs\` (type not priced); Additional backup storage (by usage, $0.095 per GB); and 2 more.

**Will step**: from 2027-03-01 \`aws_db_instance.main\`: PostgreSQL 14.9 is in extended support, +$292.00 a month.

**Assumed**: \`aws_instance.huge\` root disk of 8 GB (its image decides).`)
})

it('ends with the commit, the days and regions of the prices, and the hours', () => {
  expect(render(changed).split('\n').at(-1)).toBe(
    '<sub>a1b2c3d · prices of 2021-08-03 to 2026-07-20 (on-demand, us-east-1) · 730 h a month</sub>',
  )
})

it('gives the same bytes for the same input, whatever the day', () => {
  const plan = makePlan([nat])
  expect(render(compare(plan, { today: '2026-11-21' }))).toBe(render(compare(plan, { today: '2027-11-21' })))
})

it('shows several projects as a table with what could not be priced', () => {
  const project = (name: string, past: string, current: string) => ({
    name,
    pastBreakdown: { resources: [{ name: 'aws_x.y', monthlyCost: past }] },
    breakdown: { resources: [{ name: 'aws_x.y', monthlyCost: current }] },
  })
  const file = {
    version: '0.2',
    projects: [
      project('shop/dev', '10', '12'),
      project('shop/prod', '100', '90'),
      {
        name: 'shop/odd',
        metadata: { errors: [{ code: 101, message: 'not JSON @team', isError: true }] },
        breakdown: null,
      },
    ],
  }
  const text = render(compareEstimate(readInfracost(JSON.stringify(file), 'x')))
  expect(text).toContain(`| \`shop/dev\` | $10.00 | $12.00 | +$2.00 | +20 % |
| \`shop/prod\` | $100.00 | $90.00 | −$10.00 | −10 % |
| \`shop/odd\` |  |  | not known |  |
| **total** | $110.00 | $102.00 | **−$8.00** | −7.3 % |`)
  expect(text).toContain('**Could not be priced**: `shop/odd`: not JSON @&#8203;team.')
  expect(text).toContain('figures read from Infracost JSON')
})

const many = compare(
  makePlan(
    Array.from({ length: 5000 }, (_, index) => ({
      address: `aws_instance.server_${index}_of_a_service_with_a_long_name`,
      after: { instance_type: 't3.micro', root_block_device: [{ volume_type: 'gp3', volume_size: index + 1 }] },
    })),
  ),
)

it.each([
  ['github.com', whole],
  ['after a 422', { bytes: 262_144, characters: 65_536 }],
  ['almost nothing', { bytes: 500, characters: 500 }],
])(
  'R5: a report of 5,000 resources stays within the budget of %s and keeps totals, fences and a link to the whole',
  (_, budget) => {
    const text = render(many, '25', budget)
    const size = measure(text)
    expect(size.bytes).toBeLessThanOrEqual(budget.bytes)
    expect(size.characters).toBeLessThanOrEqual(budget.characters)
    expect(text.startsWith('❌ **shop/prod**: costs **$1,038,160.00 a month')).toBe(true)
    expect(text.match(/<details>/g)?.length ?? 0).toBe(text.match(/<\/details>/g)?.length ?? 0)
    if (budget.bytes > 500) expect(text).toContain('| **total** |')
    expect(text).toContain(`more is in [the summary of the run](${facts.runUrl})`)
    expect(text).toMatch(/730 h a month<\/sub>$/)
  },
)

it('R6: text of the plan cannot ping, open HTML, break a table or pose as our marker', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.constantFrom('@team', '<!-- slipway', '|', '`', '</details>', '\n# x', '\u202e', '$`x`$', '[a](http://b)'),
      (noise, payload) => {
        const text = noise + payload
        const rendered = render(
          compare(
            makePlan([
              {
                address: `aws_instance.x["${text}"]`,
                after: { instance_type: text, root_block_device: [{ volume_type: text, volume_size: 3 }] },
              },
              { address: `aws_sfn_state_machine.x["${text}"]`, after: {} },
            ]),
          ),
        )
        const outside = rendered.replace(/`[^`\n]*`/g, '').replace(/<\/?(?:details|summary|code|sub)>/g, '')
        expect(outside).not.toMatch(/<[a-z!/]|(?<!\\)`|@(?=[a-z])|[\u202a-\u202e]/i)
        for (const line of rendered.split('\n').filter(row => row.startsWith('| ')))
          expect(line.match(/(?<!\\)\|/g)?.length).toBe(4)
      },
    ),
    { numRuns: 300 },
  )
})
