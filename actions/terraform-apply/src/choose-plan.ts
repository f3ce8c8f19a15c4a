import { checkedOutTree } from '#kit/checkout'
import { GateError, InputError, withOutputs } from '#kit/errors'
import type { Ports } from '#kit/ports'
import type { Contract } from '#kit/terraform/contract'
import { contractOf, type ReadPlan } from '#kit/terraform/contract-facts'
import { createHider, type Hider } from '#kit/terraform/hide'
import { makePlan } from '#kit/terraform/make-plan'
import { parsePlan } from '#kit/terraform/plan'
import type { Reviewed } from '#kit/terraform/reviewed'
import type { Session } from '#kit/terraform/session'
import { diagnosticText } from '#kit/terraform/terraform'
import { ContractMismatch, mismatches } from './contract-mismatch.ts'
import type { RootInputs } from './inputs.ts'
import { OPEN_A_PULL_REQUEST, readAgreed, type Agreed } from './reviewed-plan.ts'

export interface Chosen {
  /** In which it can be applied. */
  readonly session: Session
  readonly hider: Hider
  readonly planFile: string
  readonly contract: Contract
  /** How it came to be, as one sentence. */
  readonly source: string
  /** Plans again under the same contract, for a saved plan that turns out to be stale. */
  readonly again: (() => Promise<Chosen>) | undefined
  /** Plans again under the same contract, whatever was chosen: what the plan has read may be another by now. */
  readonly afresh: (source: string) => Promise<Chosen>
}

interface Choice {
  readonly inputs: RootInputs
  readonly session: Session
  readonly agreed: Agreed
  readonly planFolder: string
  readonly ports: Ports
}

/** `replan` lets people approve in the environment, which only works where GitHub asks them. */
export async function requireReviewers(
  inputs: Pick<RootInputs, 'environment' | 'approved-contract' | 'on-contract-mismatch'>,
  ports: Pick<Ports, 'repository'>,
): Promise<void> {
  const { environment } = inputs
  const approved = inputs['approved-contract']
  if (inputs['on-contract-mismatch'] === 'refuse' && approved === undefined) return
  if (inputs['on-contract-mismatch'] === 'refuse')
    throw new InputError([
      {
        input: 'approved-contract',
        problem: 'a mismatch is refused, so no other contract than the reviewed one can be approved',
        fix: 'Leave it out, or set "on-contract-mismatch" to "replan"',
      },
    ])
  if (environment === '' || !(await ports.repository.hasRequiredReviewers(environment)))
    throw new InputError([
      {
        input: 'environment',
        value: environment,
        problem: 'it has no required reviewers, so nobody would approve what "on-contract-mismatch: replan" applies',
        fix: 'Name the environment of the job and give it required reviewers, or set "on-contract-mismatch" to "refuse"',
      },
    ])
}

/** The plan file to apply: the reviewed one, or one that was made here and does the same. */
export async function choosePlan(
  inputs: RootInputs,
  reviewed: Reviewed,
  session: Session,
  planFolder: string,
  ports: Ports,
): Promise<Chosen> {
  const tree = await mergedTree(ports)
  const agreed = await readAgreed(inputs, reviewed, session, ports)
  const approved = inputs['approved-contract']
  const choice = { inputs, session, agreed, planFolder, ports }
  const head = reviewed.pullRequest.headSha.slice(0, 7)
  if (approved !== undefined)
    return planAgain(choice, approved, 'This is a fresh plan, whose contract was approved in the environment.')
  if (agreed.saved === undefined)
    return planAgain(choice, agreed.contract, `This is a fresh plan, and it does what was reviewed at ${head}.`)
  if (agreed.saved.tree !== tree)
    return planAgain(
      choice,
      agreed.contract,
      `Other changes were merged after the plan, so this is a fresh one, and it does what was reviewed at ${head}.`,
    )
  return openSaved(choice, agreed.saved.plan, head)
}

