/** A change as git prints it, for callers whose `Accept` asks for `diff` or `patch` instead of JSON. */
import type { Context } from './context.ts'
import { bytes, type Reply } from './reply.ts'

/** Null when the caller takes JSON. `range` names two commits; the patch has one message a commit between them. */
export async function diffText(
  context: Context,
  range: () => Promise<readonly [from: string, to: string]>,
): Promise<Reply | null> {
  const format = /\.(diff|patch)\b/.exec(String(context.headers['accept'] ?? ''))?.[1]
  if (format === undefined) return null
  const git = context.core.git(context.repo.id)
  const [from, to] = await range()
  const args = format === 'diff' ? ['diff', from, to, '--'] : ['format-patch', '--stdout', `${from}..${to}`, '--']
  return bytes(`application/vnd.github.${format}; charset=utf-8`, await git.bytes(args))
}
