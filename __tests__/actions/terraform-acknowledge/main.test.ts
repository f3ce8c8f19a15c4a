import { describe, expect, it } from '@jest/globals'
import { inputs as spec, type Inputs } from '../../../actions/terraform-acknowledge/src/inputs.ts'
import { main } from '../../../actions/terraform-acknowledge/src/main.ts'
import { ApiError, GateError } from '../../../kit/errors.ts'
import type { PullRequestComment, PullRequestNow, PullRequests, Speaker } from '../../../kit/ports.ts'
import { checkId, readRecord, writeRecord, type ProtectionRecord } from '../../../kit/terraform/acknowledgement.ts'
import { readInputs } from '../../../kit/inputs.ts'
import { FakeChecks, FakeLog, makeRun } from '../../support/fakes.ts'

const HEAD = 'a'.repeat(40)
const DIGEST = '4f2a91c07be31d55'.repeat(4)
const OTHER = '4f2a91c07be31d55'.padEnd(64, '0')
const JONAS: Speaker = { login: 'jonas', type: 'User', viaApp: false }
const COMMENT: PullRequestComment = {
  ...{ issueNumber: 42, author: JONAS, body: '/ack 4f2a91c07be31d55', isEdited: false },
  url: 'https://github.example/acme/shop/pull/42#issuecomment-7',
}
const PULL: PullRequestNow = { isOpen: true, headSha: HEAD, author: 'mira', url: '' }
const PERMISSIONS: Readonly<Record<string, string>> = { jonas: 'write', ada: 'admin', mira: 'write', dan: 'read' }

interface Facts {
  readonly comment?: Partial<PullRequestComment>
  readonly pull?: Partial<PullRequestNow>
  /** By name of the check, behind "Terraform protection". */
  readonly plans?: Readonly<Record<string, Partial<ProtectionRecord>>>
  readonly labelledBy?: Speaker
  readonly rerun?: () => Promise<void>
}

async function makeScene({ comment = {}, pull = {}, plans = { dev: {} }, ...facts }: Facts = {}) {
  const [checks, log] = [new FakeChecks(), new FakeLog()]
  const [reactions, reruns]: [string[], number[]] = [[], []]
  for (const [name, change] of Object.entries(plans)) {
    const record = { pullRequest: 42, runId: 99, digest: DIGEST, isProtected: true, acknowledged: [], ...change }
    await checks.complete({
      ...{ sha: HEAD, name: `Terraform protection ${name}`, externalId: checkId(record.pullRequest) },
      ...{ conclusion: 'failure', title: '', summary: '', text: writeRecord(record) },
    })
  }
  const before = checks.completed.length
  const pullRequests: PullRequests = {
    read: async () => ({ ...PULL, ...pull }),
    comment: async () => ({ ...COMMENT, ...comment }),
    commits: async () => [],
    changedFiles: async () => [],
    labelledBy: async () => facts.labelledBy,
    permissionOf: async login => PERMISSIONS[login] ?? 'none',
    approvals: async () => [],
    dismissApproval: async () => undefined,
    react: async (_, reaction) => void reactions.push(reaction),
  }
  const workflowRuns = {
    rerunFailed: async (runId: number) => {
      await facts.rerun?.()
      reruns.push(runId)
    },
  }
  const run = makeRun({ eventName: 'issue_comment', pullRequest: undefined })
  return {
    ...{ checks, log, reactions, reruns },
    written: () => checks.completed.slice(before),
    run: (values: Record<string, string> = { 'comment-id': '7' }) =>
      main(given(values), { checks, log, pullRequests, workflowRuns, run }),
  }
}

function given(values: Record<string, string>): Inputs {
  return readInputs(
    spec,
    name => ({ 'pull-request': '42', ...values })[name] ?? '',
    () => undefined,
  )
}

describe('somebody with write permission who did not open the pull request', () => {
  it('acknowledges one contract: the check is green and says who did, the plan runs again', async () => {
    const scene = await makeScene()
    expect(await scene.run()).toEqual({ verdict: 'pass', contract: DIGEST })
    expect(scene.written()).toEqual([
      expect.objectContaining({
        ...{ sha: HEAD, name: 'Terraform protection dev', externalId: checkId(42), conclusion: 'success' },
        title: 'Protected changes, acknowledged by jonas',
      }),
    ])
    const [standing] = await scene.checks.own(HEAD)
    expect(readRecord(standing!, 42)).toMatchObject({
      acknowledged: [{ digest: DIGEST, login: 'jonas', source: COMMENT.url }],
    })
    expect([scene.reactions, scene.reruns]).toEqual([['+1'], [99]])
  })

  it('may do it by a label', async () => {
    const scene = await makeScene({ labelledBy: JONAS })
    await scene.run({ label: 'ack:4f2a91c07be31d55' })
    expect(scene.written()).toHaveLength(1)
    expect(scene.written()[0]?.text).toContain('"source":"label ack:4f2a91c07be31d55"')
    expect(scene.reactions).toEqual([])
  })

  it('may do it again, which changes nothing', async () => {
    const scene = await makeScene()
    await scene.run()
    expect(await scene.run()).toMatchObject({ verdict: 'pass' })
    expect(scene.written()).toHaveLength(1)
  })

  it('acknowledges every plan of the same contract at once', async () => {
    const scene = await makeScene({ plans: { blue: {}, green: {}, other: { digest: 'b'.repeat(64), runId: 5 } } })
    await scene.run()
    expect(scene.written().map(({ name }) => name)).toEqual(['Terraform protection green', 'Terraform protection blue'])
  })

  it('starts a run again only when nothing of it waits any more', async () => {
    const scene = await makeScene({ plans: { dev: {}, prod: { digest: 'b'.repeat(64) } } })
    await scene.run()
    expect(scene.reruns).toEqual([])
    expect(scene.log.lines.join()).toContain('Still to be acknowledged: bbbbbbbbbbbbbbbb')
  })

  it('is believed although the plan cannot be started again', async () => {
    const scene = await makeScene({
      rerun: () => Promise.reject(new ApiError('already running', { route: 'POST /x', status: 403 })),
    })
    expect(await scene.run()).toMatchObject({ verdict: 'pass' })
    expect(scene.log.warnings.join()).toContain('Do it by hand: https://github.example/acme/shop/actions/runs/99')
  })
})

