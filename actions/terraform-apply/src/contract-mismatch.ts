import { GateError } from '#kit/errors'
import { count } from '#kit/report/count'
import { differences, differenceText, recordContract, type Difference } from '#kit/terraform/contract-differences'
import type { Contract } from '#kit/terraform/contract'
import type { Chosen } from './choose-plan.ts'
import type { Agreed } from './reviewed-plan.ts'

const MOST_LINES = 20

/** The plan does not do what was agreed on. */
export class ContractMismatch extends GateError {
  override name = 'ContractMismatch'
  readonly differences: readonly Difference[]
  /** The plan that does otherwise: it may be applied once its contract is approved. */
  readonly chosen: Chosen

  constructor(what: string, found: readonly Difference[], chosen: Chosen, hint: string) {
    const lines = found.slice(0, MOST_LINES).map(differenceText)
    if (found.length > MOST_LINES) lines.push(`and ${count(found.length - MOST_LINES, 'more difference')}`)
    super([what, ...lines].join('\n'), { verdict: 'fail', hint })
    this.differences = found
    this.chosen = chosen
  }
}

/** What a plan does otherwise than agreed; nothing when the record of what was agreed does not tell. */
export function mismatches(agreed: Agreed, contract: Contract, hide: (text: string) => string): readonly Difference[] {
  return agreed.parts === undefined ? [] : differences(agreed.parts, recordContract(contract, hide))
}
