import { saveState } from '@actions/core'
import type { Environment, Exec, Log, Ports } from '../ports.ts'
import { createLiveScrubber } from '../scrub.ts'
import { VERSION } from '../version.ts'
import { systemClock } from './clock.ts'
import { systemFiles } from './files.ts'
import { githubApi } from './github-api.ts'
import { systemHttp } from './http.ts'
import { githubIdentity } from './identity.ts'
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
  readonly inputs: Readonly<Record<string, unknown>>
  readonly action: string
}

export function githubPorts(settings: GitHubSettings): Ports {
  const { log, exec, environment } = settings
  const run = runContextOf(process.env)
  const token = settings.inputs['github-token']
  return {
    ...githubApi({
      token: typeof token === 'string' ? token : '',
      run,
      graphqlUrl: environment.get('GITHUB_GRAPHQL_URL'),
      log,
      clock: systemClock,
      random: systemRandom,
      scrub: createLiveScrubber(settings.secrets),
      action: settings.action,
      version: VERSION,
    }),
    log,
    exec,
    environment,
    clock: systemClock,
    random: systemRandom,
    files: systemFiles({ workspace: settings.workspace, temporary: settings.temporary, confined: true }),
    run,
    summary: fileSummary(environment.get('GITHUB_STEP_SUMMARY'), log),
    identity: githubIdentity(environment, log),
    http: systemHttp(`slipway (${settings.action})`),
    state: { save: saveState },
    tools: systemTools({ exec, log, environment, temporary: settings.temporary }),
  }
}
