import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { planReport, type ReportFacts } from '../../../actions/terraform-plan/src/report.ts'
import { answerText } from '../../../actions/terraform-plan/src/words.ts'
import { code } from '../../../kit/report/inline.ts'
import { countChanges, parsePlan, type Plan } from '../../../kit/terraform/plan.ts'
import { fixturePlan } from '../../kit/terraform/fixture.ts'

const FACTS: ReportFacts = {
  subject: 'shop/prod',
  root: 'infra/environments/prod',
  sha: 'a1b2c3d4e5',
  runNumber: 57,
  runUrl: 'https://github.example/acme/shop/actions/runs/1',
  binary: 'terraform',
  binaryVersion: '1.11.4',
  contract: '4f2a91c07be31d55'.repeat(4),
  warnings: 0,
  shortValues: 0,
  remarks: [],
}
const WHOLE = { bytes: 262_144, characters: Infinity }

function commentOf(plan: Plan, budget = WHOLE): string {
  return commentsOf(plan, budget)[0] ?? ''
}

function commentsOf(plan: Plan, budget = WHOLE): readonly string[] {
  return planReport(plan, countChanges(plan), FACTS, text => text).comments(budget)
}

function planOf(changes: readonly Record<string, unknown>[]): Plan {
  return parsePlan(JSON.stringify({ resource_changes: changes }), 'plan')
}

function object(address: string, actions: readonly string[], after: unknown = { size: 1 }): Record<string, unknown> {
  return { address, mode: 'managed', type: address.split('.')[0], change: { actions, before: null, after } }
}

describe('the first line', () => {
  it.each([
    ['no-change', '✅ **shop/prod**: no change · `infra/environments/prod`'],
    ['move-only', '**shop/prod**: moves 1 · `infra/environments/prod`'],
    ['import-only', '**shop/prod**: imports 1 · `infra/environments/prod`'],
    ['forget-only', '⚠️ **shop/prod**: forgets 1 · `infra/environments/prod`'],
    ['output-only', '**shop/prod**: changes 1 output only · `infra/environments/prod`'],
    ['aws-create', '**shop/prod**: adds 5 · `infra/environments/prod`'],
    ['secret-only', '**shop/prod**: changes 1 · `infra/environments/prod`'],
    ['deferred-only', '**shop/prod**: leaves for later 2 · `infra/environments/prod`'],
    ['actions-invoked', '**shop/prod**: invokes 1 action · `infra/environments/prod`'],
    ['refresh-only', '**shop/prod**: brings the state up to date only · `infra/environments/prod`'],
  ])('of %s answers what will happen', (shape, first) => {
    expect(commentOf(fixturePlan(shape)).split('\n')[0]).toBe(first)
  })

  it('says the most dangerous first', () => {
    const plan = fixturePlan('every-action')
    expect(answerText({ ...countChanges(plan), delete: 1, replace: 0, forget: 0 }, true)).toBe(
      'destroys 1, changes 2, adds 3, imports 1, moves 1',
    )
  })
})

it('tells a tag once, and the defaults that the provider adds to it', () => {
  const [before, after] = [{ Name: 'a', Old: 'x' }, { Name: 'b' }]
  const change = {
    actions: ['update'],
    before: { tags: before, tags_all: { ...before, Team: 'one' } },
    after: { tags: after, tags_all: { ...after, Team: 'two' } },
  }
  const [, fold = ''] = commentOf(planOf([{ address: 'aws_x.y', mode: 'managed', type: 'aws_x', change }])).split(
    'diff',
  )
  expect(fold.split('\n').filter(line => /^[-+]/.test(line))).toEqual([
    ...['- tags.Name = "a"', '+ tags.Name = "b"', '- tags.Old = "x"'],
    ...['- tags_all.Team = "one"', '+ tags_all.Team = "two"'],
  ])
})

