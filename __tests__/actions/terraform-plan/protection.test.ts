import { describe, expect, it } from '@jest/globals'
import { inputs as spec } from '../../../actions/terraform-plan/src/inputs.ts'
import { main } from '../../../actions/terraform-plan/src/main.ts'
import { ApiError, GateError } from '../../../kit/errors.ts'
import type { Ports, RunContext } from '../../../kit/ports.ts'
import { checkId, readRecord, writeRecord } from '../../../kit/terraform/acknowledgement.ts'
import { inputsOf } from '../../support/action-inputs.ts'
import { FakeChecks, makeRun } from '../../support/fakes.ts'
import { makeWorld, publishedText, type World } from './fake-terraform.ts'

const [HEAD, BASE, EARLIER] = ['a'.repeat(40), 'b'.repeat(40), 'c'.repeat(40)]
const PULL = makeRun().pullRequest!

const change = (address: string, actions: readonly string[], values: object = {}) => ({
  ...{ address, mode: 'managed', type: address.split('.')[0] },
  change: { actions, before: { name: 'x' }, after: actions.includes('delete') ? null : { name: 'y' }, ...values },
})
const LOST = change('aws_db_instance.main', ['delete'])
const OPENED = change('aws_lb.front', ['update'], { before: { internal: true }, after: { internal: false } })

interface Facts {
  readonly rules?: Readonly<Record<string, string>>
  readonly changes?: readonly object[]
  readonly run?: Partial<RunContext>
  readonly ports?: (world: World) => Partial<Ports>
  readonly errored?: boolean
}

function makeScene({ rules = {}, changes = [LOST, OPENED], run = {}, errored = false, ports }: Facts = {}): World {
  const plan = JSON.stringify({ resource_changes: changes, errored })
  const world = makeWorld({ plan }, { run: makeRun(run) })
  const { repository } = world.ports
  const readFile = async (sha: string, path: string) => {
    const text = path === '.github/slipway-protect' ? rules[sha] : undefined
    return text === undefined ? undefined : new TextEncoder().encode(text)
  }
  return { ...world, ports: { ...world.ports, repository: { ...repository, readFile }, ...ports?.(world) } }
}

const plan = (world: World, values: Record<string, string> = {}) =>
  main(inputsOf('terraform-plan', spec, { roots: 'infra', ...values }), world.ports)

async function held(world: World, values: Record<string, string> = {}): Promise<GateError> {
  const error: unknown = await plan(world, values).catch((thrown: unknown) => thrown)
  if (!(error instanceof GateError)) throw error
  return error
}

/** What a person's word leaves in the check of a head. */
async function acknowledge(
  world: World,
  digest: string,
  change: { sha?: string; name?: string; number?: number } = {},
) {
  const { sha = HEAD, name = 'Terraform protection infra', number = 42 } = change
  const given = { digest, login: 'jonas', source: 'https://github.example/c/7' }
  const record = { pullRequest: number, runId: 1, digest, isProtected: true, acknowledged: [given] }
  await world.checks.complete({
    ...{ sha, name, externalId: checkId(number), conclusion: 'success' },
    ...{ title: '', summary: '', text: writeRecord(record) },
  })
}

