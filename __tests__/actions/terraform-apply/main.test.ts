import { describe, expect, it } from '@jest/globals'
import { inputs as spec, type Inputs } from '../../../actions/terraform-apply/src/inputs.ts'
import { main, post } from '../../../actions/terraform-apply/src/main.ts'
import { ActionError } from '../../../kit/errors.ts'
import { inputsOf } from '../../support/action-inputs.ts'
import type { Envelope } from '../../../kit/terraform/envelope.ts'
import type { World } from '../terraform-plan/fake-terraform.ts'
import { KEY, merged, MERGED, PLANNED, seal } from './merged.ts'

function given(values: Record<string, string> = {}): Inputs {
  return inputsOf('terraform-apply', spec, { roots: 'infra', 'plan-results': 'plan-results', ...values })
}

async function failureOf(work: Promise<unknown>): Promise<ActionError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof ActionError)) throw new Error(`it did not fail as expected: ${String(error)}`)
  return error
}

const applied = (world: World) => world.exec.commands.some(({ args }) => args[0] === 'apply')

const event = (type: string, address: string, action: string, seconds: number) =>
  JSON.stringify({ type, hook: { resource: { addr: address }, action, elapsed_seconds: seconds } })

const OUTPUTS = JSON.stringify({
  address: { sensitive: false, type: 'string', value: '10.0.0.1' },
  password: { sensitive: true, type: 'string', value: 'hunter2-hunter2' },
  inventory_ini: { sensitive: false, type: 'string', value: '[app]\n10.0.0.1' },
})

describe('R37: with a key, apply', () => {
  it('applies the very file that was reviewed', async () => {
    const world = merged({ outputs: OUTPUTS })
    seal(world)
    const outputs = await main(given({ 'plan-key': KEY }), world.ports)
    expect(world.exec.commands.map(({ args }) => args[0])).toEqual([
      'init',
      'rev-parse',
      'show',
      'apply',
      'output',
      'show',
    ])
    const planFile = world.exec.commands.find(({ args }) => args[0] === 'apply')?.args.at(-1) ?? ''
    expect(world.files.content.get(planFile)).toEqual(expect.any(Uint8Array))
    expect(Buffer.from(world.files.content.get(planFile) as Uint8Array).toString()).toBe('the reviewed plan')
    expect(outputs).toMatchObject({ applied: 'true', verdict: 'pass' })
    expect(world.log.warnings).toEqual([])
  })

  it.each<[string, Partial<Envelope>, string]>([
    ['another pull request', { pullRequest: 41 }, 'for pull request #41, and #42 was merged'],
    ['another head', { headSha: '1'.repeat(40) }, 'made at 1111111'],
    ['another repository', { repositoryId: 8 }, 'another repository'],
    ['another run', { runId: 87 }, 'comes from run 87'],
    ['another root', { root: 'other' }, 'of the root "other"'],
    ['another tree, because the base moved', { tree: '1'.repeat(40) }, 'the base branch moved'],
    ['another lock file', { lockFileDigest: '' }, 'commit .terraform.lock.hcl'],
    [
      'another version',
      { binaryVersion: '1.10.0' },
      'terraform 1.10.0, and this is terraform 1.11.4: give plan and apply',
    ],
  ])('refuses a plan of %s, and applies nothing', async (_what, envelope, reason) => {
    const world = merged()
    seal(world, envelope)
    const error = await failureOf(main(given({ 'plan-key': KEY }), world.ports))
    expect(error).toMatchObject({ verdict: 'fail', outputs: { applied: 'false', verdict: 'fail' } })
    expect(error.message).toContain(reason)
    expect(applied(world)).toBe(false)
    expect(world.summary.text()).toMatch(/^❌ \*\*shop\/infra\*\*: nothing was applied: .* · `infra`\n\n/)
    expect(world.summary.text()).toContain('Open a pull request with what is left to do')
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
    const error = await failureOf(main(given({ 'plan-key': KEY }), world.ports))
    expect(error).toMatchObject({ verdict: 'invalid' })
    expect(error.message).toContain('no sealed plan of infra')
    expect(error.hint).toMatch(
      /may have expired.*Run the plan again \(https:\/\/github\.example\/acme\/shop\/actions\/runs\/88\)/,
    )
    expect(applied(world)).toBe(false)
  })

  it('refuses when the workspace holds other files than the merge', async () => {
    const world = merged({ tree: '9'.repeat(40) })
    seal(world)
    expect((await failureOf(main(given({ 'plan-key': KEY }), world.ports))).message).toContain(
      'are not those of fffffff',
    )
    expect(applied(world)).toBe(false)
  })

  it('refuses a plan that became stale', async () => {
    const stale = { type: 'diagnostic', diagnostic: { severity: 'error', summary: 'Saved plan is stale', detail: '…' } }
    const world = merged({ applyEnds: { exitCode: 1, stdout: JSON.stringify(stale) } })
    seal(world)
    const error = await failureOf(main(given({ 'plan-key': KEY }), world.ports))
    expect(error).toMatchObject({ verdict: 'fail', outputs: { applied: 'false' } })
    expect(error.message).toContain('the reviewed plan is stale')
    expect(world.summary.text()).toContain('the reviewed plan is stale')
    expect(world.summary.text()).toContain('Nothing was applied. Open a pull request')
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
    world.files.content.set('/workspace/plan-results/infra.json', '{}')
    world.files.size = async () => 65 * 1024 * 1024
    world.files.readBytes = () => Promise.reject(new Error('it was read'))
    world.files.content.delete('/workspace/infra/.terraform.lock.hcl')
    expect((await failureOf(main(given(), world.ports))).message).toContain('larger than 64 MiB')
    expect(applied(world)).toBe(false)
  })

  it('a record that is no record is not believed and not needed', async () => {
    for (const record of [
      '{',
      '[]',
      '{"version":1,"keyed":false,"contract":7}',
      '{"version":2,"keyed":false,"contract":"x"}',
    ]) {
      const world = merged()
      world.files.content.set('/workspace/plan-results/infra.json', record)
      expect(await main(given(), world.ports)).toMatchObject({ applied: 'true' })
      expect(world.log.warnings.join()).toContain('could not be compared')
    }
  })
})

