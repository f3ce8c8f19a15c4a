import { ExactNumber, numberText, writeJson, type Json } from './json.ts'
import { pathText } from './plan.ts'
import type { AttributeChange, Side } from './diff.ts'

const LONGEST_VALUE = 240
const LONGEST_TEXT_LINES = 400
const CONTEXT_LINES = 1

/**
 * Lines for a `diff` fence: `-` before, `+` after, two spaces for context, the reason behind `#`.
 * @param hide takes the secrets out of a text
 */
export function diffLines(changes: readonly AttributeChange[], hide: (text: string) => string): string[] {
  return changes.flatMap(change => attributeLines(change, hide))
}

function attributeLines(change: AttributeChange, hide: (text: string) => string): string[] {
  const name = hide(attributeName(change))
  const reason = reasonOf(change)
  const { before, after } = change
  if (before.state === 'known' && after.state === 'known' && change.note === undefined) {
    const left = before.value
    const right = after.value
    if (typeof left === 'string' && typeof right === 'string' && /\n./.test(left + right))
      return [`  ${name}:${reason}`, ...textDifference(hide(left), hide(right))]
  }
  if (change.note === 'order') return [`  ${name}:  # same elements in another order`]
  if (change.note === 'whitespace') return [`  ${name}:  # only white space differs`]
  if (change.note === 'sensitivity') return [`  ${name} = (sensitive)  # same value, marked differently`]
  const lines: string[] = []
  if (before.state !== 'absent') lines.push(`- ${name} = ${sideText(before, hide)}`)
  if (after.state !== 'absent') lines.push(`+ ${name} = ${sideText(after, hide)}`)
  const last = lines.length - 1
  return lines.map((line, index) => (index === last ? line + reason : line))
}

function reasonOf(change: AttributeChange): string {
  return change.forcesReplace ? '  # forces replacement' : ''
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
export function valueText(value: Json, hide: (text: string) => string): string {
  if (typeof value === 'number' || value instanceof ExactNumber) return hide(numberText(value))
  return cutMiddle(typeof value === 'string' ? JSON.stringify(hide(value)) : hide(writeJson(value)))
}

function cutMiddle(text: string): string {
  const points = [...text]
  if (points.length <= LONGEST_VALUE) return text
  const half = LONGEST_VALUE / 2
  return `${points.slice(0, half).join('')} … ${points.slice(-half).join('')} (${points.length} characters)`
}

/** What differs between two texts of several lines, with a line of context around it. */
function textDifference(before: string, after: string): string[] {
  const left = before.replace(/\n$/, '').split('\n')
  const right = after.replace(/\n$/, '').split('\n')
  if (left.length > LONGEST_TEXT_LINES || right.length > LONGEST_TEXT_LINES)
    return [`-   (${left.length} lines)`, `+   (${right.length} lines)`]
  const steps = lineSteps(left, right)
  const near = steps.map((_step, index) =>
    steps.slice(Math.max(0, index - CONTEXT_LINES), index + CONTEXT_LINES + 1).some(step => step.sign !== ' '),
  )
  return steps.flatMap(({ sign, line }, index) => {
    if (near[index]) return [`${sign}   ${cutMiddle(line.replace(/\r$/, ''))}`]
    return near[index - 1] ? ['    …'] : []
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