describe('a pull request with protected changes', () => {
  it('is held back, by addresses, after comment, summary and check were written', async () => {
    const world = makeScene()
    const error = await held(world)
    const digest = error.outputs['contract'] ?? ''
    expect(error.message).toBe(
      '2 protected changes not acknowledged:\ndestroys aws_db_instance.main\nexposes aws_lb.front',
    )
    expect(error.hint).toContain(`comments "/ack ${digest.slice(0, 16)}"`)
    expect(error).toMatchObject({ verdict: 'fail', outputs: { verdict: 'fail', 'to-destroy': '1' } })
    expect(error.outputs['plan-results']).not.toBe('')
    const body = world.comments.written[0]?.body ?? ''
    const needs = `protected: needs \`/ack ${digest.slice(0, 16)}\``
    expect(body).toMatch(/^⛔ \*\*shop\/infra\*\*: destroys 1, changes 1/)
    expect(body).toContain(`**Destroys** \`aws_db_instance.main\` — stateful, ${needs}`)
    expect(body).toContain(`**Exposes** \`aws_lb.front\` — no longer internal; ${needs}`)
    expect(world.summary.text()).toContain(needs)
    expect(world.checks.completed).toHaveLength(1)
    const [check] = world.checks.completed
    expect(check).toMatchObject({
      ...{ sha: HEAD, name: 'Terraform protection infra', externalId: checkId(42), conclusion: 'failure' },
      title: `2 protected changes: needs /ack ${digest.slice(0, 16)}`,
    })
    expect(check?.summary).toContain('- destroys `aws_db_instance.main` — holds a database')
    expect(readRecord({ ...check!, text: check!.text!, url: '' }, 42)).toMatchObject({
      digest,
      isProtected: true,
      runId: 99,
    })
  })

  it.each([
    ['of this head', {}],
    ['of the head that a push replaced', { sha: EARLIER }],
  ])('passes by an acknowledgement of the same contract %s', async (_, where) => {
    const digest = (await held(makeScene())).outputs['contract'] ?? ''
    const world = makeScene({ run: { pullRequest: { ...PULL, previousHeadSha: EARLIER } } })
    await acknowledge(world, digest, where)
    expect(await plan(world)).toMatchObject({ verdict: 'pass', contract: digest })
    expect(world.comments.written[0]?.body).toContain('stateful, protected, acknowledged by jonas')
    const check = world.checks.completed.at(-1)!
    expect(check).toMatchObject({ conclusion: 'success', title: '2 protected changes, acknowledged by jonas' })
    expect(readRecord({ ...check, text: check.text!, url: '' }, 42)?.acknowledged).toEqual([
      { digest, login: 'jonas', source: 'https://github.example/c/7' },
    ])
  })

  it('finds an acknowledgement among its own earlier commits, of which it looks at 20', async () => {
    const digest = (await held(makeScene())).outputs['contract'] ?? ''
    const asked: number[] = []
    const commits = async (_: number, most: number) => (asked.push(most), [HEAD, BASE, EARLIER])
    const world = makeScene({ ports: ({ ports }) => ({ pullRequests: { ...ports.pullRequests, commits } }) })
    await acknowledge(world, digest, { sha: EARLIER })
    expect(await plan(world)).toMatchObject({ verdict: 'pass' })
    expect(asked).toEqual([20])
  })

  it.each<[string, { digest?: string; name?: string; number?: number; sha?: string }]>([
    ['another contract', { digest: 'd'.repeat(64) }],
    ['another plan', { name: 'Terraform protection other' }],
    ['another pull request', { number: 41 }],
    ['a commit that is not of the pull request', { sha: 'e'.repeat(40) }],
  ])('is not let through by an acknowledgement of %s', async (_, { digest, ...where }) => {
    const own = (await held(makeScene())).outputs['contract'] ?? ''
    const world = makeScene()
    await acknowledge(world, digest ?? own, where)
    expect((await held(world)).verdict).toBe('fail')
    expect(world.checks.completed.at(-1)).toMatchObject({ conclusion: 'failure' })
  })

  it('is held back without the right to write checks too, and says what is missing', async () => {
    const forbidden = () =>
      Promise.reject(new ApiError('no', { route: 'POST /x', status: 403, permission: 'checks: write' }))
    const world = makeScene({
      ports: () => ({ checks: Object.assign(new FakeChecks(), { complete: forbidden, own: forbidden }) }),
    })
    const error = await held(world)
    expect(error.verdict).toBe('fail')
    expect(error.hint).toMatch(/cannot be acknowledged[^]*Add "checks: write" to the permissions of the job/)
    expect(world.comments.written).toHaveLength(1)
    const quiet = makeScene({
      changes: [],
      ports: () => ({ checks: Object.assign(new FakeChecks(), { complete: forbidden, own: forbidden }) }),
    })
    expect(await plan(quiet)).toMatchObject({ verdict: 'pass' })
    expect(quiet.log.warnings).toEqual([])
  })

  it('is invalid when GitHub does not say what was acknowledged', async () => {
    const broken = () => Promise.reject(new ApiError('no usable answer', { route: 'GET /x' }))
    const world = makeScene({ ports: ({ checks }) => ({ checks: Object.assign(checks, { own: broken }) }) })
    await expect(plan(world)).rejects.toMatchObject({ outputs: { verdict: 'invalid' } })
  })

  it('is told apart by comment-key, as its comment is', async () => {
    const world = makeScene()
    await held(world, { 'comment-key': 'prod' })
    expect(world.checks.completed[0]?.name).toBe('Terraform protection prod')
  })

  it('shows no secret, be it part of what is opened', async () => {
    const secret = 'hunter22-of-the-database'
    const statement = { Effect: 'Allow', Principal: '*', Action: 's3:Get', Resource: secret }
    const world = makeScene({
      changes: [
        change('aws_s3_bucket_policy.x', ['create'], {
          ...{ before: null, after: { policy: JSON.stringify({ Statement: [statement] }) } },
        }),
        change('terraform_data.x', ['update'], { after: { input: secret }, after_sensitive: { input: true } }),
      ],
    })
    const error = await held(world)
    expect([publishedText(world), error.message, JSON.stringify(world.checks.completed)].join()).not.toContain(secret)
    expect(world.comments.written[0]?.body).toContain('**Exposes** `aws_s3_bucket_policy.x` — allows everybody')
  })

  it('names what must be acknowledged before what need not, in a long list', async () => {
    const many = Array.from({ length: 40 }, (_, index) => change(`aws_subnet.s${index}`, ['delete']))
    const world = makeScene({
      changes: [...many, change('aws_x.kept', ['delete'])],
      rules: { [BASE]: 'protect aws_x' },
    })
    await held(world)
    const [, , first] = (world.comments.written[0]?.body ?? '').split('\n')
    expect(first).toContain('`aws_x.kept` — protected: needs')
  })
})

