import { saveState } from '@actions/core'
import type { Environment, Exec, Log, Ports } from '../ports.ts'
import { createLiveScrubber } from '../scrub.ts'
import { VERSION } from '../version.ts'
import { systemClock } from './clock.ts'
import { systemFiles } from './files.ts'
import { githubApi } from './github-api.ts'
import { systemHttp } from './http.ts'
import { systemLoadGenerator } from './load-generator.ts'
import { githubIdentity } from './identity.ts'
import { systemLeftChildren } from './output-files.ts'
import { systemRandom } from './random.ts'
import { runContextOf } from './run-context.ts'
import { fileSummary } from './summary.ts'
import { systemTools } from './tools.ts'

export interface GitHubSettings {
  readonly log: Log
  readonly exec: Exec
  readonly environment: Environment
  readonly workspace: string
  readonly temporary: string
  /** Every secret registered so far; more may come while the action runs. */
  readonly secrets: ReadonlySet<string>
  readonly token: string
  readonly action: string
}

export function githubPorts(settings: GitHubSettings): Ports {
  const { log, exec, environment, temporary, token, action } = settings
  const [clock, random, run] = [systemClock, systemRandom, runContextOf(process.env)]
  const graphqlUrl = environment.get('GITHUB_GRAPHQL_URL')
  const scrub = createLiveScrubber(settings.secrets)
  return {
    ...githubApi({ token, run, graphqlUrl, log, clock, random, scrub, action, version: VERSION }),
    log,
    exec,
    leftChildren: systemLeftChildren,
    environment,
    clock,
    random,
    run,
    files: systemFiles({ workspace: settings.workspace, temporary, confined: true }),
    summary: fileSummary(environment.get('GITHUB_STEP_SUMMARY'), log),
    identity: githubIdentity(environment, log),
    http: systemHttp(`slipway/${VERSION} (${action})`),
    loadGenerator: systemLoadGenerator(`slipway/${VERSION} (${action})`),
    tools: systemTools({ exec, log, environment, temporary }),
    state: { save: saveState },
  }
}
