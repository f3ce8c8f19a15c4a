import type { Files, Ports } from '../ports.ts'
import type { Diagnostic } from './events.ts'
import { resolveInRoot } from './find-root.ts'
import type { Session } from './session.ts'

export interface MadePlan {
  /** Of the plan file. It holds secrets. */
  readonly planFile: string
  /** JSON text of the plan. It holds secrets. */
  readonly json: string
  readonly warnings: readonly Diagnostic[]
}

/** Plans a root into a folder that only this user can read. */
export async function makePlan(
  session: Session,
  inputs: {
    readonly 'var-files': readonly string[]
    readonly 'lock-timeout': number
    readonly 'working-directory': string
    readonly targets: readonly string[]
    readonly destroy: boolean
  },
  secretFolder: string,
  ports: { readonly files: Files; readonly log: Ports['log'] },
): Promise<MadePlan> {
  const varFiles: string[] = []
  for (const name of inputs['var-files'])
    varFiles.push(await resolveInRoot('var-files', name, session.folder, inputs['working-directory'], ports.files))
  const planFile = `${secretFolder}/tfplan`
  const { terraform, tool } = session
  const warnings = await ports.log.group(`${tool.name} plan`, () =>
    terraform.plan({
      varFiles,
      lockTimeoutSeconds: inputs['lock-timeout'],
      out: planFile,
      targets: inputs.targets,
      destroy: inputs.destroy,
    }),
  )
  return { planFile, json: await terraform.show(planFile), warnings }
}
