import semver from 'semver'
import { ActionError, CommandError } from '#kit/errors'
import type { Ports } from '#kit/ports'

const OLDEST = '2.14.0'
const INSTALL = 'Install it in a step before this one: "pipx install ansible-core". The hosted runners have pipx.'

/**
 * Version of the ansible-core on PATH.
 * @throws ActionError when it is missing or too old for the callback
 */
export async function findAnsible(exec: Ports['exec'], cwd: string): Promise<string> {
  const { stdout } = await exec.run({ file: 'ansible-playbook', args: ['--version'], cwd }).catch((error: unknown) => {
    if (!(error instanceof CommandError)) throw error
    const missing = error.exitCode === null && /was not found/.test(error.message)
    throw new ActionError(
      missing ? 'ansible-playbook was not found on PATH' : `ansible-playbook does not start: ${error.message}`,
      { hint: INSTALL, cause: missing ? undefined : error },
    )
  })
  const version = /^ansible-playbook \[core (\d+\.\d+\.\d+)/.exec(stdout)?.[1]
  if (version === undefined || semver.lt(version, OLDEST))
    throw new ActionError(
      `ansible-playbook is ${version === undefined ? `no ansible-core: it says ${JSON.stringify(stdout.split('\n')[0])}` : `of ansible-core ${version}`}, and ${OLDEST} is the oldest that works`,
      { hint: INSTALL },
    )
  return version
}
