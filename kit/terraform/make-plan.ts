import { CommandError } from '../errors.ts'
import type { Ports } from '../ports.ts'
import type { Diagnostic } from './events.ts'
import { resolveInRoot } from './find-root.ts'
import { createTextHider } from './hide.ts'
import { hideError } from './hide-error.ts'
import { hiderAfterFailure } from './known-secrets.ts'
import type { Session } from './session.ts'

export interface MadePlan {
  /** Of the plan file. It holds secrets. */
  readonly planFile: string
  /** JSON text of the plan. It holds secrets. */
  readonly json: string
  /** What Terraform said. Nobody may read it before the plan's secrets are known. */
  readonly messages: readonly string[]
  readonly warnings: readonly Diagnostic[]
}

/**
 * Plans a root into a folder that only this user can read. A failure comes without what is known to be secret.
 * @param patterns what is hidden besides
 */
export async function makePlan(
  session: Session,
  inputs: {
    readonly 'var-files': readonly string[]
    /** `undefined`: without the lock. */
    readonly 'lock-timeout': number | undefined
    readonly 'working-directory': string
    readonly targets: readonly string[]
    readonly destroy: boolean
    readonly redact: readonly RegExp[]
  },
  secretFolder: string,
  ports: Pick<Ports, 'environment' | 'files' | 'log'>,
): Promise<MadePlan> {
  const varFiles: string[] = []
  for (const name of inputs['var-files'])
    varFiles.push(await resolveInRoot('var-files', name, session.folder, inputs['working-directory'], ports.files))
  const planFile = `${secretFolder}/tfplan`
  const { terraform, tool } = session
  const said = await ports.log
    .group(`${tool.name} plan`, () =>
      terraform.plan({
        varFiles,
        lockTimeoutSeconds: inputs['lock-timeout'],
        out: planFile,
        targets: inputs.targets,
        destroy: inputs.destroy,
      }),
    )
    .catch(async (error: unknown) => {
      // Who cancels does not wait for the state to be read.
      const isCancelled = error instanceof CommandError && error.cancelled
      const hider = isCancelled
        ? createTextHider(null, [], inputs.redact)
        : await hiderAfterFailure(session, { varFiles, planFile }, inputs.redact, ports)
      for (const value of hider.secrets) ports.log.secret(value)
      throw hideError(error, hider.hide)
    })
  return { planFile, json: await terraform.show(planFile), ...said }
}
