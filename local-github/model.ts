/**
 * What the local GitHub knows. The server keeps these records and turns them into GitHub's REST and GraphQL shapes, the
 * runner adds runs and jobs, the pages show all of it. Times are ISO 8601 in UTC with seconds, as GitHub's.
 */
export type Time = string

/** `id` is unique in the whole server, so that ids of two kinds are never mistaken for each other by chance. */
export interface Entity {
  readonly id: number
}

export interface Account extends Entity {
  readonly login: string
  readonly type: 'User' | 'Bot' | 'Organization'
  /** For a bot: the app's slug (`github-actions` for job tokens). */
  readonly appSlug?: string
  readonly name?: string
  readonly email?: string
}

export type RepositoryRole = 'read' | 'triage' | 'write' | 'maintain' | 'admin'

export interface Repository extends Entity {
  /** `owner/name`. */
  fullName: string
  ownerId: number
  name: string
  description: string
  private: boolean
  defaultBranch: string
  /** Repository this one is a fork of. */
  forkOf?: number
  createdAt: Time
  pushedAt: Time
  /** Login → role; the owner is admin. */
  readonly collaborators: Record<string, RepositoryRole>
  allowMergeCommit: boolean
  allowSquashMerge: boolean
  allowRebaseMerge: boolean
  deleteBranchOnMerge: boolean
  /** Turned off: issues cannot be opened or changed. On when left out. */
  hasIssues?: boolean
  /** Which other repositories' reusable workflows and actions it shares: any local repository may use it when true. */
  readonly actionsShared: boolean
}

/** GitHub's issue and pull request numbers are one sequence a repository. */
export interface Issue extends Entity {
  readonly repositoryId: number
  readonly number: number
  title: string
  body: string | null
  state: 'open' | 'closed'
  stateReason: 'completed' | 'not_planned' | 'duplicate' | 'reopened' | null
  readonly authorId: number
  labels: string[]
  assignees: string[]
  locked: boolean
  readonly createdAt: Time
  updatedAt: Time
  closedAt: Time | null
  /** Set for a pull request. */
  pullRequest?: PullRequestPart
}

export interface PullRequestPart {
  /** Repository of the head: another one for a fork. */
  readonly headRepositoryId: number
  readonly headRef: string
  headSha: string
  readonly baseRef: string
  baseSha: string
  draft: boolean
  /** Commit of `refs/pull/N/merge`; null on conflict. */
  mergeable: boolean | null
  testMergeSha: string | null
  merged: boolean
  mergedAt: Time | null
  mergedById: number | null
  mergeMethod: 'merge' | 'squash' | 'rebase' | null
  mergeCommitSha: string | null
  /** While the base branch is moved: what a server that is killed in between finds when it starts again. */
  merging?: { readonly sha: string; readonly byId: number; readonly method: 'merge' | 'squash' | 'rebase' } | null
  requestedReviewers: string[]
}

export interface Label extends Entity {
  readonly repositoryId: number
  name: string
  color: string
  description: string | null
}

export interface Comment extends Entity {
  readonly repositoryId: number
  readonly issueNumber: number
  readonly authorId: number
  /** Slug of the app whose token wrote it. */
  readonly viaApp: string | null
  body: string
  /** Why it is folded away (`outdated`, `resolved`, …); unset: it is not. */
  minimizedReason?: string | null
  readonly createdAt: Time
  updatedAt: Time
}

/** Of an account to a comment; one of a kind each. */
export interface Reaction extends Entity {
  readonly commentId: number
  readonly accountId: number
  /** `+1`, `-1`, `eyes`, … */
  readonly content: string
  readonly createdAt: Time
}

export interface Review extends Entity {
  readonly repositoryId: number
  readonly issueNumber: number
  readonly authorId: number
  body: string
  state: 'APPROVED' | 'CHANGES_REQUESTED' | 'COMMENTED' | 'DISMISSED' | 'PENDING'
  readonly commitSha: string
  submittedAt: Time
}

/** A comment on a line or a file of a pull request's changes. */
export interface ReviewComment extends Entity {
  readonly repositoryId: number
  readonly issueNumber: number
  readonly reviewId: number
  readonly authorId: number
  body: string
  readonly path: string
  /** The commit whose changes it is about. */
  readonly commitSha: string
  /** Null on the file as a whole. */
  readonly line: number | null
  readonly side: 'LEFT' | 'RIGHT'
  /** The first line, where it is about several. */
  readonly startLine: number | null
  readonly startSide: 'LEFT' | 'RIGHT' | null
  /** The hunk as far as the line; empty on a file. */
  readonly diffHunk: string
  /** Lines below the first `@@` of the file's patch, which older callers count. */
  readonly position: number | null
  /** The first comment of its thread. */
  readonly inReplyToId: number | null
  readonly createdAt: Time
  updatedAt: Time
}

