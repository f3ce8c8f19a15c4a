import { ApiError } from './errors.ts'
import { permissionFor, type Call } from './permissions.ts'
import type { Trouble } from './retry.ts'
import { shortenEnd } from './report/shorten.ts'

export interface HttpAnswer {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: string
}

/** What an answer means: data, trouble that may pass, or an error that stays. */
export type Reading =
  | { readonly kind: 'data'; readonly data: unknown }
  | { readonly kind: 'trouble'; readonly trouble: Trouble }
  | { readonly kind: 'error'; readonly error: ApiError }

/** Asked for when GitHub limits without saying how long: its own rule is a minute at least. */
const UNTOLD_WAIT_MILLISECONDS = 60_000
const MESSAGE_CHARACTERS = 500
const ABUSE = /secondary rate limit|abuse detection/i

/**
 * Reads an answer of GitHub's REST API.
 * @param call its route with placeholders, for the texts, and whether it is part of a write
 * @param now milliseconds; only where the answer has no date of its own
 */
export function readAnswer(answer: HttpAnswer, call: Call, now: number): Reading {
  const limit = limitOf(answer, now)
  if (limit !== undefined) return { kind: 'trouble', trouble: limit }
  if (answer.status >= 500 || answer.status === 408)
    return { kind: 'trouble', trouble: { kind: 'unclear', why: `status ${answer.status}` } }
  const data = parse(answer.body)
  if (answer.status >= 200 && answer.status < 300) {
    if (answer.body === '') return { kind: 'data', data: undefined }
    if (data === undefined) return { kind: 'trouble', trouble: { kind: 'unclear', why: 'an answer that was cut off' } }
    return { kind: 'data', data }
  }
  return { kind: 'error', error: refusal(answer, data, call) }
}

function limitOf({ status, headers, body }: HttpAnswer, now: number): Trouble | undefined {
  if (status !== 429 && status !== 403) return undefined
  const date = Date.parse(headers['date'] ?? '')
  const present = Number.isNaN(date) ? now : date
  const after = retryAfter(headers['retry-after'], present)
  if (after !== undefined)
    return { kind: 'limited', why: 'GitHub limits how fast this token may call', waitMilliseconds: after }
  if (headers['x-ratelimit-remaining'] === '0') {
    const reset = Number(headers['x-ratelimit-reset'])
    const wait = Number.isFinite(reset) && reset > 0 ? Math.max(0, reset * 1000 - present) : UNTOLD_WAIT_MILLISECONDS
    return { kind: 'limited', why: 'the hourly limit of this token is used up', waitMilliseconds: wait }
  }
  if (status === 429 || ABUSE.test(body))
    return {
      kind: 'limited',
      why: 'GitHub limits how fast this token may call',
      waitMilliseconds: UNTOLD_WAIT_MILLISECONDS,
    }
  return undefined
}

function retryAfter(value: string | undefined, present: number): number | undefined {
  if (value === undefined) return undefined
  if (/^\s*\d{1,9}\s*$/.test(value)) return Number(value) * 1000
  const date = Date.parse(value)
  return Number.isNaN(date) ? undefined : Math.max(0, date - present)
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

function refusal({ status, headers }: HttpAnswer, data: unknown, call: Call): ApiError {
  const { route } = call
  const said = messageOf(data)
  const permission = permissionFor(call, headers['x-accepted-github-permissions'])
  const base = { status, route }
  if (status === 401)
    return new ApiError(`GitHub does not know the token (${route})`, {
      ...base,
      hint: 'Check the input "github-token": a job’s own token ends with the job, others expire',
    })
  if (status === 403 && REFUSED.test(said)) return notPermitted(route, status, permission, said)
  if (status === 404)
    return new ApiError(`GitHub found nothing for ${route}, or the token may not see it`, {
      ...base,
      ...(permission === undefined ? {} : { hint: `In a private repository the job needs "${permission}"` }),
    })
  return new ApiError(`GitHub refused ${route} with ${status}${said === '' ? '' : `: ${said}`}`, base)
}

const REFUSED = /not accessible by|must have (?:admin|write|push)|must authenticate via a GitHub App/i
const PERSONAL = /personal access token|must authenticate via a GitHub App/i

/**
 * The token's permissions do not reach: the one thing that the user can repair in the workflow.
 * @param said GitHub's own words, which tell whose token it is
 */
export function notPermitted(route: string, status: number, permission: string | undefined, said: string): ApiError {
  const message = `the token may not do this: ${route}`
  // What the job grants does not reach a person's token, and none of those may write checks.
  if (PERSONAL.test(said)) {
    const grant = permission === undefined ? '' : `, and give the job "${permission}"`
    const own = `Leave "github-token" at its default, the job's own token${grant}`
    const hint = permission?.startsWith('checks:')
      ? `It is the token of a person, and only apps may write checks. ${own}`
      : `It is the token of a person, whose settings do not allow this. ${own}`
    return new ApiError(message, { status, route, hint })
  }
  return new ApiError(message, {
    status,
    route,
    ...(permission === undefined ? {} : { permission }),
    hint: 'Runs for pull requests of forks only read, whatever the workflow grants; those of Dependabot do where the job grants nothing itself',
  })
}

/** GitHub's own words, with the fields that it names. Never a header or a URL with its query (rule R13). */
function messageOf(data: unknown): string {
  if (typeof data !== 'object' || data === null) return ''
  const { message, errors } = data as { message?: unknown; errors?: unknown }
  const details = Array.isArray(errors) ? errors.map(errorText).filter(text => text !== '') : []
  const text = [typeof message === 'string' ? message : '', ...details].filter(part => part !== '').join('; ')
  return shortenEnd(text.replace(/\bhttps?:\/\/\S+/g, 'URL'), MESSAGE_CHARACTERS)
}

function errorText(error: unknown): string {
  if (typeof error === 'string') return error
  if (typeof error !== 'object' || error === null) return ''
  const { message, field, code } = error as { message?: unknown; field?: unknown; code?: unknown }
  if (typeof message === 'string') return message
  return [field, code].filter(part => typeof part === 'string').join(' ')
}

/** The error when patience ended. */
export function exhausted(route: string, trouble: Trouble, attempts: number): ApiError {
  if (trouble.kind === 'limited') {
    const seconds = Math.ceil(trouble.waitMilliseconds / 1000)
    const time = seconds > 120 ? `${Math.ceil(seconds / 60)} minutes` : `${seconds} s`
    return new ApiError(`${trouble.why} and asks to wait ${time}; a call waits 60 s at most (${route})`, {
      route,
      status: 429,
      hint: 'Run the job again later, or use the token of an app of your own: it has its own limit',
    })
  }
  return new ApiError(`GitHub gave no usable answer to ${route} in ${attempts} attempts; the last was ${trouble.why}`, {
    route,
    hint: 'Nothing is known to be wrong with the workflow: run the job again',
  })
}
