import { githubApi, type GitHubApiSettings, type GitHubPorts } from '../../../kit/adapters/github-api.ts'
import { createScrubber } from '../../../kit/scrub.ts'
import type { RunContext } from '../../../kit/ports.ts'
import type { NewToken } from '../../../local-github/local-github.ts'
import { openScene, owner, repo, type Scene } from '../../local-github/server/scene.ts'
import { FakeLog } from '../../support/fakes.ts'
import { StillClock, steadyRandom } from './github-rig.ts'

export { owner, pushBranch, repo } from '../../local-github/server/scene.ts'

export const ALL = {
  contents: 'write',
  issues: 'write',
  'pull-requests': 'write',
  statuses: 'write',
  checks: 'write',
  deployments: 'write',
  actions: 'read',
} as const

export interface Job {
  readonly api: GitHubPorts
  readonly log: FakeLog
  readonly clock: StillClock
}

export interface ApiScene extends Scene {
  /** Our adapters as a job's step has them. */
  job(run?: Partial<RunContext>, more?: JobOptions): Job
  run(): RunContext
  routes(): string[]
}

export interface JobOptions {
  readonly permissions?: NewToken['permissions']
  readonly secrets?: readonly string[]
  readonly settings?: Partial<GitHubApiSettings>
}

export async function openApiScene(options: Parameters<typeof openScene>[0] = {}): Promise<ApiScene> {
  const scene = await openScene(options)
  const { github, repository } = scene
  return {
    ...scene,
    run: () => context(github.apiUrl, github.url),
    routes: () => github.exchanges.map(({ route }) => route),
    job(run = {}, { permissions = ALL, secrets = [], settings = {} } = {}) {
      const token = github.mintToken({
        login: 'github-actions[bot]',
        kind: 'job',
        repositoryId: repository.id,
        permissions,
      })
      const log = new FakeLog()
      const clock = new StillClock()
      const api = githubApi({
        token,
        run: { ...context(github.apiUrl, github.url), ...run },
        graphqlUrl: undefined,
        log,
        clock,
        random: steadyRandom,
        scrub: createScrubber([token, ...secrets]),
        action: 'terraform-plan',
        version: '0.1.0',
        timeoutMilliseconds: 10_000,
        ...settings,
      })
      return { api, log, clock }
    },
  }
}

function context(apiUrl: string, serverUrl: string): RunContext {
  return {
    repository: `${owner}/${repo}`,
    repositoryId: undefined,
    sha: '',
    ref: 'refs/heads/main',
    eventName: 'pull_request',
    runId: 50,
    runNumber: 5,
    runAttempt: 1,
    job: 'plan',
    workflow: 'plan',
    actor: 'alice',
    serverUrl,
    apiUrl,
    runUrl: '',
    hostName: 'runner-1',
    hostIsOurs: true,
    pullRequest: undefined,
  }
}
