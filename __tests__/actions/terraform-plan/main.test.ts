import { describe, expect, it } from '@jest/globals'
import { main, post } from '../../../actions/terraform-plan/src/main.ts'
import { inputs as spec, type Inputs } from '../../../actions/terraform-plan/src/inputs.ts'
import { ActionError, ApiError, CommandError } from '../../../kit/errors.ts'
import type { Comments } from '../../../kit/ports.ts'
import { inputsOf } from '../../support/action-inputs.ts'
import { openPlan } from '../../../kit/terraform/seal.ts'
import { makeRun } from '../../support/fakes.ts'
import { fixtureText } from '../../kit/terraform/fixture.ts'
import { makeWorld, PLAN_BYTES, publishedText, TREE } from './fake-terraform.ts'

const KEY = 'a key of sixteen characters'

function given(values: Record<string, string> = {}): Inputs {
  return inputsOf('terraform-plan', spec, { roots: 'infra', ...values })
}

async function failureOf(work: Promise<unknown>): Promise<ActionError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof ActionError)) throw new Error(`it did not fail as expected: ${String(error)}`)
  return error
}

const DIAGNOSTIC = JSON.stringify({
  type: 'diagnostic',
  diagnostic: {
    severity: 'error',
    summary: 'Unsupported argument',
    detail: 'An argument named "sise" is not expected here.',
    range: { filename: 'main.tf', start: { line: 7, column: 3 }, end: { line: 7, column: 7 } },
    snippet: { code: '  sise = 3' },
  },
})

describe('a plan that exists already', () => {
  it('is reported without running anything', async () => {
    const world = makeWorld()
    await world.files.write('/workspace/plan.json', fixtureText('every-action'))
    const outputs = await main(given({ 'plan-json': 'plan.json', 'comment-key': 'dev' }), world.ports)
    expect(world.exec.commands).toEqual([])
    expect(outputs).toMatchObject({
      ...{ 'has-changes': 'true', 'to-add': '5', 'to-change': '2', 'to-destroy': '5', 'to-replace': '2' },
      ...{ 'to-import': '1', 'to-move': '1', 'to-forget': '1', verdict: 'pass', 'plan-json': '/workspace/plan.json' },
    })
    expect(world.comments.written).toHaveLength(1)
    expect(world.comments.written[0]).toMatchObject({
      issueNumber: 42,
      action: 'terraform-plan',
      key: 'dev',
      mode: 'update',
    })
    expect(world.comments.written[0]?.body).toMatch(
      /^⚠️ \*\*shop\/dev\*\*: destroys 3, replaces 2 and forgets 1, changes 2, adds 3/,
    )
  })

  it('is told from its events where "show" cannot run, and what they do not say is said', async () => {
    const world = makeWorld()
    await world.files.write('/workspace/p', fixtureText('every-action', 'events.ndjson'))
    const outputs = await main(given({ 'plan-json': 'p' }), world.ports)
    expect(outputs).toMatchObject({
      'to-add': '5',
      'to-change': '2',
      'to-destroy': '5',
      'to-forget': '1',
      verdict: 'pass',
    })
    const body = world.comments.written[0]?.body ?? ''
    expect(body).toContain('**No attributes are known**: this was read from the events of `plan -json`.')
    expect(body).toContain('`terraform_data.forgotten`')
    expect(body).toContain('Changes 2: 2 terraform&#95;data')
    expect(body).not.toContain('```diff')
    expect(JSON.parse(world.files.content.get(`${outputs['plan-results']}/infra.json`) as string)).toMatchObject({
      detail: 'addresses',
    })
  })

  it('is not judged by policies from its events, which hold nothing to judge', async () => {
    const world = makeWorld()
    await world.files.write('/workspace/p', fixtureText('every-action', 'events.ndjson'))
    expect(await failureOf(main(given({ 'plan-json': 'p', policy: 'policy' }), world.ports))).toMatchObject({
      message: 'the policies cannot judge events of a plan, which tell no attributes',
      outputs: { verdict: 'invalid' },
    })
  })

  it('of several units is refused, and how to tell of all is said', async () => {
    const world = makeWorld()
    const unit = (prefix: string) => JSON.stringify({ level: 'stdout', prefix, msg: fixtureText('create').trim() })
    await world.files.write('/workspace/p', `${unit('live/app')}\n${unit('live/db')}\n`)
    expect((await failureOf(main(given({ 'plan-json': 'p' }), world.ports))).message).toBe(
      'input "plan-json" is "p": it holds the plans of 2 units: live/app, live/db. Give each unit a file and a step with its own "roots"; one comment tells of all with "plan-results"',
    )
  })

  it('gives the same bytes every time, so that an update that changes nothing writes nothing', async () => {
    const bodies = []
    for (const timestamp of ['2026-11-21T00:00:00Z', '2027-01-01T00:00:00Z']) {
      const world = makeWorld()
      await world.files.write(
        '/workspace/p',
        fixtureText('every-action').replace(/"timestamp":"[^"]+"/, `"timestamp":"${timestamp}"`),
      )
      await main(given({ 'plan-json': 'p' }), world.ports)
      bodies.push(world.comments.written[0]?.body)
    }
    expect(bodies[0]).toBe(bodies[1])
  })

  it('that is not there is invalid', async () => {
    expect(await failureOf(main(given({ 'plan-json': 'none.json' }), makeWorld().ports))).toMatchObject({
      verdict: 'invalid',
    })
  })

  it('that cannot be had is said on the pull request, where an older one would stay', async () => {
    const world = makeWorld()
    const error = await failureOf(main(given({ 'plan-json': 'none.json' }), world.ports))
    expect(error.outputs).toEqual({
      ...{ verdict: 'invalid', 'comment-url': 'https://github.example/comment/1' },
      ...{ 'plan-results': '/temporary/slipway-plan-results-1', 'artifact-name': 'slipway-plan-infra' },
    })
    expect(world.comments.written[0]?.body).toMatch(
      /^❌ \*\*shop\/infra\*\*: input "plan-json": there is no file none\.json/,
    )
    expect(world.summary.text()).toContain('there is no file none.json')
  })

  it('takes no input that could only shape a new one', async () => {
    const values = { 'plan-json': 'p', 'var-files': 'prod.tfvars', 'backend-config': 'token=do-not-show-me' }
    const error = await failureOf(main(given(values), makeWorld().ports))
    expect(error.message).toMatch(
      /"var-files" is "prod\.tfvars": it has no effect[^]*"backend-config": it has no effect/,
    )
    expect(error.message).not.toContain('do-not-show-me')
  })

  it('that Terraform could not finish is shown and is invalid', async () => {
    const world = makeWorld()
    await world.files.write('/workspace/p', '{"resource_changes":[],"errored":true}')
    const error = await failureOf(main(given({ 'plan-json': 'p' }), world.ports))
    expect(error).toMatchObject({ verdict: 'invalid', outputs: { verdict: 'invalid', 'has-changes': 'false' } })
    expect(world.comments.written[0]?.body).toMatch(/^❌/)
  })
})

