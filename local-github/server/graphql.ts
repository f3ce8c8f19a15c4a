import type { IncomingMessage } from 'node:http'
import type { Violation } from '../model.ts'
import type { Core } from './core.ts'
import type { RateLimiter } from './rate-limit.ts'
import { json } from './reply.ts'
import type { RestCall } from './rest.ts'

export function createGraphql(
  _core: Core,
  _rateLimiter: RateLimiter,
  _report: (violation: Omit<Violation, 'at'>) => void,
): (request: IncomingMessage) => RestCall {
  return () => ({ route: 'POST /graphql', answer: () => Promise.resolve(json(501, { message: 'not yet' })) })
}
