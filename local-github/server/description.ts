/** GitHub's description of its API, as far as the local GitHub speaks it. */
import type { Reply } from './reply.ts'

export interface RequestProblem {
  readonly text: string
  /** GitHub itself refuses it by 422; otherwise it would let it pass. */
  readonly refused: boolean
}

export interface Description {
  /** `METHOD /path/{template}` of every operation. */
  readonly routes: readonly string[]
  checkRequest(route: string, query: URLSearchParams, body: unknown): RequestProblem[]
  checkResponse(route: string, reply: Reply): string[]
}

export function openDescription(): Description {
  return { routes: [], checkRequest: () => [], checkResponse: () => [] }
}