describe('planning', () => {
  it('initialises, plans and shows, in this order', async () => {
    const world = makeWorld({ plan: fixtureText('aws-create') })
    const outputs = await main(given(), world.ports)
    const commands = world.exec.commands.filter(({ file }) => file !== 'git')
    expect(commands.map(({ args }) => args[0])).toEqual(['init', 'plan', 'show'])
    expect(commands.every(({ firstSignalOnly }) => firstSignalOnly)).toBe(true)
    expect(world.exec.commands[1]?.args).toEqual([
      ...['plan', '-json', '-input=false', '-detailed-exitcode', '-lock-timeout=300s'],
      '-out=/temporary/slipway-plan-1/tfplan',
    ])
    expect(outputs).toMatchObject({ 'to-add': '5', 'artifact-name': 'slipway-plan-infra' })
  })

  it('selects a workspace, and knows the plan by it', async () => {
    const world = makeWorld()
    const outputs = await main(given({ workspace: 'blue' }), world.ports)
    expect(world.exec.lines()).toContain('/bin/terraform workspace select -or-create blue')
    expect(outputs['artifact-name']).toBe('slipway-plan-infra@blue')
    expect(world.comments.written[0]?.key).toBe('infra blue')
  })

  it('tells roots of several working directories apart', async () => {
    const world = makeWorld()
    await world.files.write('/workspace/infra/prod/main.tf', '')
    const outputs = await main(given({ roots: '.', 'working-directory': 'infra/prod', 'plan-key': KEY }), world.ports)
    expect(outputs['artifact-name']).toBe('slipway-plan-infra-prod')
    expect(world.comments.written[0]).toMatchObject({ key: 'infra/prod' })
    expect(world.comments.written[0]?.body).toContain('**shop/prod**: no change · `infra/prod`')
    const sealed = world.files.content.get(`${outputs['plan-results']}/infra-prod.sealed`)
    expect(openPlan(sealed as Uint8Array, KEY, 'x').envelope.root).toBe('infra/prod')
  })

  it('R11: keeps settings of the backend and credentials off the command line', async () => {
    const world = makeWorld()
    await main(
      given({
        'backend-config': 'bucket=states\nsecret_key=do-not-show-me',
        'aws-region': 'eu-west-1',
        'aws-access-key-id': 'AKIDEXAMPLE',
        'aws-secret-access-key': 'secret-part',
      }),
      world.ports,
    )
    expect(world.exec.lines().join('\n')).not.toMatch(/do-not-show-me|secret-part|AKIDEXAMPLE/)
    expect(world.exec.commands[0]?.args).toContain('-backend-config=/temporary/slipway-backend-2/settings.tfbackend')
    expect(world.exec.commands[0]?.env).toMatchObject({ AWS_SECRET_ACCESS_KEY: 'secret-part', AWS_REGION: 'eu-west-1' })
    expect([...world.files.content.keys()].some(path => path.endsWith('.tfbackend'))).toBe(false)
    expect(world.files.removed).toContain('/temporary/slipway-backend-2')
  })

  it('names every bad input together', () => {
    const bad = { 'binary-version': 'nonsense', 'aws-role-arn': 'x', 'aws-region': 'Ireland', 'lock-timeout': '5' }
    for (const [name, value] of Object.entries(bad))
      expect(() => given(bad)).toThrow(`input "${name}" is ${JSON.stringify(value)}`)
  })

  it.each([
    ['-destroy', 'roots'],
    ['a\nb', 'roots'],
    ['infra/*', 'roots'],
    ['none', 'roots'],
  ])('R25: refuses the root %j', async (roots, input) => {
    const run = async () => main(given({ roots }), makeWorld().ports)
    const error = await failureOf(run())
    expect(error.message).toContain(`input "${input}"`)
  })

  it('tells the pull request why there is no plan, and stays red', async () => {
    const world = makeWorld({ planEnds: { exitCode: 1, stdout: DIAGNOSTIC } })
    const error = await failureOf(main(given({ 'comment-key': 'dev' }), world.ports))
    expect(error.message).toContain('Unsupported argument (main.tf:7)')
    expect(error.outputs).toMatchObject({ verdict: 'invalid', 'comment-url': 'https://github.example/comment/1' })
    const [body = ''] = world.comments.written.map(comment => comment.body)
    expect(body).toMatch(/^❌ \*\*shop\/dev\*\*: terraform plan failed: Unsupported argument/)
    expect(body).toContain('sise = 3')
    expect(world.summary.text()).toContain('Unsupported argument')
  })

  it('tells why there is no plan when Terraform was not even reached', async () => {
    const find = () => Promise.reject(new ActionError('terraform 9.9.9 is not at the mirror', { hint: 'Take another' }))
    const world = makeWorld({}, { tools: { find } })
    expect((await failureOf(main(given(), world.ports))).outputs).toMatchObject({ verdict: 'invalid' })
    expect(world.comments.written[0]?.body).toMatch(/^❌ \*\*shop\/infra\*\*: terraform 9\.9\.9 is not at the mirror/)
    expect(world.comments.written[0]?.body).toContain('Take another')
  })

  it.each(['init', 'plan'])('leaves the comment alone when it is cancelled during %s', async verb => {
    const stop = new CommandError({
      file: 'terraform',
      args: [verb],
      exitCode: 1,
      stderr: 'Error: interrupted',
      cancelled: true,
    })
    const world = makeWorld()
    const run: typeof world.exec.run = async command => {
      if (command.args[0] === verb) throw stop
      return world.exec.run(command)
    }
    const { message, cancelled } = stop
    expect(await failureOf(main(given(), { ...world.ports, exec: { run } }))).toMatchObject({
      ...{ name: 'CommandError', message, cancelled, outputs: { verdict: 'invalid' } },
    })
    expect(world.comments.written).toEqual([])
  })

  it('writes the warnings that the comment counts to the log, without secrets', async () => {
    const warning = {
      type: 'diagnostic',
      diagnostic: { severity: 'warning', summary: 'Deprecated', detail: 'It was correct-horse-battery.' },
    }
    const world = makeWorld({
      plan: fixtureText('every-action'),
      planEnds: { exitCode: 2, stdout: JSON.stringify(warning) },
    })
    await main(given(), world.ports)
    expect(world.log.warnings).toContain('Deprecated\nIt was ***.')
    expect(world.comments.written[0]?.body).toContain('1 warning in the log')
  })

  it('writes what is known of the plan although it cannot be handed on', async () => {
    const world = makeWorld({ plan: fixtureText('aws-create') })
    const run: typeof world.exec.run = async command => {
      if (command.file === 'git')
        throw new CommandError({ ...command, exitCode: 128, stderr: 'fatal: not a git repository' })
      return world.exec.run(command)
    }
    const error = await failureOf(main(given({ 'plan-key': KEY }), { ...world.ports, exec: { run } }))
    expect(error.outputs).toMatchObject({ 'to-add': '5', 'plan-json': expect.any(String), verdict: 'invalid' })
  })

  it('says at the top that it is of a part, destroys all or had a script before it', async () => {
    const world = makeWorld({ plan: fixtureText('aws-create') })
    world.files.content.set('/workspace/scripts/zip.sh', '')
    await main(given({ targets: 'aws_vpc.main', destroy: 'true', 'pre-run': 'scripts/zip.sh' }), world.ports)
    expect(world.exec.lines()).toEqual([
      'bash --noprofile --norc /workspace/scripts/zip.sh',
      expect.stringMatching(/terraform init /),
      expect.stringMatching(/terraform plan .* -target=aws_vpc\.main -destroy$/),
      expect.stringMatching(/terraform show /),
      ...['.github/actions', '.github/workflows', 'infra/scripts/zip.sh', 'scripts/zip.sh'].map(
        path => `git rev-parse --verify --quiet HEAD:${path}`,
      ),
    ])
    for (const said of [world.comments.written[0]?.body, world.summary.text()]) {
      const [, ...top] = said?.split('\n\n') ?? []
      expect(top.slice(0, 3).join('\n')).toMatch(
        /destroy plan.*\n\*\*Only\*\* `aws_vpc\.main`.*\n.*`scripts\/zip\.sh` runs/,
      )
    }
  })

  it('says what to do about a lock of the state', async () => {
    const detail =
      'Error message: resource temporarily unavailable\nLock Info:\n  ID:        de96e782-4936\n  Who:       ada@laptop'
    const diagnostic = { severity: 'error', summary: 'Error acquiring the state lock', detail }
    const world = makeWorld({ planEnds: { exitCode: 1, stdout: JSON.stringify({ type: 'diagnostic', diagnostic }) } })
    const error = await failureOf(main(given(), world.ports))
    expect(error.hint).toContain('ada@laptop works on this state')
    // Whether it may be freed, the post step finds out.
    expect(error.hint).not.toContain('force-unlock')
    expect(world.comments.written[0]?.body).toContain('Wait longer with "lock-timeout"')
  })

  it('reads what init says to people', async () => {
    const stderr =
      '\n╷\n│ Error: Failed to query available provider packages\n│ \n│ Could not retrieve the list of versions\n╵\n'
    const error = await failureOf(main(given(), makeWorld({ initEnds: { exitCode: 1, stderr } }).ports))
    expect(error.message).toBe(
      'terraform init failed\nFailed to query available provider packages\nCould not retrieve the list of versions',
    )
  })
})

