import { afterEach, expect, it } from '@jest/globals'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '../support/temporary-folder.ts'

const PLAY = join(import.meta.dirname, '../../demo/play.ts')
let played: ChildProcess | undefined

afterEach(async () => {
  if (played?.pid !== undefined && played.exitCode === null && played.signalCode === null) {
    process.kill(-played.pid, 'SIGKILL')
    await once(played, 'exit')
  }
  played = undefined
})

/** Ids of all processes that have `marker` in their environment. Linux only. */
function processesWith(marker: string): number[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(Number)
    .filter(pid => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(marker)
      } catch {
        return false
      }
    })
}

it.each([
  ['with its whole group', 'before the story begins', -1, 'A team changes', ''],
  ['alone', 'before the story begins', 1, 'A team changes', ''],
  ['with its whole group', 'while a job runs', -1, '· validate', '1. Mira'],
  ['alone', 'while a job runs', 1, '· validate', '1. Mira'],
])('interrupted %s, %s, leaves no process and no folder behind', async (_whom, _when, whom, moment, told) => {
  const folder = temporaryFolder()
  // Steps and tools get the folder of the demo in their environment, wherever they go.
  const child = spawn(process.execPath, [PLAY], {
    detached: true,
    env: { PATH: [join(process.execPath, '..'), '/usr/bin', '/bin'].join(':'), HOME: folder, TMPDIR: folder },
  })
  played = child
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
  child.stdout.on('data', (chunk: Buffer) => {
    const before = said.includes(moment)
    said += chunk.toString()
    if (before || !said.includes(moment) || child.pid === undefined) return
    process.kill(whom * child.pid, 'SIGINT')
    // As npm does, which passes on what the terminal has sent already.
    setTimeout(() => child.kill('SIGINT'), 20)
  })
  const [status] = (await once(child, 'close')) as [number | null]
  expect(said).toContain(told)
  expect(said.trim().split('\n').at(-1)).toBe('stopped by SIGINT; nothing is left running')
  // The second signal may come when all is done and Node takes none any more.
  expect([130, null]).toContain(status)
  expect(readdirSync(folder)).toEqual([])
  expect(processesWith(folder)).toEqual([])
})