describe('refused by name, with a thumb down and nothing written:', () => {
  it.each<[string, Facts, string]>([
    ['the one who opened it', { comment: { author: { ...JONAS, login: 'Mira' } } }, 'Mira opened the pull request'],
    ['a reader', { comment: { author: { ...JONAS, login: 'dan' } } }, 'dan may not write here (read)'],
    ['a stranger', { comment: { author: { ...JONAS, login: 'eve' } } }, 'eve may not write here (none)'],
    ['a bot', { comment: { author: { ...JONAS, type: 'Bot', login: 'x[bot]' } } }, 'x[bot] is an app'],
    ['an app in a name', { comment: { author: { ...JONAS, viaApp: true } } }, 'jonas is an app'],
    ['an account that is gone', { comment: { author: undefined } }, 'nobody can be named'],
    ['an edited comment', { comment: { isEdited: true } }, 'the comment was edited'],
    ['a comment elsewhere', { comment: { issueNumber: 7 } }, 'comment 7 is not on #42'],
    ['a closed pull request', { pull: { isOpen: false } }, 'the pull request is not open'],
    ['a pull request of nobody', { pull: { author: undefined } }, 'opened the pull request'],
    ['too few digits', { comment: { body: '/ack 4f2a91c' } }, 'it names no contract'],
    ['more words', { comment: { body: '/ack 4f2a91c07be31d55 $(id)' } }, 'it names no contract'],
    [
      'another contract',
      { comment: { body: '/ack 0000000000000000' } },
      'no plan with protected changes at the head of the pull request has a contract that begins with 0000000000000000',
    ],
    ['two contracts', { plans: { dev: {}, prod: { digest: OTHER } } }, '2 contracts begin with 4f2a91c07be31d55'],
    ['a plan of another pull request', { plans: { dev: { pullRequest: 41 } } }, 'no plan with protected changes'],
    ['a plan without protected changes', { plans: { dev: { isProtected: false } } }, 'no plan with protected changes'],
    ['a head without plans', { plans: {} }, 'None waits for an acknowledgement'],
  ])('%s', async (_, facts, problem) => {
    const scene = await makeScene(facts)
    const error: unknown = await scene.run().catch((thrown: unknown) => thrown)
    if (!(error instanceof GateError)) throw error
    expect(`${error.message} ${error.hint}`).toContain(problem)
    expect(error).toMatchObject({ verdict: 'fail', outputs: { verdict: 'fail', contract: '' } })
    expect([scene.written(), scene.reruns, scene.reactions]).toEqual([[], [], ['-1']])
    expect(`${error.message} ${error.hint} ${scene.log.text()}`).not.toContain('$(id)')
  })

  it('a label that is gone, or that a reader set', async () => {
    const byNobody = await makeScene()
    await expect(byNobody.run({ label: 'ack:4f2a91c07be31d55' })).rejects.toThrow('nobody can be named')
    const byReader = await makeScene({ labelledBy: { ...JONAS, login: 'dan' } })
    await expect(byReader.run({ label: 'ack:4f2a91c07be31d55' })).rejects.toThrow('dan may not write here')
    expect([...byNobody.written(), ...byReader.written()]).toEqual([])
  })

  it('only the newest check of a name counts', async () => {
    const scene = await makeScene()
    const record = { pullRequest: 42, runId: 100, digest: 'c'.repeat(64), isProtected: true, acknowledged: [] }
    await scene.checks.complete({
      ...{ sha: HEAD, name: 'Terraform protection dev', externalId: checkId(42) },
      ...{ conclusion: 'failure', title: '', summary: '', text: writeRecord(record) },
    })
    await expect(scene.run()).rejects.toThrow('no plan with protected changes')
  })
})

describe('what asks for nothing', () => {
  it.each([
    ['a comment that only mentions it', 'I would not /ack 4f2a91c07be31d55'],
    ['another command', '/deploy'],
  ])('%s is passed over without a sign', async (_, body) => {
    const scene = await makeScene({ comment: { body } })
    expect(await scene.run()).toEqual({ verdict: '', contract: '' })
    expect([scene.written(), scene.reactions]).toEqual([[], []])
  })

  it('another label is too, and neither comment nor label is an error', async () => {
    const scene = await makeScene()
    expect(await scene.run({ label: 'bug' })).toEqual({ verdict: '', contract: '' })
    await expect(scene.run({})).rejects.toThrow('there is no request')
    await expect(scene.run({ label: 'x', 'pull-request': '' })).rejects.toThrow('there is no request')
  })
})