describe('R10: secrets', () => {
  it('reach no comment, summary, log or record, although Terraform does not mark each of them', async () => {
    const world = makeWorld({ plan: fixtureText('every-action') })
    await main(given({ 'plan-key': KEY }), world.ports)
    expect(publishedText(world)).not.toMatch(/correct-horse-battery|a-new-and-long-one/)
    expect(publishedText(world)).toContain('password=***;')
    expect(world.log.secrets.sort()).toEqual(['a-new-and-long-one', 'correct-horse-battery'])
  })

  it('R12: are in no output', async () => {
    const world = makeWorld({ plan: fixtureText('every-action') })
    const outputs = await main(given({ 'plan-key': KEY }), world.ports)
    expect(world.log.secrets.length).toBeGreaterThan(0)
    for (const secret of [KEY, ...world.log.secrets]) expect(Object.values(outputs).join('\n')).not.toContain(secret)
  })

  it('are gone from the disk when the job ends', async () => {
    const world = makeWorld({ plan: fixtureText('secret-only') })
    const outputs = await main(given(), world.ports)
    expect(world.files.content.has(outputs['plan-json'])).toBe(true)
    await post(name => world.saved.get(name) ?? '', world.ports)
    expect([...world.files.content.keys()].filter(path => path.includes('slipway-plan-1'))).toEqual([])
  })
})