describe('without a key, apply', () => {
  it('plans again, applies that and says so loudly', async () => {
    const world = merged()
    expect(await main(given(), world.ports)).toMatchObject({ applied: 'true', verdict: 'pass' })
    expect(world.exec.commands.map(({ args }) => args[0])).toEqual(['init', 'plan', 'show', 'apply', 'output', 'show'])
    expect(world.log.warnings.join()).toContain('nobody reviewed it')
    expect(world.summary.text()).toMatch(/^⚠️/)
    expect(world.summary.text()).toContain('nobody reviewed it')
  })

  it('says whether the fresh plan does what was reviewed', async () => {
    const first = merged()
    await main(given(), first.ports)
    const contract = /contract ([0-9a-f]{16})/.exec(first.summary.text())?.[1]
    for (const [known, words] of [
      ['0'.repeat(64), 'IT IS NOT WHAT WAS REVIEWED'],
      [undefined, 'could not be compared'],
    ] as const) {
      const world = merged()
      if (known !== undefined)
        world.files.content.set(
          '/workspace/plan-results/infra.json',
          JSON.stringify({ version: 1, keyed: false, contract: known }),
        )
      await main(given(), world.ports)
      expect(world.summary.text()).toContain(words)
      expect(world.summary.text()).toContain(`contract ${contract}`)
    }
  })
})

describe('what an apply leaves', () => {
  it('is the outputs without the sensitive ones, and the inventory', async () => {
    const world = merged({ outputs: OUTPUTS })
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
    expect((await main(given(), world.ports)).inventory).toBe('')
    expect(world.log.warnings.join()).toContain('inventory_ini is sensitive')
    expect((await main(given(), merged().ports)).inventory).toBe('')
  })

  it('says that it was applied also when its outputs cannot be read', async () => {
    const error = await failureOf(main(given(), merged({ outputs: '[]' }).ports))
    expect(error.outputs).toEqual({ applied: 'true', verdict: 'fail' })
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
    await failureOf(main(given(), world.ports))
    const summary = world.summary.text()
    expect(summary).toMatch(/^❌ \*\*shop\/infra\*\*: apply failed: nothing done, 5 objects left/)
    expect(summary).toContain('Open a pull request with the fix')
  })
})
