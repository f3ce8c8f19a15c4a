import { Agent, request } from 'node:https'
import { setTimeout as wait } from 'node:timers/promises'

/** What became of the requests. */
export interface Tally {
  readonly requests: number
  /** By what went wrong: a status, or the error's code. */
  readonly failures: ReadonlyMap<string, number>
  /** The longest time between two good answers, in milliseconds. */
  readonly longestPause: number
  /** How late the client itself sent a request at most: what it says is worth no more than this. In milliseconds. */
  readonly latest: number
}

const TIMEOUT_MILLISECONDS = 10_000

/**
 * Asks at a fixed rate, however long answers take: one half over connections that are kept, the other each over a new one,
 * and of both every twenty-fifth for what takes a second.
 * @param address `host:port`, over TLS with a certificate that nobody signed
 * @returns ends it, and tells when the last answer is there
 */
export function startClient(address: string, ratePerSecond: number): () => Promise<Tally> {
  const kept = new Agent({ keepAlive: true, rejectUnauthorized: false })
  const fresh = new Agent({ keepAlive: false, maxCachedSessions: 0, rejectUnauthorized: false })
  const failures = new Map<string, number>()
  const underWay = new Set<Promise<void>>()
  const began = performance.now()
  let [requests, lastGood, longestPause, latest] = [0, began, 0, 0]

  const good = () => {
    longestPause = Math.max(longestPause, performance.now() - lastGood)
    lastGood = performance.now()
  }
  const ask = async (number: number) => {
    const path = Math.floor(number / 2) % 25 === 0 ? '/api/slow' : '/api/items'
    const ended = await askOnce(`https://${address}${path}`, number % 2 === 0 ? kept : fresh)
    if (ended === '200') good()
    else failures.set(ended, (failures.get(ended) ?? 0) + 1)
  }
  const timer = setInterval(() => {
    const elapsed = performance.now() - began
    const due = Math.floor((elapsed / 1000) * ratePerSecond)
    if (requests < due) latest = Math.max(latest, elapsed - (requests / ratePerSecond) * 1000)
    for (; requests < due; requests += 1) {
      const one: Promise<void> = ask(requests).finally(() => underWay.delete(one))
      underWay.add(one)
    }
  }, 5)
  return async () => {
    clearInterval(timer)
    await Promise.all(underWay)
    kept.destroy()
    fresh.destroy()
    return { requests, failures, longestPause, latest }
  }
}

/** Waits until the first good answer, up to a minute: a proxy takes a moment to find what it has never seen. */
export async function untilAnswers(address: string): Promise<void> {
  const agent = new Agent({ rejectUnauthorized: false })
  const end = performance.now() + 60_000
  while ((await askOnce(`https://${address}/api/items`, agent)) !== '200') {
    if (performance.now() > end) throw new Error(`${address} does not answer`)
    await wait(200)
  }
  agent.destroy()
}

function askOnce(url: string, agent: Agent): Promise<string> {
  return new Promise(resolve => {
    const asked = request(url, { agent, timeout: TIMEOUT_MILLISECONDS }, answer => {
      answer.resume()
      answer.on('end', () => resolve(String(answer.statusCode)))
      answer.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    })
    asked.on('timeout', () => asked.destroy(Object.assign(new Error('too slow'), { code: 'TIMEOUT' })))
    asked.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    asked.end()
  })
}
