import { describe, expect, it } from '@jest/globals'
import { main, post } from '../../../actions/terraform-apply/src/main.ts'
import type { Envelope } from '../../../kit/terraform/envelope.ts'
import type { World } from '../terraform-plan/fake-terraform.ts'
import { fixtureText } from '../../kit/terraform/fixture.ts'
import { applied, failureOf, given, keep, KEY, merged, MERGED, PLAN_JSON, PLANNED, seal, type Kept } from './merged.ts'

const event = (type: string, address: string, action: string, seconds: number) =>
  JSON.stringify({ type, hook: { resource: { addr: address }, action, elapsed_seconds: seconds } })

const OUTPUTS = JSON.stringify({
  address: { sensitive: false, type: 'string', value: '10.0.0.1' },
  password: { sensitive: true, type: 'string', value: 'hunter2-hunter2' },
  inventory_ini: { sensitive: false, type: 'string', value: '[app]\n10.0.0.1' },
})

const commandsOf = (world: World) => world.exec.commands.map(({ args }) => args[0]).filter(verb => verb !== 'rev-parse')

const STALE = {
  exitCode: 1,
  stdout: JSON.stringify({
    type: 'diagnostic',
    diagnostic: { severity: 'error', summary: 'Saved plan is stale', detail: '…' },
  }),
}
const moved = { tree: '9'.repeat(40) }

