import { createScrubber } from '../scrub.ts'
import { collectTaint } from './redaction.ts'
import type { Plan } from './plan.ts'

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
  const hide = (text: string): string => patterns.reduce((rest, pattern) => rest.replace(pattern, '***'), scrub(text))
  const addresses = plan.changes.map(({ address }) => address).join('\n')
  return {
    hide,
    isTainted: text => hide(text) !== text,
    secrets: taint.filter(value => !addresses.includes(value)),
  }
}
