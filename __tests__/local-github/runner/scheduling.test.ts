import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { fromExpressionData } from '../../../local-github/runner/evaluate.ts'
import type { JobPlan } from '../../../local-github/runner/job-plan.ts'
import { createHeldJob, failure, setStage, success, type Stage } from './runner-stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await setStage()
})
beforeEach(() => {
  stage.reset()
})
afterAll(async () => {
  await stage.close()
})

const job = (rest: string): string => `{ runs-on: ubuntu-latest, steps: [{ run: a }], ${rest} }`
const workflow = (...jobs: string[]): string => `name: CI\non: push\njobs:\n${jobs.map(line => `  ${line}\n`).join('')}`
const context = (plan: JobPlan | undefined, name: string): unknown => {
  const value = plan?.contexts.get(name)
  return value && fromExpressionData(value)
}

describe('needs and if', () => {
  test.each<[string, string[], string[], string[]]>([
    ['a job waits for its needs', ['a: X', 'b: X needs a'], [], ['a: success', 'b: success']],
    [
      'a failure skips what needs it',
      ['a: X', 'b: X needs a', 'c: X needs b'],
      ['a'],
      ['a: failure', 'b: skipped', 'c: skipped'],
    ],
    ['always() runs after a failure', ['a: X', 'b: X needs a if always()'], ['a'], ['a: failure', 'b: success']],
    ['failure() runs after a failure', ['a: X', 'b: X needs a if failure()'], ['a'], ['a: failure', 'b: success']],
    ['failure() does not run after success', ['a: X', 'b: X needs a if failure()'], [], ['a: success', 'b: skipped']],
    [
      'failure() sees farther than its needs',
      ['a: X', 'b: X needs a', 'c: X needs b if failure()'],
      ['a'],
      ['a: failure', 'b: skipped', 'c: success'],
    ],
    [
      'success() sees farther than its needs',
      ['a: X if false', 'b: X needs a if always()', 'c: X needs b'],
      [],
      ['a: skipped', 'b: success', 'c: skipped'],
    ],
    ['a skipped need skips', ['a: X if false', 'b: X needs a'], [], ['a: skipped', 'b: skipped']],
    [
      '!cancelled() runs after a skip',
      ['a: X if false', 'b: X needs a if !cancelled()'],
      [],
      ['a: skipped', 'b: success'],
    ],
    [
      'a condition on a result',
      ['a: X', "b: X needs a if always() && needs.a.result == 'failure'"],
      ['a'],
      ['a: failure', 'b: success'],
    ],
    ['a forgiven failure is a success', ['a: X forgiven', 'b: X needs a'], ['a'], ['a: failure', 'b: success']],
    [
      'a condition without a status function asks for success',
      ['a: X', "b: X needs a if github.event_name == 'push'"],
      ['a'],
      ['a: failure', 'b: skipped'],
    ],
  ])('%s', async (_words, lines, failing, summary) => {
    for (const key of failing) stage.answer(key, () => failure)
    const jobs = lines.map(line => {
      const [, key = '', needs, condition] = /^(\w+): X(?: needs (\w+))?(?: if (.*))?/.exec(line) ?? []
      const parts = [
        needs && `needs: ${needs}`,
        condition && `if: "${condition}"`,
        line.endsWith('forgiven') && 'continue-on-error: true',
      ]
      return `${key}: ${job(parts.filter(Boolean).join(', '))}`
    })
    await stage.run(workflow(...jobs))
    expect(stage.summary()).toEqual(summary)
    expect(stage.problems).toEqual([])
  })

  test.each<[string, string[], Record<string, 'failure' | 'cancelled'>, string]>([
    ['success when all succeed', ['a: {}', 'b: {}'], {}, 'success'],
    ['failure when one fails', ['a: {}', 'b: {}'], { a: 'failure' }, 'failure'],
    ['success when the failure is forgiven', ['a: {continue-on-error: true}'], { a: 'failure' }, 'success'],
    ['skipped when all are skipped', ['a: {if: false}'], {}, 'skipped'],
    ['success when some are skipped', ['a: {if: false}', 'b: {}'], {}, 'success'],
    ['cancelled when a job was', ['a: {}', 'b: {}'], { a: 'cancelled' }, 'cancelled'],
  ])('a run ends as %s', async (_words, lines, answers, conclusion) => {
    for (const [key, answer] of Object.entries(answers)) stage.answer(key, () => ({ ...failure, conclusion: answer }))
    const jobs = lines.map(line =>
      line.replace(/^(\w+): \{(.*)\}$/, (_all, key: string, rest: string) => `${key}: ${job(rest)}`),
    )
    expect(await stage.run(workflow(...jobs))).toMatchObject({ status: 'completed', conclusion })
  })

  test('outputs reach the jobs that need them', async () => {
    stage.answer('a', () => success({ version: '1.2.3' }))
    await stage.run(workflow(`a: ${job('')}`, `b: ${job('needs: a, env: { V: "v${{ needs.a.outputs.version }}" }')}`))
    expect(context(stage.executed[1], 'needs')).toEqual({ a: { result: 'success', outputs: { version: '1.2.3' } } })
    expect(stage.executed[1]?.env).toEqual({ V: 'v1.2.3' })
  })

  test('an expression that cannot be evaluated fails the job with the reason', async () => {
    await stage.run(workflow(`a: ${job('strategy: { matrix: "${{ fromJSON(github.actor) }}" }')}`))
    expect(stage.jobs()[0]).toMatchObject({
      conclusion: 'failure',
      annotations: [{ message: expect.stringContaining('fromJSON') }],
    })
  })
})

