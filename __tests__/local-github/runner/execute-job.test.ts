import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { openBench, type JobBench } from './job-bench.ts'

let bench: JobBench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(async () => {
  await bench.close()
})

describe('a job', () => {
  it('runs its steps one after another, under the names that GitHub gives them', async () => {
    const { result, job, log } = await bench.run(`
- run: echo hello world
- name: Second \${{ 1 == 1 }}
  run: |
    echo "two"
    echo "three"
`)
    expect(result).toEqual({ conclusion: 'success', outputs: {}, environmentUrl: null })
    expect(job.steps.map(({ number, name, conclusion }) => [number, name, conclusion])).toEqual([
      [1, 'Set up job', 'success'],
      [2, 'Run echo hello world', 'success'],
      [3, 'Second true', 'success'],
      [4, 'Complete job', 'success'],
    ])
    expect(log).toContain(
      '##[group]Run echo hello world\necho hello world\nshell: bash -e {0}\n##[endgroup]\nhello world\n',
    )
    expect(log).toContain('two\nthree\n')
  })

  it('keeps a log for each step, with a time in each line', async () => {
    const { job } = await bench.run('- run: echo one\n- run: echo two')
    const step = readFileSync(join(bench.github.stateFolder, 'logs', String(job.id), '3.log'), 'utf8')
    expect(step).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z two$/m)
    expect(step).not.toMatch(/one/)
  })

  it('shows a running step in the store before it is over', async () => {
    const seen: string[] = []
    const stop = bench.github.onChange(() => {
      for (const job of bench.github.store.jobs.filter(() => true))
        seen.push(job.steps.map(step => `${step.name}:${step.status}`).join(' '))
    })
    await bench.run('- run: echo watched')
    stop()
    expect(seen.join('\n')).toContain('Run echo watched:in_progress')
  })
})

describe('a shell', () => {
  it.each([
    ['none', '', 'bash -e {0}', 'off'],
    ['bash', 'bash', 'bash --noprofile --norc -e -o pipefail {0}', 'on'],
    ['a template', 'bash -e -o pipefail {0}', 'bash -e -o pipefail {0}', 'on'],
  ])('%s: a failure inside a pipe counts only with pipefail', async (_name, shell, display, pipefail) => {
    const { result, log } = await bench.run(
      `- run: |\n    false | cat\n    echo reached${shell && `\n  shell: ${shell}`}`,
    )
    expect(log).toContain(`shell: ${display}`)
    expect(log.includes('\nreached')).toBe(pipefail === 'off')
    expect(result.conclusion).toBe(pipefail === 'off' ? 'success' : 'failure')
  })

  it.each([
    ['sh', 'echo "$0" | grep -q . && echo "sh says ok"', 'sh says ok'],
    ['python', 'print("python says", 6 * 7)', 'python says 42'],
    ['node {0}', 'console.log("node says", 6 * 7)', 'node says 42'],
  ])('%s runs the script', async (shell, script, said) => {
    const { log } = await bench.run(`- run: '${script}'\n  shell: ${shell}`, {
      executor: { path: `${process.execPath.replace(/\/node$/, '')}:${process.env['PATH'] ?? ''}` },
    })
    if (shell !== 'python' || !log.includes('Cannot start python')) expect(log).toContain(said)
  })

  it.each([
    ['zsh', 'Invalid shell option "zsh"'],
    ['powershell', 'Windows runners only'],
  ])('%s is refused', async (shell, message) => {
    const { result, log } = await bench.run(`- run: echo no\n  shell: ${shell}`)
    expect(result.conclusion).toBe('failure')
    expect(log).toContain(message)
  })

  it('of the defaults holds for steps without one, as does the folder', async () => {
    const { log } = await bench.run(`jobs:
  one:
    runs-on: ubuntu-latest
    defaults:
      run:
        shell: sh
        working-directory: sub
    steps:
      - run: mkdir sub
        working-directory: .
      - run: basename "$PWD"
      - run: basename "$PWD"
        shell: bash
        working-directory: \${{ github.workspace }}
`)
    expect(log).toContain('shell: sh -e {0}\n##[endgroup]\nsub\n')
    expect(log).toContain('pipefail {0}\n##[endgroup]\napp\n')
  })
})

