import { Agent, request } from 'node:https'

/** What became of the requests. */
export interface Tally {
  readonly requests: number
  /** By what went wrong: a status, or the error's code. */
  readonly failures: ReadonlyMap<string, number>
  /** The longest time between two good answers, in milliseconds. */
  readonly longestPause: number
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
  let [requests, lastGood, longestPause] = [0, began, 0]

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
    const due = Math.floor(((performance.now() - began) / 1000) * ratePerSecond)
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
    return { requests, failures, longestPause }
  }
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
