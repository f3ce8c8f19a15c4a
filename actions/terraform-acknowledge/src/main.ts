import type { Outputs } from '#kit/action'
import { ActionError, ApiError, GateError, withOutputs } from '#kit/errors'
import type { Ports } from '#kit/ports'
import { code, text } from '#kit/report/inline'
import { checkId, writeRecord } from '#kit/terraform/acknowledgement'
import { choosePlans, isAcknowledged, readPlans, type HeldPlan } from './held-plans.ts'
import type { Inputs, outputs } from './inputs.ts'
import { checkAuthority, needPullRequest, readRequest, type Request } from './request.ts'

type AcknowledgePorts = Pick<Ports, 'checks' | 'log' | 'pullRequests' | 'run' | 'workflowRuns'>

export async function main(inputs: Inputs, ports: AcknowledgePorts): Promise<Outputs<typeof outputs>> {
  try {
    const request = await readRequest(inputs, ports)
    if (request === undefined) {
      ports.log.info('This asks for nothing: a request is "/ack" or a label "ack:" with digits of a contract')
      return { verdict: '', contract: '' }
    }
    const contract = await acknowledge(request, needPullRequest(inputs), ports)
    await answer(inputs, '+1', ports)
    return { verdict: 'pass', contract }
  } catch (error) {
    if (!(error instanceof ActionError)) throw error
    if (error instanceof GateError) await answer(inputs, '-1', ports)
    throw withOutputs(error, { verdict: error instanceof GateError ? error.verdict : 'invalid', contract: '' })
  }
}

async function acknowledge(request: Request, number: number, ports: AcknowledgePorts): Promise<string> {
  const pull = await ports.pullRequests.read(number)
  await checkAuthority(request, pull, ports)
  const plans = readPlans(await ports.checks.own(pull.headSha), number)
  const chosen = choosePlans(plans, request.digits)
  for (const plan of chosen) if (!isAcknowledged(plan)) await complete(plan, request, pull.headSha, number, ports)
  const digest = chosen[0]?.record.digest ?? ''
  ports.log.notice(`${request.by.login} acknowledged ${digest} for #${number}`)
  await rerunPlans(chosen, plans, ports)
  return digest
}

async function complete(
  { check, record }: HeldPlan,
  { by, source }: Request,
  sha: string,
  number: number,
  { checks }: Pick<Ports, 'checks'>,
): Promise<void> {
  const given = { digest: record.digest, login: by.login, source }
  await checks.complete({
    sha,
    name: check.name,
    externalId: checkId(number),
    conclusion: 'success',
    title: `Protected changes, acknowledged by ${by.login}`,
    summary: `Contract ${code(record.digest)} was acknowledged by ${text(by.login)} (${text(source)}). It lapses with any change of the plan.`,
    text: writeRecord({ ...record, acknowledged: [...record.acknowledged, given] }),
  })
}

/** Runs again what was held back, when nothing of the same run waits any more: one by one they would only fail again. */
async function rerunPlans(
  chosen: readonly HeldPlan[],
  plans: readonly HeldPlan[],
  { workflowRuns, log, run }: Pick<Ports, 'workflowRuns' | 'log' | 'run'>,
): Promise<void> {
  for (const runId of new Set(chosen.map(({ record }) => record.runId))) {
    const waiting = plans.filter(plan => plan.record.runId === runId && !chosen.includes(plan) && !isAcknowledged(plan))
    if (waiting.length > 0) {
      log.info(`Still to be acknowledged: ${waiting.map(({ record }) => record.digest.slice(0, 16)).join(', ')}`)
      continue
    }
    try {
      await workflowRuns.rerunFailed(runId)
      log.info(`The plan runs again: ${run.serverUrl}/${run.repository}/actions/runs/${runId}`)
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      log.warning(
        `It is acknowledged, but the plan could not be started again: ${error.message}. Do it by hand: ${run.serverUrl}/${run.repository}/actions/runs/${runId}`,
      )
    }
  }
}

/** The only sign on the pull request that a request was seen. */
async function answer(
  inputs: Inputs,
  reaction: '+1' | '-1',
  { pullRequests, log }: Pick<Ports, 'pullRequests' | 'log'>,
): Promise<void> {
  const id = inputs['comment-id']
  if (id === undefined) return
  await pullRequests.react(id, reaction).catch((error: unknown) => {
    if (!(error instanceof ApiError)) throw error
    log.warning(`The comment could not be answered: ${error.message}`)
  })
}
