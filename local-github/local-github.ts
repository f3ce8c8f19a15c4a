/** The running server: what the runner, the pages, the demo and the tests hold of it, and what it tells them. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Time, Account, Repository, Token, Store } from './model.ts'

/** Something that GitHub would send as a webhook, and that may start workflows. */
export interface RepositoryEvent {
  readonly repositoryId: number
  /** `push`, `pull_request`, `issue_comment`, `workflow_dispatch`, … */
  readonly name: string
  /** `opened`, `synchronize`, `closed`, `created`, …; empty where the event has none. */
  readonly action: string
  /** The webhook's payload: `github.event`. */
  readonly payload: Record<string, unknown>
  /** `refs/heads/x`, `refs/pull/N/merge`: `github.ref`. */
  readonly ref: string
  /** `github.sha`: for a pull request the test merge commit. */
  readonly sha: string
  readonly actorId: number
  /** Made with a job's token: starts no workflow, but for `workflow_dispatch` and `repository_dispatch`. */
  readonly byJobToken: boolean
}

/** What the API asks of the runner. */
export type RunnerRequest =
  | { readonly kind: 'cancel'; readonly runId: number; readonly force: boolean }
  | { readonly kind: 'rerun'; readonly runId: number; readonly failedOnly: boolean; readonly actorId: number }
  | { readonly kind: 'reviewed'; readonly pendingDeploymentId: number }

export interface NewToken {
  readonly login: string
  readonly kind: Token['kind']
  readonly repositoryId?: number
  readonly permissions?: Record<string, 'read' | 'write' | 'none'>
  readonly runId?: number
  readonly jobId?: number
  readonly expiresInSeconds?: number
}

/** The running server, as the runner, the pages, the demo and the tests hold it. */
export interface LocalGitHub {
  /** `http://127.0.0.1:<port>`: pages, and `<url>/<owner>/<name>.git` for git. */
  readonly url: string
  /** `<url>/api/v3`, as on GHES. */
  readonly apiUrl: string
  /** `<url>/api/graphql`. */
  readonly graphqlUrl: string
  readonly stateFolder: string
  readonly store: Store
  /** The server's clock, in milliseconds; injected by tests. */
  now(): number
  /** Folder of the bare repository. */
  gitFolder(repositoryId: number): string
  createAccount(account: Omit<Account, 'id'>): Account
  /** Makes the bare repository too. */
  createRepository(repository: {
    fullName: string
    private?: boolean
    defaultBranch?: string
    description?: string
    actionsShared?: boolean
  }): Repository
  /** The token in clear; only its hash is kept. `ghs_…` for jobs, `ghp_…` for users. */
  mintToken(token: NewToken): string
  /** Subscribes; returns the way out. Called after the write is on disk. */
  onEvent(listener: (event: RepositoryEvent) => void): () => void
  onRequest(listener: (request: RunnerRequest) => void): () => void
  /** Anything changed: pages update. */
  onChange(listener: () => void): () => void
  /** Says that records were changed from outside the API (the runner does). */
  changed(): void
  /** A part of the site that is not GitHub's API: `/_actions/`, `/_pages/`. No description validates it. */
  serve(prefix: string, handler: (request: IncomingMessage, response: ServerResponse) => void): void
  /** Violations of GitHub's description so far: requests and answers. Tests assert that there are none. */
  readonly violations: readonly Violation[]
  /** Faults by script, for tests of clients. */
  readonly faults: Faults
  /** The last requests of the API and of git, oldest first. Tests of request budgets count them. */
  readonly exchanges: readonly Exchange[]
  close(): Promise<void>
}

export interface Exchange {
  /** `GET /repos/{owner}/{repo}/issues`, `POST /graphql`, `git-receive-pack`. */
  readonly route: string
  readonly path: string
  readonly status: number
  readonly at: Time
}

/**
 * What goes wrong. `…-before`: nothing was done; `…-after`: the server did the work and the answer is lost. `slow-body`:
 * half of the answer, then nothing for `seconds`. `clock-skew`: only the Date header is wrong, by `seconds`. All of them
 * strike git too, but for `truncated-json`, which is refused for it and passes it by under `*`.
 */
export type FaultKind =
  | 'too-many-requests'
  | 'secondary-limit'
  | 'primary-limit'
  | 'bad-gateway-before'
  | 'bad-gateway-after'
  | 'reset-before'
  | 'reset-after'
  | 'slow-body'
  | 'truncated-json'
  | 'clock-skew'

export interface Fault {
  readonly kind: FaultKind
  /** A route as in `Exchange.route`, or `*`. */
  readonly match: string
  /** Which matching request is the first to fail, counted from 1 when the fault is added. Default 1. */
  readonly nth?: number
  /** How many in a row. Default 1. */
  readonly times?: number
  /** `retry-after` of the two limits; unset: no such header. */
  readonly retryAfterSeconds?: number
  /** Of `primary-limit`: when `x-ratelimit-reset` is. Default 60. */
  readonly resetInSeconds?: number
  /** Of `slow-body` (default 60) and `clock-skew` (default 300). */
  readonly seconds?: number
  /** Of the bad gateways: 502 (default), 503 or 504. */
  readonly status?: 502 | 503 | 504
}

export interface Faults {
  add(fault: Fault): void
  clear(): void
  /** Faults that have struck so far. */
  readonly struck: readonly { readonly kind: FaultKind; readonly route: string }[]
}

export interface Violation {
  readonly route: string
  readonly side: 'request' | 'response'
  readonly problem: string
  readonly at: Time
}