describe('R37: with a key, apply', () => {
  it('applies the very file that was reviewed', async () => {
    const world = merged({ outputs: OUTPUTS })
    seal(world)
    const outputs = await main(given({ 'plan-key': KEY }), world.ports)
    expect(commandsOf(world)).toEqual(['init', 'show', 'apply', 'output', 'show'])
    const planFile = world.exec.commands.find(({ args }) => args[0] === 'apply')?.args.at(-1) ?? ''
    expect(world.files.content.get(planFile)).toEqual(expect.any(Uint8Array))
    expect(Buffer.from(world.files.content.get(planFile) as Uint8Array).toString()).toBe('the reviewed plan')
    expect(outputs).toMatchObject({ applied: 'true', verdict: 'pass', 'new-contract': '' })
    expect(outputs.contract).toMatch(/^[0-9a-f]{64}$/)
    expect(world.log.warnings).toEqual([])
  })

  it.each<[string, Partial<Envelope>, string]>([
    ['another pull request', { pullRequest: 41 }, 'for pull request #41, and #42 was merged'],
    ['another head', { headSha: '1'.repeat(40) }, 'made at 1111111'],
    ['another repository', { repositoryId: 8 }, 'another repository'],
    ['another run', { runId: 87 }, 'comes from run 87'],
    ['an attempt that the API does not know', { runAttempt: 2 }, 'comes from run 88 attempt 2'],
    ['another root', { root: 'other' }, 'of the root "other"'],
    ['another lock file', { lockFileDigest: '' }, 'commit .terraform.lock.hcl'],
    [
      'another version',
      { binaryVersion: '1.10.0' },
      'terraform 1.10.0, and this is terraform 1.11.4: give plan and apply',
    ],
    ['a record that was changed since', { recordDigest: '0'.repeat(64) }, 'was changed after the plan was sealed'],
  ])('refuses a plan of %s, and applies nothing', async (_what, envelope, reason) => {
    const world = merged()
    seal(world, envelope)
    const error = await failureOf(main(given({ 'plan-key': KEY }), world.ports))
    expect(error).toMatchObject({ verdict: 'fail', outputs: { applied: 'false', verdict: 'fail' } })
    expect(error.message).toContain(reason)
    expect(applied(world)).toBe(false)
    expect(world.summary.text()).toMatch(/^❌ \*\*shop\/infra\*\*: nothing was applied: .* · `infra`\n\n/)
  })

  it('refuses a plan that was sealed with another key', async () => {
    const world = merged()
    seal(world, {}, 'another key of some length')
    const error = await failureOf(main(given({ 'plan-key': KEY }), world.ports))
    expect(error.message).toContain('another key')
    expect(applied(world)).toBe(false)
  })

  it('refuses when there is no sealed plan, rather than planning again', async () => {
    const world = merged()
    keep(world, { key: KEY })
    const error = await failureOf(main(given({ 'plan-key': KEY }), world.ports))
    expect(error).toMatchObject({ verdict: 'invalid' })
    expect(error.message).toContain('no sealed plan of infra')
    expect(error.hint).toMatch(
      /may have expired.*Run the plan again \(https:\/\/github\.example\/acme\/shop\/actions\/runs\/88\)/,
    )
    expect(applied(world)).toBe(false)
  })

  it('refuses when the workspace holds other files than the merge', async () => {
    const world = merged(moved)
    seal(world)
    expect((await failureOf(main(given({ 'plan-key': KEY }), world.ports))).message).toContain(
      'are not those of fffffff',
    )
    expect(applied(world)).toBe(false)
  })

  it('plans again after another merge in between, and applies that very file when it does the same', async () => {
    const world = merged(moved, moved)
    seal(world)
    await main(given({ 'plan-key': KEY }), world.ports)
    expect(commandsOf(world)).toEqual(['init', 'plan', 'show', 'apply', 'output', 'show'])
    const file = (verb: string) => world.exec.commands.find(({ args }) => args[0] === verb)!.args
    expect(file('plan')).toContain(`-out=${file('apply').at(-1)}`)
    expect(world.summary.text()).toContain(
      'Other changes were merged after the plan, so this is a fresh one, and it does what was reviewed at aaaaaaa.',
    )
  })

  it('refuses a fresh plan that does something else, and says what by resource and path', async () => {
    const plan = PLAN_JSON.replaceAll('"t3.medium"', '"t3.large"')
    expect(plan).not.toBe(PLAN_JSON)
    const world = merged({ ...moved, plan }, moved)
    seal(world)
    const error = await failureOf(main(given({ 'plan-key': KEY }), world.ports))
    expect(error).toMatchObject({ verdict: 'fail', outputs: { applied: 'false', verdict: 'fail' } })
    expect(error.outputs).not.toHaveProperty('new-contract')
    expect(error.message).toBe('the plan does not do what was reviewed\n~ create aws_instance.app: instance_type')
    expect(world.summary.text()).toContain('~ create aws_instance.app: instance_type')
    expect(applied(world)).toBe(false)
  })

  it('plans again when the saved plan is stale, and applies what does the same', async () => {
    const world = merged({ applyEnds: [STALE, {}] })
    seal(world)
    expect(await main(given({ 'plan-key': KEY }), world.ports)).toMatchObject({ applied: 'true' })
    expect(commandsOf(world)).toEqual(['init', 'show', 'apply', 'show', ...['plan', 'show', 'apply', 'output', 'show']])
    expect(world.summary.parts).toHaveLength(1)
    expect(world.recorded.states).toEqual(['in_progress', 'success'])
  })

  it('refuses when the state changes under the fresh plan, too', async () => {
    const world = merged({ applyEnds: STALE })
    seal(world)
    const error = await failureOf(main(given({ 'plan-key': KEY }), world.ports))
    expect(error).toMatchObject({ verdict: 'fail', outputs: { applied: 'false' } })
    expect(error.message).toContain('the plan is stale')
    expect(world.summary.text()).toContain('the plan is stale')
    expect(world.recorded.states).toEqual(['in_progress', 'failure'])
  })
})

describe('R27: what was reviewed comes from the API', () => {
  it.each<[string, Parameters<typeof merged>[1], string]>([
    ['no merged pull request', { pulls: [] }, 'nobody reviewed a plan of it'],
    ['another merge commit', { pulls: [{ ...MERGED, mergeCommitSha: '2'.repeat(40) }] }, 'no merged pull request'],
    ['two of them', { pulls: [MERGED, { ...MERGED, number: 43 }] }, '#42, #43'],
    ['no successful plan', { runs: [] }, 'no run of terraform-plan.yml'],
    [
      'a plan of another head only',
      { runs: [{ ...PLANNED, headSha: '3'.repeat(40) }] },
      'no run of terraform-plan.yml',
    ],
    ['a plan that a push started', { runs: [{ ...PLANNED, event: 'push' }] }, 'no run of terraform-plan.yml'],
  ])('with %s nothing is applied, with a key or without', async (_what, facts, reason) => {
    for (const key of [KEY, '']) {
      const world = merged({}, facts)
      seal(world)
      const error = await failureOf(main(given({ 'plan-key': key }), world.ports))
      expect(error.message).toContain(reason)
      expect(world.exec.commands).toEqual([])
    }
  })

  it('refuses a file that is larger than a plan can be, before reading it', async () => {
    const world = merged()
    seal(world)
    world.files.size = async () => 300 * 1024 * 1024
    world.files.readBytes = () => Promise.reject(new Error('it was read'))
    world.files.content.delete('/workspace/infra/.terraform.lock.hcl')
    expect((await failureOf(main(given({ 'plan-key': KEY }), world.ports))).message).toContain('larger than 256 MiB')
  })

  it('refuses a record that is larger than one can be, before reading it', async () => {
    const world = merged()
    keep(world)
    world.files.size = async () => 65 * 1024 * 1024
    world.files.readBytes = () => Promise.reject(new Error('it was read'))
    world.files.content.delete('/workspace/infra/.terraform.lock.hcl')
    expect((await failureOf(main(given(), world.ports))).message).toContain('larger than 64 MiB')
    expect(applied(world)).toBe(false)
  })
})

