import type { Files, Ports } from '../ports.ts'
import { resolveInRoot } from './find-root.ts'

/**
 * Runs a script of the workspace before Terraform, in the root's folder and with Terraform's own environment. It is code of the
 * checkout, as the root is. No shell reads its name.
 * @param environment credentials; they reach the script's environment only
 */
export async function runScript(
  inputs: { readonly 'pre-run': string; readonly 'working-directory': string },
  folder: string,
  environment: Readonly<Record<string, string>>,
  ports: { readonly exec: Ports['exec']; readonly files: Files; readonly log: Ports['log'] },
): Promise<void> {
  const script = await resolveInRoot('pre-run', inputs['pre-run'], folder, inputs['working-directory'], ports.files)
  const say = (line: string) => ports.log.info(line)
  await ports.log.group(`Script ${inputs['pre-run']}`, () =>
    ports.exec.run({
      file: 'bash',
      args: ['--noprofile', '--norc', script],
      cwd: folder,
      env: environment,
      onStdoutLine: say,
      onStderrLine: say,
    }),
  )
}
