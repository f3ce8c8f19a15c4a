import { GateError, InputError } from '#kit/errors'
import type { Ports, PullRequestNow, Speaker } from '#kit/ports'
import { requestOf, requestOfLabel } from '#kit/terraform/acknowledgement'
import type { Inputs } from './inputs.ts'

/** Somebody's word for a digest, as the API has it now. */
export interface Request {
  /** The digest's first digits, 16 or more. */
  readonly digits: string
  readonly by: Speaker
  /** Where it was said: the comment's address, or the label. */
  readonly source: string
}

/**
 * Reads the request again: an event can be older than what it tells of. `undefined` when nothing is asked for.
 * @throws GateError when it is no request that can be taken
 */
export async function readRequest(inputs: Inputs, ports: Pick<Ports, 'pullRequests'>): Promise<Request | undefined> {
  const pullRequest = needPullRequest(inputs)
  if (inputs['comment-id'] !== undefined) return readComment(inputs['comment-id'], pullRequest, ports)
  if (inputs.label !== '') return readLabel(inputs.label, pullRequest, ports)
  throw noRequest()
}

/** @throws InputError when the event is of no pull request */
export function needPullRequest(inputs: Inputs): number {
  if (inputs['pull-request'] === undefined) throw noRequest()
  return inputs['pull-request']
}

function noRequest(): InputError {
  return new InputError([
    {
      input: 'pull-request',
      problem: 'there is no request: a pull request and a comment or label on it must be named',
      fix: 'Run this on "issue_comment" or on "pull_request" with the type "labeled", or give "comment-id" or "label" too',
    },
  ])
}

async function readComment(
  id: number,
  pullRequest: number,
  { pullRequests }: Pick<Ports, 'pullRequests'>,
): Promise<Request | undefined> {
  const comment = await pullRequests.comment(id)
  if (comment.issueNumber !== pullRequest)
    throw refused(`comment ${id} is not on #${pullRequest}`, 'Name the pull request that the comment stands on.')
  const digits = requestOf(comment.body)
  if (digits === undefined) return undefined
  if (comment.isEdited)
    throw refused('the comment was edited', 'Write a new one: what was edited may not be what its author wrote.')
  return { digits: needDigits(digits), by: needSpeaker(comment.author), source: comment.url }
}

async function readLabel(
  label: string,
  pullRequest: number,
  { pullRequests }: Pick<Ports, 'pullRequests'>,
): Promise<Request | undefined> {
  const digits = requestOfLabel(label)
  if (digits === undefined) return undefined
  const by = await pullRequests.labelledBy(pullRequest, label)
  return { digits: needDigits(digits), by: needSpeaker(by), source: `label ${label}` }
}

function needDigits(digits: string): string {
  if (digits !== '') return digits
  throw refused(
    'it names no contract',
    'Write "/ack" and 16 to 64 hexadecimal digits of the contract, or set a label "ack:" with them, and nothing else.',
  )
}

function needSpeaker(speaker: Speaker | undefined): Speaker {
  if (speaker !== undefined) return speaker
  throw refused('nobody can be named who asked for it', 'The account is gone, or the label is. Ask again.')
}

/** @throws GateError (`fail`) by the name of what is wrong */
export async function checkAuthority(
  { by }: Request,
  pull: PullRequestNow,
  { pullRequests }: Pick<Ports, 'pullRequests'>,
): Promise<void> {
  if (!pull.isOpen) throw refused('the pull request is not open', 'Nothing of it is going to be merged.')
  if (by.type !== 'User' || by.viaApp)
    throw refused(`${by.login} is an app`, 'A person must look at what is lost and say so.')
  if (pull.author === undefined || by.login.toLowerCase() === pull.author.toLowerCase())
    throw refused(`${by.login} opened the pull request`, 'Somebody else must look at what is lost and say so.')
  const permission = await pullRequests.permissionOf(by.login)
  if (permission !== 'write' && permission !== 'admin')
    throw refused(`${by.login} may not write here (${permission})`, 'Somebody with write permission must say so.')
}

export function refused(problem: string, hint: string): GateError {
  return new GateError(`not acknowledged: ${problem}`, { verdict: 'fail', hint })
}
