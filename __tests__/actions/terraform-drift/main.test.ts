import { describe, expect, it } from '@jest/globals'
import { inputs as spec, type Inputs } from '../../../actions/terraform-drift/src/inputs.ts'
import { main, post } from '../../../actions/terraform-drift/src/main.ts'
import { ActionError, ApiError, InputError } from '../../../kit/errors.ts'
import type { Ports } from '../../../kit/ports.ts'
import { inputsOf } from '../../support/action-inputs.ts'
import { FakeIssues, makeRun } from '../../support/fakes.ts'
import { makeWorld, publishedText, TREE, type FakeTerraform } from '../terraform-plan/fake-terraform.ts'
import { outsidePlan, outsidePlanWith } from './fixture.ts'

const NOTHING = '{"resource_changes":[]}'

const given = (values: Record<string, string> = {}): Inputs =>
  inputsOf('terraform-drift', spec, { roots: 'infra', ...values })

function worldOf(says: FakeTerraform = { plan: outsidePlan() }, changes: Partial<Ports> = {}) {
  const issues = new FakeIssues()
  const run = makeRun({ eventName: 'schedule', pullRequest: undefined })
  return { ...makeWorld(says, { issues, run, ...changes }), issues }
}

async function failureOf(work: Promise<unknown>): Promise<ActionError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof ActionError)) throw new Error(`it did not fail as expected: ${String(error)}`)
  return error
}

