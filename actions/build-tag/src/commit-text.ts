import { formatReference, parseReference } from '#kit/oci/reference'
import type { RunContext } from '#kit/ports'
import type { Change, Target } from './update.ts'

/** What git's history says: who runs what since when, and where it came from. */
export function commitText(
  changes: readonly Change[],
  targets: readonly Target[],
  run: Pick<RunContext, 'runUrl' | 'sha'>,
): { readonly headline: string; readonly body: string } {
  const changed = changes.filter(({ outcome }) => outcome === 'changed')
  const tag = targets[0]?.tag ?? ''
  const lines = changed.flatMap(({ service, before }) => {
    const target = targets.find(one => one.service === service)
    if (target === undefined) return []
    const { registry, path } = parseReference(target.repository)
    const now = formatReference({ registry, path, tag: target.tag, digest: target.digest })
    return [`${service}: ${now}, before ${before.tag ?? before.digest ?? 'no tag'}`]
  })
  const facts = [run.sha === '' ? '' : `Source-Commit: ${run.sha}`, run.runUrl === '' ? '' : `Run: ${run.runUrl}`]
  return {
    headline: `Run ${changed.map(({ service }) => service).join(', ')} as ${tag}`,
    body: [...lines, ...facts].filter(line => line !== '').join('\n'),
  }
}