describe('without a key, apply', () => {
  it('plans again and applies what does the same as the record of the right run', async () => {
    const world = merged()
    keep(world)
    expect(await main(given(), world.ports)).toMatchObject({ applied: 'true', verdict: 'pass' })
    expect(commandsOf(world)).toEqual(['init', 'plan', 'show', 'apply', 'output', 'show'])
    expect(world.summary.text()).toContain('This is a fresh plan, and it does what was reviewed at aaaaaaa.')
  })

  it('refuses what does not, and says what', async () => {
    const world = merged({ plan: PLAN_JSON.replaceAll('"t3.medium"', '"t3.large"') })
    keep(world)
    const error = await failureOf(main(given(), world.ports))
    expect(error.message).toBe('the plan does not do what was reviewed\n~ create aws_instance.app: instance_type')
    expect(applied(world)).toBe(false)
  })

  it.each<[string, Kept['record'], string]>([
    ['no record', { version: 2 }, 'the record in "plan-results" is not of the plan that was reviewed: repositoryId is'],
    ['another repository', { repositoryId: 8 }, 'repositoryId is 8 and not 7'],
    ['another pull request', { pullRequest: 41 }, 'pullRequest is 41 and not 42'],
    ['another run', { runId: 87 }, 'runId is 87 and not 88'],
    ['another head', { headSha: '1' }, 'headSha is "1" and not'],
    ['another root', { root: 'other' }, 'root is "other" and not "infra"'],
    ['another workspace', { workspace: 'prod' }, 'workspace is "prod" and not "default"'],
    ['a plan with a key', { keyed: true }, 'was made with a "plan-key", and this step has none'],
    ['no contract', { contract: 7 }, 'holds no contract'],
    ['another contract', { contract: '0'.repeat(64) }, 'the plan does not do what was reviewed'],
  ])('refuses a record of %s', async (_what, record, reason) => {
    const world = merged()
    const text = keep(world, { record: record ?? {} })
    if (record?.['version'] === 2) world.files.content.set('/workspace/plan-results/infra.json', text.slice(1))
    expect((await failureOf(main(given(), world.ports))).message).toContain(reason)
    expect(applied(world)).toBe(false)
  })

  it('refuses when there is no record', async () => {
    const world = merged()
    const error = await failureOf(main(given(), world.ports))
    expect(error).toMatchObject({ verdict: 'invalid' })
    expect(error.message).toContain('no record of a plan of infra')
    expect(applied(world)).toBe(false)
  })

  it('refuses a sensitive value that changes, since nobody could tell to what', async () => {
    const plan = fixtureText('secret-only')
    const world = merged({ plan })
    keep(world, { plan })
    const error = await failureOf(main(given(), world.ports))
    expect(error).toMatchObject({ verdict: 'fail' })
    expect(error.message).toMatch(/^sensitive values change, .*: terraform_data\.\w+: input/)
    expect(error.hint).toContain('openssl rand -hex 32')
    expect(applied(world)).toBe(false)
  })
})

