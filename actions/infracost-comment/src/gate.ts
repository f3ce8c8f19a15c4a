import type { Verdict } from '#kit/errors'
import type Big from 'big.js'
import type { Comparison } from './compare.ts'
import { money, percentOf, signedMoney } from './money.ts'

export interface Limits {
  readonly maxIncrease: Big | undefined
  readonly maxIncreasePercent: Big | undefined
  readonly maxTotal: Big | undefined
}

export interface Judgement {
  readonly verdict: Verdict
  /** What is over its limit, or why nothing can be said; a phrase each. */
  readonly reasons: readonly string[]
  /** The limits that were judged, as the user reads them; empty when none was set. */
  readonly limits: readonly string[]
}

/**
 * Judges the known figures. What is unknown is listed but does not decide, unless there is nothing else, in all or in one
 * region: then the gate cannot decide. The same holds for a project that could not be read, and for an increase over a past
 * that is not known.
 */
export function judge(comparison: Comparison, limits: Limits): Judgement {
  const { currency, delta, past, current } = comparison
  const { maxIncrease, maxIncreasePercent, maxTotal } = limits
  const phrases = [
    ...(maxIncrease === undefined ? [] : [`${signedMoney(maxIncrease, currency)}`]),
    ...(maxIncreasePercent === undefined ? [] : [`+${maxIncreasePercent.toFixed()} %`]),
    ...(maxTotal === undefined ? [] : [`${money(maxTotal, currency)} in total`]),
  ]
  if (phrases.length === 0) return { verdict: 'pass', reasons: [], limits: [] }
  const invalid = undecidable(comparison, limits)
  if (invalid.length > 0) return { verdict: 'invalid', reasons: invalid, limits: phrases }

  const reasons: string[] = []
  if (maxIncrease !== undefined && delta.gt(maxIncrease))
    reasons.push(`${signedMoney(delta, currency)} a month is over the limit of ${signedMoney(maxIncrease, currency)}`)
  if (maxIncreasePercent !== undefined && delta.gt(0)) {
    const percent = percentOf(delta, past)
    if (percent === undefined)
      reasons.push(`there was no cost before, so any increase is over the limit of +${maxIncreasePercent.toFixed()} %`)
    else if (percent.gt(maxIncreasePercent))
      reasons.push(`+${percent.round(2).toFixed()} % is over the limit of +${maxIncreasePercent.toFixed()} %`)
  }
  if (maxTotal !== undefined && current.gt(maxTotal))
    reasons.push(`${money(current, currency)} a month is over the limit of ${money(maxTotal, currency)} in total`)
  return { verdict: reasons.length > 0 ? 'fail' : 'pass', reasons, limits: phrases }
}

function undecidable(comparison: Comparison, limits: Limits): readonly string[] {
  const reasons: string[] = []
  const unread = comparison.projects.find(project => project.current === null)
  if (unread !== undefined)
    reasons.push(
      `project "${unread.name}" has no figures${unread.errors[0] === undefined ? '' : `: ${unread.errors[0]}`}`,
    )
  const pastless = comparison.projects.find(project => project.past === null && project.errors.length > 0)
  if (pastless !== undefined && unread === undefined)
    reasons.push(`project "${pastless.name}" could not be read as it was before: ${pastless.errors[0] ?? ''}`)
  const judgesIncrease = limits.maxIncrease !== undefined || limits.maxIncreasePercent !== undefined
  if (judgesIncrease && !comparison.hasPast && comparison.projects.length > 0)
    reasons.push('the file holds no figures of before the change, so there is no increase to judge')
  for (const { region, changed } of comparison.estimate.unpricedRegions)
    if (changed || limits.maxTotal !== undefined)
      reasons.push(
        region === undefined
          ? 'the region of resources that cost something is not known: set "default-region"'
          : `no price of anything in ${region} is known: give rates in "price-overrides"`,
      )
  const hasFigures = comparison.projects.some(project =>
    project.resources.some(resource => resource.lines.some(line => !line.excluded)),
  )
  // Where nothing that is unknown changes, the increase is known to be nothing; a file does not say what changes.
  const mayChange =
    limits.maxTotal !== undefined ||
    comparison.estimate.prices === undefined ||
    comparison.projects.some(({ unknowns }) => unknowns.some(({ changed }) => changed))
  if (reasons.length === 0 && !hasFigures && comparison.unknownCount > 0 && mayChange)
    reasons.push(`none of the ${comparison.unknownCount} resources that may cost something could be priced`)
  return reasons
}
