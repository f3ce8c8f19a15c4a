import { describe, expect, it } from '@jest/globals'
import { spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { join } from 'node:path'
import { systemExec } from '../../../kit/adapters/exec.ts'
import { systemLeftChildren } from '../../../kit/adapters/output-files.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const EXEC = join(import.meta.dirname, '../../../kit/adapters/exec.ts')

function makeExec() {
  const signals = new EventEmitter() as EventEmitter & Pick<NodeJS.Process, 'on' | 'off'>
  return systemExec({ environment: () => ({}), cwd: temporaryFolder(), signals })
}

/** Starts a process that runs `script` with an output folder, and kills it when the script has said "ready". */
async function killWhileItRuns(script: string, outputFolder: string): Promise<void> {
  const command = { file: process.execPath, args: ['-e', script], outputFolder }
  const program = `
    import { systemExec } from ${JSON.stringify(EXEC)}
    const exec = systemExec({ environment: () => ({}), cwd: process.cwd(), signals: process })
    await exec.run({ ...${JSON.stringify(command)}, onStdoutLine: line => console.log(line) })`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  child.kill('SIGKILL')
  await once(child, 'exit')
}

describe('a child with an output folder', () => {
  it('gives its lines while it runs, and all of its output at the end', async () => {
    const exec = makeExec()
    const seen: string[] = []
    let earlier = 0
    const script = `console.log('one'); console.error('bad'); process.on('SIGTERM', () => { process.stdout.write('two\\nthree'); process.exit(3) }); setInterval(() => {}, 1000); console.log(process.pid)`
    const done = await exec.run({
      ...{ file: process.execPath, args: ['-e', script], outputFolder: temporaryFolder(), okExitCodes: [3] },
      onStdoutLine(line) {
        seen.push(line)
        if (!/^\d+$/.test(line)) return
        earlier = seen.length
        process.kill(Number(line), 'SIGTERM')
      },
    })
    expect(earlier).toBe(2)
    expect(seen.filter(line => !/^\d+$/.test(line))).toEqual(['one', 'two', 'three'])
    expect(done).toMatchObject({ exitCode: 3, stderr: 'bad\n', droppedBytes: 0 })
    expect(done.stdout).toMatch(/^one\n\d+\ntwo\nthree$/)
  })

  it('R26: finishes its work when its process is killed, and is waited for', async () => {
    const folder = temporaryFolder()
    await killWhileItRuns(`console.log('ready'); setTimeout(() => console.log('finished'), 300)`, folder)
    const left = await systemLeftChildren.wait(folder, 20_000)
    expect(left).toEqual({ waited: true, killed: false, stdout: 'ready\nfinished\n' })
  })

  it('R26: is killed with all that it started when it does not end in time', async () => {
    const folder = temporaryFolder()
    const script = `const c = require('child_process').spawn('sleep', ['60'], { detached: true, stdio: 'ignore' }); c.unref(); console.log('ready'); setInterval(() => {}, 1000)`
    await killWhileItRuns(script, folder)
    expect(await systemLeftChildren.wait(folder, 100)).toMatchObject({ waited: true, killed: true })
    expect(await systemLeftChildren.wait(folder, 0)).toMatchObject({ waited: false, killed: false })
  })

  it('is nothing to wait for when it never was', async () => {
    expect(await systemLeftChildren.wait(temporaryFolder(), 20_000)).toEqual({
      waited: false,
      killed: false,
      stdout: '',
    })
  })
})
