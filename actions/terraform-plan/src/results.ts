import { checkedOutTree } from '#kit/checkout'
import type { Ports, RunContext } from '#kit/ports'
import type { Contract } from '#kit/terraform/contract'
import { recordContract } from '#kit/terraform/contract-differences'
import type { Hider } from '#kit/terraform/hide'
import type { Counts, Plan } from '#kit/terraform/plan'
import { rootPath, slug } from '#kit/terraform/root'
import { sealPlan, sha256 } from '#kit/terraform/seal'
import type { Session } from '#kit/terraform/session'
import type { RootInputs } from './inputs.ts'
import { failureRecord, planRecord, type Failure, type RecordBasis, type RecordFacts } from './record.ts'

/** What this run made the plan with; `undefined` for a plan that existed already. */
export type PlanSource = { readonly session: Session; readonly planFile: string } | undefined

/** What is known of a plan when it is written down. */
export type Told = Pick<
  RecordFacts,
  'verdict' | 'binary' | 'warnings' | 'shortValues' | 'delta' | 'protection' | 'policies'
>

/** The folder with what later jobs may have of a plan: its record and, under a key, the plan itself, sealed. */
export async function writeResults(
  inputs: RootInputs,
  ports: Pick<Ports, 'exec' | 'files' | 'log' | 'random' | 'run'>,
  made: { readonly plan: Plan; readonly source: PlanSource; readonly counts: Counts; readonly contract: Contract },
  hider: Hider,
  told: Told,
): Promise<string> {
  const { run, files } = ports
  const { plan, source, counts, contract } = made
  const folder = await files.temporaryFolder('slipway-plan-results')
  const name = slug(rootPath(inputs), inputs.workspace)
  const facts = {
    ...basisOf(inputs, run),
    contract: contract.digest,
    keyed: inputs['plan-key'] !== undefined,
    ignorePaths: inputs['ignore-paths'].map(({ source: written }) => written),
    contractParts: recordContract(contract, hider.hide),
    counts,
    ...told,
  }
  const record = planRecord(plan, facts, hider.hide)
  await files.write(`${folder}/${name}.json`, record)
  const { pullRequest } = run
  const key = inputs['plan-key']
  if (source === undefined || key === undefined || pullRequest === undefined || run.repositoryId === undefined)
    return folder
  const bytes = await files.readBytes(source.planFile)
  const envelope = {
    version: 2,
    repositoryId: run.repositoryId,
    pullRequest: pullRequest.number,
    headSha: pullRequest.headSha,
    baseSha: pullRequest.baseSha,
    tree: await checkedOutTree(ports.exec),
    root: rootPath(inputs),
    workspace: inputs.workspace,
    runId: run.runId,
    runAttempt: run.runAttempt,
    binary: source.session.tool.name,
    binaryVersion: source.session.tool.version,
    lockFileDigest: source.session.lockFileDigest,
    planDigest: sha256(bytes),
    recordDigest: sha256(record),
    contract: contract.digest,
  } as const
  await files.write(`${folder}/${name}.sealed`, sealPlan(bytes, envelope, key, ports.random.bytes(28)))
  ports.log.info(`The plan is sealed for pull request #${pullRequest.number} at ${pullRequest.headSha.slice(0, 7)}`)
  return folder
}

/** The folder with the record of why there is no plan. */
export async function writeFailure(
  inputs: RootInputs,
  { files, run }: Pick<Ports, 'files' | 'run'>,
  failure: Failure,
): Promise<string> {
  const folder = await files.temporaryFolder('slipway-plan-results')
  const name = slug(rootPath(inputs), inputs.workspace)
  await files.write(`${folder}/${name}.json`, failureRecord(basisOf(inputs, run), failure))
  return folder
}

function basisOf(inputs: RootInputs, run: RunContext): RecordBasis {
  return {
    root: rootPath(inputs),
    workspace: inputs.workspace,
    repositoryId: run.repositoryId ?? 0,
    pullRequest: run.pullRequest?.number ?? 0,
    headSha: run.pullRequest?.headSha ?? run.sha,
    runId: run.runId,
    runAttempt: run.runAttempt,
    key: inputs['comment-key'],
    extent: { targets: inputs.targets, destroy: inputs.destroy, 'pre-run': inputs['pre-run'] },
  }
}