describe('R37: the plan leaves the job', () => {
  const sealedOf = (world: ReturnType<typeof makeWorld>) =>
    [...world.files.content].find(([path]) => path.endsWith('.sealed'))

  it('sealed and bound to what was planned, with a key on a pull request', async () => {
    const world = makeWorld({ plan: fixtureText('aws-create') })
    const outputs = await main(given({ 'plan-key': KEY }), world.ports)
    const [path = '', content] = sealedOf(world) ?? []
    expect(path).toBe(`${outputs['plan-results']}/infra.sealed`)
    const { envelope, plan } = openPlan(content as Uint8Array, KEY, 'x')
    expect(Buffer.from(plan).toString()).toBe(PLAN_BYTES)
    expect(envelope).toMatchObject({
      ...{ repositoryId: 7, pullRequest: 42, headSha: 'a'.repeat(40), tree: TREE, root: 'infra' },
      ...{ runId: 99, runAttempt: 1, binary: 'terraform', binaryVersion: '1.11.4', contract: outputs.contract },
    })
  })

  it.each([
    ['without a key', {}, {}],
    ['without a pull request', { 'plan-key': KEY }, { run: makeRun({ pullRequest: undefined }) }],
  ])('not at all %s', async (_when, values, changes) => {
    const world = makeWorld({ plan: fixtureText('aws-create') }, changes)
    await main(given(values), world.ports)
    expect(sealedOf(world)).toBeUndefined()
    expect(publishedText(world)).not.toContain(PLAN_BYTES)
  })

  it('refuses a key that is too short, without showing it', () => {
    expect(() => given({ 'plan-key': 'short' })).toThrow('fewer than 16 characters')
    expect(() => given({ 'plan-key': 'short' })).not.toThrow(/"short"/)
  })
})