/** Tree of the merge, which must be what lies in the workspace. */
export async function mergedTree({
  exec,
  repository,
  run,
}: Pick<Ports, 'exec' | 'repository' | 'run'>): Promise<string> {
  const tree = await repository.treeOf(run.sha)
  if ((await checkedOutTree(exec)) !== tree)
    throw new GateError(`the files in the workspace are not those of ${run.sha.slice(0, 7)}`, {
      verdict: 'fail',
      hint: 'Check out the commit that started this run, before this step and without "ref".',
    })
  return tree
}

async function openSaved(choice: Choice, saved: Uint8Array, head: string): Promise<Chosen> {
  const { inputs, session, agreed, planFolder, ports } = choice
  const planFile = `${planFolder}/tfplan`
  await ports.files.write(planFile, saved)
  const read = readPlan(await session.terraform.show(planFile), inputs, ports)
  const { hider } = read
  const contract = await contractOf(inputs, read, { session, planFile }, ports)
  const afresh = (why: string) => planAgain(choice, agreed.contract, why)
  const source = `This is the plan that was reviewed at ${head}.`
  const again = () =>
    afresh(`The state was changed after the plan, so this is a fresh one, and it does what was reviewed at ${head}.`)
  const chosen = { session, hider, planFile, contract, source, again, afresh }
  requireSame(choice, chosen, agreed.contract)
  return chosen
}

async function planAgain(choice: Choice, agreedContract: string, source: string): Promise<Chosen> {
  const { inputs, session, planFolder, ports } = choice
  const { planFile, json, messages, warnings } = await makePlan(session, inputs, planFolder, ports)
  const read = readPlan(json, inputs, ports)
  const { hider } = read
  for (const message of messages) ports.log.info(hider.hide(message))
  for (const warning of warnings) ports.log.warning(hider.hide(diagnosticText(warning)))
  const contract = await contractOf(inputs, read, { session, planFile }, ports)
  const afresh = (why: string) => planAgain(choice, contract.digest, why)
  const chosen = { session, hider, planFile, contract, source, again: undefined, afresh }
  requireSame(choice, chosen, agreedContract)
  return chosen
}

function readPlan(json: string, { redact }: Pick<RootInputs, 'redact'>, ports: Pick<Ports, 'log'>): ReadPlan {
  const plan = parsePlan(json, 'the plan')
  const hider = createHider(plan, redact)
  for (const value of hider.secrets) ports.log.secret(value)
  return { plan, hider }
}

const MOST_NAMES = 5

function requireSame({ inputs, agreed, ports }: Choice, chosen: Chosen, expected: string): void {
  const { contract, hider } = chosen
  const { hide } = hider
  const { untold } = contract
  if (untold.length > 0)
    throw new GateError(
      `sensitive values change, and without "plan-key" nobody can tell whether they are the reviewed ones: ${untold.slice(0, MOST_NAMES).map(hide).join(', ')}${untold.length > MOST_NAMES ? ' …' : ''}`,
      {
        verdict: 'fail',
        hint: 'Nothing was applied. Make a key with "openssl rand -hex 32", give it to plan and apply as "plan-key", and open a new pull request.',
      },
    )
  if (contract.digest === expected) return
  const found = mismatches(agreed, contract, hide)
  if (inputs['approved-contract'] !== undefined)
    throw new ContractMismatch(
      'the plan changed again after its contract was approved',
      found,
      chosen,
      OPEN_A_PULL_REQUEST,
    )
  const what = 'the plan does not do what was reviewed'
  if (inputs['on-contract-mismatch'] === 'refuse') throw new ContractMismatch(what, found, chosen, OPEN_A_PULL_REQUEST)
  const hint = `Nothing was applied. It can be, when the reviewers of ${inputs.environment} approve the contract ${contract.digest.slice(0, 16)} for the job that comes next.`
  ports.log.info(`The contract that waits for an approval is ${contract.digest}`)
  throw withOutputs(new ContractMismatch(what, found, chosen, hint), { 'new-contract': contract.digest })
}
