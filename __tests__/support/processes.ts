import { existsSync, readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'

/** Whether it still runs; one that ended and was not yet asked for its status does not. Linux only. */
export function isRunning(pid: number): boolean {
  const stat = `/proc/${pid}/stat`
  try {
    return existsSync(stat) && !/\) [ZX] /.test(readFileSync(stat, 'utf8'))
  } catch {
    return false
  }
}

/** Waits for the end of a process that was signalled, which the kernel may deliver late; `false` after ten seconds. */
export async function hasEnded(pid: number): Promise<boolean> {
  for (let waits = 0; waits < 500 && isRunning(pid); waits++) await wait(20)
  return !isRunning(pid)
}