describe('R7: a comment that cannot be written', () => {
  const comments = {
    upsert: () =>
      Promise.reject(new ApiError('GitHub refused', { route: 'POST /x', permission: 'pull-requests: write' })),
  }

  it('leaves the plan in the summary and a warning', async () => {
    const world = makeWorld({ plan: fixtureText('aws-create') }, { comments })
    expect(await main(given(), world.ports)).toMatchObject({ verdict: 'pass', 'comment-url': '' })
    expect(world.log.warnings.join()).toContain('GitHub refused')
    expect(world.summary.text()).toContain('adds 5')
  })

  it('fails the step where that is asked for, with the outputs written', async () => {
    const world = makeWorld({ plan: fixtureText('aws-create') }, { comments })
    const error = await failureOf(main(given({ 'on-comment-failure': 'fail' }), world.ports))
    expect(error).toMatchObject({ name: 'ApiError', outputs: { 'to-add': '5', verdict: 'invalid' } })
  })

  it('fails the step when it takes several comments and not all of them stand, whatever was asked for', async () => {
    const resource_changes = Array.from({ length: 4_000 }, (_, index) => ({
      ...{ address: `aws_db_instance.db["${'x'.repeat(60)}${index * 7}"]`, mode: 'managed', type: 'aws_db_instance' },
      change: { actions: ['delete'], before: {}, after: null },
    }))
    const upsert: Comments['upsert'] = comment => {
      expect(comment.body({ bytes: 262_144, characters: Infinity }).length).toBeGreaterThan(1)
      return comments.upsert()
    }
    const world = makeWorld({ plan: JSON.stringify({ resource_changes }) }, { comments: { upsert } })
    expect(await failureOf(main(given(), world.ports))).toMatchObject({ name: 'ApiError' })
  })

  it('is none without a pull request, or with comment: none', async () => {
    const world = makeWorld({ plan: fixtureText('aws-create') }, { comments, run: makeRun({ pullRequest: undefined }) })
    expect((await main(given(), world.ports))['comment-url']).toBe('')
    expect((await main(given({ comment: 'none' }), makeWorld({}, { comments }).ports))['comment-url']).toBe('')
  })
})
