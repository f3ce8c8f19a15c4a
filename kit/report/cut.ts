import type { Budget } from '../ports.ts'
import { text } from './inline.ts'
import { fits, measure } from './measure.ts'

const FENCE = /^ {0,3}(`{3,}|~{3,})(.*)$/
const TAG = /<(\/?)(details|summary|pre|table|ul|ol|blockquote|div)\b[^<>]*>/gi

interface Position {
  /** The fence that is open, as it must be closed; empty outside code. */
  readonly fence: string
  /** Open block tags, the innermost last. */
  readonly tags: readonly string[]
}

/**
 * As much of `markdown` as fits with `ending` behind it, from the beginning, cut between two lines: never in a character
 * or a table row; an open fence and open tags are closed. When not even the first line fits, its beginning stays, as plain
 * text. `ending` itself must fit.
 */
export function cut(markdown: string, budget: Budget, ending: string): string {
  if (fits(markdown, budget)) return markdown
  const tail = ending === '' ? '' : `\n\n${ending}`
  const room = less(budget, measure(tail))
  const lines = markdown.split('\n')
  let end = 0
  let closing = ''
  let used: Budget = { bytes: -1, characters: -1 }
  let position: Position = { fence: '', tags: [] }
  for (const [index, line] of lines.entries()) {
    const size = measure(line)
    used = { bytes: used.bytes + size.bytes + 1, characters: used.characters + size.characters + 1 }
    if (!within(used, room)) break
    const before = position
    position = follow(before, line)
    if (opens(before, position) || endsInTableHead(lines, index)) continue
    const toClose = close(position)
    if (!within(used, less(room, measure(toClose)))) continue
    end = index + 1
    closing = toClose
  }
  if (end > 0) return `${lines.slice(0, end).join('\n').trimEnd()}${closing}${tail}`
  return `${beginning(lines[0] ?? '', room)}${tail}`.trimStart()
}

function follow(position: Position, line: string): Position {
  const fence = FENCE.exec(line)
  if (position.fence !== '') {
    const closes =
      fence !== null && fence[1]?.startsWith(position.fence) === true && fence[2]?.trim() === '' ? '' : position.fence
    return { ...position, fence: closes }
  }
  const marks = fence?.[1] ?? ''
  if (marks !== '' && !(marks.startsWith('`') && fence?.[2]?.includes('`') === true))
    return { ...position, fence: marks }
  const tags = [...position.tags]
  for (const [, slash, name] of line.replace(/`[^`]*`/g, '').matchAll(TAG)) {
    if (slash === '') tags.push((name ?? '').toLowerCase())
    else if (tags.at(-1) === name?.toLowerCase()) tags.pop()
  }
  return { fence: '', tags }
}

/** Nothing should end right behind what was just opened: it would be empty. */
function opens(before: Position, after: Position): boolean {
  return (before.fence === '' && after.fence !== '') || after.tags.length > before.tags.length
}

/** The titles of a table, or the rule below them: without a row they say nothing. */
function endsInTableHead(lines: readonly string[], index: number): boolean {
  const isHead = (line = '', next = '') => line.includes('|') && /^[|:\- ]+$/.test(next) && next.includes('-')
  return isHead(lines[index], lines[index + 1]) || isHead(lines[index - 1], lines[index])
}

function close(position: Position): string {
  const fence = position.fence === '' ? '' : `\n${position.fence}`
  return (
    fence +
    position.tags
      .map(tag => `\n\n</${tag}>`)
      .reverse()
      .join('')
  )
}

function beginning(line: string, room: Budget): string {
  const characters = Array.from(line)
  let low = 0
  let high = Math.max(0, Math.min(characters.length, room.bytes, room.characters))
  const shown = (length: number) => text(`${characters.slice(0, length).join('')}…`)
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (fits(shown(middle), room)) low = middle
    else high = middle - 1
  }
  return low === 0 ? '' : shown(low)
}

function less(budget: Budget, size: Budget): Budget {
  return { bytes: budget.bytes - size.bytes, characters: budget.characters - size.characters }
}

function within(size: Budget, budget: Budget): boolean {
  return size.bytes <= budget.bytes && size.characters <= budget.characters
}
