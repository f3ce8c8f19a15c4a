import type { Outputs } from '#kit/action'
import { ActionError, withOutputs } from '#kit/errors'
import type { Ports } from '#kit/ports'
import { findReviewed } from '#kit/terraform/reviewed'
import { onlyRoot } from '#kit/terraform/select-roots'
import { applyPrepared, prepareRoot, readOutputs, reportRefusal, type Prepared } from './apply-root.ts'
import { applyRoots } from './apply-roots.ts'
import { requireReviewers } from './choose-plan.ts'
import type { Inputs, outputs, RootInputs } from './inputs.ts'
import { refuseApplied } from './last-applied.ts'
import { writeResults } from './write-results.ts'

export { post } from './post.ts'

export async function main(inputs: Inputs, ports: Ports): Promise<Outputs<typeof outputs>> {
  const only = onlyRoot(inputs.roots)
  return only === undefined ? applyRoots(inputs, ports) : applyOne({ ...inputs, roots: only }, ports)
}

async function applyOne(inputs: RootInputs, ports: Ports): Promise<Outputs<typeof outputs>> {
  const prepared = await prepare(inputs, ports).catch((error: unknown) => reportRefusal(inputs, ports, error))
  const contract = prepared.chosen.contract.digest
  await applyPrepared(inputs, prepared, ports)
  // The plan is applied by now, whatever becomes of its outputs.
  const results = await readOutputs(prepared, ports)
    .then(({ outputs, hider }) => writeResults(outputs, hider, ports))
    .catch((error: unknown) => {
      throw error instanceof ActionError ? withOutputs(error, { applied: 'true', contract, verdict: 'fail' }) : error
    })
  return { applied: 'true', contract, 'new-contract': '', ...results, verdict: 'pass' }
}

/** Everything that can refuse, before anything is applied. */
async function prepare(inputs: RootInputs, ports: Ports): Promise<Prepared> {
  const reviewed = await findReviewed(ports.repository, ports.run, inputs['plan-workflow'])
  await refuseApplied(inputs, ports)
  await requireReviewers(inputs, ports)
  return prepareRoot(inputs, reviewed, ports)
}
