import { ActionError } from '../errors.ts'
import type { Environment } from '../ports.ts'

export type Variables = Readonly<Record<string, string | undefined>>

export function environmentOf(variables: Variables): Environment {
  return { get: name => variables[name] || undefined }
}

/** What every child gets when it is set: how to find programs and folders, language, proxies, which runner it is on. */
const PASSED = new Set([
  ...['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'TMPDIR', 'LANG', 'LANGUAGE', 'TZ', 'TERM'],
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'ALL_PROXY', 'http_proxy', 'https_proxy', 'no_proxy', 'all_proxy'],
  ...['SSL_CERT_FILE', 'SSL_CERT_DIR', 'CI', 'NO_COLOR'],
  ...['RUNNER_TEMP', 'RUNNER_TOOL_CACHE', 'RUNNER_OS', 'RUNNER_ARCH', 'RUNNER_NAME', 'GITHUB_WORKSPACE'],
  // The runner ends what a job left behind by this variable.
  'RUNNER_TRACKING_ID',
])

/** Credentials of the step itself; a child may never have them, not even by `pass-env`. */
const WITHHELD = /^(?:INPUT_|STATE_|ACTIONS_|GITHUB_(?:TOKEN|ENV|PATH|OUTPUT|STATE|STEP_SUMMARY)$)/i

/**
 * The environment of a child process (rule R11).
 * @param passEnv names that the user lets through; each unset one is left out
 * @throws ActionError when `passEnv` names a variable that no child may have
 */
export function childEnvironment(variables: Variables, passEnv: readonly string[]): Record<string, string> {
  for (const name of passEnv)
    if (WITHHELD.test(name))
      throw new ActionError(`input "pass-env": ${name} is never passed to a tool`, {
        hint: 'Take it off the list; tokens of the step stay in the step',
      })
  const passed = new Set(passEnv)
  return Object.fromEntries(
    Object.entries(variables).filter(
      (entry): entry is [string, string] =>
        entry[1] !== undefined && (PASSED.has(entry[0]) || entry[0].startsWith('LC_') || passed.has(entry[0])),
    ),
  )
}
