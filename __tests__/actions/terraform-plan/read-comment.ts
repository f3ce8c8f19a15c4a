import { expect } from '@jest/globals'
import type { Budget } from '../../../kit/ports.ts'
import { measure } from '../../../kit/report/measure.ts'
import { makeVisible } from '../../../kit/report/visible.ts'

/** What stands outside of code blocks; throws when one is left open. */
export function outsideFences(markdown: string): string[] {
  const outside: string[] = []
  let open: string | undefined
  for (const line of markdown.split('\n')) {
    const marks = /^ *(`{3,})/.exec(line)?.[1]
    if (open === undefined && marks !== undefined) open = marks
    else if (open !== undefined && line.trim() === open) open = undefined
    else if (open === undefined) outside.push(line)
  }
  if (open !== undefined) throw new Error('a code block is left open')
  return outside
}

export function outsideCode(markdown: string): string {
  return outsideFences(markdown)
    .join('\n')
    .replace(/`[^`\n]*`/g, '')
}

export function expectBalanced(body: string): void {
  let depth = 0
  for (const [tag] of outsideCode(body).matchAll(/<\/?details\b/g)) {
    depth += tag === '<details' ? 1 : -1
    if (depth < 0) throw new Error('a fold is closed that was not opened')
  }
  expect(depth).toBe(0)
}

/** The text of each piece of inline code, as a browser shows it. */
export function codeIn(body: string): string[] {
  const text = outsideFences(body).join('\n')
  const ofHtml = [...text.matchAll(/<code>(.*?)<\/code>/g)].map(([, code = '']) =>
    code.replace(/&#(\d+);/g, (_, number: string) => String.fromCodePoint(Number(number))).replaceAll('\u200B', ''),
  )
  return [...[...text.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code), ...ofHtml]
}

/** An address as it is seen in code. */
export const seen = (address: string) => makeVisible(address).replace(/\s/g, ' ')

export function expectWithin(body: string, budget: Budget): void {
  const size = measure(body)
  expect(size.bytes).toBeLessThanOrEqual(budget.bytes)
  expect(size.characters).toBeLessThanOrEqual(budget.characters)
}
