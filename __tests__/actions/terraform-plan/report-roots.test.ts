import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { inputs as spec } from '../../../actions/terraform-plan/src/inputs.ts'
import { main } from '../../../actions/terraform-plan/src/main.ts'
import { readRecord } from '../../../actions/terraform-plan/src/read-record.ts'
import { UnreadableRecord } from '../../../actions/terraform-plan/src/record-fields.ts'
import type { RecordFacts } from '../../../actions/terraform-plan/src/record.ts'
import { ActionError, ApiError, GateError } from '../../../kit/errors.ts'
import { parsePlan, type Plan } from '../../../kit/terraform/plan.ts'
import { fixturePlan } from '../../kit/terraform/fixture.ts'
import { inputsOf } from '../../support/action-inputs.ts'
import { makeRun } from '../../support/fakes.ts'
import { makeWorld, type World } from './fake-terraform.ts'
import { recordOf } from './make-record.ts'

const FOLDER = '/workspace/plan-results'

function report(world: World, given: Record<string, string> = {}) {
  return main(inputsOf('terraform-plan', spec, { 'plan-results': 'plan-results', ...given }), world.ports)
}

/** A world with a record for each of these roots, as the artifacts of their jobs leave them. */
function worldWith(records: Readonly<Record<string, string>>, changes: Parameters<typeof makeWorld>[1] = {}): World {
  const world = makeWorld({}, changes)
  for (const [file, text] of Object.entries(records)) world.files.content.set(`${FOLDER}/${file}`, text)
  return world
}

async function failureOf(work: Promise<unknown>): Promise<ActionError> {
  const error = await work.catch((thrown: unknown) => thrown)
  if (!(error instanceof ActionError)) throw new Error(`it did not fail as expected: ${String(error)}`)
  return error
}

const bodyOf = (world: World) => world.comments.written[0]?.body ?? ''
const firstLine = (world: World) => bodyOf(world).split('\n')[0]

function objectsPlan(
  objects: Readonly<Record<string, { before?: unknown; after?: unknown; actions?: string[] }>>,
): Plan {
  const resource_changes = Object.entries(objects).map(([address, { before = null, after = null, actions }]) => ({
    ...{ address, mode: 'managed', type: address.split('.')[0] },
    change: {
      actions: actions ?? (before === null ? ['create'] : after === null ? ['delete'] : ['update']),
      before,
      after,
    },
  }))
  return parsePlan(JSON.stringify({ resource_changes }), 'plan')
}

const record = (root: string, plan: Plan, facts: Partial<RecordFacts> = {}) => recordOf(plan, { root, ...facts })
const NOTHING = objectsPlan({})