describe('drift', () => {
  it('is one issue, a warning in the log and a summary, and the step stays green', async () => {
    const world = worldOf()
    const outputs = await main(given(), world.ports)
    expect(outputs).toEqual({
      ...{ drifted: 'true', 'drift-count': '4', verdict: 'pass' },
      'issue-url': 'https://github.example/acme/shop/issues/7',
    })
    const [issue, ...others] = world.issues.raised
    expect(others).toEqual([])
    expect(issue).toMatchObject({
      ...{ action: 'terraform-drift', key: 'infra', label: 'drift', title: 'Drift in infra: 4 objects' },
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
    expect(world.log.warnings).toEqual([
      'shop/infra: 1 object deleted outside, 2 objects changed outside, 1 change not applied',
    ])
    expect(world.summary.text()).toContain('**Deleted outside** `aws_sns_topic.alerts`')
    expect(issue?.body).toContain(`<sub>${TREE.slice(0, 7)} · run 3 · Terraform 1.11.4</sub>`)
  })

  it('is looked for without the lock of the state, so that no apply waits for it', async () => {
    const world = worldOf()
    await main(given({ 'var-files': '' }), world.ports)
    const plan = world.exec.commands.find(({ args }) => args[0] === 'plan')
    expect(plan?.args).toContain('-lock=false')
    expect(plan?.args.join(' ')).not.toMatch(/-lock-timeout|-target|-refresh/)
  })

  it('makes no workspace that does not exist', async () => {
    const world = worldOf()
    await main(given({ workspace: 'prod' }), world.ports)
    expect(world.exec.lines()).toContain('/bin/terraform workspace select prod')
    expect(world.issues.raised[0]).toMatchObject({ key: 'infra prod', title: 'Drift in infra prod: 4 objects' })
  })

  it.each([
    [{ 'issue-key': 'infra' }, 'infra'],
    [{ 'issue-key': 'prod' }, 'prod (infra)'],
    [{ 'issue-key': 'prod', workspace: 'blue' }, 'prod (infra blue)'],
  ])('has an issue of its own for %j', async (values, place) => {
    const world = worldOf()
    await main(given(values), world.ports)
    expect(world.issues.raised[0]).toMatchObject({ key: place, title: `Drift in ${place}: 4 objects` })
  })

  it('turns the step red after the issue was written, where that is wanted', async () => {
    const world = worldOf()
    const error = await failureOf(main(given({ 'on-drift': 'fail' }), world.ports))
    expect(world.issues.raised).toHaveLength(1)
    expect(error).toMatchObject({
      verdict: 'fail',
      outputs: { drifted: 'true', verdict: 'fail', 'issue-url': expect.stringContaining('/issues/7') },
    })
  })

  it('gives the same digest in every run and at every commit, and another one when anything of it changes', async () => {
    const digestOf = async (plan: string, runNumber = 3) => {
      const run = makeRun({ runNumber, runId: runNumber, pullRequest: undefined })
      const world = worldOf({ plan, tree: String(runNumber).repeat(40).slice(0, 40) }, { run })
      await main(given(), world.ports)
      return world.issues.raised[0]?.digest
    }
    const first = await digestOf(outsidePlan())
    expect(await digestOf(outsidePlanWith({ timestamp: '2027-01-01T00:00:00Z' }), 9)).toBe(first)
    const others = [
      outsidePlan().replaceAll('"retention_in_days":7', '"retention_in_days":14'),
      outsidePlan().replaceAll('"Latest news"', '"Newest news"'),
      outsidePlanWith({ resource_drift: [] }),
    ]
    const digests = [first, ...(await Promise.all(others.map(plan => digestOf(plan))))]
    expect(new Set(digests).size).toBe(digests.length)
  })
})

describe('what an apply would leave', () => {
  const only = outsidePlanWith({ resource_changes: [] })

  it('is no drift, but told in the summary', async () => {
    const world = worldOf({ plan: only })
    expect(await main(given(), world.ports)).toMatchObject({ drifted: 'false', 'drift-count': '0' })
    expect(world.issues).toMatchObject({ raised: [], resolved: [{ key: 'infra' }] })
    expect(world.summary.text()).toContain('✅ **shop/infra**: no drift')
    expect(world.summary.text()).toContain('Changed outside, and an apply leaves it')
  })

  it('is drift where it is to be reported', async () => {
    const world = worldOf()
    const outputs = await main(given({ 'unmanaged-drift': 'report' }), world.ports)
    expect(outputs).toMatchObject({ drifted: 'true', 'drift-count': '5' })
    expect(world.issues.raised[0]?.title).toBe('Drift in infra: 5 objects')
  })
})

describe('no drift', () => {
  it('closes the issue, and says which run saw that', async () => {
    const world = worldOf({ plan: NOTHING })
    expect(await main(given({ 'on-drift': 'fail' }), world.ports)).toMatchObject({ drifted: 'false', verdict: 'pass' })
    expect(world.issues.raised).toEqual([])
    expect(world.issues.resolved).toEqual([
      {
        ...{ action: 'terraform-drift', key: 'infra', label: 'drift' },
        comment: `✅ The drift is gone: [run 3](https://github.example/acme/shop/actions/runs/99/attempts/1) found none at ${TREE.slice(0, 7)}.`,
      },
    ])
    expect(world.log.notices).toEqual(['shop/infra: no drift'])
  })

  it('asks nothing of GitHub with issue: none', async () => {
    const world = worldOf()
    expect(await main(given({ issue: 'none' }), world.ports)).toMatchObject({ drifted: 'true', 'issue-url': '' })
    expect(world.issues).toMatchObject({ raised: [], resolved: [] })
  })
})

describe('a run that cannot tell', () => {
  const event = JSON.stringify({
    type: 'diagnostic',
    diagnostic: { severity: 'error', summary: 'No valid credential sources found', detail: '' },
  })
  const errored = outsidePlanWith({ errored: true })

  it.each<[string, FakeTerraform, RegExp]>([
    ['whose plan fails', { planEnds: { exitCode: 1, stdout: event } }, /No valid credential sources found/],
    ['whose plan is not finished', { plan: errored }, /could not finish this plan/],
    ['whose plan cannot be read', { plan: 'not JSON' }, /not valid JSON/],
    ['whose init fails', { initEnds: { exitCode: 1, stderr: 'Error: no such bucket' } }, /no such bucket/],
  ])('%s is invalid and leaves the issue as it is', async (_, says, message) => {
    const world = worldOf(says)
    const error = await failureOf(main(given(), world.ports))
    expect(error.message).toMatch(message)
    expect(error.outputs).toEqual({ verdict: 'invalid' })
    expect(world.issues).toMatchObject({ raised: [], resolved: [] })
  })

  it('of a pull request is refused: what it proposes is not applied', async () => {
    const world = worldOf({ plan: outsidePlan() }, { run: makeRun() })
    expect(await failureOf(main(given(), world.ports))).toMatchObject({
      message: expect.stringContaining('pull request #42'),
      outputs: { verdict: 'invalid' },
    })
    expect(world.exec.commands).toEqual([])
  })

  it('that cannot write the issue says so, and what it found', async () => {
    const refuse = () =>
      Promise.reject(new ApiError('the token may not do this', { route: 'POST', permission: 'issues: write' }))
    const world = worldOf({ plan: outsidePlan() }, { issues: { raise: refuse, resolve: refuse } })
    expect((await failureOf(main(given(), world.ports))).outputs).toMatchObject({ drifted: 'true', verdict: 'invalid' })
  })
})

it('names the commit of the run where there is no git to ask', async () => {
  const world = worldOf({ plan: NOTHING })
  const exec = {
    ...world.exec,
    run: (command: Parameters<typeof world.exec.run>[0]) =>
      world.exec.run(command.file === 'git' ? { ...command, args: ['?'], file: 'nothing' } : command),
  }
  await main(given(), { ...world.ports, exec })
  expect(world.issues.resolved[0]?.comment).toContain('found none at fffffff.')
})

describe('R10: secrets', () => {
  it('of the drift are hidden wherever they were copied to', async () => {
    const plan = outsidePlan().replaceAll('"Latest news"', '"the-second-password"')
    const world = worldOf({ plan })
    await main(given({ 'unmanaged-drift': 'report' }), world.ports)
    const published = publishedText(world) + JSON.stringify(world.issues.raised)
    for (const secret of ['the-first-password', 'the-second-password']) {
      expect(plan).toContain(secret)
      expect(published).not.toContain(secret)
      expect(world.log.secrets).toContain(secret)
    }
  })

  it('of the plan are taken away after the job', async () => {
    const world = worldOf()
    await main(given(), world.ports)
    await post(name => world.saved.get(name) ?? '', world.ports)
    expect(world.files.removed).toContain(world.saved.get('secret-folder'))
  })
})

it.each([
  ['', /it is empty/],
  ['a,b', /more than one label/],
  ['x'.repeat(51), /50 characters at most/],
])('the label %j is refused', (label, message) => {
  expect(() => given({ label })).toThrow(InputError)
  expect(() => given({ label })).toThrow(message)
})
