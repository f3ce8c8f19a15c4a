import { spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

/** A machine of its own on this one, as `machine.sh` makes it. */
export interface Machine {
  /** Of its network namespace too. */
  readonly name: string
  /** Where it is reached from here and from other machines. */
  readonly address: string
  readonly folder: string
  /** What its program wrote. */
  log(): string
  close(): Promise<void>
}

export interface MachineOptions {
  /** May reach the network that this machine reaches. */
  readonly internet: boolean
  /** Called in the machine's folder before it starts; returns the program. */
  readonly program: (machine: Pick<Machine, 'name' | 'address' | 'folder'>) => readonly string[]
}

export async function startMachine({ internet, program }: MachineOptions): Promise<Machine> {
  const id = randomInt(2 ** 20)
  const name = `slipway${id.toString(16)}`
  // One of the million networks of four addresses of 10.64.0.0/10.
  const network = `10.${64 + (id >> 14)}.${(id >> 6) & 255}`
  const [near, far] = [1, 2].map(host => `${network}.${((id & 63) << 2) + host}`) as [string, string]
  const folder = mkdtempSync(join(tmpdir(), `${name}-`))
  const words = [join(import.meta.dirname, 'machine.sh'), name, folder, near, far, internet ? 'yes' : 'no']
  // Detached: a Ctrl-C is for the tests, whose end closes standard input.
  const child = spawn('bash', [...words, ...program({ name, address: far, folder })], {
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let errors = ''
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  const ended = new Promise<void>(resolve => child.once('close', () => resolve()))
  await Promise.race([
    new Promise(resolve => child.stdout.once('data', resolve)),
    ended.then(() => {
      throw new Error(`a machine could not be started, which takes root, iproute2 and iptables: ${errors}`)
    }),
  ])
  return {
    name,
    address: far,
    folder,
    log: () => readFileSync(join(folder, 'log'), 'utf8'),
    async close() {
      child.stdin.end()
      await ended
    },
  }
}

/** Looks every 100 ms. @throws Error with what the machine said, after `seconds` */
export async function untilReady(machine: Machine, what: string, seconds: number, look: () => Promise<unknown>) {
  const end = performance.now() + seconds * 1000
  for (;;) {
    try {
      return await look()
    } catch (error) {
      if (performance.now() < end) await wait(100)
      else {
        const log = machine.log().split('\n').slice(-10).join('\n')
        await machine.close()
        throw new Error(`${what} did not get ready in ${seconds} s: ${log}`, { cause: error })
      }
    }
  }
}