it('says in the title of each fold how much and what is inside', () => {
  const titles = [...commentOf(fixturePlan('every-action')).matchAll(/<summary>(.*)<\/summary>/g)].map(match =>
    (match[1] ?? '').replaceAll('&#95;', '_'),
  )
  expect(titles).toEqual([
    'Destroys 3: 3 terraform_data',
    'Replaces 2: 2 terraform_data',
    'Forgets 1 (state only): <code>terraform_data.forgotten</code>',
    'Changes 2: <code>terraform_data.secret</code>, <code>terraform_data.updated</code>',
    'Adds 3: 3 terraform_data',
    'Moves 1 (state only): <code>terraform_data.new_name</code>',
    'Imports 1 (state only): <code>terraform_data.imported</code>',
    'Outputs 4: added, gone, password, url',
  ])
})

describe('danger', () => {
  it('says how many attributes force a replace, and shows no lines of what is only forgotten', () => {
    const change = {
      ...{ actions: ['delete', 'create'], before: { a: 1, b: 1 }, after: { a: 2, b: 2 } },
      replace_paths: [['a'], ['b']],
    }
    const replaced = { address: 'aws_x.y', mode: 'managed', type: 'aws_x', change }
    expect(commentOf(planOf([replaced]))).toContain('`a` and 1 more force it: `1` → `2`')
    const [, fold = ''] = commentOf(fixturePlan('forget-only')).split('Forgets 1:')
    expect(fold).not.toMatch(/^- /m)
  })

  it('is visible without opening anything, within 15 lines', () => {
    const [above = ''] = commentOf(fixturePlan('every-action')).split('<details>')
    for (const name of ['destroyed["a"]', 'replaced`', 'replaced_before_destroy', 'forgotten'])
      expect(above).toContain(name)
    expect(above).toContain('`triggers_replace[0]` forces it: `"ami-1"` → `"ami-2"`; destroyed before created')
    expect(above.trim().split('\n').length).toBeLessThanOrEqual(15)
  })

  it('stays within its lines when there is much of it, and the rest is in a fold', () => {
    const plan = planOf(Array.from({ length: 60 }, (_, index) => object(`aws_db.${'x'.repeat(index + 1)}`, ['delete'])))
    const [above = ''] = commentOf(plan).split('<details>')
    expect(above.trim().split('\n').length).toBeLessThanOrEqual(15)
    expect(above).toContain('… and 53 more, folded below')
    for (const { address } of plan.changes) expect(commentOf(plan)).toContain(`\`${address}\``)
  })

  it('tells the instances of one block in one line', () => {
    const plan = planOf(Array.from({ length: 60 }, (_, index) => object(`aws_db_instance.main[${index}]`, ['delete'])))
    expect(commentOf(plan)).toContain('\n**Destroys 60** `aws_db_instance.main[0…59]` — stateful\n')
  })

  it('names what holds state first, so that a long list does not fold it away', () => {
    const harmless = Array.from({ length: 30 }, (_, index) => object(`aws_subnet.s${index}`, ['delete']))
    const lost = [
      { ...object('aws_db_instance.reports', ['delete']), action_reason: 'delete_because_no_resource_config' },
      object('aws_s3_bucket.logs', ['create', 'delete']),
      object('aws_ebs_volume.kept', ['create', 'forget']),
    ]
    const [above = ''] = commentOf(planOf([...harmless, ...lost])).split('<details>')
    const lines = above.split('\n').filter(line => line.startsWith('**'))
    expect(lines[0]).toBe('**Destroys** `aws_db_instance.reports` — stateful; no longer in the configuration  ')
    expect(commentOf(planOf(lost))).toContain('**Replaces** `aws_s3_bucket.logs` — stateful; created before destroyed')
    expect(commentOf(planOf(lost))).toMatch(/`aws_ebs_volume\.kept` — the old one stays/)
  })

  it('shows an action that nobody knows yet', () => {
    expect(commentOf(planOf([object('aws_x.y', ['evaporate'])]))).toContain(
      '**Unknown action on** `aws_x.y` — evaporate',
    )
  })
})

