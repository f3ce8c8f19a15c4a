/** One server a state folder: two would write over each other's records. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { codeOf } from './error-code.ts'

export interface StateLock {
  /** The last server on this folder had no time to stop: it was killed, or the machine was. */
  readonly leftOpen: boolean
  release(): void
}

export function lockState(stateFolder: string): StateLock {
  const path = join(stateFolder, 'server.pid')
  const holder = holderOf(path)
  if (holder !== null && holder !== process.pid && isAlive(holder)) {
    throw new Error(`${stateFolder} is in use by process ${holder}. Stop it, or choose another state folder.`)
  }
  if (holder === process.pid && open.has(path)) throw new Error(`${stateFolder} is already open in this process.`)
  writeFileSync(path, `${process.pid}\n`)
  open.add(path)
  return {
    leftOpen: holder !== null,
    release: () => {
      open.delete(path)
      rmSync(path, { force: true })
    },
  }
}

const open = new Set<string>()

function holderOf(path: string): number | null {
  try {
    const pid = Number(readFileSync(path, 'utf8'))
    return Number.isInteger(pid) && pid > 0 ? pid : null
  } catch {
    return null
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return codeOf(error) === 'EPERM'
  }
}
