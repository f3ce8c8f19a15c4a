import { GateError, withOutputs } from '#kit/errors'
import { count } from '#kit/report/count'
import { code, text } from '#kit/report/inline'
import { shortenEnd } from '#kit/report/shorten'
import type { ResourceChange } from '#kit/terraform/plan'
import type { ProtectedEvent } from '#kit/terraform/protect-rules'
import type { ProtectedChange } from '#kit/terraform/protection'
import type { OwnLine } from './danger.ts'
import { isHeld, type Judgement } from './judgement.ts'
import { capital, type Hide } from './words.ts'

const VERBS: Readonly<Record<ProtectedEvent, string>> = {
  destroy: 'destroys',
  replace: 'replaces',
  forget: 'forgets',
  update: 'changes',
  expose: 'exposes',
  'may-expose': 'may expose',
}

const WHY_CHARACTERS = 200
const SHORT_DIGEST = 16

/** The part of a digest that people write: `/ack 4f2a91c07be31d55`. */
export function shortDigest(digest: string): string {
  return digest.slice(0, SHORT_DIGEST)
}

/** What stands beside a protected change: `protected: needs /ack …`, or who gave it. */
function standing(judgement: Pick<Judgement, 'acknowledgement' | 'digest'>): string {
  const { acknowledgement, digest } = judgement
  if (acknowledgement !== undefined) return `protected, acknowledged by ${text(acknowledgement.login)}`
  return `protected: needs ${code(`/ack ${shortDigest(digest)}`)}`
}

/** What the danger lines of a report say of protection. */
export interface ProtectionLines {
  /** Beside a line that is there anyway; empty for a change that is not protected. */
  noteOf(change: ResourceChange): string
  /** Of changes that have no line of their own: updates, and what is opened. */
  readonly own: readonly Omit<OwnLine, 'where'>[]
  /** Below. */
  readonly notes: readonly string[]
  readonly isHeld: boolean
}

export function protectionLines(judgement: Omit<Judgement, 'carried'>, hide: Hide): ProtectionLines {
  const key = ({ address, deposed = '' }: Pick<ProtectedChange, 'address' | 'deposed'>) => `${address}\n${deposed}`
  const own = judgement.changes.filter(({ event }) => OWN_LINE.has(event))
  const noted = new Set(judgement.changes.filter(({ event }) => !OWN_LINE.has(event)).map(key))
  const note = standing(judgement)
  return {
    noteOf: change => (noted.has(key(change)) ? note : ''),
    own: [
      ...own.map(change => ({ what: `**${capital(VERBS[change.event])}** ${whatText(change, hide)}`, note })),
      ...mayExposeLine(judgement.mayExpose, hide),
    ],
    notes: [
      ...(judgement.changedRules === undefined
        ? []
        : [`**The rules in ${code(judgement.changedRules)} are not those of the base.** Those of the base hold.`]),
      ...(judgement.unrecorded === undefined
        ? []
        : [`**It cannot be acknowledged**, since its check is out of reach: ${text(judgement.unrecorded)}`]),
    ],
    isHeld: isHeld(judgement),
  }
}

const OWN_LINE: ReadonlySet<ProtectedEvent> = new Set(['update', 'expose', 'may-expose'])

/** `aws_lb.front` — 443 from 0.0.0.0/0. */
function whatText({ address, deposed, why }: ProtectedChange, hide: Hide): string {
  const object = `${code(address)}${deposed === undefined ? '' : ` (deposed ${code(deposed)})`}`
  return why === '' ? object : `${object} — ${text(shortenEnd(hide(why), WHY_CHARACTERS))}`
}

function mayExposeLine(changes: readonly ProtectedChange[], hide: Hide): Omit<OwnLine, 'where'>[] {
  const [first] = changes
  if (first === undefined) return []
  const more = changes.length === 1 ? '' : `, and ${changes.length - 1} more`
  return [{ what: `**May expose** ${whatText(first, hide)}${more}`, note: '' }]
}

/** Addresses that a check names before it only counts. Its room is 64 KiB. */
const MOST_LISTED = 200

/** Title and summary of our check. */
export function checkReport(judgement: Judgement, hide: Hide): { title: string; summary: string } {
  const { changes, acknowledgement, digest, unrecorded } = judgement
  const what = count(changes.length, 'protected change')
  const list = changes.slice(0, MOST_LISTED).map(change => `- ${VERBS[change.event]} ${whatText(change, hide)}`)
  const rest = changes.length > list.length ? [`- and ${changes.length - list.length} more`] : []
  const listed = [...list, ...rest].join('\n')
  if (!judgement.isComplete)
    return { title: 'The plan is not complete', summary: 'Terraform could not finish this plan. Plan again.' }
  if (changes.length === 0)
    return { title: 'No protected change', summary: `Contract ${code(digest)}: nothing that is protected happens.` }
  if (acknowledgement !== undefined) {
    const by = `${text(acknowledgement.login)} (${text(acknowledgement.source)})`
    return {
      title: `${what}, acknowledged by ${acknowledgement.login}`,
      summary: `Contract ${code(digest)} was acknowledged by ${by}.\n\n${listed}`,
    }
  }
  return {
    title: `${what}: needs /ack ${shortDigest(digest)}`,
    summary: [
      listed,
      `If this is meant: somebody who may write here and did not open the pull request comments ${code(`/ack ${shortDigest(digest)}`)}, ` +
        `or sets the label ${code(`ack:${shortDigest(digest)}`)}. That holds for contract ${code(digest)} and for nothing else.`,
      ...(unrecorded === undefined ? [] : [`It cannot be acknowledged: ${text(unrecorded)}`]),
    ].join('\n\n'),
  }
}

/** @throws GateError (`fail`) with the addresses, when protected changes are not acknowledged */
export function refuseHeld(judgement: Judgement, outputs: Readonly<Record<string, string>>, hide: Hide): void {
  if (!isHeld(judgement)) return
  const { changes, digest, unrecorded } = judgement
  const told = changes.slice(0, MOST_LISTED).map(({ address, event }) => `${VERBS[event]} ${hide(address)}`)
  const more = changes.length > told.length ? `\nand ${changes.length - told.length} more` : ''
  const short = shortDigest(digest)
  throw withOutputs(
    new GateError(`${count(changes.length, 'protected change')} not acknowledged:\n${told.join('\n')}${more}`, {
      verdict: 'fail',
      hint:
        unrecorded === undefined
          ? `If this is meant: somebody who may write here and did not open the pull request comments "/ack ${short}", or sets the label "ack:${short}"; then this job runs again.`
          : `It cannot be acknowledged, since its check is out of reach: ${unrecorded}`,
    }),
    { ...outputs, verdict: 'fail' },
  )
}
