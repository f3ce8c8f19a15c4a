import { describe, expect, it } from '@jest/globals'
import { EventEmitter, once } from 'node:events'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { explain } from '../../../kit/action.ts'
import { childEnvironment } from '../../../kit/adapters/environment.ts'
import { systemExec } from '../../../kit/adapters/exec.ts'
import { CommandError } from '../../../kit/errors.ts'
import { operand, operands } from '../../../kit/inputs.ts'
import type { Command } from '../../../kit/ports.ts'
import { hasEnded } from '../../support/processes.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const FAST = { afterInterrupt: 40, afterTerminate: 40, afterExit: 50 }

function makeExec(variables: Record<string, string | undefined> = process.env, passEnv: readonly string[] = []) {
  const signals = new EventEmitter() as EventEmitter & Pick<NodeJS.Process, 'on' | 'off'>
  const cwd = temporaryFolder()
  const exec = systemExec({ environment: () => childEnvironment(variables, passEnv), cwd, signals, grace: FAST })
  return {
    exec,
    signals,
    cwd,
    node: (script: string, more: Partial<Command> = {}) => exec.run(nodeCommand(script, more)),
  }
}

function nodeCommand(script: string, more: Partial<Command> = {}): Command {
  return { file: process.execPath, args: ['-e', script], ...more }
}

async function failure(promise: Promise<unknown>): Promise<CommandError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(CommandError)
  return error as CommandError
}

/** Resolves at the child's first line, so that a signal finds it ready. */
function ready(): { onStdoutLine: (line: string) => void; line: Promise<string> } {
  const emitter = new EventEmitter()
  const line = once(emitter, 'line').then(([text]) => text as string)
  return { onStdoutLine: text => emitter.emit('line', text), line }
}

describe('a child process', () => {
  it('gives its output, its exit code and its lines', async () => {
    const { node } = makeExec()
    const seen: string[] = []
    const done = await node(`console.log('one\\r\\ntwo'); process.stdout.write('three'); console.error('bad')`, {
      onStdoutLine: line => seen.push(`out ${line}`),
      onStderrLine: line => seen.push(`err ${line}`),
    })
    expect(done).toEqual({ exitCode: 0, stdout: 'one\r\ntwo\nthree', stderr: 'bad\n', droppedBytes: 0 })
    expect(seen.filter(line => line.startsWith('out'))).toEqual(['out one', 'out two', 'out three'])
    expect(seen).toContain('err bad')
  })

  it('fails on another exit code than allowed, with its last words', async () => {
    const { node } = makeExec()
    const error = await failure(node(`for (let i = 0; i < 100; i++) console.error('line ' + i); process.exitCode = 3`))
    expect(error).toMatchObject({ exitCode: 3 })
    expect(error.stderr.split('\n')).toHaveLength(20)
    expect(error.stderr).toMatch(/^line 80\n[\s\S]*line 99$/)
    expect(await node('process.exitCode = 2', { okExitCodes: [0, 2] })).toMatchObject({ exitCode: 2 })
  })

  it('fails with the name of a program that is not there', async () => {
    const { exec } = makeExec()
    const error = await failure(exec.run({ file: 'no-such-program', args: [] }))
    expect(error.message).toBe('no-such-program was not found')
    expect(error.hint).toContain('PATH')
  })

  it('fails with the name of a folder that is not there, not of the program', async () => {
    const { exec } = makeExec()
    const error = await failure(exec.run({ file: 'git', args: [], cwd: join(temporaryFolder(), 'gone') }))
    expect(error.message).toMatch(/git could not start: the folder .*gone does not exist/)
  })

  it('fails when a program may not be run, and when an argument holds a NUL character', async () => {
    const { exec, cwd } = makeExec()
    writeFileSync(join(cwd, 'tool'), 'not a program')
    expect((await failure(exec.run({ file: join(cwd, 'tool'), args: [] }))).message).toMatch(/could not be started/)
    expect((await failure(exec.run({ file: 'git', args: ['a\0b'] }))).message).toMatch(/could not be started/)
  })

  it('takes its standard input, and is judged by its exit code when it does not read it', async () => {
    const { node } = makeExec()
    const echoed = await node(`process.stdin.pipe(process.stdout)`, { stdin: 'plan\n' })
    expect(echoed.stdout).toBe('plan\n')
    expect(await node('process.exit(0)', { stdin: 'x'.repeat(1_000_000) })).toMatchObject({ exitCode: 0 })
  })

  it('keeps the end of a long output within its limit and says what it dropped', async () => {
    const { node } = makeExec()
    const done = await node(`process.stdout.write('é'.repeat(50000) + 'END')`, { maxOutputBytes: 1000 })
    expect(Buffer.byteLength(done.stdout)).toBeLessThanOrEqual(1000)
    expect(done.stdout).toMatch(/^é+END$/)
    expect(done.droppedBytes).toBe(100_003 - 1000)
  })

  it('gives a line over 64 Ki in pieces that make the line', async () => {
    const { node } = makeExec()
    const pieces: string[] = []
    await node(`process.stdout.write('😀'.repeat(50000) + '\\nnext')`, { onStdoutLine: piece => pieces.push(piece) })
    expect(pieces.every(piece => piece.length <= 65_536 && piece.isWellFormed())).toBe(true)
    expect(pieces.slice(0, -1).join('')).toBe('😀'.repeat(50_000))
    expect(pieces.at(-1)).toBe('next')
  })

  it('ends with its program although a grandchild holds its output open', async () => {
    const { node } = makeExec()
    const script = `const c = require('child_process').spawn('sleep', ['60'], { stdio: 'inherit' }); console.log(c.pid); c.unref(); process.exit(0)`
    const done = await node(script)
    expect(await hasEnded(Number(done.stdout))).toBe(true)
  })
})

