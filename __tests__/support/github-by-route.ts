import { githubApi, type GitHubPorts } from '../../kit/adapters/github-api.ts'
import type { HttpRequest } from '../../kit/adapters/github-transport.ts'
import type { HttpAnswer } from '../../kit/github-answer.ts'
import type { Log, RunContext } from '../../kit/ports.ts'
import { createScrubber } from '../../kit/scrub.ts'
import { steadyRandom, StillClock } from '../kit/adapters/github-rig.ts'

/** By method and path below the repository: `POST /check-runs`, and by the body where it matters. The first that fits answers. */
export type Routes = readonly (readonly [RegExp, unknown, RegExp?])[]

/** An answer of GitHub that is no data. */
export const refusal = (status: number, message: string, headers: Readonly<Record<string, string>> = {}) => ({
  status,
  headers,
  body: JSON.stringify({ message }),
})

const isAnswer = (given: unknown): given is Partial<HttpAnswer> =>
  typeof given === 'object' && given !== null && 'body' in given && 'headers' in given

/** A repository in which nothing was said yet, and where everything may be written. */
const QUIET: Routes = [
  [/^POST \/graphql$/, { data: { viewer: { login: 'github-actions[bot]' } } }],
  [/^GET .*\/check-runs/, { total_count: 0, check_runs: [] }],
  [/^GET \/git\/trees\//, { tree: [] }],
  [/^POST /, { id: 1, html_url: 'https://github.com/acme/shop/pull/42#written', output: { annotations_count: 0 } }],
  [/^GET /, []],
]

export interface GitHubByRoute {
  readonly ports: GitHubPorts
  /** What was sent, as `POST /check-runs`, with the body. */
  readonly sent: { readonly route: string; readonly body: string }[]
}

/** The ports of GitHub as they are in a run, over a server that answers each route in one way. */
export function githubByRoute(routes: Routes, run: RunContext, log: Log): GitHubByRoute {
  const sent: GitHubByRoute['sent'] = []
  const ports = githubApi({
    ...{ token: 'the-token', run, graphqlUrl: undefined, log, clock: new StillClock(), random: steadyRandom },
    ...{ scrub: createScrubber([]), action: 'test', version: '0.1.0' },
    transport: async ({ method, url, body }: HttpRequest) => {
      const path = url.slice(run.apiUrl.length).replace(`/repos/${run.repository}`, '')
      const route = `${method} ${path.replace(/\?.*/, '') || '/'}`
      sent.push({ route, body: body ?? '' })
      const found = [...routes, ...QUIET].find(
        ([pattern, , content]) => pattern.test(route) && (content?.test(body ?? '') ?? true),
      )?.[1]
      if (found === undefined) throw new Error(`the test gives no answer to ${route}`)
      const answer = isAnswer(found) ? found : { body: JSON.stringify(found) }
      return { status: 200, headers: {}, body: '', ...answer }
    },
  })
  return { ports, sent }
}
