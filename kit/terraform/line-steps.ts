import type { DiffLine } from '../report/fence.ts'
import { shortenMiddle } from '../report/shorten.ts'

const LONGEST_TEXT_LINES = 400
const CONTEXT_LINES = 1

/**
 * What differs between two texts of several lines, with a line of context around it, one level in.
 * @param lengths UTF-16 units of a line and lines at most; how many more there are is said
 */
export function textDifference(
  before: string,
  after: string,
  lengths: { readonly value: number; readonly lines: number },
): DiffLine[] {
  const left = linesOf(before)
  const right = linesOf(after)
  if (left.length > LONGEST_TEXT_LINES || right.length > LONGEST_TEXT_LINES)
    return [...lengthLine('-', left.length), ...lengthLine('+', right.length)]
  const steps = lineSteps(left, right)
  const near = steps.map((_step, index) =>
    steps.slice(Math.max(0, index - CONTEXT_LINES), index + CONTEXT_LINES + 1).some(step => step.sign !== ' '),
  )
  const lines = steps.flatMap(({ sign, line }, index): DiffLine[] => {
    if (near[index]) return [{ sign, text: `  ${shortenMiddle(line.replace(/\r$/, ''), lengths.value)}` }]
    return near[index - 1] ? [{ sign: ' ', text: '  …' }] : []
  })
  if (lines.length <= lengths.lines) return lines
  const shown = lengths.lines - 1
  return [...lines.slice(0, shown), { sign: '#', text: `  … ${lines.length - shown} more lines` }]
}

function linesOf(text: string): string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n')
}

function lengthLine(sign: '-' | '+', length: number): DiffLine[] {
  return length === 0 ? [] : [{ sign, text: `  (${length} lines)` }]
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
