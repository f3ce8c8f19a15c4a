import type { DiffLine } from '../report/fence.ts'
import { shortenMiddle } from '../report/shorten.ts'
import type { AttributeChange, Side } from './diff.ts'
import { ExactNumber, numberText, writeJson, type Json } from './json.ts'
import { pathText } from './plan.ts'

const LONGEST_VALUE = 240
const LONGEST_TEXT_LINES = 400
const CONTEXT_LINES = 1

/**
 * Lines for a `diff` fence: `-` before, `+` after, blank for context, the reason behind `#`.
 * @param hide takes the secrets out of a text
 */
export function diffLines(changes: readonly AttributeChange[], hide: (text: string) => string): DiffLine[] {
  return changes.flatMap(change => attributeLines(change, hide))
}

const HIDDEN_CHANGE = '  # changes where it is hidden'

function attributeLines(change: AttributeChange, hide: (text: string) => string): DiffLine[] {
  const name = hide(attributeName(change))
  const reason = change.forcesReplace ? '  # forces replacement' : ''
  const { before, after } = change
  const remark = remarkOf(change)
  if (remark !== undefined) return [{ sign: ' ', text: `${name}${remark}${reason}` }]
  if (before.state === 'known' && after.state === 'known') {
    const left = before.value
    const right = after.value
    if (typeof left === 'string' && typeof right === 'string' && /\n./.test(left + right)) {
      const difference = textDifference(hide(left), hide(right))
      return [{ sign: ' ', text: `${name}:${difference.length === 0 ? HIDDEN_CHANGE : ''}${reason}` }, ...difference]
    }
    const shown = sideText(before, hide)
    if (shown === sideText(after, hide)) return [{ sign: ' ', text: `${name} = ${shown}${HIDDEN_CHANGE}${reason}` }]
  }
  const lines: DiffLine[] = []
  if (before.state !== 'absent') lines.push({ sign: '-', text: `${name} = ${sideText(before, hide)}` })
  if (after.state !== 'absent') lines.push({ sign: '+', text: `${name} = ${sideText(after, hide)}` })
  return lines.map((line, index) => (index < lines.length - 1 ? line : { ...line, text: line.text + reason }))
}

/** What differs, in words, where showing both sides would say less. */
function remarkOf({ note, before, after }: AttributeChange): string | undefined {
  if (note === 'order') return ':  # same elements in another order'
  if (note === 'whitespace') return ':  # only white space differs'
  if (note === 'sensitivity') return ' = (sensitive)  # same value, marked differently'
  return before.state === 'sensitive' && after.state === 'sensitive' ? ' = (sensitive)  # changes' : undefined
}

/** `policy.Statement[0].Action` for JSON held as text in `policy`. */
export function attributeName(change: AttributeChange): string {
  const name = pathText(change.path)
  if (change.jsonPath === undefined || change.jsonPath.length === 0) return name
  const inner = pathText(change.jsonPath)
  return inner.startsWith('[') ? name + inner : `${name}.${inner}`
}

function sideText(side: Side, hide: (text: string) => string): string {
  if (side.state === 'known') return valueText(side.value, hide)
  return side.state === 'unknown' ? '(known after apply)' : '(sensitive)'
}

/** One line for a value: secrets hidden, long ones cut in the middle with their length. */
export function valueText(value: Json, hide: (text: string) => string, limit = LONGEST_VALUE): string {
  if (typeof value === 'number' || value instanceof ExactNumber) return hide(numberText(value))
  return shortenMiddle(typeof value === 'string' ? JSON.stringify(hide(value)) : hide(writeJson(value)), limit)
}

/** What differs between two texts of several lines, with a line of context around it. */
function textDifference(before: string, after: string): DiffLine[] {
  const left = before.replace(/\n$/, '').split('\n')
  const right = after.replace(/\n$/, '').split('\n')
  if (left.length > LONGEST_TEXT_LINES || right.length > LONGEST_TEXT_LINES)
    return [
      { sign: '-', text: `  (${left.length} lines)` },
      { sign: '+', text: `  (${right.length} lines)` },
    ]
  const steps = lineSteps(left, right)
  const near = steps.map((_step, index) =>
    steps.slice(Math.max(0, index - CONTEXT_LINES), index + CONTEXT_LINES + 1).some(step => step.sign !== ' '),
  )
  return steps.flatMap(({ sign, line }, index): DiffLine[] => {
    if (near[index]) return [{ sign, text: `  ${shortenMiddle(line.replace(/\r$/, ''), LONGEST_VALUE)}` }]
    return near[index - 1] ? [{ sign: ' ', text: '  …' }] : []
  })
}

interface LineStep {
  readonly sign: ' ' | '-' | '+'
  readonly line: string
}

/** Longest common subsequence over lines. */
function lineSteps(left: readonly string[], right: readonly string[]): LineStep[] {
  const width = right.length + 1
  const lengths = new Uint16Array((left.length + 1) * width)
  const at = (row: number, column: number): number => lengths[row * width + column] ?? 0
  for (let row = left.length - 1; row >= 0; row--)
    for (let column = right.length - 1; column >= 0; column--)
      lengths[row * width + column] =
        left[row] === right[column] ? at(row + 1, column + 1) + 1 : Math.max(at(row + 1, column), at(row, column + 1))
  const steps: LineStep[] = []
  let row = 0
  let column = 0
  while (row < left.length || column < right.length) {
    const from = left[row]
    const to = right[column]
    if (from !== undefined && from === to) {
      steps.push({ sign: ' ', line: from })
      row++
      column++
    } else if (from !== undefined && (to === undefined || at(row + 1, column) >= at(row, column + 1))) {
      steps.push({ sign: '-', line: from })
      row++
    } else {
      steps.push({ sign: '+', line: to ?? '' })
      column++
    }
  }
  return steps
}
