import { GateError, withOutputs, type ActionError } from '#kit/errors'
import type { Ports } from '#kit/ports'
import { count } from '#kit/report/count'
import { sha256 } from '#kit/terraform/seal'
import type { ContractMismatch } from './contract-mismatch.ts'
import type { Inputs } from './inputs.ts'
import { OPEN_A_PULL_REQUEST } from './reviewed-plan.ts'

export const OPEN_FOR_THE_REST =
  'The others are applied. Run the job again when the cause is gone: it applies what is left under the same contracts. Otherwise open a pull request with what is left to do.'

/** A root whose plan does otherwise than was reviewed. */
export interface Differing {
  readonly root: string
  readonly mismatch: ContractMismatch
}

/** One digest for the contracts of several roots: an approval of it is of exactly these roots and contracts. */
export function contractOfRoots(contracts: readonly { readonly root: string; readonly contract: string }[]): string {
  const sorted = contracts.map(({ root, contract }) => [root, contract] as const).sort(([a], [b]) => (a < b ? -1 : 1))
  return sha256(JSON.stringify(sorted))
}

/** What was refused, by root: nothing was applied anywhere. */
export function refuseTogether(refusals: ReadonlyMap<string, ActionError>): ActionError {
  const [[root, only] = ['', undefined], ...more] = refusals
  const verdicts = [...refusals.values()].map(error => (error instanceof GateError ? error.verdict : 'invalid'))
  const verdict = verdicts.includes('fail') ? 'fail' : 'invalid'
  const told = [...refusals].map(([name, { message }]) => `${name}: ${message}`)
  const refusal = new GateError(
    more.length === 0
      ? `${root}: ${only?.message}`
      : [`${count(refusals.size, 'root')} cannot be applied, so none was`, ...told].join('\n'),
    { verdict, hint: (more.length === 0 ? only?.hint : undefined) ?? OPEN_A_PULL_REQUEST, cause: only },
  )
  return withOutputs(refusal, { applied: 'false', verdict })
}

/**
 * Lets pass what the reviewers of the environment approved: the contracts of exactly the roots that differ.
 * @throws GateError that carries the digest to approve, or says that it is not the one that was
 */
export function requireApproved(
  differing: readonly Differing[],
  inputs: Pick<Inputs, 'approved-contract' | 'environment'>,
  { log }: Pick<Ports, 'log'>,
): void {
  const contracts = differing.map(({ root, mismatch }) => ({ root, contract: mismatch.chosen.contract.digest }))
  const digest = contractOfRoots(contracts)
  const approved = inputs['approved-contract']
  if (approved === digest) return
  const told = differing.map(({ root, mismatch }) => `${root}: ${mismatch.message}`)
  if (approved !== undefined)
    throw withOutputs(
      new GateError(['the plans changed again after their contracts were approved', ...told].join('\n'), {
        verdict: 'fail',
        hint: OPEN_A_PULL_REQUEST,
      }),
      { applied: 'false', verdict: 'fail' },
    )
  log.info(`The contract that waits for an approval is ${digest}, of`)
  for (const { root, contract } of contracts) log.info(`  ${root}: ${contract}`)
  throw withOutputs(
    new GateError([`${count(differing.length, 'root')} would not do what was reviewed`, ...told].join('\n'), {
      verdict: 'fail',
      hint: `Nothing was applied. It can be, when the reviewers of ${inputs.environment} approve the contract ${digest.slice(0, 16)} of ${contracts.map(({ root }) => root).join(', ')} for the job that comes next.`,
    }),
    { applied: 'false', verdict: 'fail', 'new-contract': digest },
  )
}