describe('changes of the same shape', () => {
  const updated = (address: string, before: unknown, after: unknown, more: Record<string, unknown> = {}) => ({
    ...{ address, mode: 'managed', type: address.replace('module.m.', '').split('.')[0] },
    ...{ change: { actions: ['update'], before, after }, ...more },
  })
  const tag = (sha: string) => ({ tags: { CommitSha: sha }, tags_all: { CommitSha: sha } })

  it('are told once, whatever their types are, with all addresses in a fold', () => {
    const names = Array.from({ length: 94 }, (_, index) => `aws_${['a', 'b', 'c', 'd'][index % 4]}.x[${index >> 2}]`)
    const body = commentOf(planOf(names.map(name => updated(name, tag('one'), tag('two')))))
    expect(body).toContain('<summary>Changes 94: <code>tags.CommitSha</code> on 94</summary>')
    expect(body.match(/^- tags\.CommitSha = "one"$/gm)).toHaveLength(1)
    expect(body).toContain('<summary>All 94</summary>\n\n- `aws_a.x[0…23]` (24)\n- `aws_b.x[0…23]` (24)\n')
  })

  it('with values of their own tell what is the same once, and what differs by object', () => {
    const objects = Array.from({ length: 5 }, (_, index) => ({
      ...object(`aws_subnet.app["z${index}"]`, ['create'], { cidr: `10.0.${index}.0/24`, vpc: 'v', tier: 'app' }),
    }))
    const body = commentOf(planOf(objects))
    expect(body).toContain('**5** aws_subnet: `aws_subnet.app["z0"…"z4"]`')
    expect(body.match(/vpc = "v"/g)).toHaveLength(1)
    for (let index = 0; index < 5; index++) expect(body).toContain(`+ cidr = "10.0.${index}.0/24"  # ["z${index}"]`)
  })

  it('are told apart when a mark, a move or another attribute sets them apart', () => {
    const plan = planOf([
      updated('aws_a.x[0]', tag('one'), tag('two')),
      updated('aws_a.x[1]', tag('one'), tag('two'), { previous_address: 'aws_a.y' }),
      updated('aws_a.x[2]', tag('one'), tag('three')),
      updated('aws_a.x[3]', { ...tag('one'), size: 1 }, { ...tag('two'), size: 2 }),
    ])
    const body = commentOf(plan)
    for (const { address } of plan.changes) expect(body).toContain(`\`${address}\``)
    expect(body).toContain('`aws_a.x[1]` (moved from `aws_a.y`)')
    expect(body.match(/```diff/g)).toHaveLength(4)
  })
})

describe('what changes the state only', () => {
  const moved = (from: string, to: string) => ({ ...object(to, ['no-op']), previous_address: from })

  it('stands apart, and a module that moves as a whole is told once', () => {
    const plan = planOf([
      ...['aws_vpc.v', 'aws_subnet.s[0]', 'aws_subnet.s[1]'].map(name => moved(`module.a.${name}`, `module.b.${name}`)),
      moved('aws_x.old', 'aws_x.new'),
    ])
    const body = commentOf(plan)
    expect(body).toMatch(/<summary>Moves 4 \(state only\): /)
    expect(body).toContain('`module.a` → `module.b`\n\n<details><summary>All 3 in it</summary>\n\n- `aws_vpc.v`\n')
    expect(body).toContain('- `aws_x.old` → `aws_x.new`')
  })

  it('says when something else happens to the object too', () => {
    const imported = {
      ...object('aws_x.y', ['update']),
      change: { actions: ['update'], before: { a: 1 }, after: { a: 2 }, importing: { id: 'i-1' } },
    }
    expect(commentOf(planOf([imported]))).toContain('- `aws_x.y` from `i-1` (also changed)')
  })
})

it('shows what changed outside Terraform apart from what the plan does', () => {
  const change = { actions: ['update'], before: { size: 1 }, after: { size: 2 } }
  const drift = { address: 'aws_x.y', mode: 'managed', type: 'aws_x', change }
  const body = commentOf(
    parsePlan(JSON.stringify({ resource_changes: [object('aws_x.z', ['no-op'])], resource_drift: [drift] }), 'plan'),
  )
  expect(body.split('\n')[0]).toContain('no change')
  expect(body).toMatch(
    /Changed outside Terraform 1: <code>aws&#95;x\.y<\/code><\/summary>\n\n```diff\n- size = 1\n\+ size = 2/,
  )
})

it('opens the folds of a plan that is read at once, and of no other', () => {
  expect(commentOf(planOf([object('aws_x.y', ['create'])]))).toContain('<details open><summary>Adds 1')
  const long = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`a${index}`, index]))
  expect(commentOf(planOf([object('aws_x.y', ['create'], long)]))).not.toContain('<details open>')
})