/** What a pull request's conversation shows between its comments. */
export interface TimelineEntry extends Entity {
  readonly repositoryId: number
  readonly issueNumber: number
  readonly kind: 'committed' | 'head_ref_force_pushed' | 'labeled' | 'unlabeled' | 'merged' | 'closed' | 'reopened'
  readonly actorId: number
  readonly at: Time
  /** Commits, label name, merge commit: what the kind needs. */
  readonly detail: string
}

export interface CommitStatus extends Entity {
  readonly repositoryId: number
  readonly sha: string
  readonly context: string
  readonly state: 'error' | 'failure' | 'pending' | 'success'
  readonly description: string | null
  readonly targetUrl: string | null
  readonly creatorId: number
  readonly createdAt: Time
}

export type Conclusion =
  | 'success'
  | 'failure'
  | 'neutral'
  | 'cancelled'
  | 'skipped'
  | 'timed_out'
  | 'action_required'
  | 'startup_failure'
  | 'stale'

export interface Annotation {
  path: string
  start_line: number
  end_line: number
  start_column: number | null
  end_column: number | null
  annotation_level: 'notice' | 'warning' | 'failure'
  message: string
  title: string | null
  raw_details: string | null
}

export interface CheckSuite extends Entity {
  readonly repositoryId: number
  readonly headSha: string
  readonly headBranch: string | null
  readonly appSlug: string
  readonly createdAt: Time
}

export interface CheckRun extends Entity {
  readonly repositoryId: number
  readonly suiteId: number
  readonly headSha: string
  name: string
  externalId: string | null
  detailsUrl: string | null
  status: 'queued' | 'in_progress' | 'completed' | 'waiting' | 'pending'
  conclusion: Conclusion | null
  startedAt: Time
  completedAt: Time | null
  title: string | null
  summary: string | null
  text: string | null
  annotations: Annotation[]
  /** The runner's job that it stands for. */
  jobId?: number
}

export interface Deployment extends Entity {
  readonly repositoryId: number
  readonly sha: string
  readonly ref: string
  readonly task: string
  readonly environment: string
  readonly description: string | null
  readonly payload: unknown
  readonly creatorId: number
  readonly createdAt: Time
  updatedAt: Time
}

export interface DeploymentStatus extends Entity {
  readonly repositoryId: number
  readonly deploymentId: number
  readonly state: 'error' | 'failure' | 'inactive' | 'in_progress' | 'queued' | 'pending' | 'success' | 'waiting'
  readonly description: string
  readonly environmentUrl: string
  readonly logUrl: string
  readonly creatorId: number
  readonly createdAt: Time
}

export interface Environment extends Entity {
  readonly repositoryId: number
  readonly name: string
  /** Logins; one approval suffices. */
  reviewers: string[]
  preventSelfReview: boolean
  /** Minutes. */
  waitTimer: number
  /** Branch name patterns; null: every branch. */
  branchPolicies: string[] | null
  readonly createdAt: Time
  updatedAt: Time
}

export interface BranchRule extends Entity {
  readonly repositoryId: number
  /** fnmatch over branch names. */
  readonly pattern: string
  requiredApprovals: number
  dismissStaleReviews: boolean
  requiredChecks: string[]
  requireUpToDate: boolean
  allowForcePush: boolean
  allowDeletion: boolean
  enforceAdmins: boolean
}

export interface Release extends Entity {
  readonly repositoryId: number
  tagName: string
  targetCommitish: string
  name: string | null
  body: string | null
  draft: boolean
  prerelease: boolean
  immutable: boolean
  readonly authorId: number
  readonly createdAt: Time
  publishedAt: Time | null
}

export interface ReleaseAsset extends Entity {
  readonly repositoryId: number
  readonly releaseId: number
  name: string
  label: string | null
  readonly contentType: string
  readonly size: number
  /** `sha256:…` */
  readonly digest: string
  downloads: number
  readonly uploaderId: number
  readonly createdAt: Time
  updatedAt: Time
  /** File in the state folder. */
  readonly file: string
}

/** Kept by the server, given to the runner only. Never served by an API. */
export interface Secret extends Entity {
  readonly repositoryId: number
  /** Empty: of the repository; else of this environment. */
  readonly environment: string
  readonly name: string
  value: string
}

export interface Variable extends Entity {
  readonly repositoryId: number
  readonly environment: string
  readonly name: string
  value: string
}

export interface WorkflowFile extends Entity {
  readonly repositoryId: number
  /** `.github/workflows/x.yml`. */
  readonly path: string
  name: string
  state: 'active' | 'disabled_manually'
  readonly createdAt: Time
}

export type RunStatus = 'queued' | 'in_progress' | 'completed' | 'waiting' | 'pending' | 'requested'