describe('variables', () => {
  it('of a step win over those of its job, and GITHUB_ENV over the job but not over the step', async () => {
    const { log } = await bench.run(`env:
  A: workflow
  B: workflow
  C: workflow
jobs:
  one:
    runs-on: ubuntu-latest
    env:
      B: job
      C: job
    steps:
      - run: echo "1 $A $B $C"
        env:
          C: step \${{ env.B }}
      - run: echo "B=file" >> "$GITHUB_ENV"
      - run: echo "2 $A $B $C \${{ env.B }}"
      - run: echo "3 $B"
        env:
          B: own
`)
    expect(log).toContain('\n1 workflow job step job\n')
    expect(log).toContain('\n2 workflow file job file\n')
    expect(log).toContain('\n3 own\n')
  })

  it('that GitHub documents are there, and a step cannot change them', async () => {
    const { log } = await bench.run(
      `- run: echo "GITHUB_SHA=forged" >> "$GITHUB_ENV"
- id: probe
  run: |
    for name in CI GITHUB_ACTIONS GITHUB_ACTION GITHUB_ACTOR GITHUB_API_URL GITHUB_EVENT_NAME GITHUB_JOB GITHUB_REF \\
      GITHUB_REPOSITORY GITHUB_REPOSITORY_ID GITHUB_RUN_ID GITHUB_SERVER_URL GITHUB_SHA GITHUB_WORKFLOW RUNNER_OS \\
      RUNNER_ENVIRONMENT; do echo "$name=\${!name}"; done
    cat "$GITHUB_EVENT_PATH"; echo
    test -d "$RUNNER_TEMP" && test -d "$RUNNER_TOOL_CACHE" && test "$PWD" = "$GITHUB_WORKSPACE" && echo folders ok
    test -f "$GITHUB_OUTPUT" && test -f "$GITHUB_STATE" && test -f "$GITHUB_PATH" && echo files ok
    echo "token: [\${GITHUB_TOKEN:-}] [\${ACTIONS_ID_TOKEN_REQUEST_URL:-}]"
`,
      { payload: { hello: 'event' } },
    )
    const { repository } = bench
    for (const line of [
      'CI=true',
      'GITHUB_ACTIONS=true',
      'GITHUB_ACTION=probe',
      'GITHUB_ACTOR=octo',
      `GITHUB_API_URL=${bench.github.apiUrl}`,
      'GITHUB_EVENT_NAME=push',
      'GITHUB_JOB=only',
      'GITHUB_REF=refs/heads/main',
      'GITHUB_REPOSITORY=octo/app',
      `GITHUB_REPOSITORY_ID=${repository.id}`,
      `GITHUB_SERVER_URL=${bench.github.url}`,
      'GITHUB_WORKFLOW=CI',
      'folders ok',
      'files ok',
      'token: [] []',
    ])
      expect(log).toContain(`\n${line}\n`)
    expect(log).toMatch(/\nGITHUB_SHA=[0-9a-f]{40}\n/)
    expect(log).toContain('"hello": "event"')
  })

  it('PATH gets what a step adds, the newest first', async () => {
    const { log } = await bench.run(`
- run: |
    echo "$PWD/one" >> "$GITHUB_PATH"
    echo "$PWD/two" >> "$GITHUB_PATH"
- run: echo "$PATH"
`)
    expect(log).toMatch(/\n\S*\/app\/two:\S*\/app\/one:/)
  })
})