describe('matrix', () => {
  test('a job runs once for each combination, with its own contexts and name', async () => {
    await stage.run(workflow(`a: ${job('strategy: { matrix: { n: [1, 2] } }, name: "Build"')}`))
    expect(stage.summary()).toEqual(['Build (1): success', 'Build (2): success'])
    expect(stage.executed.map(plan => [context(plan, 'matrix'), context(plan, 'strategy')])).toEqual([
      [{ n: 1 }, { 'fail-fast': true, 'job-index': 0, 'job-total': 2, 'max-parallel': 2 }],
      [{ n: 2 }, { 'fail-fast': true, 'job-index': 1, 'job-total': 2, 'max-parallel': 2 }],
    ])
  })

  test('a name that says what it is gets no brackets', async () => {
    await stage.run(workflow(`a: ${job('strategy: { matrix: { n: [1] } }, name: "On ${{ matrix.n }}"')}`))
    expect(stage.summary()).toEqual(['On 1: success'])
  })

  test('a matrix is made of the output of another job', async () => {
    stage.answer('a', () => success({ list: '["x","y"]' }))
    await stage.run(
      workflow(
        `a: ${job('')}`,
        `b: ${job('needs: a, strategy: { matrix: { n: "${{ fromJSON(needs.a.outputs.list) }}" } }')}`,
      ),
    )
    expect(stage.summary()).toEqual(['a: success', 'b (x): success', 'b (y): success'])
  })

  test('outputs of several combinations are one set, in which empty ones do not count', async () => {
    stage.answer('a', plan =>
      success({ first: context(plan, 'matrix') ? 'x' : '', [`of${plan.job.name.length}`]: '1', last: '' }),
    )
    await stage.run(workflow(`a: ${job('strategy: { matrix: { n: [1, 22] } }')}`, `b: ${job('needs: a')}`))
    expect(context(stage.executed[2], 'needs')).toEqual({
      a: { result: 'success', outputs: { first: 'x', of5: '1', of6: '1', last: '' } },
    })
  })

  test('the first failure cancels the other combinations', async () => {
    const held = createHeldJob()
    stage.answer('a', (plan, cancellation) =>
      plan.job.name === 'a (1)' ? held.started.then(() => failure) : held.execute(plan, cancellation),
    )
    const run = await stage.run(workflow(`a: ${job('strategy: { matrix: { n: [1, 2] } }')}`))
    expect(stage.summary(run)).toEqual(['a (1): failure', 'a (2): cancelled'])
    expect(run.conclusion).toBe('failure')
  })

  test('without fail-fast the others go on', async () => {
    stage.answer('a', plan => (plan.job.name === 'a (1)' ? failure : success()))
    await stage.run(workflow(`a: ${job('strategy: { fail-fast: false, matrix: { n: [1, 2] } }')}`))
    expect(stage.summary()).toEqual(['a (1): failure', 'a (2): success'])
  })

  test('no more than max-parallel combinations run side by side', async () => {
    let running = 0
    let most = 0
    stage.answer('a', async () => {
      most = Math.max(most, ++running)
      await new Promise(resolve => setImmediate(resolve))
      running -= 1
      return success()
    })
    await stage.run(workflow(`a: ${job('strategy: { max-parallel: 2, matrix: { n: [1, 2, 3, 4, 5] } }')}`))
    expect(most).toBe(2)
    expect(stage.summary()).toHaveLength(5)
  })
})

