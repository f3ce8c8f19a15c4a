/** Whether an event starts a workflow: activity types, branches, tags, paths, and `[skip ci]`. */
import type { EventsConfig } from '@actions/workflow-parser/model/workflow-template'

export interface FilteredEvent {
  readonly name: string
  readonly action: string
  /** `refs/heads/x`, `refs/tags/x`; for pull requests the base branch, which is what their filters look at. */
  readonly ref: string
  /** Of the head commit: `[skip ci]` in it starts nothing. */
  readonly headMessage: string
  /** Asked for only when a filter looks at paths. Null when the diff cannot be had: everything counts as changed. */
  readonly changedPaths: () => Promise<string[] | null>
  /** Of `workflow_run`: the name of the workflow that ran. */
  readonly workflowName?: string
}

/** Activity types that start a workflow which names none. Events that are not here take all of theirs. */
const defaultTypes: Record<string, string[]> = {
  pull_request: ['opened', 'synchronize', 'reopened'],
  pull_request_target: ['opened', 'synchronize', 'reopened'],
}

const skippable = new Set(['push', 'pull_request'])
const skipInstruction = /\[(?:skip ci|ci skip|no ci|skip actions|actions skip)\]/
const skipTrailer = /\n\n(?:.*\n)*skip-checks: ?true\s*$/

/** GitHub cuts the diff that it matches paths against. */
const maxPaths = 300

interface Filters {
  readonly types?: string[]
  readonly branches?: string[]
  readonly 'branches-ignore'?: string[]
  readonly tags?: string[]
  readonly 'tags-ignore'?: string[]
  readonly paths?: string[]
  readonly 'paths-ignore'?: string[]
  readonly workflows?: string[]
}

export async function startsWorkflow(events: EventsConfig, event: FilteredEvent): Promise<boolean> {
  const config = events[event.name]
  if (config === undefined || config === null) return false
  if (skippable.has(event.name) && asksToSkip(event.headMessage)) return false
  const filters = config as Filters
  if (!matchesTypes(filters, event)) return false
  if (filters.workflows && !filters.workflows.includes(event.workflowName ?? '')) return false
  if (!matchesRef(filters, event)) return false
  // A push of a tag is never held back by its paths.
  if (event.ref.startsWith('refs/tags/')) return true
  return matchesPaths(filters, event)
}

export function asksToSkip(message: string): boolean {
  return skipInstruction.test(message) || skipTrailer.test(message)
}

function matchesTypes(filters: Filters, event: FilteredEvent): boolean {
  const types = filters.types ?? defaultTypes[event.name]
  return !types || event.action === '' || types.includes(event.action)
}

function matchesRef(filters: Filters, event: FilteredEvent): boolean {
  const hasBranchFilter = Boolean(filters.branches ?? filters['branches-ignore'])
  const hasTagFilter = Boolean(filters.tags ?? filters['tags-ignore'])
  if (!hasBranchFilter && !hasTagFilter) return true
  if (event.ref.startsWith('refs/tags/')) {
    if (!hasTagFilter) return false
    return matchesNames(event.ref.slice('refs/tags/'.length), filters.tags, filters['tags-ignore'])
  }
  if (!hasBranchFilter) return false
  return matchesNames(event.ref.replace(/^refs\/heads\//, ''), filters.branches, filters['branches-ignore'])
}

function matchesNames(name: string, only: string[] | undefined, ignored: string[] | undefined): boolean {
  if (only && !matchesPatterns(only, name)) return false
  return !(ignored && matchesPatterns(ignored, name))
}

async function matchesPaths(filters: Filters, event: FilteredEvent): Promise<boolean> {
  const { paths, 'paths-ignore': ignored } = filters
  if (!paths && !ignored) return true
  const changed = (await event.changedPaths())?.slice(0, maxPaths)
  if (!changed) return true
  if (paths && !changed.some(path => matchesPatterns(paths, path))) return false
  return !(ignored && changed.every(path => matchesPatterns(ignored, path)))
}

/** The last pattern that matches decides; `!` takes away again. */
export function matchesPatterns(patterns: string[], text: string): boolean {
  let matched = false
  for (const pattern of patterns) {
    if (pattern.startsWith('!')) matched &&= !toRegExp(pattern.slice(1)).test(text)
    else matched ||= toRegExp(pattern).test(text)
  }
  return matched
}

/** GitHub's filter patterns: `*` stays within a path segment, `**` does not, `?` and `+` repeat what stands before them. */
export function toRegExp(pattern: string): RegExp {
  let source = ''
  for (let index = 0; index < pattern.length; index++) {
    const character = pattern[index] ?? ''
    if (pattern.startsWith('**/', index) && (index === 0 || pattern[index - 1] === '/')) {
      source += '(?:.*/)?'
      index += 2
    } else if (pattern.startsWith('**', index)) {
      source += '.*'
      index += 1
    } else if (character === '*') source += '[^/]*'
    else if (character === '?' || character === '+') source += source === '' ? `\\${character}` : character
    else if (character === '[' && pattern.indexOf(']', index) > index) {
      const end = pattern.indexOf(']', index)
      source += `[${pattern.slice(index + 1, end).replace(/[\\^]/g, '\\$&')}]`
      index = end
    } else if (character === '\\' && index + 1 < pattern.length) {
      index += 1
      source += escapeCharacter(pattern[index] ?? '')
    } else source += escapeCharacter(character)
  }
  return new RegExp(`^${source}$`, 's')
}

const escapeCharacter = (character: string): string => character.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