describe('the rules', () => {
  it('are those of the base; a change of them is shown and not obeyed', async () => {
    const world = makeScene({ rules: { [BASE]: 'protect aws_lb on update', [HEAD]: 'allow *' } })
    expect((await held(world)).message).toContain('changes aws_lb.front')
    expect(world.comments.written[0]?.body).toContain(
      '**The rules in `.github/slipway-protect` are not those of the base.** Those of the base hold.',
    )
  })

  it('take something out of the catalogue', async () => {
    const world = makeScene({ rules: { [BASE]: 'allow *', [HEAD]: 'allow *' } })
    expect(await plan(world)).toMatchObject({ verdict: 'pass' })
    expect(world.checks.completed[0]).toMatchObject({ conclusion: 'success', title: 'No protected change' })
    expect(world.comments.written[0]?.body).not.toMatch(/protected|rules in/)
  })

  it('that are none make the gate invalid', async () => {
    const world = makeScene({ rules: { [BASE]: 'guard x' } })
    const error = await held(world)
    expect(error).toMatchObject({ verdict: 'invalid', outputs: { verdict: 'invalid' } })
    expect(error.message).toContain('.github/slipway-protect:1: "guard x"')
    expect(world.comments.written[0]?.body).toMatch(/^❌ .*the rules of protection cannot be read/)
  })

  it('can stand in another file, or in none', async () => {
    const world = makeScene({ rules: { [BASE]: 'allow *' } })
    expect((await held(world, { protect: 'infra/rules' })).verdict).toBe('fail')
    expect((await held(makeScene({ rules: { [BASE]: 'allow *' } }), { protect: '' })).verdict).toBe('fail')
  })
})

it('holds nothing back outside of a pull request, where nobody could acknowledge', async () => {
  const world = makeScene({ run: { eventName: 'push', pullRequest: undefined } })
  expect(await plan(world)).toMatchObject({ verdict: 'pass' })
  expect(world.checks.completed).toEqual([])
})

it('leaves no green check beside a plan that is not complete', async () => {
  const world = makeScene({ errored: true, changes: [] })
  expect((await held(world)).verdict).toBe('invalid')
  expect(world.checks.completed[0]).toMatchObject({ conclusion: 'failure', title: 'The plan is not complete' })
})

it('says what may be opened once values are known, and holds nothing back for it', async () => {
  const unknown = (name: string) =>
    change(name, ['create'], { before: null, after: {}, after_unknown: { policy: true } })
  const world = makeScene({ changes: [unknown('aws_iam_policy.a'), unknown('aws_iam_policy.b')] })
  expect(await plan(world)).toMatchObject({ verdict: 'pass' })
  expect(world.comments.written[0]?.body).toContain(
    '**May expose** `aws_iam_policy.a` — policy that is known after apply, and 1 more',
  )
})