describe('runs and their records', () => {
  test('each job has a check run of the run at the head commit', async () => {
    stage.answer('a', () => failure)
    const run = await stage.run(workflow(`a: ${job('')}`, `b: ${job('needs: a')}`))
    const checks = stage.github.store.checkRuns.filter(check => check.headSha === run.headSha)
    expect(checks.map(({ name, status, conclusion }) => ({ name, status, conclusion }))).toEqual([
      { name: 'a', status: 'completed', conclusion: 'failure' },
      { name: 'b', status: 'completed', conclusion: 'skipped' },
    ])
    expect(checks[0]).toMatchObject({ suiteId: run.checkSuiteId, jobId: stage.jobs()[0]?.id })
    expect(stage.jobs().map(({ needs }) => needs)).toEqual([[], ['a']])
  })

  test('run numbers count the runs of a workflow', async () => {
    const first = await stage.run(workflow(`a: ${job('')}`))
    const second = await stage.run(workflow(`a: ${job('')}`))
    expect(second.runNumber).toBe(first.runNumber + 1)
  })

  test('the github context has what GitHub documents', async () => {
    const run = await stage.run(`run-name: "By \${{ github.actor }}"\n${workflow(`a: ${job('')}`)}`, {
      branch: 'side/x',
    })
    expect(run).toMatchObject({ displayTitle: 'By mona', headBranch: 'side/x' })
    expect(context(stage.executed[0], 'github')).toMatchObject({
      event_name: 'push',
      ref: 'refs/heads/side/x',
      ref_name: 'side/x',
      ref_type: 'branch',
      ref_protected: false,
      sha: run.headSha,
      repository: 'mona/shop',
      repository_owner: 'mona',
      actor: 'mona',
      triggering_actor: 'mona',
      workflow: 'CI',
      workflow_ref: 'mona/shop/.github/workflows/ci.yml@refs/heads/side/x',
      run_id: String(run.id),
      run_attempt: '1',
      api_url: stage.github.apiUrl,
      graphql_url: stage.github.graphqlUrl,
      server_url: stage.github.url,
      job: 'a',
      token: stage.executed[0]?.token,
      secret_source: 'Actions',
    })
    expect(context(stage.executed[0], 'job')).toEqual({
      workflow_ref: 'mona/shop/.github/workflows/ci.yml@refs/heads/side/x',
      workflow_sha: run.headSha,
      workflow_repository: 'mona/shop',
      workflow_file_path: '.github/workflows/ci.yml',
    })
  })

  test('env and defaults of the job win over those of the workflow', async () => {
    await stage.run(
      `env: { A: 1, B: 1 }\ndefaults: { run: { shell: bash, working-directory: x } }\n` +
        workflow(
          `a: ${job('env: { B: 2, C: "${{ github.actor }}" }, defaults: { run: { working-directory: "${{ env.C }}" } }, timeout-minutes: 7')}`,
        ),
    )
    expect(stage.executed[0]).toMatchObject({
      env: { A: '1', B: '2', C: 'mona' },
      defaults: { shell: 'bash', workingDirectory: 'mona' },
      timeoutMinutes: 7,
    })
  })

  test('no more jobs run side by side than the runner has places', async () => {
    const small = await setStage({ concurrency: 1 })
    let running = 0
    let most = 0
    small.answer('a', async () => {
      most = Math.max(most, ++running)
      await new Promise(resolve => setImmediate(resolve))
      running -= 1
      return success()
    })
    await small.run(workflow(`a: ${job('strategy: { matrix: { n: [1, 2, 3] } }')}`))
    await small.close()
    expect(most).toBe(1)
  })
})

describe('tokens and secrets', () => {
  test.each<[string, string, string, Record<string, string>]>([
    ['nothing said', '', '', { contents: 'read', packages: 'read', metadata: 'read' }],
    ['the workflow saying it', 'permissions: { issues: write }\n', '', { issues: 'write', metadata: 'read' }],
    [
      'the job saying it',
      'permissions: { issues: write }\n',
      'permissions: { checks: read }',
      { checks: 'read', metadata: 'read' },
    ],
    ['nothing allowed', 'permissions: {}\n', '', { metadata: 'read' }],
  ])('with %s the token gets those scopes', async (_words, top, own, scopes) => {
    let stored: unknown
    stage.answer('a', plan => {
      stored = stage.github.store.tokens.find(token => token.jobId === plan.job.id)?.permissions
      return success()
    })
    await stage.run(top + workflow(`a: ${job(own)}`))
    expect(stage.executed[0]?.permissions).toEqual(scopes)
    expect(stored).toEqual(scopes)
  })

  test('the token is gone when the job is over', async () => {
    await stage.run(workflow(`a: ${job('')}`))
    const response = await fetch(`${stage.github.apiUrl}/repos/mona/shop`, {
      headers: { authorization: `token ${stage.executed[0]?.token ?? ''}` },
    })
    expect(response.status).toBe(401)
  })

  test("an environment's secrets and variables win over the repository's, in its jobs only", async () => {
    const repositoryId = stage.repository.id
    const { secrets, variables } = stage.github.store
    for (const [environment, value] of [
      ['', 'common'],
      ['prod', 'special'],
    ] as const) {
      secrets.insert({ repositoryId, environment, name: 'KEY', value })
      variables.insert({ repositoryId, environment, name: 'REGION', value })
    }
    await stage.run(workflow(`a: ${job('')}`, `b: ${job('environment: prod')}`))
    const seen = stage.executed.map(plan => [plan.key, plan.secrets['KEY'], context(plan, 'vars')])
    expect(seen.sort()).toEqual([
      ['a', 'common', { REGION: 'common' }],
      ['b', 'special', { REGION: 'special' }],
    ])
  })
})
