/** What an action may ask of GitHub: ports of `kit/ports.ts`, which hands them on. */

import type { Place } from './ports.ts'

/** A comment that is written once and then updated in place. */
export interface StickyComment {
  readonly issueNumber: number
  /** `[a-z0-9-]+`: the action. */
  readonly action: string
  /** Tells comments of one action apart (environment, root); any text, encoded by the kit. */
  readonly key: string
  /**
   * The body for a limit, called with 262,144 bytes first and, after a 422, with 65,536 characters. It must fit, marker
   * room included: `budget.bytes` and `budget.characters` are what is left for the body itself. Several bodies are as many
   * comments that continue each other; those behind the last one, of a time when there were more, are deleted.
   */
  readonly body: (budget: Budget) => string | readonly string[]
  readonly mode: 'update' | 'recreate'
  /** Brings a comment that stands up to date and makes no new one (`absent`). False when left out. */
  readonly onlyUpdate?: boolean
}

export interface Budget {
  /** UTF-8 bytes. */
  readonly bytes: number
  /** Unicode code points; Infinity where only bytes count. */
  readonly characters: number
}

/** Of several the first. */
export interface WrittenComment {
  readonly url: string
  /** `outdated`: a newer run's comment stands, nothing was written. `absent`: there is none, as `onlyUpdate` asks. */
  readonly outcome: 'created' | 'updated' | 'unchanged' | 'outdated' | 'absent'
}

export interface Comments {
  /** Ends well only when all of the comment stands. */
  upsert(comment: StickyComment): Promise<WrittenComment>
}

/** An issue that is open while something is the matter. Its marker finds it again: one for each action and key. */
export interface StandingIssue {
  /** `[a-z0-9-]+`: the action. */
  readonly action: string
  /** Tells issues of one action apart (root, workspace); any text, encoded by the kit. */
  readonly key: string
  /** Set when it is opened, and what it is looked for by: an issue without it is no longer ours. */
  readonly label: string
  /** Cut to 256 characters by the adapter. */
  readonly title: string
  /** SHA-256 (hex) of what is the matter, made of text without secrets: an issue with the same one is left as it is. */
  readonly digest: string
  /** The body for a limit, marker room included: what `budget` says is left for the body itself. */
  readonly body: (budget: Budget) => string
}

export interface WrittenIssue {
  /** Empty when there is none. */
  readonly url: string
  /**
   * `dismissed`: a person closed it as not planned, and nothing has changed since. `outdated`: a newer run's issue stands,
   * nothing was written. `absent`: there is none, or it was closed before.
   */
  readonly outcome: 'opened' | 'updated' | 'reopened' | 'unchanged' | 'dismissed' | 'closed' | 'outdated' | 'absent'
}

export interface Issues {
  /** Says what is the matter: opens the issue, brings it up to date, or opens it again. */
  raise(issue: StandingIssue): Promise<WrittenIssue>
  /** Closes the issue: what was the matter is gone. `comment` says since when. */
  resolve(issue: Pick<StandingIssue, 'action' | 'key' | 'label'> & { readonly comment: string }): Promise<WrittenIssue>
}

export interface CommitStatus {
  readonly sha: string
  readonly context: string
  readonly state: 'error' | 'failure' | 'pending' | 'success'
  /** Cut to 140 characters by the adapter. */
  readonly description: string
  readonly targetUrl?: string
}

export interface Statuses {
  /** Idempotent by sha and context: writes nothing when the newest status says the same. */
  set(status: CommitStatus): Promise<void>
}

export interface CheckAnnotation extends Place {
  readonly level: 'notice' | 'warning' | 'failure'
  readonly message: string
}

export interface Check {
  readonly sha: string
  readonly name: string
  /** Finds the check again, within the sha and name. */
  readonly externalId: string
  readonly conclusion: 'success' | 'failure' | 'neutral' | 'cancelled' | 'action_required'
  readonly title: string
  /** Markdown, at most 65,535 characters; cut by the adapter on a safe boundary. */
  readonly summary: string
  /** Markdown below the summary, within 65,535 bytes; left as it is when left out. */
  readonly text?: string
  readonly annotations?: readonly CheckAnnotation[]
}