describe('several roots in one comment', () => {
  const shared = { 'aws_a.x': { before: { size: 1 }, after: { size: 2 } }, 'aws_b.y': { after: { name: 'b' } } }

  it('tell what is the same once, and which is the odd one out', async () => {
    const world = worldWith({
      'slipway-plan-infra-dev/infra-dev.json': record('infra/dev', objectsPlan(shared)),
      'slipway-plan-infra-staging/infra-staging.json': record('infra/staging', objectsPlan(shared)),
      'infra-prod.json': record(
        'infra/prod',
        objectsPlan({ ...shared, 'aws_db_instance.main': { before: { size: 1 } } }),
      ),
      'infra-test.json': record('infra/test', NOTHING),
      'infra-test.sealed': 'not read',
    })
    const outputs = await report(world)
    expect(outputs).toMatchObject({
      ...{ 'has-changes': 'true', 'to-add': '3', 'to-change': '3', 'to-destroy': '1', verdict: 'pass' },
      ...{
        'plan-json': '',
        'plan-results': '',
        'artifact-name': '',
        'comment-url': 'https://github.example/comment/1',
      },
      contract: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
    expect(world.exec.commands).toEqual([])
    expect(world.comments.written[0]).toMatchObject({ action: 'terraform-plan', key: '*', issueNumber: 42 })
    const [above = ''] = bodyOf(world).split('\n\n<details')
    expect(above).toBe(
      [
        '⚠️ **shop**: destroys 1, changes 3, adds 3 in 3 of 4 roots',
        '**Destroys** `aws_db_instance.main` in `prod` — stateful',
        'The same 2 changes in `dev`, `prod` and `staging`; `prod` also destroys 1.',
        [
          '| in each of | add | change | destroy |',
          '|---|--:|--:|--:|',
          '| `prod` | 1 | 1 | 1 |',
          '| `dev` and `staging` | 1 | 1 | 0 |',
        ].join('\n'),
        'No change in `test`.',
      ].join('\n\n'),
    )
    expect(bodyOf(world)).toMatch(
      /<summary>Changes 1 in <code>dev<\/code>, <code>prod<\/code> and <code>staging<\/code>: <code>aws&#95;a\.x/,
    )
    expect(bodyOf(world).match(/size = 2/g)).toHaveLength(1)
    expect(world.summary.text()).toContain('The same 2 changes')
    expect(world.log.notices).toEqual(['shop: destroys 1, changes 3, adds 3 in 3 of 4 roots'])
  })

  it('show the values of each where only they differ, and name the one that is not like the others', async () => {
    const sized = (size: number) =>
      objectsPlan({ 'aws_a.x': { before: { size: 1, tag: 'a' }, after: { size, tag: 'b' } } })
    const world = worldWith({
      'dev.json': record('infra/dev', sized(2)),
      'prod.json': record('infra/prod', sized(9)),
      'staging.json': record('infra/staging', sized(2)),
    })
    await report(world)
    expect(bodyOf(world)).toContain('The same 1 object in `dev`, `prod` and `staging`, other values in `prod`.')
    expect(bodyOf(world)).toContain(
      [
        '```diff',
        '- tag = "a"',
        '+ tag = "b"',
        '# dev and staging',
        '- size = 1',
        '+ size = 2',
        '# prod',
        '- size = 1',
        '+ size = 9',
        '```',
      ].join('\n'),
    )
    const two = worldWith({ 'dev.json': record('infra/dev', sized(2)), 'prod.json': record('infra/prod', sized(9)) })
    await report(two)
    expect(bodyOf(two)).toContain('The same 1 object in `dev` and `prod`, values differ.')
    expect(bodyOf(two)).toContain('in <code>dev</code> and <code>prod</code>, values differ: ')
  })

  it('give the same bytes in whatever order 20 of them arrive', async () => {
    const shapes = ['every-action', 'aws-create', 'move-only', 'output-only', 'no-change', 'drift-and-change']
    const records = Array.from({ length: 20 }, (_, index): [string, string] => {
      const root = `infra/r${index}`
      return [`slipway-plan-infra-r${index}/r.json`, record(root, fixturePlan(shapes[index % shapes.length] ?? ''))]
    })
    const first = worldWith(Object.fromEntries(records))
    await report(first)
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(records, { minLength: 20 }), async shuffled => {
        const world = worldWith(Object.fromEntries(shuffled))
        await report(world)
        expect(bodyOf(world)).toBe(bodyOf(first))
        expect(world.summary.text()).toBe(first.summary.text())
      }),
      { numRuns: 6 },
    )
  })

  it('are called by their workspaces, by what tells their paths apart, or by their own keys', async () => {
    const namesOf = async (facts: readonly Partial<RecordFacts>[]) => {
      const records = facts.map((fact, index) => [`${index}.json`, recordOf(NOTHING, fact)])
      const world = worldWith(Object.fromEntries(records))
      await report(world)
      return [...bodyOf(world).matchAll(/`([^`]+)`/g)].map(([, name]) => name)
    }
    const workspaces = ['blue', 'green'].map(workspace => ({ root: 'infra', workspace }))
    expect(await namesOf(workspaces)).toEqual(['blue', 'green'])
    const paths = ['envs/dev/main', 'envs/prod/main'].map(root => ({ root }))
    expect(await namesOf(paths)).toEqual(['dev', 'prod'])
    expect(await namesOf(paths.map(({ root }, index) => ({ root, key: `account ${index}` })))).toEqual([
      'account 0',
      'account 1',
    ])
    expect(await namesOf([{ root: 'infra' }, { root: 'infra', workspace: 'blue' }, { root: 'dns' }])).toEqual([
      ...['dns', 'infra', 'infra@blue'],
    ])
  })

  it('say at the top what each is limited to, and whether the review is outdated', async () => {
    const extent = { targets: ['aws_vpc.main'], destroy: false, 'pre-run': '' }
    const world = worldWith({
      'dev.json': record('infra/dev', NOTHING, { extent, delta: 'Since the review at 1c2d3e4 nothing changed.' }),
      'prod.json': record('infra/prod', NOTHING, { delta: 'Since the review at 1c2d3e4 nothing changed.' }),
    })
    await report(world)
    const [, only, delta] = bodyOf(world).split('\n\n')
    expect(only).toMatch(/^`dev`: \*\*Only\*\* `aws_vpc\.main`/)
    expect(delta).toBe('Since the review at 1c2d3e4 nothing changed.')
  })
})

describe('what must be acknowledged', () => {
  const protectedBy = (digest: string, login?: string): Partial<RecordFacts> => ({
    contract: digest,
    protection: {
      ...{ changes: [{ address: 'aws_db_instance.main', deposed: undefined, event: 'destroy', why: 'a database' }] },
      ...{ mayExpose: [], digest, changedRules: undefined, unrecorded: undefined, isComplete: true },
      acknowledgement: login === undefined ? undefined : { digest, login, source: 'a comment' },
    },
  })
  const gone = objectsPlan({ 'aws_db_instance.main': { before: { size: 1 } } })
  const [one, two] = ['1'.repeat(64), '2'.repeat(64)]

  it('is told with the digest of each root, and one that is missing fails all', async () => {
    const world = worldWith({
      'dev.json': record('infra/dev', gone, protectedBy(one ?? '', 'jonas')),
      'prod.json': record('infra/prod', gone, protectedBy(two ?? '')),
    })
    const error = await failureOf(report(world))
    expect(error).toMatchObject({ verdict: 'fail', outputs: { verdict: 'fail', 'to-destroy': '2' } })
    expect(error.message).toContain('prod: protected changes are not acknowledged')
    expect(firstLine(world)).toBe('⛔ **shop**: destroys 2 in 2 roots')
    expect(bodyOf(world)).toContain(
      '**Destroys** `aws_db_instance.main` in `dev` and `prod` — stateful, ' +
        'protected, acknowledged by jonas (`dev`), protected: needs `/ack 2222222222222222` (`prod`)',
    )
    expect(bodyOf(world)).toContain('| `prod`: held | 1 |')
  })

  it('is none of ours once each is acknowledged', async () => {
    const world = worldWith({ 'dev.json': record('infra/dev', gone, protectedBy(one ?? '', 'jonas')) })
    expect(await report(world)).toMatchObject({ verdict: 'pass' })
  })

  it('fails by a policy of any root, said once', async () => {
    const policies = { failures: ['main: no'], warnings: [], changedFolder: undefined }
    const world = worldWith({
      'dev.json': record('infra/dev', NOTHING, { policies }),
      'prod.json': record('infra/prod', NOTHING, { policies }),
    })
    expect(await failureOf(report(world))).toMatchObject({ verdict: 'fail' })
    expect(bodyOf(world)).toContain('**Policy fails** main: no in `dev` and `prod`')
  })
})

describe('a root without a plan', () => {
  it('is told with its cause, and the others are shown', async () => {
    const broken = makeWorld({ planEnds: { exitCode: 1, stdout: DIAGNOSTIC } })
    const failed = await failureOf(main(inputsOf('terraform-plan', spec, { roots: 'infra' }), broken.ports))
    const text = String(broken.files.content.get(`${failed.outputs['plan-results']}/infra.json`))
    const world = worldWith({ 'infra.json': text, 'dns.json': record('dns', fixturePlan('aws-create')) })
    const error = await failureOf(report(world))
    expect(error).toMatchObject({ verdict: 'invalid', outputs: { verdict: 'invalid', 'to-add': '5', contract: '' } })
    expect(error.message).toContain('no plan of infra: terraform plan failed: Unsupported argument')
    expect(firstLine(world)).toBe('❌ **shop**: no plan of infra; adds 5 in 1 root')
    expect(bodyOf(world)).toContain('**No plan** of `infra` — terraform plan failed: Unsupported argument')
    expect(bodyOf(world)).toContain('sise = 3')
  })

  it.each<[string, string, readonly string[]]>([
    ['one a line', 'infra/dev\ninfra/prod', ['infra/prod']],
    ['a JSON list', '["infra/dev","infra/prod","infra/dns"]', ['infra/prod', 'infra/dns']],
    ['a workspace', 'infra/dev@blue', ['infra/dev@blue']],
    ['the workspace that it has', 'infra/dev@default', []],
    ['another spelling', './infra//dev/', []],
  ])('is missed when %s expects it', async (_, roots, missing) => {
    const world = worldWith({ 'dev.json': record('infra/dev', NOTHING) })
    const { outputs, message } = await report(world, { roots }).then(
      written => ({ outputs: written, message: '' }),
      (error: ActionError) => error,
    )
    expect(outputs['verdict']).toBe(missing.length === 0 ? 'pass' : 'invalid')
    for (const root of missing) expect(message).toContain(`no record of ${root}`)
    for (const root of missing) expect(bodyOf(world)).toContain(`\`${root}\``)
  })

  it('of which none is expected is left out, and said', async () => {
    const world = worldWith({
      'dev.json': record('infra/dev', NOTHING),
      'old.json': record('infra/old', fixturePlan('aws-create')),
    })
    expect(await report(world, { roots: 'infra/dev' })).toMatchObject({ 'to-add': '0', verdict: 'pass' })
    expect(bodyOf(world)).toContain('Left out, since `roots` does not name them: `infra/old`.')
    expect(world.log.warnings).toEqual(['The record of infra/old was left out, since "roots" does not name it'])
  })

  it('is no reason to fail where none is expected', async () => {
    const world = worldWith({})
    expect(await report(world, { roots: '[]', 'comment-key': 'prod' })).toMatchObject({ verdict: 'pass' })
    expect(firstLine(world)).toBe('✅ **shop/prod**: no Terraform root is changed')
    expect(world.comments.written[0]?.key).toBe('prod')
  })

  it('is invalid where nothing is said of what to expect', async () => {
    expect(await failureOf(report(worldWith({})))).toMatchObject({ verdict: 'invalid' })
    expect(() => inputsOf('terraform-plan', spec, { roots: '' })).toThrow('it names no root')
    expect(() => inputsOf('terraform-plan', spec, { roots: '[1]' })).toThrow('it is not a JSON list of texts')
    expect(() => inputsOf('terraform-plan', spec, { roots: 'infra/*' })).toThrow('it is a pattern')
  })
})