describe('conditions and results', () => {
  it('skip what depends on success after a failure, and run what asks for it', async () => {
    const { result, job } = await bench.run(`
- id: bad
  run: exit 3
- name: plain
  run: echo no
- name: only on failure
  if: failure() && steps.bad.outcome == 'failure'
  run: echo yes
- name: always
  if: \${{ always() }}
  run: echo yes
- name: success
  if: success()
  run: echo no
- name: without a status function
  if: steps.bad.outcome == 'failure'
  run: echo no
- name: cancelled
  if: cancelled()
  run: echo no
`)
    expect(result.conclusion).toBe('failure')
    expect(Object.fromEntries(job.steps.map(step => [step.name, step.conclusion]))).toMatchObject({
      'Run exit 3': 'failure',
      plain: 'skipped',
      'only on failure': 'success',
      always: 'success',
      success: 'skipped',
      'without a status function': 'skipped',
      cancelled: 'skipped',
    })
    expect(job.annotations).toEqual([
      expect.objectContaining({
        annotation_level: 'failure',
        message: 'Process completed with exit code 3.',
        path: '.github',
      }),
    ])
  })

  it('continue-on-error changes the conclusion and not the outcome', async () => {
    const { result, job, log } = await bench.run(`
- id: soft
  run: exit 1
  continue-on-error: \${{ 1 == 1 }}
- run: echo "[\${{ steps.soft.outcome }}/\${{ steps.soft.conclusion }}/\${{ job.status }}]"
`)
    expect(result.conclusion).toBe('success')
    expect(job.steps[1]).toMatchObject({ outcome: 'failure', conclusion: 'success' })
    expect(log).toContain('[failure/success/success]')
  })

  it('an expression that cannot be evaluated fails its step with its words', async () => {
    const { result, log } = await bench.run("- run: echo x\n  if: fromJSON('{')")
    expect(result.conclusion).toBe('failure')
    expect(log).toMatch(/##\[error\].*fromJSON\('\{'\)/)
  })

  it('outputs reach later steps and the job, but for those that hold a secret', async () => {
    const { result, log, job } = await bench.run(
      `jobs:
  one:
    runs-on: ubuntu-latest
    outputs:
      tag: \${{ steps.make.outputs.tag }}
      leak: url-\${{ steps.make.outputs.leak }}
    steps:
      - id: make
        run: |
          echo "tag=v1" >> "$GITHUB_OUTPUT"
          echo "leak=$SECRET" >> "$GITHUB_OUTPUT"
        env:
          SECRET: \${{ secrets.PASSWORD }}
      - run: echo "tag is \${{ steps.make.outputs.tag }}"
`,
      { secrets: { PASSWORD: 'correct horse' } },
    )
    expect(result.outputs).toEqual({ tag: 'v1' })
    expect(log).toContain('tag is v1')
    expect(log).not.toContain('correct horse')
    expect(job.annotations.map(annotation => annotation.message)).toEqual([
      "Skip output 'leak' since it may contain secret.",
    ])
  })

  it('a malformed command file fails the step and keeps what came before', async () => {
    const { result, job } = await bench.run(`- run: echo "no separator" >> "$GITHUB_OUTPUT"`)
    expect(result.conclusion).toBe('failure')
    expect(job.annotations.map(annotation => annotation.message)).toEqual([
      "Unable to process file command 'output' successfully.",
      "Invalid format 'no separator'",
    ])
  })

  it('NODE_OPTIONS cannot be set for later steps', async () => {
    const { result, log } = await bench.run(`- run: echo "NODE_OPTIONS=--require=x" >> "$GITHUB_ENV"`)
    expect(result.conclusion).toBe('failure')
    expect(log).toContain("Can't store NODE_OPTIONS")
  })
})

describe('commands in the log', () => {
  it('make annotations with their place, at most ten of a kind a step, cut at 4,096 characters', async () => {
    const { job } = await bench.run(`
- run: |
    echo "::error file=src/a.ts,line=3,col=5,title=Bad::first%0Asecond"
    echo "::warning file=$PWD/b.ts,line=1,endLine=2::absolute"
    printf '::notice::%05000d\\n' 0
    for n in $(seq 12); do echo "::notice::n$n"; done
- run: echo "::notice::another step"
`)
    expect(job.annotations[0]).toEqual({
      path: 'src/a.ts',
      start_line: 3,
      end_line: 3,
      start_column: 5,
      end_column: 5,
      annotation_level: 'failure',
      message: 'first\nsecond',
      title: 'Bad',
      raw_details: null,
    })
    expect(job.annotations[1]).toMatchObject({ path: 'b.ts', start_line: 1, end_line: 2, start_column: null })
    const notices = job.annotations.filter(annotation => annotation.annotation_level === 'notice')
    expect(notices).toHaveLength(11)
    expect(notices[0]?.message).toHaveLength(4096)
    expect(notices.at(-1)?.message).toBe('another step')
  })

  it('mask, group, stop and are refused as on GitHub', async () => {
    const { log, result, job } = await bench.run(`
- run: |
    echo "::add-mask::hidden-value"
    echo "this is hidden-value"
    echo "::group::A title"
    echo "::endgroup::"
    echo "::stop-commands::t0ken"
    echo "::error::not an error"
    echo "::t0ken::"
    echo "::debug::invisible"
    echo "::set-output name=x::y"
- run: echo "::set-env name=x::y"
`)
    expect(log).toContain('this is ***')
    expect(log).toContain('##[group]A title\n##[endgroup]')
    expect(log).toContain('\n::error::not an error\n')
    expect(log).not.toMatch(/^(##\[debug\]|::debug::)?invisible/m)
    expect(job.annotations.map(annotation => annotation.message)).toEqual([
      expect.stringContaining('`set-output` command is deprecated'),
      expect.stringContaining('`set-env` command is disabled'),
    ])
    expect(result.conclusion).toBe('failure')
  })

  it('a stand-in is named by its step', async () => {
    const { step } = await bench.run(`- name: plan\n  run: echo "::slipway-stand-in::a recorded plan"`)
    expect(step('plan')?.standIn).toBe('a recorded plan')
  })
})

describe('secrets', () => {
  it('appear nowhere: log, annotations, summaries', async () => {
    const { log, job } = await bench.run(
      `
- run: |
    echo "plain $SECRET"
    printf '%s' "user:$SECRET" | base64
    echo "::error::with $SECRET"
    echo "# Summary $SECRET" >> "$GITHUB_STEP_SUMMARY"
  env:
    SECRET: \${{ secrets.PASSWORD }}
`,
      { secrets: { PASSWORD: 'correct horse' } },
    )
    const everything = `${log}${JSON.stringify(job)}`
    expect(everything).not.toContain('correct horse')
    expect(everything).not.toContain(Buffer.from('user:correct horse').toString('base64').slice(8, -4))
    expect(job.summaries).toEqual([{ step: expect.any(String), markdown: '# Summary ***\n' }])
    expect(job.annotations[0]?.message).toBe('with ***')
  })

  it('untrusted text in an expression of `env` stays data', async () => {
    const { log } = await bench.run(
      `
- run: echo "title is $TITLE"
  env:
    TITLE: \${{ github.event.title }}
`,
      { payload: { title: '"; echo INJECTED; $(echo INJECTED) `echo INJECTED` #' } },
    )
    expect(log).toContain('title is "; echo INJECTED; $(echo INJECTED) `echo INJECTED` #')
    expect(log).not.toMatch(/^INJECTED/m)
  })
})

it('a summary over one mebibyte is lost whole, with an error', async () => {
  const { job, result } = await bench.run(`- run: head -c 1100000 /dev/zero | tr '\\0' a >> "$GITHUB_STEP_SUMMARY"`)
  expect(result.conclusion).toBe('success')
  expect(job.summaries).toEqual([])
  expect(job.annotations.map(annotation => annotation.message)).toEqual([
    expect.stringContaining('upload aborted, supports content up to a size of 1024k'),
  ])
})

it('hashFiles is the same for the same files, and empty for none', async () => {
  const { log } = await bench.run(`
- run: |
    mkdir -p a/node_modules b
    echo 1 > a/lock; echo 2 > b/lock; echo 3 > a/node_modules/lock
- run: |
    echo "all=[\${{ hashFiles('**/lock') }}]"
    echo "same=[\${{ hashFiles('*/lock', 'a/**', '!a/other') }}]"
    echo "less=[\${{ hashFiles('**/lock', '!**/node_modules/**') }}]"
    echo "none=[\${{ hashFiles('*.none') }}]"
`)
  const of = (name: string): string => new RegExp(`^${name}=\\[(.*)\\]$`, 'm').exec(log)?.[1] ?? 'missing'
  expect(of('all')).toMatch(/^[0-9a-f]{64}$/)
  expect(of('same')).toBe(of('all'))
  expect(of('less')).toMatch(/^[0-9a-f]{64}$/)
  expect(of('less')).not.toBe(of('all'))
  expect(of('none')).toBe('')
})
