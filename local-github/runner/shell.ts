import { basename } from 'node:path'

/** How a script is started: `{0}` in the arguments is the script's file. */
export interface Shell {
  readonly file: string
  readonly arguments: readonly string[]
  readonly extension: string
  /** As the log shows it. */
  readonly display: string
}

const known: Readonly<Record<string, { arguments: string; extension: string }>> = {
  bash: { arguments: '--noprofile --norc -e -o pipefail {0}', extension: '.sh' },
  sh: { arguments: '-e {0}', extension: '.sh' },
  python: { arguments: '{0}', extension: '.py' },
  pwsh: { arguments: `-command ". '{0}'"`, extension: '.ps1' },
}

/**
 * @param shell of the step or the defaults; empty when none is given: then bash runs without `pipefail`
 * @throws for a shell that only Windows has, and for one that is neither known nor a template with `{0}`
 */
export function resolveShell(shell: string): Shell {
  if (shell === '') return describe('bash', '-e {0}', '.sh')
  if (shell === 'cmd' || shell === 'powershell') throw new Error(`Shell "${shell}" exists on Windows runners only`)
  const found = Object.hasOwn(known, shell) ? known[shell] : undefined
  if (found) return describe(shell, found.arguments, found.extension)
  const [file = '', ...rest] = shell.trim().split(/\s+/)
  if (!rest.some(part => part.includes('{0}')))
    throw new Error(
      `Invalid shell option "${shell}". Shell must be a valid built-in (bash, sh, python, pwsh) or a format string containing '{0}'`,
    )
  return describe(file, rest.join(' '), known[basename(file)]?.extension ?? '')
}

function describe(file: string, template: string, extension: string): Shell {
  return { file, arguments: splitArguments(template), extension, display: `${file} ${template}` }
}

/** Words are parted by spaces; a part in double quotes is one word. */
function splitArguments(template: string): string[] {
  return [...template.matchAll(/"([^"]*)"|(\S+)/g)].map(match => match[1] ?? match[2] ?? '')
}
