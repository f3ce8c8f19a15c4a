import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { request } from 'node:https'
import { relative } from 'node:path'

export interface Answer {
  readonly status: number
  readonly body: string
}

/** Asks on a connection of its own, and trusts this certificate only. Status 0: nobody listens. */
export function askOverTls(host: string, path: string, ca: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asking = request({ host, path, ca, agent: false, timeout: 10_000 }, answer => {
      let body = ''
      answer.on('data', (chunk: Buffer) => (body += chunk.toString()))
      answer.once('end', () => resolve({ status: answer.statusCode ?? 0, body }))
    })
    asking.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ECONNREFUSED' ? resolve({ status: 0, body: '' }) : reject(error),
    )
    asking.once('timeout', () => asking.destroy(new Error(`${host} does not answer`)))
    asking.end()
  })
}

/** Files below a folder in which one of the values stands, as paths from there. The values are in no argument. */
export async function filesWith(values: readonly string[], folder: string): Promise<readonly string[]> {
  const child = spawn('grep', ['-rlaF', '-D', 'skip', '-f', '-', '--', folder], { stdio: ['pipe', 'pipe', 'ignore'] })
  child.stdin.end(values.join('\n'))
  let found = ''
  child.stdout.on('data', (chunk: Buffer) => (found += chunk.toString()))
  // 1: none. 2: one of them could not be read, such as one that just went.
  await new Promise(resolve => child.once('close', resolve))
  return found
    .split('\n')
    .filter(Boolean)
    .map(file => relative(folder, file))
}

const LOOK_MILLISECONDS = 200

/**
 * Looks again and again at the arguments of every process here, those of booted hosts and containers too.
 * @param values may grow meanwhile
 * @returns the way out, which gives the programs that had one of the values among their arguments
 */
export function watchArguments(values: readonly string[]): () => readonly string[] {
  const found = new Set<string>()
  const looking = setInterval(() => {
    for (const process of readdirSync('/proc').filter(name => /^[0-9]+$/.test(name))) {
      const words = argumentsOf(process)
      if (values.some(value => words.includes(value))) found.add(words.split('\0')[0] ?? '')
    }
  }, LOOK_MILLISECONDS)
  return () => {
    clearInterval(looking)
    return [...found]
  }
}

/** One after the other, with a null byte between; empty for a process that just went. */
function argumentsOf(process: string): string {
  try {
    return readFileSync(`/proc/${process}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}
