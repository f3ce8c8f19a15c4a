import { saveState } from '@actions/core'
import { ActionError } from '../errors.ts'
import type { Environment, Exec, Log, Ports } from '../ports.ts'
import { systemClock } from './clock.ts'
import { systemFiles } from './files.ts'
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
  const none = () => Promise.reject(new ActionError('this part of the GitHub host is not connected'))
  return {
    log,
    exec,
    environment,
    clock: systemClock,
    random: systemRandom,
    files: systemFiles({ workspace: settings.workspace, temporary: settings.temporary, confined: true }),
    run: runContextOf(process.env),
    summary: fileSummary(environment.get('GITHUB_STEP_SUMMARY'), log),
    identity: githubIdentity(environment, log),
    http: systemHttp(`slipway (${settings.action})`),
    state: { save: saveState },
    tools: systemTools({ exec, log, environment, temporary: settings.temporary }),
    comments: { upsert: none },
    statuses: { set: none },
    checks: { complete: none },
    deployments: { create: none, setStatus: none },
    labels: { add: none, remove: none },
    repository: { mergedPullRequests: none, successfulRuns: none, treeOf: none, labels: none },
  }
}