export interface WorkflowRun extends Entity {
  readonly repositoryId: number
  readonly workflowId: number
  readonly path: string
  /** `name:` of the workflow, else its path. */
  readonly name: string
  /** `run-name:` when there is one. */
  displayTitle: string
  readonly runNumber: number
  attempt: number
  readonly event: string
  readonly headBranch: string
  readonly headSha: string
  readonly headRepositoryId: number
  readonly actorId: number
  triggeringActorId: number
  readonly pullRequestNumbers: number[]
  status: RunStatus
  conclusion: Conclusion | null
  readonly createdAt: Time
  startedAt: Time
  updatedAt: Time
  checkSuiteId: number
  /** Why it never started: the parser's or the engine's words. */
  startupError?: string
  /** The event's payload, as `github.event`. */
  readonly payload: Record<string, unknown>
  /** Reusable workflows that it used. */
  referencedWorkflows: { path: string; sha: string; ref?: string }[]
}

export interface Job extends Entity {
  readonly repositoryId: number
  readonly runId: number
  readonly attempt: number
  /** Key path in the workflow: `plan`, `plan / cost`, with the matrix in brackets as on GitHub. */
  name: string
  status: RunStatus
  conclusion: Conclusion | null
  createdAt: Time
  startedAt: Time | null
  completedAt: Time | null
  /** Names, in order; each is a job's key path. */
  needs: string[]
  labels: string[]
  runnerName: string
  environment: string | null
  environmentUrl: string | null
  steps: Step[]
  checkRunId: number
  /** Scopes of the token it got. */
  permissions: Record<string, 'read' | 'write' | 'none'>
  /** Concurrency group that it waits in or holds. */
  concurrencyGroup: string | null
  /** Log-command annotations of all steps, at most 10 of a kind a step. */
  annotations: Annotation[]
  /** Step summaries, in order, already masked. */
  summaries: { step: string; markdown: string }[]
}

export interface Step {
  number: number
  name: string
  status: 'queued' | 'in_progress' | 'completed'
  /** What it ended with before `continue-on-error`. */
  outcome: Conclusion | null
  conclusion: Conclusion | null
  startedAt: Time | null
  completedAt: Time | null
  /**
   * Where a stand-in or a missing tool took the place of the real thing: shown on the page, in words. The runner sets it
   * for stand-ins of GitHub's own actions; a step sets it by the log line `::slipway-stand-in::<words>`.
   */
  standIn?: string
}

export interface Artifact extends Entity {
  readonly repositoryId: number
  readonly runId: number
  readonly attempt: number
  readonly name: string
  /** Of the zip, in bytes. */
  readonly size: number
  /** `sha256:…` of the zip. */
  readonly digest: string
  expired: boolean
  readonly createdAt: Time
  readonly expiresAt: Time
  /** File in the state folder. */
  readonly file: string
}

/** A job that waits for a reviewer, or the record of a review that was given. */
export interface PendingDeployment extends Entity {
  readonly repositoryId: number
  readonly runId: number
  readonly jobId: number
  readonly environment: string
  readonly reviewers: string[]
  state: 'waiting' | 'approved' | 'rejected'
  reviewedBy?: string
  comment?: string
  readonly createdAt: Time
}

export interface Token extends Entity {
  /** SHA-256 of the token; the token itself is never on disk. */
  readonly hash: string
  readonly accountId: number
  readonly kind: 'user' | 'job' | 'app'
  /** For job and app tokens: the only repository that it reaches. */
  readonly repositoryId?: number
  /** Fine-grained scopes (`issues: write`); a user token without any reaches what its user may. */
  readonly permissions?: Record<string, 'read' | 'write' | 'none'>
  readonly runId?: number
  readonly jobId?: number
  readonly expiresAt: Time | null
}

export interface Records {
  accounts: Account
  repositories: Repository
  issues: Issue
  labels: Label
  comments: Comment
  reactions: Reaction
  reviews: Review
  reviewComments: ReviewComment
  timeline: TimelineEntry
  statuses: CommitStatus
  checkSuites: CheckSuite
  checkRuns: CheckRun
  deployments: Deployment
  deploymentStatuses: DeploymentStatus
  environments: Environment
  branchRules: BranchRule
  releases: Release
  releaseAssets: ReleaseAsset
  secrets: Secret
  variables: Variable
  workflows: WorkflowFile
  runs: WorkflowRun
  jobs: Job
  artifacts: Artifact
  pendingDeployments: PendingDeployment
  tokens: Token
}

/** All of one kind. Kept in memory in the order of their ids, and on disk before the call returns. */
export interface Collection<T extends Entity> {
  insert(record: Omit<T, 'id'>): T
  get(id: number): T | undefined
  /** Throws when there is none. The record in memory is replaced, never changed in place. */
  update(id: number, change: Partial<Omit<T, 'id'>>): T
  delete(id: number): void
  filter(matches: (record: T) => boolean): T[]
  find(matches: (record: T) => boolean): T | undefined
}

export type Store = { readonly [K in keyof Records]: Collection<Records[K]> }
