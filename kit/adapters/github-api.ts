import { InputError } from '../errors.ts'
import type { Clock, Log, Ports, Random, RunContext } from '../ports.ts'
import type { Scrub } from '../scrub.ts'
import { githubChecks } from './github-checks.ts'
import { createGitHubClient, type GitHubClient } from './github-client.ts'
import { githubComments, type Place } from './github-comments.ts'
import { githubCommits } from './github-commits.ts'
import { githubDeployments } from './github-deployments.ts'
import { githubIssues } from './github-issues.ts'
import { githubLabels } from './github-labels.ts'
import { githubPullRequests } from './github-pull-requests.ts'
import { githubRepository } from './github-repository.ts'
import { githubStatuses } from './github-statuses.ts'
import { tokenIdentity } from './github-token-identity.ts'
import type { Transport } from './github-transport.ts'
import { githubWorkflowRuns } from './github-workflow-runs.ts'

export interface GitHubApiSettings {
  readonly token: string
  readonly run: RunContext
  /** `GITHUB_GRAPHQL_URL`; made from the API's URL when it is not set. */
  readonly graphqlUrl: string | undefined
  readonly log: Log
  readonly clock: Clock
  readonly random: Random
  readonly scrub: Scrub
  readonly action: string
  readonly version: string
  readonly transport?: Transport
  readonly timeoutMilliseconds?: number
}

export type GitHubPorts = Pick<
  Ports,
  | 'comments'
  | 'issues'
  | 'statuses'
  | 'checks'
  | 'deployments'
  | 'labels'
  | 'commits'
  | 'repository'
  | 'pullRequests'
  | 'workflowRuns'
>

/** The ports that talk to GitHub's API. Nothing is sent before one of them is used. */
export function githubApi(settings: GitHubApiSettings): GitHubPorts {
  const { run, log, clock, random } = settings
  const clientOf = (writes: boolean) =>
    requireToken(
      settings.token,
      createGitHubClient({
        ...settings,
        writes,
        apiUrl: run.apiUrl.replace(/\/+$/, ''),
        graphqlUrl: settings.graphqlUrl ?? graphqlUrlOf(run.apiUrl),
        userAgent: `slipway/${settings.version} (${settings.action})`,
      }),
    )
  const [reader, writer] = [clientOf(false), clientOf(true)]
  const [owner = '', repo = ''] = run.repository.split('/')
  const place: Place = { owner, repo }
  const identity = tokenIdentity(reader)
  return {
    comments: githubComments(writer, place, identity, run, log),
    issues: githubIssues(writer, place, identity, run, log),
    statuses: githubStatuses(writer, place),
    checks: githubChecks(writer, place, identity),
    deployments: githubDeployments(writer, place, identity),
    labels: githubLabels(writer, place),
    commits: githubCommits(writer, place, { clock, random }),
    repository: githubRepository(reader, place),
    pullRequests: githubPullRequests(reader, writer, place),
    workflowRuns: githubWorkflowRuns(writer, place),
  }
}

/** GHES serves REST at `/api/v3` and GraphQL at `/api/graphql`. */
export function graphqlUrlOf(apiUrl: string): string {
  const base = apiUrl.replace(/\/+$/, '')
  return base.endsWith('/api/v3') ? `${base.slice(0, -'/v3'.length)}/graphql` : `${base}/graphql`
}

function requireToken(token: string, client: GitHubClient): GitHubClient {
  if (token !== '') return client
  const refuse = () => {
    throw new InputError([
      {
        input: 'github-token',
        problem: 'it is empty, and GitHub is to be asked',
        fix: 'Give it ${{ github.token }}, which is its default',
      },
    ])
  }
  return {
    scrub: client.scrub,
    request: async () => refuse(),
    pages: () => refuse(),
    createOnce: async () => refuse(),
    updateOnce: async () => refuse(),
    query: async () => refuse(),
    mutateOnce: async () => refuse(),
  }
}
