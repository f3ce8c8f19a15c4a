import { createScrubber } from '../scrub.ts'
import { collectTaint } from './redaction.ts'
import type { Plan } from './plan.ts'

/** The same texts come again and again: before and after, in contract and report. */
const REMEMBERED_TEXTS = 200_000

/** Takes secrets out of text of a plan. */
export interface Hider {
  hide(text: string): string
  /** Whether a text holds a secret. */
  isTainted(text: string): boolean
  /** Values that the log and everything that is sent must hide too: those that are no part of an address. */
  readonly secrets: readonly string[]
}

/** Hides what the plan marks as sensitive, wherever it was copied to and in the usual encodings, and what `patterns` match. */
export function createHider(plan: Plan, patterns: readonly RegExp[]): Hider {
  const taint = [...collectTaint(plan)]
  const scrub = createScrubber(taint)
  const known = new Map<string, string>()
  const hide = (text: string): string => {
    const before = known.get(text)
    if (before !== undefined) return before
    const hidden = patterns.reduce((rest, pattern) => rest.replace(pattern, '***'), scrub(text))
    if (known.size < REMEMBERED_TEXTS) known.set(text, hidden)
    return hidden
  }
  const addresses = plan.changes.map(({ address }) => address).join('\n')
  return {
    hide,
    isTainted: text => hide(text) !== text,
    secrets: taint.filter(value => !addresses.includes(value)),
  }
}