/** A check whose work goes on. */
export type CheckProgress = Pick<Check, 'sha' | 'name' | 'externalId' | 'title' | 'summary'>
/** A check that the app behind our token made: no person and no other app can have written it. */
export interface OwnCheck {
  readonly name: string
  readonly externalId: string
  readonly conclusion: string | undefined
  /** Empty when it has none. */
  readonly text: string
  readonly url: string
}

export interface Checks {
  /** Creates the check, or brings its title up to date while its work goes on. */
  progress(check: CheckProgress): Promise<void>
  /** Creates or completes the check; annotations go in batches of 50. */
  complete(check: Check): Promise<{ readonly url: string }>
  /** Checks on a commit by the app behind our token, of one name or of all, the newest first. */
  own(sha: string, name?: string): Promise<readonly OwnCheck[]>
}

export interface Deployment {
  readonly ref: string
  readonly environment: string
  readonly description: string
  /** Finds a deployment again after a lost answer. */
  readonly idempotencyKey: string
  /** What kind of deployment it is; `deploy` when left out. */
  readonly task?: string
  /** What was deployed, whatever the environment is called; `lastSuccess` finds it by this. */
  readonly subject?: string
  /** Status contexts that must be green first; none when left out (rule R20). */
  readonly requiredContexts?: readonly string[]
}

export interface Deployments {
  /** Full SHA of the newest deployment in `environment` whose commit begins with `abbreviated`. */
  deployedSha(environment: string, abbreviated: string): Promise<string | undefined>
  /**
   * The newest deployment of a task and subject that ever succeeded. Only those count that this token's own identity made:
   * others can be forged by whoever may write deployments.
   */
  lastSuccess(task: string, subject: string): Promise<{ readonly sha: string; readonly url: string } | undefined>
  create(deployment: Deployment): Promise<{ readonly id: number }>
  setStatus(
    id: number,
    state: 'in_progress' | 'success' | 'failure' | 'error' | 'inactive',
    details: {
      readonly description?: string
      /** Where to look at what happened. */
      readonly logUrl?: string
      /** Where what was deployed answers. */
      readonly environmentUrl?: string
    },
  ): Promise<void>
}

export interface Labels {
  add(issueNumber: number, label: string): Promise<void>
  remove(issueNumber: number, label: string): Promise<void>
}

/** The head of a branch, as a change may look at it. */
export interface BranchHead {
  readonly sha: string
  /**
   * Bytes of a file; `undefined` when it is not there. Throws ActionError for a link, a program or a submodule: a commit
   * through the API would make an ordinary file of it.
   */
  readBytes(path: string): Promise<Uint8Array | undefined>
}

export interface CommitChange {
  readonly headline: string
  readonly body?: string
  readonly additions: readonly { readonly path: string; readonly content: string | Uint8Array }[]
  readonly deletions?: readonly string[]
}

export interface CommitIntent {
  readonly branch: string
  /** Finds the commit again after a lost answer: unique to what is meant, kept as a trailer of the message. */
  readonly idempotencyKey: string
  /** What to do on this head; called again on a newer one when another writer was first. `undefined`: nothing to do. */
  readonly change: (head: BranchHead) => Promise<CommitChange | undefined>
}

export interface Commits {
  /**
   * One commit on the head of a branch, never forced. Throws ActionError when other writers were first for five minutes,
   * for a path outside of what a job may write, or when the change adds a secret.
   */
  commit(intent: CommitIntent): Promise<{ readonly sha: string; readonly outcome: 'created' | 'nothing' }>
}

export interface MergedPullRequest {
  readonly number: number
  readonly headSha: string
  readonly headRef: string
  readonly baseRef: string
  readonly mergeCommitSha: string
  readonly url: string
}

export interface WorkflowRunRef {
  readonly id: number
  readonly attempt: number
  readonly headSha: string
  readonly event: string
  readonly path: string
  readonly url: string
}

/** A workflow run at some moment of its life. */
export interface RunState {
  readonly id: number
  readonly number: number
  readonly headSha: string
  readonly ended: boolean
  readonly url: string
}

