import { ApiError } from '../../../kit/errors.ts'
import type { MergedPullRequest, Ports, WorkflowRunRef } from '../../../kit/ports.ts'
import type { Envelope } from '../../../kit/terraform/envelope.ts'
import { sealPlan, sha256 } from '../../../kit/terraform/seal.ts'
import { makeRun } from '../../support/fakes.ts'
import { fixtureText } from '../../kit/terraform/fixture.ts'
import { makeWorld, TREE, type FakeTerraform, type World } from '../terraform-plan/fake-terraform.ts'

export const KEY = 'a key of sixteen characters'
const PLAN = new TextEncoder().encode('the reviewed plan')
const MERGE = 'f'.repeat(40)
const ENVELOPE: Envelope = {
  version: 1,
  repositoryId: 7,
  pullRequest: 42,
  headSha: 'a'.repeat(40),
  baseSha: 'b'.repeat(40),
  tree: TREE,
  root: 'infra',
  workspace: 'default',
  runId: 88,
  runAttempt: 1,
  binary: 'terraform',
  binaryVersion: '1.11.4',
  lockFileDigest: sha256('locked'),
  planDigest: sha256(PLAN),
  contract: 'e'.repeat(64),
}
export const MERGED: MergedPullRequest = {
  number: 42,
  headSha: 'a'.repeat(40),
  headRef: 'topic',
  baseRef: 'infra_main',
  mergeCommitSha: MERGE,
  url: 'https://github.example/acme/shop/pull/42',
}
export const PLANNED: WorkflowRunRef = {
  id: 88,
  attempt: 1,
  headSha: 'a'.repeat(40),
  event: 'pull_request',
  path: '.github/workflows/terraform-plan.yml',
  url: 'https://github.example/acme/shop/actions/runs/88',
}

/** The run of a merge, with the API's answers of `facts`. */
export function merged(
  says: FakeTerraform = {},
  facts: Partial<{
    pulls: readonly MergedPullRequest[]
    runs: readonly WorkflowRunRef[] | ApiError
    tree: string
  }> = {},
  changes: Partial<Ports> = {},
): World {
  return makeWorld(
    { plan: fixtureText('aws-create'), ...says },
    {
      run: makeRun({ sha: MERGE, eventName: 'push', ref: 'refs/heads/infra_main', pullRequest: undefined, runId: 120 }),
      repository: {
        mergedPullRequests: async sha => (facts.pulls ?? [MERGED]).filter(pull => pull.mergeCommitSha === sha),
        successfulRuns: async () => {
          if (facts.runs instanceof ApiError) throw facts.runs
          return facts.runs ?? [PLANNED]
        },
        treeOf: async () => facts.tree ?? TREE,
        labels: async () => [],
        readFile: async () => undefined,
        readFolder: async () => undefined,
      },
      ...changes,
    },
  )
}

/** Puts the sealed plan where the workflow downloads it to. */
export function seal(world: World, envelope: Partial<Envelope> = {}, key = KEY): void {
  const sealed = sealPlan(PLAN, { ...ENVELOPE, ...envelope }, key, new Uint8Array(28).fill(3))
  world.files.content.set('/workspace/plan-results/infra.sealed', sealed)
}
