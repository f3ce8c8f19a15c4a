import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { sep } from 'node:path'
import { data } from '@actions/expressions'
import type { FunctionDefinition } from '@actions/expressions/funcs/info'
import { findFiles } from './path-patterns.ts'

/** SHA-256 over the SHA-256 of each file inside the workspace that a pattern matches; empty when there is none. */
export function hashFiles(patterns: readonly string[], workspace: string): string {
  const followSymbolicLinks = patterns[0]?.toLowerCase() === '--follow-symbolic-links'
  const lines = (followSymbolicLinks ? patterns.slice(1) : patterns).join('\n')
  const { files } = findFiles(lines, workspace, { followSymbolicLinks, hidden: true })
  const inside = files.filter(file => file.startsWith(workspace + sep))
  if (inside.length === 0) return ''
  const whole = createHash('sha256')
  for (const file of inside) whole.update(createHash('sha256').update(readFileSync(file)).digest())
  return whole.digest('hex')
}

export function hashFilesFunction(workspace: string): FunctionDefinition {
  return {
    name: 'hashFiles',
    minArgs: 1,
    maxArgs: 255,
    call: (...patterns) =>
      new data.StringData(
        hashFiles(
          patterns.map(pattern => pattern.coerceString()),
          workspace,
        ),
      ),
  }
}
