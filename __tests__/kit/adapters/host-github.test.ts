import { describe, expect, it } from '@jest/globals'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../../../scripts/metadata.ts'
import { runEntry, type BundleOptions } from '../../support/run-bundle.ts'

const run = (inputs: Readonly<Record<string, string>>, options: BundleOptions = {}) =>
  runEntry(join(ROOT, '__tests__', 'support', 'host-entry.ts'), { ...options, inputs })

const annotations = (stdout: string, level: string) =>
  [...stdout.matchAll(new RegExp(`^::${level}.*?::(.*)$`, 'gm'))].map(([, text]) => text)

describe('a step on GitHub', () => {
  it('gets inputs, and gives outputs, state and a summary', async () => {
    const done = await run({ do: 'echo', text: '  two\nlines  ' })
    expect(done).toMatchObject({ exitCode: 0, stderr: '', summary: '# two\nlines\n' })
    expect(done.outputs).toMatchObject({ echoed: 'two\nlines' })
    expect(done.state).toEqual({ 'slipway-phase': 'post', note: 'kept' })
  })

  it('R9: hides a secret before anything else is written, whole and by line', async () => {
    const { stdout } = await run({ do: 'echo', token: 'first-line\nsecond-line' })
    expect(stdout.split('\n').slice(0, 3)).toEqual([
      '::add-mask::first-line%0Asecond-line',
      '::add-mask::first-line',
      '::add-mask::second-line',
    ])
  })

  it('R12: warns of an output that holds a masked value', async () => {
    const { stdout, outputs } = await run({ do: 'echo', text: 'plain', token: 'hunter2' })
    expect(outputs).toMatchObject({ echoed: 'plain' })
    expect(annotations(stdout, 'warning')).toEqual([
      'output "leaked" holds a value that is masked: GitHub will not pass it on to other jobs',
    ])
  })

  it('R28: no text can close the value of an output, and neither GITHUB_ENV nor GITHUB_PATH is ever written', async () => {
    const { outputs, environment } = await run({ do: 'echo', text: 'x\nghadelimiter_1\nleaked<<E\nforged\nE' })
    expect([outputs['echoed'], environment]).toEqual(['x\nghadelimiter_1\nleaked<<E\nforged\nE', ''])
    for (const folder of ['kit', 'actions', 'cli'])
      for (const file of readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }))
        if (file.endsWith('.ts'))
          expect(readFileSync(join(ROOT, folder, file), 'utf8')).not.toMatch(/exportVariable|addPath/)
  })

  it('does not let text of a tool give commands to the runner', async () => {
    const { stdout } = await run({ do: 'echo', text: '::error::forged' })
    expect(annotations(stdout, 'error')).toEqual([])
  })

  it('ends red with the reason, and with the outputs that were known', async () => {
    const done = await run({ do: 'fail' })
    expect(done).toMatchObject({ exitCode: 1, outputs: { echoed: 'known' } })
    expect(annotations(done.stdout, 'error')).toEqual(['red'])
  })

  it('ends red on a bug, and asks to report it', async () => {
    const done = await run({ do: 'throw' })
    expect(done.exitCode).toBe(1)
    expect(annotations(done.stdout, 'error')).toEqual([
      expect.stringMatching(/^This is a bug in Slipway, please report it: Error: a bug/),
    ])
  })

  it('R19: writes ten annotations of a level at most, the rest folded, and the failure always among them', async () => {
    const { stdout, exitCode } = await run({ do: 'annotate' })
    expect(exitCode).toBe(1)
    for (const level of ['notice', 'warning', 'error']) expect(annotations(stdout, level)).toHaveLength(10)
    const errors = annotations(stdout, 'error')
    expect(errors.slice(0, 8)).toEqual(Array.from({ length: 8 }, (_, index) => `error ${index + 1}`))
    expect(errors[8]).toMatch(/^7 more:%0Aerror 9%0A.*error 15$/)
    expect(errors[9]).toBe('the reason')
    expect(annotations(stdout, 'warning')[9]).toMatch(/^6 more:%0Amain\.tf:10: warning 10/)
    expect(stdout).toContain('\nerror 15\n')
  })

  it('runs its post step with what main kept', async () => {
    const done = await run({ do: 'echo' }, { state: { 'slipway-phase': 'post', note: 'kept' } })
    expect(done).toMatchObject({ exitCode: 0, outputs: {}, state: {} })
    expect(done.stdout).toBe('post with kept\n')
  })

  it('R26: on SIGINT ends its child first, then itself, red, with its state kept for the post step', async () => {
    let output = ''
    let pid = 0
    const done = await run(
      { do: 'child' },
      {
        onStart: child =>
          child.stdout!.on('data', (chunk: Buffer) => {
            output += chunk.toString()
            const match = /child (\d+)\n/.exec(output)
            if (match && pid === 0) {
              pid = Number(match[1])
              child.kill('SIGINT')
            }
          }),
      },
    )
    expect(done.exitCode).toBe(1)
    expect(annotations(done.stdout, 'error').join()).toContain('was stopped by SIGINT: the step was cancelled')
    expect(done.state).toMatchObject({ note: 'kept' })
    expect(existsSync(`/proc/${pid}`)).toBe(false)
  })
})