describe('what a child may know', () => {
  const secretive = { PATH: process.env['PATH'], LANG: 'C.UTF-8', LC_ALL: 'C', HTTPS_PROXY: 'http://proxy.example' }
  const hidden = {
    GITHUB_TOKEN: 'ghs_x',
    'INPUT_PLAN-KEY': 'k',
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: 't',
    STATE_x: 's',
    AWS_SECRET_ACCESS_KEY: 'a',
    GITHUB_OUTPUT: '/o',
  }

  it('R11: a child gets allow-listed variables only, plus what its command adds', async () => {
    const { node } = makeExec({ ...secretive, ...hidden })
    const { stdout } = await node('console.log(JSON.stringify(process.env))', { env: { TF_IN_AUTOMATION: '1' } })
    expect(JSON.parse(stdout)).toEqual({ ...secretive, TF_IN_AUTOMATION: '1' })
  })

  it('R11: pass-env lets a named variable through, and never the credentials of the step', () => {
    expect(childEnvironment({ ...secretive, ...hidden }, ['AWS_SECRET_ACCESS_KEY', 'UNSET'])).toEqual({
      ...secretive,
      AWS_SECRET_ACCESS_KEY: 'a',
    })
    for (const name of ['GITHUB_TOKEN', 'INPUT_PLAN-KEY', 'ACTIONS_ID_TOKEN_REQUEST_TOKEN', 'github_token'])
      expect(() => childEnvironment(hidden, [name])).toThrow(`input "pass-env": ${name} is never passed`)
  })

  it('R11: a secret given by env or stdin is not among the words of the command', async () => {
    const { node } = makeExec()
    const { stdout } = await node(
      `console.log(require('fs').readFileSync('/proc/' + process.pid + '/cmdline', 'utf8').replaceAll('\\0', ' '))`,
      { env: { KEY: 'hunter2-env' }, stdin: 'hunter2-stdin' },
    )
    expect(stdout).toContain('/cmdline')
    expect(stdout).not.toContain('hunter2')
  })

  it('R13: the error of a command tells nothing of its environment or its input', async () => {
    const { node } = makeExec({ ...secretive, ...hidden }, ['AWS_SECRET_ACCESS_KEY'])
    const given = { env: { KEY: 'hunter2-env' }, stdin: 'hunter2-stdin' }
    const errors = [
      await failure(node('process.exit(3)', given)),
      await failure(makeExec().exec.run({ file: 'no-such-program', args: [], ...given })),
    ]
    for (const error of errors) expect(explain(error)).not.toMatch(/hunter2|proxy\.example|AWS_SECRET/)
  })

  it('R25: no shell reads the arguments', async () => {
    const { exec, cwd } = makeExec()
    const nasty = ['$(touch pwned)', '; touch pwned', '`touch pwned`', '| touch pwned', '*', '~', '$HOME', '"\'']
    const { stdout } = await exec.run(
      nodeCommand('console.log(JSON.stringify(process.argv.slice(1)))', {
        args: ['-e', 'console.log(JSON.stringify(process.argv.slice(1)))', '--', ...nasty],
      }),
    )
    expect(JSON.parse(stdout)).toEqual(nasty)
    expect(readdirSync(cwd)).toEqual([])
  })

  it('R25: an input that would be read as an option is refused', () => {
    expect(() => operand.parse('-var=x')).toThrow('it looks like an option')
    expect(() => operand.parse('--chdir=/')).toThrow('it looks like an option')
    expect(() => operands.parse('envs/dev\n-destroy')).toThrow('it looks like an option')
    expect(operands.parse('envs/dev\n ./-odd')).toEqual(['envs/dev', './-odd'])
  })
})