const DIAGNOSTIC = JSON.stringify({
  type: 'diagnostic',
  diagnostic: {
    ...{ severity: 'error', summary: 'Unsupported argument', detail: 'It is not expected here.' },
    range: { filename: 'main.tf', start: { line: 7, column: 3 }, end: { line: 7, column: 7 } },
    snippet: { code: '  sise = 3' },
  },
})

describe('a record that a job of the pull request could have forged', () => {
  const valid = record('infra/dev', fixturePlan('every-action'))
  const changed = (members: object) => JSON.stringify({ ...(JSON.parse(valid) as object), ...members })
  const deep = `${'['.repeat(300)}${']'.repeat(300)}`

  it.each([
    ['no JSON', '{', 'it is not the JSON of a record'],
    ['another file', '[1]', 'it is not the JSON of a record'],
    ['another version', changed({ version: 2 }), 'its version is 2, and this version of Slipway reads 1'],
    ['another repository', changed({ repositoryId: 8 }), 'it is of the repository with the id 8 and not of 7'],
    ['another pull request', changed({ pullRequest: 41 }), 'it is of pull request #41 and not of #42'],
    ['another commit', changed({ headSha: 'e'.repeat(40) }), 'it is of commit eeeeeeeeeeee and not of aaaaaaaaaaaa'],
    ['another run', changed({ runId: 98 }), 'it is of run 98 and not of 99'],
    ['an attempt to come', changed({ runAttempt: 2 }), 'it is of attempt 2 and not of this run'],
    ['a missing part', changed({ changes: undefined }), 'its "changes" is missing'],
    ['another type', changed({ warnings: '1' }), 'its "warnings" is "1"'],
    ['a digest that is none', changed({ contract: '` @all' }), 'its "contract" is no digest'],
    ['a root elsewhere', changed({ root: 'infra/../../etc/' }), 'its "root" is'],
    ['a workspace that is none', changed({ workspace: 'a b' }), 'its "workspace" is'],
    ['many levels', valid.replace('"outputs":', `"more":${deep},"outputs":`), 'it is nested more than 200 levels deep'],
  ])('is refused for %s, by name', async (_, text, why) => {
    const world = worldWith({ 'dns.json': record('dns', NOTHING), 'forged/`x`.json': text })
    const error = await failureOf(report(world))
    expect(error).toMatchObject({ verdict: 'invalid', outputs: { verdict: 'invalid' } })
    expect(error.message).toContain(`forged/\`x\`.json is refused: ${why}`)
    expect(firstLine(world)).toBe('❌ **shop**: 1 record refused; no change in 1 root')
    expect(bodyOf(world)).toMatch(/\*\*Refused\*\* <code>forged/)
  })

  it('is refused when it is a link', async () => {
    const world = worldWith({ 'dns.json': record('dns', NOTHING) })
    const files = Object.assign(Object.create(world.files) as typeof world.files, {
      walk: async () => [{ path: 'dns.json', target: undefined }],
    })
    const error = await failureOf(report({ ...world, ports: { ...world.ports, files } }))
    expect(error.message).toContain('dns.json is refused: it is a link')
  })

  it('is read or refused whatever is in it, and never as Markdown', () => {
    const hostile = fc.constantFrom<unknown>('</details>`@octocat <!-- x', '| a |', null, -1, [], {}, true, '\u202E')
    const names = Object.keys(JSON.parse(valid) as object)
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), hostile, { maxKeys: 3 }), members => {
        try {
          readRecord(changed(members))
        } catch (error) {
          expect(error).toBeInstanceOf(UnreadableRecord)
        }
      }),
      { numRuns: 200 },
    )
  })

  it('says what it does by its actions alone', async () => {
    const forged = { address: 'aws_db_instance.main', type: 'aws_db_instance', kind: 'no-op', actions: ['delete'] }
    const world = worldWith({ 'dev.json': changed({ changes: [{ ...forged, attributes: [] }], hasChanges: false }) })
    expect(await report(world)).toMatchObject({ 'to-destroy': '1', 'has-changes': 'true' })
    expect(bodyOf(world)).toContain('**Destroys** `aws_db_instance.main`')
  })
})

