import type { Budget } from '../ports.ts'
import { cut } from './cut.ts'
import { LIMITS } from './limits.ts'
import { fits } from './measure.ts'

/** What GitHub takes as a comment: bytes on github.com, then characters after its 422. */
export const COMMENT_BUDGETS: readonly [Budget, Budget] = [
  { bytes: LIMITS.commentBytes, characters: Infinity },
  { bytes: LIMITS.commentBytes, characters: LIMITS.commentCharacters },
]

/** What GitHub takes as the body of an issue, everywhere. */
export const ISSUE_BUDGET: Budget = { bytes: LIMITS.commentBytes, characters: LIMITS.issueBodyCharacters }

/**
 * The first tier that fits `budget`, the fullest given first; made only when it is tried. When none fits, the last one is
 * cut on a safe boundary and `ending` (a note with a link to the whole, the footer) follows.
 */
export function fit(tiers: readonly (() => string)[], budget: Budget, ending: string): string {
  let smallest = ''
  for (const tier of tiers) {
    smallest = tier()
    if (fits(smallest, budget)) return smallest
  }
  return cut(smallest, budget, ending)
}

/** What is left of `budget` beside `markdown` and a line end. */
export function beside(budget: Budget, markdown: string): Budget {
  return {
    bytes: Math.max(0, budget.bytes - Buffer.byteLength(markdown) - 1),
    characters: Math.max(0, budget.characters - Array.from(markdown).length - 1),
  }
}
