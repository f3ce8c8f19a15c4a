import type { Exec } from './ports.ts'

/** Git tree of the commit that is checked out, which need not be the one that started the run. */
export async function checkedOutTree(exec: Exec): Promise<string> {
  const { stdout } = await exec.run({ file: 'git', args: ['rev-parse', '--verify', 'HEAD^{tree}'] })
  return stdout.trim()
}
