import { describe, expect, it } from '@jest/globals'
import { inputs as spec } from '../../../actions/terraform-apply/src/inputs.ts'
import { OPEN_CHECK, post, SECRET_FOLDER } from '../../../actions/terraform-apply/src/post.ts'
import { ApiError } from '../../../kit/errors.ts'
import type { Completed, LeftChild, Ports, RunState } from '../../../kit/ports.ts'
import { UNSETTLED } from '../../../kit/terraform/terraform.ts'
import { inputsOf } from '../../support/action-inputs.ts'
import { FakeChecks, FakeClock, FakeExec, makeRun } from '../../support/fakes.ts'
import { makeWorld } from '../terraform-plan/fake-terraform.ts'

const INPUTS = inputsOf('terraform-apply', spec, { roots: 'infra' })
const CREATED = Date.UTC(2026, 10, 21, 16, 41, 14)
const lockedBy = (who: string) => `╷
│ Error: Error acquiring the state lock
│ 
│ Error message: resource temporarily unavailable
│ Lock Info:
│   ID:        5f0d8a3c
│   Path:      terraform.tfstate
│   Operation: OperationTypeApply
│   Who:       ${who}
│   Version:   1.11.4
│   Created:   2026-11-21 16:41:14.9 +0000 UTC
│   Info:      
│ 
╵
`
const UNSETTLED_APPLY = JSON.stringify({
  tool: { name: 'terraform', path: '/bin/terraform', version: '1.11.4', origin: 'path' },
  folder: '/workspace/infra',
  outputFolder: '/temporary/slipway-terraform-1',
  since: CREATED - 60_000,
})

interface Given {
  readonly state?: Record<string, string>
  readonly probe?: Partial<Completed>
  readonly left?: LeftChild
  readonly runs?: readonly RunState[] | ApiError
  readonly records?: Readonly<Record<string, readonly string[]>>
  readonly changes?: Partial<Ports>
}

async function runPost(given: Given) {
  const exec = new FakeExec(() => given.probe ?? {})
  const left = given.left ?? { waited: false, killed: false, stdout: '' }
  const checks = new FakeChecks()
  const check = { name: 'Terraform apply infra', conclusion: 'success', title: '', summary: '' } as const
  for (const [sha, ids] of Object.entries(given.records ?? {}))
    for (const externalId of ids) await checks.complete({ ...check, sha, externalId })
  const world = makeWorld(
    {},
    {
      leftChildren: { wait: async () => left },
      ...{ exec, checks, clock: new FakeClock(CREATED + 5 * 60_000) },
      repository: {
        ...makeWorld().ports.repository,
        async runsAt(moment) {
          expect(moment).toBe(CREATED)
          if (given.runs instanceof ApiError) throw given.runs
          return given.runs ?? []
        },
      },
      ...given.changes,
    },
  )
  const state = given.state ?? { [UNSETTLED]: UNSETTLED_APPLY }
  await post(name => state[name] ?? '', world.ports, INPUTS)
  return { ...world, exec, checks, said: world.summary.text() }
}
const run = (changes: Partial<RunState>): RunState => ({
  ...{ id: 7, number: 57, headSha: 'b'.repeat(40), ended: true, url: 'https://github.example/runs/7' },
  ...changes,
})
const OTHER = { probe: { exitCode: 1, stderr: lockedBy('runner@other-host') } }
const RECORDED = { records: { ['b'.repeat(40)]: ['slipway-apply/7/1/other-host'] } }

