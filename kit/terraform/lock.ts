import { count } from '../report/count.ts'
import { fence } from '../report/fence.ts'
import { code, link } from '../report/inline.ts'

/** Who works on a state, as Terraform leaves it with the lock. Every text is what another process wrote. */
export interface StateLock {
  readonly id: string
  /** Where the state is, as the backend calls it; empty where it does not say. */
  readonly path: string
  /** `OperationTypeApply`, `OperationTypePlan`, `taint`. */
  readonly operation: string
  /** `user@host`. */
  readonly who: string
  readonly version: string
  /** Milliseconds since 1970; `undefined` where it cannot be read. */
  readonly created: number | undefined
}

/**
 * Reads the lock from the error of a command that did not get it.
 * Source: the `LockInfo` that Terraform and OpenTofu print below "Lock Info:", a name and a value a line.
 */
export function readLock(message: string): StateLock | undefined {
  const [, block] = /^Lock Info:\n([\s\S]*)/m.exec(message) ?? []
  if (block === undefined) return undefined
  const field = (name: string) => new RegExp(`^\\s*${name}: *(.*)$`, 'm').exec(block)?.[1]?.trim() ?? ''
  const id = field('ID')
  if (id === '') return undefined
  return {
    id,
    path: field('Path'),
    operation: field('Operation'),
    who: field('Who'),
    version: field('Version'),
    created: momentOf(field('Created')),
  }
}

/** Go writes `2026-11-21 17:00:00.123456789 +0000 UTC`. */
function momentOf(written: string): number | undefined {
  const [, day, time] = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.\d+)? \+0000 UTC/.exec(written) ?? []
  return day === undefined || time === undefined ? undefined : Date.parse(`${day}T${time}Z`)
}

/** The machine that the lock was taken on; empty where the lock does not say. */
export function hostOf({ who }: StateLock): string {
  return who.slice(who.lastIndexOf('@') + 1)
}

/** Which run holds a lock, as far as that is known. */
export type LockHolder =
  /** This run's own Terraform, which has ended. */
  | { readonly kind: 'this run' }
  | { readonly kind: 'run'; readonly number: number; readonly url: string; readonly ended: boolean }
  | { readonly kind: 'unknown'; readonly why: string }

const OPERATIONS: Readonly<Record<string, string>> = {
  OperationTypeApply: 'an apply',
  OperationTypePlan: 'a plan',
  OperationTypeRefresh: 'a refresh',
}

/** How a report is written: for the log or for a page. */
export interface Style {
  readonly glyph: string
  code(untrusted: string): string
  link(label: string, url: string): string
  fence(untrusted: string): string
}
export const MARKDOWN: Style = { glyph: '⚠️ ', code, link, fence }
export const PLAIN: Style = {
  glyph: '',
  code: text => text,
  link: (label, url) => `${label} (${url})`,
  fence: text => text,
}

/**
 * Who holds a lock, since when, from which host and run, and how to free it: that only when the run has ended.
 * @param now milliseconds since 1970
 */
export function lockReport(
  lock: StateLock,
  holder: LockHolder,
  place: { readonly subject: string; readonly root: string; readonly binary: string },
  now: number,
  style: Style,
): string {
  const known = (value: string, otherwise: string) => (value === '' ? otherwise : style.code(value))
  const since =
    lock.created === undefined
      ? 'at a time that the lock does not tell'
      : `since ${new Date(lock.created).toISOString().slice(0, 16).replace('T', ' ')} UTC (${ago(now - lock.created)})`
  const operation = OPERATIONS[lock.operation] ?? known(lock.operation, 'an unknown operation')
  const first = [
    `${style.glyph}${style.code(place.subject)}: the state of ${style.code(place.root)} is locked`,
    `by ${known(lock.who, 'somebody')} ${since}, for ${operation}.`,
    ...(lock.path === '' ? [] : [`The state is ${style.code(lock.path)}.`]),
  ].join(' ')
  return [first, ...advice(lock, holder, place.binary, style)].join('\n\n')
}

const PLAIN_ID = /^[\w.:-]{1,128}$/

function advice(lock: StateLock, holder: LockHolder, binary: string, style: Style): readonly string[] {
  const id = `Its ID is ${style.code(lock.id)}.`
  if (holder.kind === 'unknown')
    return [`Which run holds it is not known: ${holder.why} Ask there before it is freed. ${id}`]
  if (holder.kind === 'run' && !holder.ended)
    return [
      `It is the lock of ${style.link(`run ${holder.number}`, holder.url)}, which is still under way: wait for it, or cancel it. ${id}`,
    ]
  const whose =
    holder.kind === 'this run'
      ? 'It is the lock of this run, whose Terraform was ended before it could give it back.'
      : `It is the lock of ${style.link(`run ${holder.number}`, holder.url)}, which has ended.`
  // People paste the command into a shell.
  if (!PLAIN_ID.test(lock.id))
    return [`${whose} ${id} That is no ID of Terraform's: look at the lock before it is freed.`]
  return [
    whose,
    'Nothing works on it any more. To free it, run this in the root, initialised as here:',
    style.fence(`${binary} force-unlock ${lock.id}`),
  ]
}

function ago(milliseconds: number): string {
  const minutes = Math.max(0, Math.round(milliseconds / 60_000))
  if (minutes < 1) return 'less than a minute ago'
  if (minutes < 120) return `${count(minutes, 'minute')} ago`
  const hours = Math.round(minutes / 60)
  return hours < 48 ? `${count(hours, 'hour')} ago` : `${count(Math.round(hours / 24), 'day')} ago`
}