describe('what an apply leaves', () => {
  it('is the outputs without the sensitive ones, and the inventory', async () => {
    const world = merged({ outputs: OUTPUTS })
    keep(world)
    const outputs = await main(given(), world.ports)
    expect(JSON.parse(await world.files.readText(outputs['terraform-outputs']))).toEqual({
      address: '10.0.0.1',
      inventory_ini: '[app]\n10.0.0.1',
    })
    expect(await world.files.readText(outputs.inventory)).toBe('[app]\n10.0.0.1\n')
    expect(world.log.secrets).toContain('hunter2-hunter2')
  })

  it('R12: is no output with a secret in it', async () => {
    const world = merged({ outputs: OUTPUTS })
    seal(world)
    const outputs = await main(given({ 'plan-key': KEY }), world.ports)
    for (const secret of [KEY, ...world.log.secrets]) expect(Object.values(outputs).join('\n')).not.toContain(secret)
  })

  it('is no inventory where it is sensitive or missing', async () => {
    const sensitive = JSON.stringify({ inventory_ini: { sensitive: true, value: 'hidden-text' } })
    const world = merged({ outputs: sensitive })
    keep(world)
    expect((await main(given(), world.ports)).inventory).toBe('')
    expect(world.log.warnings.join()).toContain('inventory_ini is sensitive')
    const without = merged()
    keep(without)
    expect((await main(given(), without.ports)).inventory).toBe('')
  })

  it('says that it was applied also when its outputs cannot be read', async () => {
    const world = merged({ outputs: '[]' })
    keep(world)
    const error = await failureOf(main(given(), world.ports))
    expect(error.outputs).toMatchObject({ applied: 'true', verdict: 'fail' })
  })

  it('says that nothing was applied when Terraform cannot begin', async () => {
    const error = await failureOf(main(given(), merged({ initEnds: { exitCode: 1, stderr: 'Error: no' } }).ports))
    expect(error.outputs).toEqual({ applied: 'false', verdict: 'invalid' })
  })

  it('is gone when the job ends, as the plan is', async () => {
    const world = merged({ outputs: OUTPUTS })
    seal(world)
    await main(given({ 'plan-key': KEY }), world.ports)
    await post(name => world.saved.get(name) ?? '', world.ports)
    expect([...world.files.content.keys()].filter(path => path.startsWith('/temporary/'))).toEqual([])
  })
})

describe('the report', () => {
  const steps = [
    event('apply_start', 'aws_vpc.main', 'create', 0),
    event('apply_complete', 'aws_vpc.main', 'create', 12),
    event('apply_errored', 'aws_instance.app', 'create', 3),
  ]

  it('numbers what is done while it runs', async () => {
    const world = merged({ applyEnds: { stdout: steps.slice(0, 2).join('\n') } })
    keep(world)
    await main(given(), world.ports)
    expect(world.log.lines).toContain('[1/5] aws_vpc.main created after 12 s')
    expect(world.log.notices.join()).toContain('shop/infra: added 1')
  })

  it('says after a failure what is done, the first cause and what is left', async () => {
    const cause = {
      type: 'diagnostic',
      diagnostic: {
        severity: 'error',
        summary: 'creating EC2 Instance: quota exceeded',
        detail: 'Ask for more.',
        address: 'aws_instance.app',
      },
    }
    const world = merged({ applyEnds: { exitCode: 1, stdout: [...steps, JSON.stringify(cause)].join('\n') } })
    keep(world)
    const error = await failureOf(main(given(), world.ports))
    expect(error.message).toContain('quota exceeded')
    expect(error.outputs).toMatchObject({ applied: 'false', verdict: 'fail' })
    const summary = world.summary.text()
    expect(summary).toMatch(/^❌ \*\*shop\/infra\*\*: apply failed: added 1, 4 objects left/)
    expect(summary).toContain('**First cause**: creating EC2 Instance: quota exceeded')
    expect(summary).toContain('| planned | 5 | 0 | 0 |')
    expect(summary).toContain('- `aws_instance.app` — create')
    expect(summary).not.toContain('- `aws_vpc.main` — create')
  })

  it('says after a failure that nothing was done, and what to do', async () => {
    const world = merged({ applyEnds: { exitCode: 1, stderr: 'Error: no' } })
    keep(world)
    await failureOf(main(given(), world.ports))
    const summary = world.summary.text()
    expect(summary).toMatch(/^❌ \*\*shop\/infra\*\*: apply failed: nothing done, 5 objects left/)
    expect(summary).toContain('Open a pull request with the fix')
  })
})
