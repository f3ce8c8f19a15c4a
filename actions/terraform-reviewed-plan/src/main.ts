import type { Outputs } from '#kit/action'
import type { Ports } from '#kit/ports'
import { findReviewed } from '#kit/terraform/reviewed'
import { artifactName, rootPath } from '#kit/terraform/root'
import { onlyRoot } from '#kit/terraform/select-roots'
import type { Inputs, outputs } from './inputs.ts'

/** Which of several roots were planned is for the apply to find out, from what no artifact says. */
const ANY_PLAN = 'slipway-plan-*'

export async function main(
  inputs: Inputs,
  ports: Pick<Ports, 'log' | 'files' | 'repository' | 'run'>,
): Promise<Outputs<typeof outputs>> {
  const { files, repository } = ports
  // The planning job refuses a root outside of the workspace (rule R22), so no artifact has the name that one would get.
  for (const { pattern } of inputs.roots) await files.resolve('roots', pattern, inputs['working-directory'])
  const { pullRequest, planRun } = await findReviewed(repository, ports.run, inputs['plan-workflow'])
  ports.log.notice(
    `#${pullRequest.number} was merged as ${ports.run.sha.slice(0, 7)}; its head ${pullRequest.headSha.slice(0, 7)} was planned by ${planRun.url}`,
  )
  const only = onlyRoot(inputs.roots)
  const name = only === undefined ? '' : artifactName(rootPath({ ...inputs, roots: only }), inputs.workspace)
  return {
    'run-id': String(planRun.id),
    'artifact-name': name,
    'artifact-pattern': name === '' ? ANY_PLAN : name,
    'pull-request': String(pullRequest.number),
    'head-sha': pullRequest.headSha,
    'head-ref': pullRequest.headRef,
  }
}
