/** The primary limit: so many requests an hour and token. */
import type { Token } from '../model.ts'

export interface RateLimit {
  readonly limit: number
  readonly used: number
  readonly remaining: number
  /** Unix time in seconds. */
  readonly reset: number
  readonly resource: 'core' | 'graphql'
}

/** Requests an hour: a job's token has fewer than a user's, the anonymous hardly any. */
export const requestLimit = (token: Pick<Token, 'kind'> | null): number =>
  token === null ? 60 : token.kind === 'job' ? 1000 : 5000

export interface RateLimiter {
  /** Counts one request and says where its token stands. */
  spend(tokenId: number, limit: number, resource: RateLimit['resource'], cost: number): RateLimit
}

const hourSeconds = 3600

export function createRateLimiter(now: () => number): RateLimiter {
  const windows = new Map<string, { used: number; reset: number }>()
  return {
    spend: (tokenId, limit, resource, cost) => {
      const seconds = Math.floor(now() / 1000)
      const key = `${resource} ${tokenId}`
      const current = windows.get(key)
      const window = current && current.reset > seconds ? current : { used: 0, reset: seconds + hourSeconds }
      window.used += cost
      windows.set(key, window)
      return { limit, used: window.used, remaining: Math.max(0, limit - window.used), reset: window.reset, resource }
    },
  }
}

export const rateLimitHeaders = (rate: RateLimit): Record<string, string> => ({
  'x-ratelimit-limit': String(rate.limit),
  'x-ratelimit-remaining': String(rate.remaining),
  'x-ratelimit-used': String(rate.used),
  'x-ratelimit-reset': String(rate.reset),
  'x-ratelimit-resource': rate.resource,
})
