import { describe, expect, it } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readRecord } from '../../../actions/terraform-plan/src/read-record.ts'
import { failureRecord } from '../../../actions/terraform-plan/src/record.ts'
import { rootsReport } from '../../../actions/terraform-plan/src/roots-report.ts'
import { viewRoots } from '../../../actions/terraform-plan/src/roots-view.ts'
import { parsePlan, type Plan } from '../../../kit/terraform/plan.ts'
import { sampleRoots } from '../../../scripts/sample-roots.ts'
import { fixturePlan } from '../../kit/terraform/fixture.ts'
import { RECORD_FACTS, recordOf } from './make-record.ts'

const FACTS = {
  ...{ subject: 'shop', sha: 'a1b2c3d4e5', runNumber: 57 },
  runUrl: 'https://github.com/acme/shop/actions/runs/57',
}
const WHOLE = { bytes: 262_144, characters: Infinity }

function commentOf(records: readonly string[], missing: readonly string[] = []): string {
  const gathered = { records: records.map(readRecord), refused: [], missing, unexpected: [] }
  const [body = ''] = rootsReport(
    viewRoots(gathered, text => text),
    FACTS,
    text => text,
  ).comments(WHOLE)
  return body
}

const recordsOf = (plans: Readonly<Record<string, Plan>>) =>
  Object.entries(plans).map(([root, plan]) => recordOf(plan, { root }))

const above = (body: string) => body.split(/\n\n<details/)[0] ?? ''

function planOf(changes: readonly { address: string; actions: readonly string[]; more?: object }[]): Plan {
  const resource_changes = changes.map(({ address, actions, more }) => ({
    ...{ address, mode: 'managed', type: address.split('.')[0] },
    change: { actions, before: null, after: { size: 1 }, ...more },
  }))
  return parsePlan(JSON.stringify({ resource_changes }), 'plan')
}

const creates = (count: number) =>
  planOf(Array.from({ length: count }, (_, index) => ({ address: `aws_a.x${index}`, actions: ['create'] })))

describe('the comment of several roots', () => {
  it('of twelve is as it was looked at', () => {
    const golden = readFileSync(join(import.meta.dirname, 'roots-12.md'), 'utf8')
    expect(`${commentOf(sampleRoots())}\n`).toBe(golden)
  })

  it('keeps to 15 lines above the first fold, whatever there is to say', () => {
    const failure = { message: 'terraform plan failed', cause: undefined, hint: undefined }
    const danger = (root: number) =>
      planOf(
        Array.from({ length: 6 }, (_, index) => ({ address: `aws_s3_bucket.r${root}_${index}`, actions: ['delete'] })),
      )
    const records = [
      ...Array.from({ length: 9 }, (_, index) => recordOf(danger(index), { root: `infra/r${index}` })),
      ...[1, 2, 3].map(count => recordOf(creates(count), { root: `infra/c${count}` })),
      ...[1, 2, 3, 4, 5].map(index => failureRecord({ ...RECORD_FACTS, root: `infra/f${index}` }, failure)),
    ]
    for (const missing of [[], ['infra/gone']]) {
      const body = commentOf(records, missing)
      expect(above(body).split('\n').length).toBeLessThanOrEqual(15)
      for (const index of [1, 2, 3, 4, 5]) expect(body).toContain(`No plan of <code>f${index}</code>`)
    }
  })

  it('has a table of all roots that change in an open fold when it is long', () => {
    const plans = [1, 2, 3, 4, 5].map(count => [`infra/c${count}`, creates(count)] as const)
    const body = commentOf(recordsOf({ ...Object.fromEntries(plans), 'infra/none': creates(0) }))
    expect(body).toContain('<details open><summary>6 roots: 5 change, 1 does not</summary>\n\n| root | add |')
    expect(body).toContain('| `c5` | 5 |\n| `c4` | 4 |')
  })

  it('counts in a table what happens to the state only, and says what is no change of objects', () => {
    const body = commentOf(
      recordsOf({
        'infra/every': fixturePlan('every-action'),
        'infra/moved': fixturePlan('move-only'),
        'infra/told': fixturePlan('output-only'),
      }),
    )
    expect(body).toContain('| root | add | change | destroy | replace | state only |')
    expect(body).toContain('| `moved` | 0 | 0 | 0 | 0 | 1 move |')
    expect(body).toContain('| `told`: changes 1 output only | 0 | 0 | 0 | 0 | 0 |')
  })

  it('tells imports by the id of each root, and outputs with the values of each', () => {
    const planned = (id: string) =>
      parsePlan(
        JSON.stringify({
          resource_changes: [
            {
              ...{ address: 'aws_vpc.main', mode: 'managed', type: 'aws_vpc' },
              change: { actions: ['no-op'], before: {}, after: {}, importing: { id: `vpc-${id}` } },
            },
          ],
          output_changes: { vpc: { actions: ['create'], before: null, after: `vpc-${id}` } },
        }),
        'plan',
      )
    const body = commentOf(recordsOf({ 'infra/dev': planned('d'), 'infra/prod': planned('p') }))
    expect(body).toContain('- `aws_vpc.main` (dev) from `vpc-d`\n- `aws_vpc.main` (prod) from `vpc-p`')
    expect(body).toContain('# dev\n+ vpc = "vpc-d"\n# prod\n+ vpc = "vpc-p"')
  })

  it('shows no value of one root in the line of a danger that others have with other values', () => {
    const replaced = (ami: string) =>
      planOf([
        {
          ...{ address: 'aws_instance.a', actions: ['delete', 'create'] },
          more: { before: { ami: 'ami-0' }, after: { ami }, replace_paths: [['ami']] },
        },
      ])
    const body = commentOf(recordsOf({ 'infra/dev': replaced('ami-1'), 'infra/prod': replaced('ami-2') }))
    expect(above(body)).toContain('**Replaces** `aws_instance.a` in `dev` and `prod` — `ami` forces it; destroyed')
    expect(above(body)).not.toContain('ami-1')
  })

  it('tells a failing check with the roots in which it fails', () => {
    const body = commentOf(
      recordsOf({ 'infra/dev': fixturePlan('check-fail'), 'infra/prod': fixturePlan('check-fail') }),
    )
    expect(body).toMatch(/\*\*Check fails\*\* `check\.[^`]+` in `dev` and `prod`/)
  })

  it('keeps at most 24 groups of roots with changes in common, and tells the rest root by root', () => {
    const roots = 8
    const plans = Array.from({ length: roots }, (_, root) =>
      planOf(
        Array.from({ length: 200 }, (_unused, object) => object)
          .filter(object => (object >> root) & 1)
          .map(object => ({ address: `aws_a.x${object}`, actions: ['delete'] })),
      ),
    )
    const body = commentOf(recordsOf(Object.fromEntries(plans.map((plan, root) => [`infra/r${root}`, plan]))))
    expect(body.match(/<summary>Destroys /g)?.length).toBeLessThanOrEqual(24 + roots)
    expect(body).toContain('more groups of roots with changes in common, below.')
  })
})
