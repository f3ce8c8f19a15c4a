import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createCancellation } from '../../../local-github/runner/cancellation-source.ts'
import type { Timers } from '../../../local-github/runner/process-group.ts'
import { hasEnded } from '../../support/processes.ts'
import { openBench, type JobBench } from './job-bench.ts'

let bench: JobBench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(async () => {
  await bench.close()
})

/** Waits that end when the test says so. */
function heldTimers(): Timers & { end(milliseconds: number): void } {
  const waits: { milliseconds: number; callback: () => void }[] = []
  return {
    after: (milliseconds, callback) => {
      const wait = { milliseconds, callback }
      waits.push(wait)
      return () => void waits.splice(waits.indexOf(wait), 1)
    },
    end: milliseconds => {
      const wait = waits.find(candidate => candidate.milliseconds === milliseconds)
      if (!wait)
        throw new Error(`Nothing waits for ${milliseconds} ms, only ${waits.map(w => w.milliseconds).join(', ')}`)
      wait.callback()
    },
  }
}

/** Resolves once a job's log holds the word. */
async function logged(word: string, { github } = bench): Promise<void> {
  await new Promise<void>(resolve => {
    const look = (): void => {
      const logs = join(github.stateFolder, 'logs')
      const files = existsSync(logs) ? readdirSync(logs).filter(name => name.endsWith('.log')) : []
      if (!files.some(name => new RegExp(`Z ${word}$`, 'm').test(readFileSync(join(logs, name), 'utf8')))) return
      clearInterval(timer)
      resolve()
    }
    const timer = setInterval(look, 10)
    look()
  })
}

const trap = (word: string): string => `
    trap 'echo "got SIGINT"' INT
    trap 'echo "got SIGTERM"' TERM
    echo ${word}
    while true; do sleep 0.02 || true; done`

describe('a cancelled job', () => {
  it('sends SIGINT, SIGTERM after 7.5 s, SIGKILL after 2.5 s more, and is cancelled', async () => {
    const timers = heldTimers()
    const cancellation = createCancellation()
    const running = bench.run(`- name: stubborn\n  run: |${trap('stubborn-runs')}`, {
      cancellation,
      executor: { timers },
    })
    await logged('stubborn-runs')
    cancellation.request()
    await logged('got SIGINT')
    timers.end(7500)
    await logged('got SIGTERM')
    timers.end(10_000)
    const { result, log, step } = await running
    expect(log).toMatch(/^got SIGINT\ngot SIGTERM\n/m)
    expect(step('stubborn')).toMatchObject({ outcome: 'cancelled', conclusion: 'cancelled' })
    expect(log).toContain('##[error]The operation was canceled.')
    expect(result.conclusion).toBe('cancelled')
  })

  it('runs what asks for cancelled() or always(), and the post steps, and nothing else', async () => {
    bench.commit('tools/post', {
      'action.yml': 'name: p\ndescription: p\nruns:\n  using: node24\n  main: main.mjs\n  post: post.mjs\n',
      'main.mjs': 'console.log("main of the action")',
      'post.mjs': 'console.log("post of the action")',
    })
    const cancellation = createCancellation()
    const running = bench.run(
      `
- uses: tools/post@main
- run: |
    echo polite-runs
    exec sleep 60
- run: echo "plain step"
- if: failure()
  run: echo "failure step"
- if: cancelled()
  run: echo "cancelled step"
- if: always()
  run: echo "always step \${{ job.status }}"
`,
      { cancellation },
    )
    await logged('polite-runs')
    cancellation.request()
    const { result, log } = await running
    expect(result.conclusion).toBe('cancelled')
    expect(log.split('\n').filter(line => / (step|of the action)/.test(line) && !/echo|run/i.test(line))).toEqual([
      'main of the action',
      'cancelled step',
      'always step cancelled',
      'post of the action',
    ])
  })

  it('asks the own process of a step only, as GitHub does, and kills what that started', async () => {
    const timers = heldTimers()
    const cancellation = createCancellation()
    const running = bench.run(
      `- run: |
    bash -c 'trap "echo the child was asked" INT TERM; echo nested-runs; while true; do sleep 0.02 || true; done'
    echo "the shell went on"`,
      { cancellation, executor: { timers } },
    )
    await logged('nested-runs')
    cancellation.request()
    timers.end(7500)
    timers.end(10_000)
    const { result, log } = await running
    expect(log).not.toMatch(/^the (child|shell)/m)
    expect(result.conclusion).toBe('cancelled')
  })

  it('lets a step go on whose condition still holds', async () => {
    const cancellation = createCancellation()
    const running = bench.run(
      `
- if: always()
  run: |
    echo holding-runs
    until [ -f "$RUNNER_TEMP/go" ]; do sleep 0.02; done
    echo "went to its end"
- run: echo "not this"
`,
      { cancellation },
    )
    await logged('holding-runs')
    cancellation.request()
    const [job] = bench.github.store.jobs.filter(candidate =>
      candidate.steps.some(step => step.status === 'in_progress'),
    )
    writeFileSync(join(bench.github.stateFolder, 'work', String(job?.id), '_temp', 'go'), '')
    const { result, log } = await running
    expect(log).toContain('went to its end')
    expect(log).not.toMatch(/^not this/m)
    expect(result.conclusion).toBe('cancelled')
  })

  it('with force kills at once and runs nothing more', async () => {
    const cancellation = createCancellation()
    const running = bench.run(`- run: |${trap('forced-runs')}\n- if: always()\n  run: echo "no more"`, { cancellation })
    await logged('forced-runs')
    cancellation.request(true)
    const { result, log } = await running
    expect(log).not.toMatch(/^got SIG/m)
    expect(log).not.toMatch(/^no more/m)
    expect(result.conclusion).toBe('cancelled')
  })

  it('before its first step runs only what asks for it', async () => {
    const cancellation = createCancellation()
    cancellation.request()
    const { result, log } = await bench.run(`- run: echo "plain"\n- if: always()\n  run: echo "cleanup"`, {
      cancellation,
    })
    expect(log).toMatch(/^cleanup$/m)
    expect(log).not.toMatch(/^plain$/m)
    expect(result.conclusion).toBe('cancelled')
  })
})