describe('signals', () => {
  const patient = `process.on('SIGINT', () => { console.log('got SIGINT'); setTimeout(() => process.exit(1), 30) }); process.on('SIGTERM', () => console.log('got SIGTERM')); console.log('ready'); setInterval(() => {}, 1000)`

  it('R26: SIGINT goes to the child, its end is awaited, and the step fails as cancelled', async () => {
    const { node, signals } = makeExec()
    const { onStdoutLine, line } = ready()
    const seen: string[] = []
    const run = failure(node(patient, { onStdoutLine: text => (seen.push(text), onStdoutLine(text)) }))
    await line
    signals.emit('SIGINT', 'SIGINT')
    expect(await run).toMatchObject({
      message: expect.stringMatching(/was stopped by SIGINT: the step was cancelled/),
      cancelled: true,
    })
    expect(seen).toEqual(['ready', 'got SIGINT'])
    expect(signals.listenerCount('SIGINT')).toBe(0)
  })

  it('R26: is listened to before the child starts, for a signal in between would leave the child behind', async () => {
    const signals = new EventEmitter() as EventEmitter & Pick<NodeJS.Process, 'on' | 'off'>
    const heardAtStart: number[] = []
    const environment = () => {
      heardAtStart.push(signals.listenerCount('SIGINT'), signals.listenerCount('SIGTERM'))
      return {}
    }
    await systemExec({ environment, cwd: temporaryFolder(), signals }).run(nodeCommand(''))
    expect(heardAtStart).toEqual([1, 1])
    expect(signals.listenerCount('SIGINT') + signals.listenerCount('SIGTERM')).toBe(0)
  })

  it('R26: a grandchild gets the signal too, for the group is one', async () => {
    const { exec, signals } = makeExec()
    const { onStdoutLine, line } = ready()
    const script = `const c = require('child_process').spawn('sleep', ['60']); console.log(c.pid); c.on('exit', () => process.exit(1)); process.on('SIGTERM', () => {})`
    const run = failure(exec.run(nodeCommand(script, { onStdoutLine })))
    const pid = Number(await line)
    signals.emit('SIGTERM', 'SIGTERM')
    await run
    expect(await hasEnded(pid)).toBe(true)
  })

  it('R26: with firstSignalOnly a second signal does not reach the child', async () => {
    const { node, signals } = makeExec()
    const { onStdoutLine, line } = ready()
    const seen: string[] = []
    const run = failure(
      node(patient, { firstSignalOnly: true, onStdoutLine: text => (seen.push(text), onStdoutLine(text)) }),
    )
    await line
    signals.emit('SIGINT', 'SIGINT')
    signals.emit('SIGINT', 'SIGINT')
    signals.emit('SIGTERM', 'SIGTERM')
    await run
    expect(seen).toEqual(['ready', 'got SIGINT'])
  })

  it('R26: a child that takes too long gets the signals of the runner: SIGINT, then SIGTERM, then SIGKILL', async () => {
    const due: { milliseconds: number; act: () => void }[] = []
    const exec = systemExec({
      environment: () => ({}),
      cwd: temporaryFolder(),
      signals: new EventEmitter() as EventEmitter & Pick<NodeJS.Process, 'on' | 'off'>,
      schedule(milliseconds, act) {
        due.push({ milliseconds, act })
        return () => undefined
      },
    })
    const seen: string[] = []
    // Each line of the child makes the next deadline come.
    const onStdoutLine = (line: string) => {
      seen.push(line)
      due.shift()?.act()
    }
    const stubborn = `for (const s of ['SIGINT', 'SIGTERM']) process.on(s, () => console.log(s)); console.log('ready'); setInterval(() => {}, 1000)`
    const run = failure(exec.run(nodeCommand(stubborn, { timeoutMilliseconds: 60_000, onStdoutLine })))
    const deadlines = () => due.map(({ milliseconds }) => milliseconds)
    expect(deadlines()).toEqual([60_000])
    const error = await run
    expect(error.message).toMatch(/did not end within 60 s and was stopped/)
    expect(error.exitCode).toBeNull()
    expect(seen).toEqual(['ready', 'SIGINT', 'SIGTERM'])
  })

  it('leaves no child behind when the step ends', async () => {
    const { exec } = makeExec()
    const { onStdoutLine, line } = ready()
    const run = failure(
      exec.run(
        nodeCommand(`process.on('SIGTERM', () => {}); console.log(process.pid); setInterval(() => {}, 1000)`, {
          onStdoutLine,
        }),
      ),
    )
    const pid = Number(await line)
    await exec.close()
    await run
    expect(await hasEnded(pid)).toBe(true)
  })
})
