import { GateError } from '#kit/errors'
import type { Ports, RunContext } from '#kit/ports'
import { shortenMiddle } from '#kit/report/shorten'
import { readRecordedParts, type RecordedPart } from '#kit/terraform/contract-differences'
import { refusals, type ApplyFacts } from '#kit/terraform/envelope'
import { isObject, member, parseJson, type JsonObject } from '#kit/terraform/json'
import type { Reviewed } from '#kit/terraform/reviewed'
import { rootPath, slug } from '#kit/terraform/root'
import { LARGEST_SEALED_PLAN_BYTES, openPlan, sha256 } from '#kit/terraform/seal'
import type { Session } from '#kit/terraform/session'
import type { RootInputs } from './inputs.ts'

const LARGEST_RECORD_BYTES = 64 * 1024 * 1024

/** What may be applied. */
export interface Agreed {
  /** Digest of its contract. */
  readonly contract: string
  /** By which differences are told. */
  readonly parts: readonly RecordedPart[] | undefined
  /** The plan file that was reviewed; only a key lets one leave its job. */
  readonly saved: { readonly plan: Uint8Array; readonly tree: string } | undefined
}

type ReadPorts = Pick<Ports, 'files' | 'run'>

/**
 * What was reviewed. With a key, the artifact is only believed where the key proves it, and what it proves must agree with the
 * event and the API (rule R27). Without one it is believed as far as it comes from the run that the API names.
 */
export async function readAgreed(
  inputs: RootInputs,
  reviewed: Reviewed,
  session: Session,
  ports: ReadPorts,
): Promise<Agreed> {
  const facts = gatherFacts(inputs, reviewed, session, ports.run)
  const key = inputs['plan-key']
  return key === undefined
    ? readRecorded(inputs, reviewed, facts, ports)
    : openReviewed(inputs, key, reviewed, facts, ports)
}

async function openReviewed(
  inputs: RootInputs,
  key: string,
  reviewed: Reviewed,
  facts: ApplyFacts,
  ports: ReadPorts,
): Promise<Agreed> {
  const name = `${slug(facts.root, facts.workspace)}.sealed`
  const sealed = await readResult(inputs, name, LARGEST_SEALED_PLAN_BYTES, ports)
  if (sealed === undefined)
    throw missing(
      `there is no sealed plan of ${facts.root}`,
      'a plan made without "plan-key", as those of forks and of Dependabot are, is not kept',
      reviewed,
      ports.run,
    )
  const { envelope, plan } = openPlan(sealed, key, name)
  const reasons = refusals(envelope, facts)
  if (reasons.length > 0)
    throw new GateError(`the sealed plan is not the one to apply: ${reasons.join('; ')}`, {
      verdict: 'fail',
      hint: OPEN_A_PULL_REQUEST,
    })
  const record = await readRecord(inputs, facts, ports)
  if (record !== undefined && record.digest !== envelope.recordDigest)
    throw new GateError(`the record of ${facts.root} in "plan-results" was changed after the plan was sealed`, {
      verdict: 'fail',
      hint: `Find out who changed the artifact of ${reviewed.planRun.url}, then run the plan again.`,
    })
  return {
    contract: envelope.contract,
    parts: readRecordedParts(record?.content['contractParts']),
    saved: { plan, tree: envelope.tree },
  }
}

/** Without a key nothing proves who wrote the record: that it lies in the artifact of the right run is all there is. */
async function readRecorded(
  inputs: RootInputs,
  reviewed: Reviewed,
  facts: ApplyFacts,
  ports: ReadPorts,
): Promise<Agreed> {
  const record = (await readRecord(inputs, facts, ports))?.content
  if (record === undefined)
    throw missing(`there is no record of a plan of ${facts.root}`, 'its file may be damaged', reviewed, ports.run)
  if (record['keyed'] === true)
    throw new GateError('the reviewed plan was made with a "plan-key", and this step has none', {
      verdict: 'fail',
      hint: 'Give this step the same "plan-key".',
    })
  const { contract } = record
  const other = (['repositoryId', 'pullRequest', 'headSha', 'runId', 'root', 'workspace'] as const).filter(
    name => record[name] !== facts[name],
  )
  if (other.length > 0) {
    const told = other.map(
      name =>
        `${name} is ${shortenMiddle(JSON.stringify(record[name] ?? null), 80)} and not ${JSON.stringify(facts[name])}`,
    )
    throw new GateError(`the record in "plan-results" is not of the plan that was reviewed: ${told.join('; ')}`, {
      verdict: 'fail',
      hint: OPEN_A_PULL_REQUEST,
    })
  }
  if (typeof contract !== 'string')
    throw missing(`the record of ${facts.root} holds no contract`, 'its file may be damaged', reviewed, ports.run)
  return { contract, parts: readRecordedParts(record['contractParts']), saved: undefined }
}

export const OPEN_A_PULL_REQUEST =
  'Nothing was applied. Open a pull request with what is left to do: it is planned against what is there now.'

function missing(what: string, also: string, { planRun }: Reviewed, { serverUrl }: Pick<RunContext, 'serverUrl'>) {
  const onServer = hasArtifacts(serverUrl)
    ? ''
    : ' GitHub Enterprise Server refuses the artifact actions from version 4 on: keep and fetch the folder in another way there.'
  return new GateError(`${what} in "plan-results"`, {
    verdict: 'invalid',
    hint:
      `Its artifact may have expired, and ${also}. Run the plan again (${planRun.url}), then this. ` +
      `Outside of the reusable workflow, download that artifact into the folder before this step.${onServer}`,
  })
}

/** As GitHub's own artifact actions tell a server of an enterprise: https://github.com/actions/toolkit/tree/main/packages/artifact */
function hasArtifacts(serverUrl: string): boolean {
  return /^https?:\/\/(?:github\.com|[\w.-]+\.ghe\.com|127\.0\.0\.1(?::\d+)?)\/?$/i.test(serverUrl)
}

function gatherFacts(
  inputs: RootInputs,
  { pullRequest, planRun }: Reviewed,
  session: Session,
  run: Ports['run'],
): ApplyFacts {
  if (run.repositoryId === undefined)
    throw new GateError('this run does not say which repository it belongs to', {
      verdict: 'invalid',
      hint: 'The runner sets GITHUB_REPOSITORY_ID; update a runner that does not.',
    })
  return {
    repositoryId: run.repositoryId,
    pullRequest: pullRequest.number,
    headSha: pullRequest.headSha,
    root: rootPath(inputs),
    workspace: inputs.workspace,
    runId: planRun.id,
    runAttempt: planRun.attempt,
    binary: session.tool.name,
    binaryVersion: session.tool.version,
    lockFileDigest: session.lockFileDigest,
  }
}

async function readRecord(
  inputs: RootInputs,
  { root, workspace }: ApplyFacts,
  ports: Pick<Ports, 'files'>,
): Promise<{ readonly content: JsonObject; readonly digest: string } | undefined> {
  const bytes = await readResult(inputs, `${slug(root, workspace)}.json`, LARGEST_RECORD_BYTES, ports)
  if (bytes === undefined) return undefined
  try {
    const content = parseJson(Buffer.from(bytes).toString('utf8'))
    const isRecord = isObject(content) && member(content, 'version') === 1
    return { content: isRecord ? content : {}, digest: sha256(bytes) }
  } catch {
    return { content: {}, digest: sha256(bytes) }
  }
}

/** A file of the artifact; links that lead out are refused by `resolve`, too large ones before they are read. */
async function readResult(
  inputs: RootInputs,
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