describe('a time limit', () => {
  it('of a step fails that step only', async () => {
    const timers = heldTimers()
    const running = bench.run(
      `
- name: slow
  timeout-minutes: 1
  continue-on-error: true
  run: |
    echo slow-step-runs
    exec sleep 60
- run: echo "after it"
`,
      { executor: { timers } },
    )
    await logged('slow-step-runs')
    timers.end(60_000)
    const { result, log, step } = await running
    expect(log).toContain("##[error]The action 'slow' has timed out after 1 minutes.")
    expect(step('slow')).toMatchObject({ outcome: 'failure', conclusion: 'success' })
    expect(log).toMatch(/^after it$/m)
    expect(result.conclusion).toBe('success')
  })

  it('of a job cancels it, with a word about the limit', async () => {
    const timers = heldTimers()
    const running = bench.run(
      `jobs:
  slow:
    runs-on: ubuntu-latest
    timeout-minutes: 2
    steps:
      - run: |
          echo slow-job-runs
          exec sleep 60
      - run: echo "not this"
      - if: always()
        run: echo "cleaned up"
`,
      { executor: { timers } },
    )
    await logged('slow-job-runs')
    timers.end(120_000)
    const { result, job, log } = await running
    expect(result.conclusion).toBe('cancelled')
    expect(log).toMatch(/^cleaned up$/m)
    expect(log).not.toMatch(/^not this$/m)
    expect(job.annotations.map(annotation => annotation.message)).toContain(
      'The job has exceeded the maximum execution time of 2 minutes.',
    )
  })

  it('of five minutes holds for what a cancelled job still does', async () => {
    const timers = heldTimers()
    const cancellation = createCancellation()
    const running = bench.run(
      `- if: always()\n  run: |\n    echo endless-runs\n    exec sleep 60\n- if: always()\n  run: echo "not this"`,
      { cancellation, executor: { timers } },
    )
    await logged('endless-runs')
    cancellation.request()
    timers.end(300_000)
    const { result, log } = await running
    expect(result.conclusion).toBe('cancelled')
    expect(log).not.toMatch(/^not this$/m)
  })
})

describe('processes', () => {
  it('that a step leaves in the background end with the job, also those that left their group', async () => {
    const { result, log } = await bench.run(`
- run: |
    sleep 300 &
    echo $! > "$RUNNER_TEMP/pid"
    setsid sleep 301 > /dev/null 2>&1 < /dev/null &
    echo "pids: $! $(cat "$RUNNER_TEMP/pid")"
    echo "left two"
- run: kill -0 "$(cat "$RUNNER_TEMP/pid")" && echo "still there in the next step"
`)
    expect(result.conclusion).toBe('success')
    expect(log).toContain('still there in the next step')
    expect(linesOf(log, 'Terminate orphan process')).toHaveLength(2)
    const pids = /^pids: (\d+) (\d+)$/m.exec(log)?.slice(1).map(Number) ?? []
    expect(await Promise.all(pids.map(hasEnded))).toEqual([true, true])
  })

  it('end when the executor is closed', async () => {
    const own = await openBench()
    const running = own.run('- run: |\n    echo own-runs\n    exec sleep 302')
    await logged('own-runs', own)
    await own.close()
    expect((await running).result.conclusion).toBe('cancelled')
  })
})

function linesOf(log: string, word: string): string[] {
  return log.split('\n').filter(line => line.includes(word))
}