/** Facts about the repository, read through the API. */
export interface Repository {
  /** Merged pull requests whose merge commit is exactly `sha`. */
  mergedPullRequests(sha: string): Promise<readonly MergedPullRequest[]>
  /** Successful runs of a workflow (file name) on a head, newest first. */
  successfulRuns(workflowFile: string, headSha: string): Promise<readonly WorkflowRunRef[]>
  /** Runs of any workflow that were under way at `moment` (milliseconds since 1970), newest first, of the newest 500. */
  runsAt(moment: number): Promise<readonly RunState[]>
  /** Git tree of a commit. */
  treeOf(sha: string): Promise<string>
  /**
   * Names of files that `head` changed since it left `base`, both SHAs; of renamed ones both names. `undefined` when GitHub
   * does not list all of them.
   */
  changedFiles(base: string, head: string): Promise<readonly string[] | undefined>
  /** Where `head` is, seen from `base`: `behind` when it is an ancestor. */
  compare(base: string, head: string): Promise<'ahead' | 'behind' | 'identical' | 'diverged'>
  /** Whether jobs of an environment wait for a person to approve them; false also when there is no such environment. */
  hasRequiredReviewers(environment: string): Promise<boolean>
  /** Labels of an issue or pull request. */
  labels(issueNumber: number): Promise<readonly string[]>
  /** An ordinary file at a commit; `undefined` when it is not there. Throws ActionError for a link, a program or a submodule. */
  readFile(sha: string, path: string): Promise<Uint8Array | undefined>
  /** A folder at a commit; `undefined` when it is not there. */
  readFolder(sha: string, path: string): Promise<CommittedFolder | undefined>
}

export interface CommittedFolder {
  /** Git tree: the same for the same content. */
  readonly id: string
  /** Ordinary files in it and below, by path in it. Throws ActionError for more than 200, and for what is no ordinary file. */
  readFiles(): Promise<ReadonlyMap<string, Uint8Array>>
}

/** Who said something: an account, and the app that said it in its name. */
export interface Speaker {
  readonly login: string
  /** `User`, `Bot`, … */
  readonly type: string
  /** It was an app, whoever's name it bears. */
  readonly viaApp: boolean
}

export interface PullRequestComment {
  readonly issueNumber: number
  /** `undefined` when the account is gone. */
  readonly author: Speaker | undefined
  readonly body: string
  readonly isEdited: boolean
  readonly url: string
}

export interface PullRequestNow {
  readonly isOpen: boolean
  readonly headSha: string
  /** Login; `undefined` when the account is gone. */
  readonly author: string | undefined
  readonly url: string
}

/** A pull request and what people said on it, as the API has it now: an event is as old as its run. */
export interface PullRequests {
  read(number: number): Promise<PullRequestNow>
  /** The newest commits of a pull request, the newest first. GitHub tells 250 at most. */
  commits(number: number, most: number): Promise<readonly string[]>
  /**
   * Names of the files that a pull request changes; of renamed ones both names. `undefined` when GitHub does not list all of
   * them.
   */
  changedFiles(number: number): Promise<readonly string[] | undefined>
  comment(id: number): Promise<PullRequestComment>
  /** Who set a label that is there now; `undefined` when it is not there or nobody can be named. */
  labelledBy(number: number, label: string): Promise<Speaker | undefined>
  /** What an account may do here: `admin`, `write`, `read` or `none`. Maintain counts as write, triage as read. */
  permissionOf(login: string): Promise<string>
  react(commentId: number, reaction: '+1' | '-1'): Promise<void>
  /** Approvals that stand, the newest first. */
  approvals(number: number): Promise<readonly Approval[]>
  /** Takes an approval back, with the reason that its author is told. */
  dismissApproval(number: number, id: number, reason: string): Promise<void>
}

export interface Approval {
  readonly id: number
  readonly login: string
  /** What was approved. */
  readonly commitSha: string
}

export interface WorkflowRuns {
  /** Starts what failed in a run again, and what depends on it. Throws ApiError while the run goes on. */
  rerunFailed(runId: number): Promise<void>
}