describe('R5: a long plan', () => {
  const big = planOf([
    ...Array.from({ length: 3000 }, (_, index) =>
      object(`aws_subnet.app["zone-${index}"]`, ['create'], { cidr: `10.0.${index}.0/24`, name: 'x'.repeat(200) }),
    ),
    ...Array.from({ length: 200 }, (_, index) => object(`aws_db_instance.old[${index}]`, ['delete'])),
  ])

  it.each([
    ['262,144 bytes', WHOLE],
    ['65,536 characters', { bytes: 262_144, characters: 65_536 }],
    ['20,000 bytes', { bytes: 20_000, characters: Infinity }],
  ])('fits into %s, keeps its first line, every destroy and its footer', (_what, budget) => {
    const body = commentOf(big, budget)
    expect(Buffer.byteLength(body)).toBeLessThanOrEqual(budget.bytes)
    expect([...body].length).toBeLessThanOrEqual(budget.characters)
    expect(body).toMatch(/^⚠️ \*\*shop\/prod\*\*: destroys 200, adds 3,000/)
    expect(body).toContain('`aws_db_instance.old[0…199]`')
    expect(body).toMatch(/\+ cidr = "10\.0\.2999\.0\/24" {2}# \["zone-2999"\]|attributes of 3,000 objects are left out/)
    if (budget.bytes < 262_144 || budget.characters < Infinity)
      expect(body).toContain(`More is in [the summary of the run](${FACTS.runUrl})`)
    expect(body).toMatch(/<sub>a1b2c3d · run 57 · Terraform 1\.11\.4 · contract 4f2a91c07be31d55<\/sub>$/)
  })

  it('is always balanced and within the budget, whatever it holds', () => {
    const name = fc.string({ unit: 'grapheme', maxLength: 30 })
    const change = fc.record({
      address: name.map(text => `x.y[${JSON.stringify(text)}]`),
      actions: fc.constantFrom(['create'], ['delete'], ['update'], ['delete', 'create'], ['forget'], ['strange']),
      after: fc.dictionary(
        name,
        fc.oneof(name, fc.constantFrom('```', '</details>', '<!-- slipway -->', '@someone', 'a\r\nb')),
      ),
    })
    fc.assert(
      fc.property(fc.array(change, { maxLength: 40 }), fc.integer({ min: 600, max: 9000 }), (changes, bytes) => {
        const plan = planOf(changes.map(({ address, actions, after }) => object(address, actions, after)))
        const body = commentOf(plan, { bytes, characters: Infinity })
        expect(Buffer.byteLength(body)).toBeLessThanOrEqual(bytes)
        const outside = withoutFences(body)
        expect(outside.match(/<details(?: open)?>/g)?.length ?? 0).toBe(outside.match(/<\/details>/g)?.length ?? 0)
        expect(outside).not.toContain('<!--')
        expect(outside).not.toMatch(/@(?=someone)/)
      }),
      { numRuns: 150 },
    )
  })
})

/** Drops code blocks; throws when one is left open. */
function withoutFences(markdown: string): string {
  const outside: string[] = []
  let open: string | undefined
  for (const line of markdown.split('\n')) {
    const marks = /^(`{3,})/.exec(line)?.[1]
    if (open === undefined && marks !== undefined) open = marks
    else if (open !== undefined && line === open) open = undefined
    else if (open === undefined) outside.push(line)
  }
  if (open !== undefined) throw new Error('a code block is left open')
  return outside.join('\n')
}

it('R6: shows an address as text, whatever is in it', () => {
  const address = 'x.y["a`b|c</details><!-- @someone"]'
  const body = commentOf(planOf([object(address, ['delete'])]))
  expect(body).toContain(code(address))
  expect(body).not.toContain('<!-- @someone')
})
