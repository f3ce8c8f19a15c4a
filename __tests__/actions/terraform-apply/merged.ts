import { inputs as spec, type Inputs } from '../../../actions/terraform-apply/src/inputs.ts'
import { ActionError, ApiError } from '../../../kit/errors.ts'
import type {
  Deployment,
  Deployments,
  MergedPullRequest,
  Ports,
  Repository,
  WorkflowRunRef,
} from '../../../kit/ports.ts'
import { recordContract } from '../../../kit/terraform/contract-differences.ts'
import { makeContract, type Contract } from '../../../kit/terraform/contract.ts'
import type { Envelope } from '../../../kit/terraform/envelope.ts'
import { createHider } from '../../../kit/terraform/hide.ts'
import { parsePlan } from '../../../kit/terraform/plan.ts'
import { sealPlan, sha256 } from '../../../kit/terraform/seal.ts'
import { inputsOf } from '../../support/action-inputs.ts'
import { FakeChecks, makeRun } from '../../support/fakes.ts'
import { fixtureText } from '../../kit/terraform/fixture.ts'
import { makeWorld, TREE, type FakeTerraform, type World } from '../terraform-plan/fake-terraform.ts'

/** Nothing in it is hidden, so that it can be applied without a key, too. */
export const PLAN_JSON = fixtureText('aws-create').replace(/"user_data":"[0-9a-f]{40}"/g, '"user_data":null')
export const KEY = 'a key of sixteen characters'
const PLAN = new TextEncoder().encode('the reviewed plan')
export const MERGE = 'f'.repeat(40)
const HEAD = 'a'.repeat(40)
const ENVELOPE: Omit<Envelope, 'contract' | 'recordDigest'> = {
  version: 2,
  repositoryId: 7,
  pullRequest: 42,
  headSha: HEAD,
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
}
export const MERGED: MergedPullRequest = {
  number: 42,
  headSha: HEAD,
  headRef: 'topic',
  baseRef: 'infra_main',
  mergeCommitSha: MERGE,
  url: 'https://github.example/acme/shop/pull/42',
}
export const PLANNED: WorkflowRunRef = {
  id: 88,
  attempt: 1,
  headSha: HEAD,
  event: 'pull_request',
  path: '.github/workflows/terraform-plan.yml',
  url: 'https://github.example/acme/shop/actions/runs/88',
}

/** What the API says of a merge. */
export interface MergeFacts {
  readonly pulls: readonly MergedPullRequest[]
  readonly runs: readonly WorkflowRunRef[] | ApiError
  readonly tree: string
  /** Commit that was applied last. */
  readonly last: string
  /** Where the merge is, seen from it. */
  readonly position: Awaited<ReturnType<Repository['compare']>>
  readonly reviewers: boolean
}

export interface MergedWorld extends World {
  readonly recorded: { readonly created: Deployment[]; readonly states: string[] }
}

/** The run of a merge, with the API's answers of `facts`. */
export function merged(
  says: FakeTerraform = {},
  facts: Partial<MergeFacts> = {},
  changes: Partial<Ports> = {},
): MergedWorld {
  const recorded: MergedWorld['recorded'] = { created: [], states: [] }
  const deployments: Deployments = {
    deployedSha: () => Promise.reject(new Error('no test expects this to be asked')),
    lastSuccess: async () => (facts.last === undefined ? undefined : { sha: facts.last, url: PLANNED.url }),
    async create(deployment) {
      recorded.created.push(deployment)
      return { id: recorded.created.length }
    },
    setStatus: async (_id, state) => void recorded.states.push(state),
  }
  const world = makeWorld(
    { plan: PLAN_JSON, ...says },
    {
      run: makeRun({ sha: MERGE, eventName: 'push', ref: 'refs/heads/infra_main', pullRequest: undefined, runId: 120 }),
      deployments,
      repository: {
        mergedPullRequests: async sha => (facts.pulls ?? [MERGED]).filter(pull => pull.mergeCommitSha === sha),
        successfulRuns: async () => {
          if (facts.runs instanceof ApiError) throw facts.runs
          return facts.runs ?? [PLANNED]
        },
        runsAt: async () => [],
        treeOf: async () => facts.tree ?? TREE,
        changedFiles: async () => [],
        compare: async () => facts.position ?? 'ahead',
        hasRequiredReviewers: async () => facts.reviewers ?? false,
        labels: async () => [],
        readFile: async () => undefined,
        readFolder: async () => undefined,
      },
      checks: new FakeChecks(),
      ...changes,
    },
  )
  return { ...world, recorded }
}

/** The contract of a plan that is made in such a world. */
export function contractIn(plan: string, planKey: string | undefined, root = 'infra'): Contract {
  const read = parsePlan(plan, 'the plan')
  const hider = createHider(read, [])
  return makeContract(
    planKey === undefined ? hider.plan : read,
    {
      ...{ root, workspace: 'default', ignorePaths: [], lockFileDigest: sha256('locked') },
      ...{ backend: { type: 'local' }, lineage: undefined, extent: { targets: [], destroy: false, preRun: '' } },
      trees: { '.github/workflows': TREE, '.github/actions': TREE },
    },
    { planKey, isTainted: hider.isTainted },
  )
}

export interface Kept {
  readonly plan?: string
  readonly key?: string | undefined
  readonly record?: Readonly<Record<string, unknown>>
}

/** Puts the record where the workflow downloads it to. Returns its text. */
export function keep(world: World, { plan = PLAN_JSON, key, record = {} }: Kept = {}): string {
  const contract = contractIn(plan, key)
  const text = JSON.stringify({
    version: 1,
    ...{ root: 'infra', workspace: 'default', repositoryId: 7, pullRequest: 42, headSha: HEAD, runId: 88 },
    ...{ contract: contract.digest, keyed: key !== undefined },
    contractParts: recordContract(contract, text => text),
    ...record,
  })
  world.files.content.set('/workspace/plan-results/infra.json', text)
  return text
}

const sealed = new Map<string, Uint8Array>()

/** Deriving a key is slow on purpose, and most tests want the same file. */
function sealedOnce(envelope: Envelope, key: string): Uint8Array {
  const name = JSON.stringify([envelope, key])
  const made = sealed.get(name) ?? sealPlan(PLAN, envelope, key, new Uint8Array(28).fill(3))
  sealed.set(name, made)
  return made
}

/** Puts the sealed plan and its record there. */
export function seal(world: World, envelope: Partial<Envelope> = {}, key = KEY, kept: Kept = {}): void {
  const record = keep(world, { key, ...kept })
  const contract = contractIn(kept.plan ?? PLAN_JSON, key).digest
  const said = { ...ENVELOPE, contract, recordDigest: sha256(record), ...envelope }
  world.files.content.set('/workspace/plan-results/infra.sealed', sealedOnce(said, key))
}

export function given(values: Record<string, string> = {}): Inputs {
  return inputsOf('terraform-apply', spec, { roots: 'infra', 'plan-results': 'plan-results', ...values })
}

export async function failureOf(work: Promise<unknown>): Promise<ActionError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof ActionError)) throw new Error(`it did not fail as expected: ${String(error)}`)
  return error
}

export const applied = (world: World) => world.exec.commands.some(({ args }) => args[0] === 'apply')
