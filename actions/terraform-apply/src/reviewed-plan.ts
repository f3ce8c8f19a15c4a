import { GateError } from '#kit/errors'
import type { Ports } from '#kit/ports'
import { refusals, type ApplyFacts } from '#kit/terraform/envelope'
import { isObject, member, parseJson } from '#kit/terraform/json'
import type { Reviewed } from '#kit/terraform/reviewed'
import { rootPath, slug } from '#kit/terraform/root'
import { LARGEST_SEALED_PLAN_BYTES, openPlan } from '#kit/terraform/seal'
import type { Session } from '#kit/terraform/session'
import type { Inputs } from './inputs.ts'

const LARGEST_RECORD_BYTES = 64 * 1024 * 1024

/**
 * The plan file that was reviewed. The artifact is only believed where the key proves it, and what it proves must agree
 * with the event and the API (rule R27).
 */
export async function openReviewedPlan(
  inputs: Inputs,
  key: string,
  reviewed: Reviewed,
  session: Session,
  ports: Pick<Ports, 'exec' | 'files' | 'repository' | 'run'>,
): Promise<Uint8Array> {
  const name = `${slug(rootPath(inputs), inputs.workspace)}.sealed`
  const sealed = await readResult(inputs, name, LARGEST_SEALED_PLAN_BYTES, ports)
  if (sealed === undefined)
    throw new GateError(`there is no sealed plan of ${rootPath(inputs)} in "plan-results"`, {
      verdict: 'invalid',
      hint:
        `Its artifact may have expired, and a plan made without "plan-key" is not kept. Run the plan again (${reviewed.planRun.url}), ` +
        'then this. Outside of the reusable workflow, download that artifact into the folder before this step.',
    })
  const { envelope, plan } = openPlan(sealed, key, name)
  const reasons = refusals(envelope, await gatherFacts(inputs, reviewed, session, ports))
  if (reasons.length > 0)
    throw new GateError(`the sealed plan is not the one to apply: ${reasons.join('; ')}`, {
      verdict: 'fail',
      hint: 'Nothing was applied. Open a pull request with what is left to do: it is planned against what is there now.',
    })
  return plan
}

async function gatherFacts(
  inputs: Inputs,
  { pullRequest, planRun }: Reviewed,
  session: Session,
  ports: Pick<Ports, 'exec' | 'repository' | 'run'>,
): Promise<ApplyFacts> {
  const { run } = ports
  if (run.repositoryId === undefined)
    throw new GateError('this run does not say which repository it belongs to', {
      verdict: 'invalid',
      hint: 'The runner sets GITHUB_REPOSITORY_ID; update a runner that does not.',
    })
  const tree = await ports.repository.treeOf(run.sha)
  const checkedOut = await ports.exec.run({ file: 'git', args: ['rev-parse', '--verify', 'HEAD^{tree}'] })
  if (checkedOut.stdout.trim() !== tree)
    throw new GateError(`the files in the workspace are not those of ${run.sha.slice(0, 7)}`, {
      verdict: 'fail',
      hint: 'Check out the commit that started this run, before this step and without "ref".',
    })
  return {
    repositoryId: run.repositoryId,
    pullRequest: pullRequest.number,
    headSha: pullRequest.headSha,
    tree,
    root: rootPath(inputs),
    workspace: inputs.workspace,
    runId: planRun.id,
    runAttempt: planRun.attempt,
    binary: session.tool.name,
    binaryVersion: session.tool.version,
    lockFileDigest: session.lockFileDigest,
  }
}

/**
 * The contract in the record beside the plan, to compare with; `undefined` when there is none that could be compared.
 * It proves nothing: without a key anybody who can write the artifact can write it.
 */
export async function readReviewedContract(inputs: Inputs, ports: Pick<Ports, 'files'>): Promise<string | undefined> {
  const name = `${slug(rootPath(inputs), inputs.workspace)}.json`
  const bytes = await readResult(inputs, name, LARGEST_RECORD_BYTES, ports)
  if (bytes === undefined) return undefined
  try {
    const record = parseJson(Buffer.from(bytes).toString('utf8'))
    const contract = member(record, 'contract')
    const comparable = isObject(record) && record['version'] === 1 && record['keyed'] === false
    return comparable && typeof contract === 'string' ? contract : undefined
  } catch {
    return undefined
  }
}

/** A file of the artifact; links that lead out are refused by `resolve`, too large ones before they are read. */
async function readResult(
  inputs: Inputs,
  name: string,
  maxBytes: number,
  ports: Pick<Ports, 'files'>,
): Promise<Uint8Array | undefined> {
  if (inputs['plan-results'] === '') return undefined
  const path = await ports.files.resolve(
    'plan-results',
    `${inputs['plan-results']}/${name}`,
    inputs['working-directory'],
  )
  if (!(await ports.files.exists(path))) return undefined
  if ((await ports.files.size(path)) > maxBytes)
    throw new GateError(`${name} in "plan-results" is larger than ${maxBytes / 1024 / 1024} MiB`, {
      verdict: 'invalid',
    })
  return ports.files.readBytes(path)
}
