import { createScrubber, REPLACEMENT } from '../scrub.ts'
import { findConnectionShapes } from './connection-shapes.ts'
import { markHidden } from './hidden-marks.ts'
import type { Json } from './json.ts'
import { packedFinder } from './packed-text.ts'
import type { Plan } from './plan.ts'
import { collectStateTaint, collectTaint, SHORTEST_TAINT, type Taint } from './redaction.ts'

/** The same texts come again and again: names of attributes, before and after, in contract and report. */
const REMEMBERED_TEXTS = 50_000

/** Takes secrets out of text. */
export interface TextHider {
  hide(text: string): string
  /** Whether a text holds a secret, or what the user's patterns match. */
  isTainted(text: string): boolean
  /** Values that the log and everything that is sent must hide too: those that are no part of an address. */
  readonly secrets: readonly string[]
}

/** Takes secrets out of what is told of a plan. */
export interface Hider extends TextHider {
  /** The plan with a mark on every whole value that is to be hidden: what is told is told of this one. */
  readonly plan: Plan
  /** How many values under 6 characters are hidden in what changes. */
  readonly shortValues: number
  /** How many sensitive values stand in addresses, and are seen there. */
  readonly inAddresses: number
  /** Hides what this state (`show -json`) marks, too: after an apply it has secrets that no plan knew. */
  withState(state: Json): Hider
}

/**
 * Hides what is sensitive in the plan wherever it was copied to, in the usual encodings and in base64 of gzip, what looks
 * like a credential, and what `patterns` match.
 * @param values what is known to be sensitive besides
 */
export function createHider(plan: Plan, patterns: readonly RegExp[], values: readonly string[] = []): Hider {
  return planHider(plan, patterns, values, [])
}

function planHider(plan: Plan, patterns: readonly RegExp[], values: readonly string[], states: readonly Json[]): Hider {
  const taint = collectTaint(plan, values, states)
  const marked = markHidden(plan, taint)
  const hider = textHider(taint, patterns)
  return {
    ...hider,
    isTainted: text => marked.partlyHidden.has(text) || hider.isTainted(text),
    plan: marked.plan,
    shortValues: marked.shortValues,
    inAddresses: taint.inAddresses.size,
    // From the plan as it was: a place that is hidden is no secret by its value.
    withState: state => planHider(plan, patterns, values, [...states, state]),
  }
}

/**
 * Hides where there is no plan, as when planning failed.
 * @param state document of `show -json`; `null` when it cannot be had
 * @param values what is known to be sensitive besides
 */
export function createTextHider(state: Json, values: Iterable<string>, patterns: readonly RegExp[]): TextHider {
  return textHider(collectStateTaint(state, values), patterns)
}

function textHider({ long, inAddresses }: Taint, patterns: readonly RegExp[]): TextHider {
  const scrubText = createScrubber(long, { leastCharacters: SHORTEST_TAINT, findMore: findConnectionShapes })
  const findPacked = packedFinder(text => scrubText(text) !== text)
  const scrubAll = scrubText.extended(findPacked)
  const known = new Map<string, string>()
  const scrub = (text: string): string => {
    if (text.length < SHORTEST_TAINT) return text
    const before = known.get(text)
    if (before !== undefined) return before
    const scrubbed = scrubAll(text)
    if (known.size < REMEMBERED_TEXTS) known.set(text, scrubbed)
    return scrubbed
  }
  return {
    hide: text => patterns.reduce((rest, pattern) => rest.replace(pattern, REPLACEMENT), scrub(text)),
    isTainted: text => scrub(text) !== text || patterns.some(pattern => text.search(pattern) !== -1),
    secrets: [...long].filter(value => !inAddresses.has(value)),
  }
}