describe('the post step of an apply', () => {
  it('asks nothing when Terraform ended well', async () => {
    const { exec, said } = await runPost({ state: {} })
    expect([exec.commands, said]).toEqual([[], ''])
  })

  it('asks for the lock with a command that changes nothing, and says when it is free', async () => {
    const { exec, log, said, files } = await runPost({})
    expect(exec.lines()).toEqual([
      '/bin/terraform untaint -allow-missing -lock-timeout=0s -no-color terraform_data.slipway_asks_for_the_lock',
    ])
    expect(log.lines).toContain('Nobody holds the lock of the state.')
    expect(said).toBe('')
    expect(files.removed).toEqual(['/temporary/slipway-terraform-1'])
  })

  it('offers to free a lock that this run left', async () => {
    const { said, log } = await runPost({ probe: { exitCode: 1, stderr: lockedBy('runner@runner-1') } })
    expect(said).toContain('`runner@runner-1` since 2026-11-21 16:41 UTC (5 minutes ago), for an apply')
    expect(said).toContain('It is the lock of this run')
    expect(said).toContain('terraform force-unlock 5f0d8a3c')
    expect(log.warnings.join()).toContain('terraform force-unlock 5f0d8a3c')
  })

  it.each([
    ['on a machine that runs other jobs too', { changes: { run: makeRun({ hostIsOurs: false }) } }],
    [
      'that is older than its Terraform, for machines have had the same name',
      { state: { [UNSETTLED]: UNSETTLED_APPLY.replace(/"since":\d+/, `"since":${CREATED + 60_000}`) } },
    ],
  ])('does not take a lock for its own %s', async (_what, given) => {
    const { said } = await runPost({ probe: { exitCode: 1, stderr: lockedBy('runner@runner-1') }, ...given })
    expect(said).toContain('Which run holds it is not known')
    expect(said).not.toContain('force-unlock')
  })

  it('knows its own lock on a shared machine by its record, unless another run there still works', async () => {
    const own = run({ id: 99, number: 3, headSha: 'c'.repeat(40), ended: false })
    const other = run({ ended: false })
    const records = {
      ['c'.repeat(40)]: ['slipway-apply/99/1/runner-1'],
      ['b'.repeat(40)]: ['slipway-apply/7/1/runner-1'],
    }
    const shared = {
      probe: { exitCode: 1, stderr: lockedBy('runner@runner-1') },
      changes: { run: makeRun({ hostIsOurs: false }) },
      records,
    }
    for (const [runs, words] of [
      [[own], 'It is the lock of this run'],
      [[own, { ...other, ended: true }], 'It is the lock of this run'],
      [[own, other], 'run 57](https://github.example/runs/7), which is still under way'],
    ] as const)
      expect((await runPost({ ...shared, runs })).said).toContain(words)
  })

  it('names the other run that holds it, by what that run recorded, and offers nothing while it works', async () => {
    const { said } = await runPost({ ...OTHER, ...RECORDED, runs: [run({ ended: false })] })
    expect(said).toContain('It is the lock of [run 57](https://github.example/runs/7), which is still under way')
    expect(said).not.toContain('force-unlock')
  })

  it('offers to free it when that run has ended', async () => {
    const { said } = await runPost({ ...OTHER, ...RECORDED, runs: [run({})] })
    expect(said).toContain('It is the lock of [run 57](https://github.example/runs/7), which has ended')
    expect(said).toContain('terraform force-unlock 5f0d8a3c')
  })

  it.each([
    ['no run was under way', { runs: [] }, 'no apply of this repository'],
    [
      'another machine was recorded',
      { runs: [run({})], records: { ['b'.repeat(40)]: ['slipway-apply/7/1/x'] } },
      'no apply',
    ],
    ['another run was recorded', { runs: [run({ id: 8 })], ...RECORDED }, 'no apply of this repository'],
    [
      'GitHub refuses the look-up',
      { runs: new ApiError('the token may not do this', { status: 403, route: 'GET x' }) },
      'the token may not do this.',
    ],
  ] as const)('offers nothing when %s', async (_what, given, why) => {
    const { said } = await runPost({ ...OTHER, ...given })
    expect(said).toContain(`Which run holds it is not known: ${why}`)
    expect(said).not.toContain('force-unlock')
  })

  it('waits for a Terraform that outlived its step, and says what it had done', async () => {
    const step = { type: 'apply_complete', hook: { resource: { addr: 'a.b' }, action: 'create', elapsed_seconds: 1 } }
    const stdout = `${JSON.stringify(step)}\n${JSON.stringify(step)}\n`
    for (const [killed, words] of [
      [false, 'terraform went on after this step was killed, and ended by itself. It had finished 2 steps.'],
      [true, 'terraform still worked 3 minutes after this step was killed, and was killed too'],
    ] as const) {
      const { log } = await runPost({ left: { waited: true, killed, stdout } })
      expect(log.warnings.join()).toContain(words)
    }
  })

  it('fails in words when the backend cannot be asked, and takes the plan away all the same', async () => {
    const removed: string[] = []
    const files = makeWorld().files
    files.remove = async path => void removed.push(path)
    await expect(
      runPost({
        state: { [UNSETTLED]: UNSETTLED_APPLY, [SECRET_FOLDER]: '/temporary/plan' },
        probe: { exitCode: 1, stderr: 'Error: no credentials' },
        changes: { files },
      }),
    ).rejects.toThrow('whether the state is still locked could not be found out')
    expect(removed).toEqual(['/temporary/slipway-terraform-1', '/temporary/plan'])
  })

  describe('with a state that Terraform could not save', () => {
    const FILE = '/workspace/infra/errored.tfstate'
    const own = { exitCode: 1, stderr: lockedBy('runner@runner-1') }
    const told = JSON.stringify({ ...JSON.parse(UNSETTLED_APPLY), isStateLeft: true })
    const leftWith = async (ends: (verb: string) => Partial<Completed>, given: Given = {}) => {
      const { files } = makeWorld()
      files.content.set(FILE, '{}')
      const exec = new FakeExec(({ args }) => ends(args[0] ?? ''))
      await runPost({ state: { [UNSETTLED]: told }, ...given, changes: { files, exec } })
      const pushes = exec.commands.filter(({ args }) => args[0] === 'state').map(({ args }) => args.slice(3).join(' '))
      return { pushes, isThere: files.content.has(FILE) }
    }

    it('saves it past the lock of this run, or with the lock when nobody holds it', async () => {
      for (const [probe, push] of [
        [own, `-lock=false ${FILE}`],
        [{}, `-lock=true ${FILE}`],
      ] as const) {
        const { pushes, isThere } = await leftWith(verb => (verb === 'state' ? {} : probe))
        expect([pushes, isThere]).toEqual([[push], false])
      }
    })

    it('learns of it from a Terraform that outlived its step too', async () => {
      const stdout = '{"type":"diagnostic","diagnostic":{"detail":"written to the file \\"errored.tfstate\\""}}'
      const left = { waited: true, killed: false, stdout }
      const { pushes } = await leftWith(() => ({}), { state: { [UNSETTLED]: UNSETTLED_APPLY }, left })
      expect(pushes).toHaveLength(1)
    })

    it('leaves it where it is when somebody else holds the lock, or it cannot be saved, and says what is lost', async () => {
      const refused = { exitCode: 1, stderr: 'Error: api error ExpiredToken: too old' }
      for (const [ends, pushed, why] of [
        [() => ({ exitCode: 1, stderr: lockedBy('ada@other-host') }), 0, 'somebody else holds the lock of the state'],
        [
          (verb: string) => (verb === 'state' ? refused : own),
          1,
          'The credentials that "pass-env" hands on have expired',
        ],
        [() => refused, 0, 'whether the state'],
      ] as const) {
        const { files, log } = makeWorld()
        files.content.set(FILE, '{}')
        const exec = new FakeExec(({ args }) => ends(args[0] ?? ''))
        await runPost({ state: { [UNSETTLED]: told }, changes: { files, log, exec } }).catch(() => undefined)
        expect(exec.commands.filter(({ args }) => args[0] === 'state')).toHaveLength(pushed)
        expect(files.content.has(FILE)).toBe(true)
        expect(log.errors.join()).toContain(`it is only in ${FILE} on runner-1, and lost with that machine`)
        expect(log.errors.join()).toContain(why)
      }
    })

    it('takes no file of that name for it that came with the checkout', async () => {
      const { pushes, isThere } = await leftWith(() => ({}), { state: { [UNSETTLED]: UNSETTLED_APPLY } })
      expect([pushes, isThere]).toEqual([[], true])
    })
  })

  it('ends the check run of an apply whose step was killed', async () => {
    const { checks } = await runPost({ state: { [OPEN_CHECK]: 'yes' } })
    expect(checks.completed).toMatchObject([
      { name: 'Terraform apply infra', externalId: 'slipway-apply/99/1/runner-1', conclusion: 'cancelled' },
    ])
  })
})
