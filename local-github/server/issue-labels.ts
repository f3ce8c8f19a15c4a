/** Labels of an issue or pull request, set and taken away with what that tells. */
import type { Issue } from '../model.ts'
import type { Context } from './context.ts'
import { addTimeline, byOf, ensureLabel, findLabel, isPull, sameName } from './issue-records.ts'
import { emitPull } from './pull-events.ts'
import { invalidField } from './reply.ts'
import { labelShape, issueShape } from './shapes/issue.ts'

/** Label names of a body's `labels`: texts, or objects with a `name`. */
export function labelNames(values: readonly unknown[]): string[] {
  return values.flatMap(value => {
    if (typeof value === 'string') return value
    if (typeof value === 'object' && value !== null && 'name' in value && typeof value.name === 'string') {
      return value.name
    }
    return []
  })
}

export function checkLabelName(name: string): void {
  if (name.trim() === '' || [...name].length > 50 || name.includes('\n')) throw invalidField('Label', 'name')
}

/** Brings the labels to exactly these, and tells of each that came or went. */
export async function setLabels(context: Context, issue: Issue, wanted: readonly string[]): Promise<Issue> {
  const { core, repo } = context
  wanted.forEach(checkLabelName)
  const names = wanted
    .map(name => ensureLabel(core, repo, name).name)
    .filter((name, index, all) => all.indexOf(name) === index)
  const added = names.filter(name => !issue.labels.some(had => sameName(had, name)))
  const removed = issue.labels.filter(had => !names.some(name => sameName(had, name)))
  if (added.length === 0 && removed.length === 0) return issue
  const updated = core.store.issues.update(issue.id, { labels: names, updatedAt: core.timestamp() })
  for (const name of removed) await tell(context, updated, 'unlabeled', name)
  for (const name of added) await tell(context, updated, 'labeled', name)
  return updated
}

async function tell(context: Context, issue: Issue, action: 'labeled' | 'unlabeled', name: string): Promise<void> {
  const { core, repo, actor } = context
  addTimeline(core, issue, action, actor, name)
  const label = findLabel(core, repo, name)
  const extra = label ? { label: labelShape(core, repo, label) } : {}
  if (isPull(issue)) await emitPull(core, issue, action, byOf(context), extra)
  else await emitIssue(context, issue, action, extra)
}

/** `issues` events start workflows on the default branch. */
export async function emitIssue(
  context: Context,
  issue: Issue,
  action: string,
  extra: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const { core, repo } = context
  const ref = `refs/heads/${repo.defaultBranch}`
  const sha = await core.git(repo.id).readRef(ref)
  if (sha === null) return
  context.emit({ name: 'issues', action, payload: { issue: issueShape(core, repo, issue), ...extra }, ref, sha })
}
