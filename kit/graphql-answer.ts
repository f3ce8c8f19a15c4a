import { ApiError } from './errors.ts'
import { notPermitted, type Reading } from './github-answer.ts'
import { permissionFor } from './permissions.ts'
import { shortenEnd } from './report/shorten.ts'

/** GitHub's type for a branch that moved on; nothing was done. */
export const STALE_HEAD = 'STALE_DATA'

/** GraphQL said no: `types` are GitHub's (`NOT_FOUND`, …), and STALE_HEAD also where the text alone tells of it. */
export class GraphqlError extends ApiError {
  override name = 'GraphqlError'
  readonly types: readonly string[]

  constructor(message: string, route: string, types: readonly string[]) {
    super(message, { route, status: 200 })
    this.types = types
  }
}

interface Problem {
  readonly type?: string
  readonly message?: string
}

const STALE = /expected branch to point to|is at "?[0-9a-f]{4,64}"? but expected|pull and try again/i
/** `try again` stands in a stale head's text too, which is as stale at the next attempt: STALE goes first. */
const PASSING = /something went wrong|timed? ?out|temporar|try again/i

/** Reads the data that came with status 200. `route` is `query <name>` or `mutation <name>`. */
export function readGraphql(data: unknown, route: string): Reading {
  const { data: result, errors } = (data ?? {}) as { data?: unknown; errors?: readonly Problem[] }
  if (!Array.isArray(errors) || errors.length === 0) {
    if (typeof result === 'object' && result !== null) return { kind: 'data', data: result }
    return { kind: 'trouble', trouble: { kind: 'unclear', why: 'an answer without data' } }
  }
  const types = errors.flatMap((error: Problem) => (error.type === undefined ? [] : [error.type]))
  const said = shortenEnd(errors.map((error: Problem) => error.message ?? '').join('; '), 500)
  if (types.includes('RATE_LIMITED') || /secondary rate limit/i.test(said))
    return {
      kind: 'trouble',
      trouble: { kind: 'limited', why: 'GitHub limits how fast this token may call', waitMilliseconds: 60_000 },
    }
  if (types.includes('FORBIDDEN') || /not accessible by/i.test(said))
    return { kind: 'error', error: notPermitted(route, 403, permissionFor({ route, writes: false }), said) }
  if (STALE.test(said) && !types.includes(STALE_HEAD)) types.push(STALE_HEAD)
  if (types.length === 0 && PASSING.test(said)) return { kind: 'trouble', trouble: { kind: 'unclear', why: said } }
  return { kind: 'error', error: new GraphqlError(`GitHub refused ${route}: ${said}`, route, types) }
}
