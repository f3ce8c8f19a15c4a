import { existsSync, readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import type { PullRequestRef, RunContext } from '../ports.ts'
import type { Variables } from './environment.ts'

/** Reads what started this run from the runner's variables and the event's file. */
export function runContextOf(variables: Variables): RunContext {
  const value = (name: string, otherwise: string) => variables[name] || otherwise
  const number = (name: string) => Number(variables[name] || '0')
  const repository = value('GITHUB_REPOSITORY', '')
  const serverUrl = value('GITHUB_SERVER_URL', 'https://github.com')
  const runId = number('GITHUB_RUN_ID')
  const runAttempt = Math.max(1, number('GITHUB_RUN_ATTEMPT'))
  const id = number('GITHUB_REPOSITORY_ID')
  return {
    repository,
    repositoryId: id > 0 ? id : undefined,
    sha: value('GITHUB_SHA', ''),
    ref: value('GITHUB_REF', ''),
    eventName: value('GITHUB_EVENT_NAME', ''),
    runId,
    runNumber: number('GITHUB_RUN_NUMBER'),
    runAttempt,
    job: value('GITHUB_JOB', ''),
    workflow: value('GITHUB_WORKFLOW', ''),
    actor: value('GITHUB_ACTOR', ''),
    serverUrl,
    apiUrl: value('GITHUB_API_URL', 'https://api.github.com'),
    runUrl: runId > 0 ? `${serverUrl}/${repository}/actions/runs/${runId}/attempts/${runAttempt}` : '',
    hostName: hostname(),
    hostIsOurs: variables['RUNNER_ENVIRONMENT'] === 'github-hosted',
    pullRequest: pullRequestOf(readEvent(variables['GITHUB_EVENT_PATH'])),
  }
}

function readEvent(path: string | undefined): unknown {
  if (!path || !existsSync(path)) return {}
  return JSON.parse(readFileSync(path, 'utf8')) as unknown
}

/** The pull request of an event's payload; `undefined` when the event has none, or names one without its commits. */
export function pullRequestOf(event: unknown): PullRequestRef | undefined {
  const pull = part(event, 'pull_request')
  const head = part(pull, 'head')
  const base = part(pull, 'base')
  const number = part(pull, 'number')
  const [headSha, baseSha, headRef, baseRef] = [
    part(head, 'sha'),
    part(base, 'sha'),
    part(head, 'ref'),
    part(base, 'ref'),
  ]
  if (typeof number !== 'number' || typeof headSha !== 'string' || typeof baseSha !== 'string') return undefined
  if (typeof headRef !== 'string' || typeof baseRef !== 'string') return undefined
  const headRepository = part(part(head, 'repo'), 'id')
  // A head whose repository is gone has no id: it was a fork.
  const fork = headRepository === undefined || headRepository !== part(part(base, 'repo'), 'id')
  const before = part(event, 'before')
  const previous = typeof before === 'string' ? { previousHeadSha: before } : {}
  return { number, headSha, baseSha, headRef, baseRef, fork, ...previous }
}

function part(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined
}
