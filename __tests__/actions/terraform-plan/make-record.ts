import { planRecord, type RecordFacts } from '../../../actions/terraform-plan/src/record.ts'
import { createHider } from '../../../kit/terraform/hide.ts'
import { countChanges, sumCounts, type Plan } from '../../../kit/terraform/plan.ts'

/** Facts of a record of the run that the fakes play. */
export const RECORD_FACTS: RecordFacts = {
  ...{ root: 'infra/dev', workspace: 'default', repositoryId: 7, pullRequest: 42, headSha: 'a'.repeat(40) },
  ...{ runId: 99, runAttempt: 1, key: '', extent: { targets: [], destroy: false, 'pre-run': '' } },
  ...{ contract: 'c'.repeat(64), keyed: false, ignorePaths: [], contractParts: [] },
  counts: sumCounts([]),
  ...{ verdict: 'pass', binary: 'terraform', warnings: 0, shortValues: 0 },
  ...{ delta: undefined, protection: undefined, policies: undefined },
}

/** The record that a job leaves of a plan. */
export function recordOf(planned: Plan, facts: Partial<RecordFacts> = {}): string {
  const { plan, hide, shortValues } = createHider(planned, [])
  return planRecord(plan, { ...RECORD_FACTS, shortValues, counts: countChanges(plan), ...facts }, hide)
}
