import { ApiError } from '#kit/errors'
import type { Ports } from '#kit/ports'
import type { Inputs } from './inputs.ts'
import type { Verdict } from './verdict.ts'

/** As `main` makes the name: run, commit, chance. */
const RELEASE = /^\d+-([0-9a-f]{7})-[0-9a-f]{4}$/

/**
 * Tells GitHub's page of the environment which commit runs again after a rollback: the red job marks its own deployment, and
 * nothing else would say what serves instead. A page that cannot be told is a warning, as it changes nothing on the hosts.
 */
export async function tellRestored(
  { result, stable }: Verdict,
  inputs: Pick<Inputs, 'environment' | 'github-token' | 'smoke-url'>,
  { deployments, run, log }: Pick<Ports, 'deployments' | 'run' | 'log'>,
): Promise<void> {
  const { environment, 'smoke-url': smokeUrl } = inputs
  if (result !== 'rolled-back' || environment === '' || inputs['github-token'] === '') return
  const untold = (why: string) =>
    log.warning(`The page of the environment ${environment} does not say that ${stable} runs again: ${why}`)
  const description = `rolled back: release ${stable} runs again`
  try {
    const [, abbreviated = ''] = RELEASE.exec(stable) ?? []
    const sha = abbreviated === '' ? undefined : await deployments.deployedSha(environment, abbreviated)
    if (sha === undefined) return untold('no deployment of its commit is on it')
    const idempotencyKey = `deploy-compose ${run.runId} ${run.runAttempt} ${environment}`
    const { id } = await deployments.create({ ref: sha, environment, description, idempotencyKey })
    await deployments.setStatus(id, 'success', {
      description,
      logUrl: run.runUrl,
      ...(smokeUrl === '' ? {} : { environmentUrl: new URL(smokeUrl).origin }),
    })
  } catch (thrown) {
    if (!(thrown instanceof ApiError)) throw thrown
    untold(thrown.permission === undefined ? thrown.message : `${thrown.message}; the job needs "${thrown.permission}"`)
  }
}
