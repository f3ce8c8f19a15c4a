import { makeVisible } from './visible.ts'

/**
 * Untrusted text as a code block: the fence is longer than any run of backticks in it, and nothing in it is invisible.
 * @param language info string; anything but letters, digits, `+` and `-` is left out
 */
export function fence(untrusted: string, language = ''): string {
  const content = makeVisible(untrusted).replace(/\n+$/, '')
  const marks = '`'.repeat(Math.max(3, longestRun(content) + 1))
  return `${marks}${/^[A-Za-z0-9+-]*$/.test(language) ? language : ''}\n${content}\n${marks}`
}

function longestRun(content: string): number {
  let longest = 0
  for (const run of content.match(/`+/g) ?? []) longest = Math.max(longest, run.length)
  return longest
}

/** A line of a diff: `-` before, `+` after, `' '` context, `!` needs attention, `#` remark. */
export interface DiffLine {
  readonly sign: '-' | '+' | ' ' | '!' | '#'
  readonly text: string
}

/** A `diff` code block. A text of several lines gets its sign on each, so that no line can pose as another kind. */
export function diffFence(lines: readonly DiffLine[]): string {
  const content = lines.flatMap(line =>
    makeVisible(line.text)
      .split('\n')
      .map(part => `${line.sign} ${part}`.trimEnd()),
  )
  return fence(content.join('\n'), 'diff')
}
