import type { DiffLine } from '../report/fence.ts'
import { shortenEnd, shortenMiddle } from '../report/shorten.ts'
import type { AttributeChange, Side } from './diff.ts'
import { ExactNumber, numberText, writeJson, type Json } from './json.ts'
import { textDifference } from './line-steps.ts'
import { pathText } from './plan.ts'

/** How much of a value is told. Values are cut after secrets are hidden, so that no half of one is left. */
export interface Lengths {
  /** UTF-16 units of a value on one line. */
  readonly value: number
  /** Lines of a text of several lines. */
  readonly lines: number
}

export const FULL_LENGTHS: Lengths = { value: 240, lines: 60 }

const LONGEST_NAME = 60

/**
 * Lines for a `diff` fence: `-` before, `+` after, blank for context, the reason behind `#`.
 * @param hide takes the secrets out of a text
 */
export function diffLines(
  changes: readonly AttributeChange[],
  hide: (text: string) => string,
  lengths = FULL_LENGTHS,
): DiffLine[] {
  return changes.flatMap(change => attributeLines(change, hide, lengths))
}

const HIDDEN_CHANGE = 'changes where it is hidden'

function attributeLines(change: AttributeChange, hide: (text: string) => string, lengths: Lengths): DiffLine[] {
  const name = hide(attributeName(change))
  const reasons = [
    ...(change.forcesReplace ? ['forces replacement'] : []),
    ...(change.element === undefined ? [] : [`in ${shortenEnd(hide(change.element), LONGEST_NAME)}`]),
  ]
  const reason = reasons.length === 0 ? '' : `  # ${reasons.join(', ')}`
  const { before, after } = change
  const remark = remarkOf(change)
  if (remark !== undefined) return [{ sign: ' ', text: `${name}${remark}${reason.replace('  # ', ', ')}` }]
  const hidden = `  # ${[HIDDEN_CHANGE, ...reasons].join(', ')}`
  const left = textOf(before)
  const right = textOf(after)
  if (left !== undefined && right !== undefined && /\n./.test(left + right)) {
    const sign = before.state === 'absent' ? '+' : after.state === 'absent' ? '-' : ' '
    const difference = textDifference(hide(left), hide(right), lengths)
    return [{ sign, text: `${name}:${difference.length === 0 ? hidden : reason}` }, ...difference]
  }
  if (before.state === 'known' && after.state === 'known') {
    const shown = sideText(before, hide, lengths.value)
    if (shown === sideText(after, hide, lengths.value)) return [{ sign: ' ', text: `${name} = ${shown}${hidden}` }]
  }
  const lines: DiffLine[] = []
  if (before.state !== 'absent') lines.push({ sign: '-', text: `${name} = ${sideText(before, hide, lengths.value)}` })
  if (after.state !== 'absent') lines.push({ sign: '+', text: `${name} = ${sideText(after, hide, lengths.value)}` })
  return lines.map((line, index) => (index < lines.length - 1 ? line : { ...line, text: line.text + reason }))
}

/** A side that can be told by its lines. */
function textOf(side: Side): string | undefined {
  if (side.state === 'absent') return ''
  return side.state === 'known' && typeof side.value === 'string' ? side.value : undefined
}

/** What differs, in words, where showing both sides would say less. */
function remarkOf({ note, before, after }: AttributeChange): string | undefined {
  if (note === 'order') return ':  # same elements in another order'
  if (note === 'whitespace') return ':  # only white space differs'
  if (note === 'spelling') return ':  # same JSON, written in another way'
  if (note === 'sensitivity') return ' = (sensitive)  # same value, marked differently'
  return before.state === 'sensitive' && after.state === 'sensitive' ? ' = (sensitive)  # changes' : undefined
}

/** `policy.Statement[0].Action` for JSON held as text in `policy`; `base64decode(user_data)` for what base64 holds. */
export function attributeName(change: AttributeChange): string {
  const name = change.base64 ? `base64decode(${pathText(change.path)})` : pathText(change.path)
  if (change.innerPath === undefined || change.innerPath.length === 0) return name
  const inner = pathText(change.innerPath)
  return inner.startsWith('[') ? name + inner : `${name}.${inner}`
}

function sideText(side: Side, hide: (text: string) => string, limit: number): string {
  if (side.state === 'known') return valueText(side.value, hide, limit)
  return side.state === 'unknown' ? '(known after apply)' : '(sensitive)'
}

/** One line for a value: secrets hidden, long ones cut in the middle with their length. */
export function valueText(value: Json, hide: (text: string) => string, limit = FULL_LENGTHS.value): string {
  if (typeof value === 'number' || value instanceof ExactNumber) return hide(numberText(value))
  return shortenMiddle(typeof value === 'string' ? JSON.stringify(hide(value)) : hide(writeJson(value)), limit)
}