describe('a root that was planned again', () => {
  const [older, newer] = [NOTHING, fixturePlan('aws-create')]
  const run = makeRun({ runAttempt: 3 })

  it('counts as its newest attempt planned it', async () => {
    const world = worldWith(
      {
        'a/x.json': record('infra', newer, { runAttempt: 2 }),
        'b/x.json': record('infra', older, { runAttempt: 1 }),
        'c/x.json': record('infra', newer, { runAttempt: 2 }),
      },
      { run },
    )
    expect(await report(world)).toMatchObject({ verdict: 'pass', 'to-add': '5' })
  })

  it('is refused when two say something else of the same attempt', async () => {
    const world = worldWith({ 'a.json': record('infra', newer), 'b.json': record('infra', older) })
    const error = await failureOf(report(world))
    expect(error.message).toContain('b.json is refused: a.json is of the same root, workspace and attempt')
  })
})

it('takes no input that would shape or judge a plan', async () => {
  const values = {
    workspace: 'blue',
    policy: 'p',
    'plan-key': 'do-not-show-me-0123',
    destroy: 'true',
    'plan-json': 'p',
  }
  const error = await failureOf(report(worldWith({}), values))
  for (const name of Object.keys(values)) expect(error.message).toContain(`input "${name}"`)
  expect(error.message).toContain('it has no effect on "plan-results", whose plans are made and judged already')
  expect(error.message).not.toContain('do-not-show-me')
})

it('R7: leaves the outputs known where the comment cannot be written', async () => {
  const comments = { upsert: () => Promise.reject(new ApiError('GitHub refused', { route: 'POST /x' })) }
  const records = { 'dev.json': record('infra/dev', fixturePlan('aws-create')) }
  const quiet = worldWith(records, { comments })
  expect(await report(quiet)).toMatchObject({ verdict: 'pass', 'comment-url': '' })
  const error = await failureOf(report(worldWith(records, { comments }), { 'on-comment-failure': 'fail' }))
  expect(error).not.toBeInstanceOf(GateError)
  expect(error.outputs).toMatchObject({ 'to-add': '5', verdict: 'invalid' })
})

it('hides what "redact" matches in records too', async () => {
  const world = worldWith({
    'dev.json': record('infra/dev', objectsPlan({ 'aws_a.x': { after: { name: 'inner-host' } } })),
  })
  await report(world, { redact: 'inner-\\w+' })
  expect(bodyOf(world)).toContain('name = "***"')
})
