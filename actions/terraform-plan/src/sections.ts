import { details } from '#kit/report/details'
import { diffFence, type DiffLine } from '#kit/report/fence'
import { code, html, htmlCode, text } from '#kit/report/inline'
import { compareAttributes, type AttributeChange } from '#kit/terraform/diff'
import { canonicalText } from '#kit/terraform/json'
import { attributeName, diffLines, valueText } from '#kit/terraform/diff-text'
import { isEffective, type OutputChange, type Plan, type ResourceChange } from '#kit/terraform/plan'
import { losesState } from '#kit/terraform/protection'
import type { ProtectionLines } from './protection-report.ts'
import { orderText, reasonText, typesText } from './words.ts'

export type Hide = (text: string) => string

/** How much is told of each object. `danger`: of the harmless ones only how many there are. */
export type Detail = 'full' | 'changes' | 'addresses' | 'danger'

/** Lines above the first fold for what is dangerous; the rest is inside. */
const DANGER_LINES = 8

/** What a reviewer must see without opening anything. */
export function dangerLines(
  plan: Plan,
  hide: Hide,
  protection: ProtectionLines | undefined,
  limit = DANGER_LINES,
): string[] {
  const dangerous = (['delete', 'replace', 'forget', 'other'] as const).flatMap(kind => ofKind(plan, kind))
  const lineOf = (change: ResourceChange) => dangerLine(change, hide, protection?.noteOf(change) ?? '')
  const isNoted = (change: ResourceChange) => (protection?.noteOf(change) ?? '') !== ''
  const lines = [
    ...plan.checks
      .filter(({ status }) => status === 'fail' || status === 'error')
      .map(
        ({ address, problems }) =>
          `**Check fails** ${code(address)}${problems.length === 0 ? '' : ` — ${text(hide(problems.join('; ')))}`}`,
      ),
    // What somebody must acknowledge is never folded away before what nobody must.
    ...dangerous.filter(isNoted).map(lineOf),
    ...(protection?.lines ?? []),
    ...dangerous.filter(change => !isNoted(change)).map(lineOf),
  ]
  if (lines.length <= limit) return lines
  return [...lines.slice(0, limit - 1), `… and ${lines.length - limit + 1} more, folded below`]
}

const DANGERS: Partial<Record<ResourceChange['kind'], string>> = {
  delete: 'Destroys',
  replace: 'Replaces',
  forget: 'Forgets',
  other: 'Unknown action',
}

function dangerLine(change: ResourceChange, hide: Hide, note: string): string {
  const deposed = change.deposed === undefined ? '' : ` (deposed ${code(change.deposed)})`
  const standing = [losesState(change) ? 'stateful' : '', note].filter(part => part !== '').join(', ')
  const why = [standing, whyText(change, hide)].filter(part => part !== '').join('; ')
  return `**${DANGERS[change.kind] ?? ''}** ${code(change.address)}${deposed}${why === '' ? '' : ` — ${why}`}`
}

function whyText(change: ResourceChange, hide: Hide): string {
  const reason = reasonText(change.reason)
  if (change.kind === 'replace')
    return [forcingText(change, hide) ?? reason, orderText(change.replaceOrder)]
      .filter(part => part !== undefined)
      .join('; ')
  if (change.kind === 'forget') return 'stays as it is, no longer managed'
  if (change.kind === 'other') return text(change.actions.join(', ') || 'none given')
  return reason ?? ''
}

/** `ami` forces it: `"ami-1"` → `"ami-2"`. */
function forcingText(change: ResourceChange, hide: Hide): string | undefined {
  const forcing = compareAttributes(change).filter(({ forcesReplace }) => forcesReplace)
  const [first] = forcing
  if (first === undefined) return undefined
  const forces = forcing.length === 1 ? 'forces' : `and ${forcing.length - 1} more force`
  return `${code(hide(attributeName(first)))} ${forces} it: ${shortSide(first.before, hide)} → ${shortSide(first.after, hide)}`
}

function shortSide(side: AttributeChange['before'], hide: Hide): string {
  if (side.state === 'absent') return 'none'
  if (side.state !== 'known') return side.state === 'unknown' ? 'known after apply' : 'sensitive'
  const shown = valueText(side.value, hide, 40)
  return code(shown)
}

const ORDER = [
  ['delete', 'Destroys'],
  ['replace', 'Replaces'],
  ['forget', 'Forgets'],
  ['other', 'Unknown actions on'],
  ['update', 'Changes'],
  ['create', 'Adds'],
] as const

/** The folds, the most dangerous first. */
export function folds(plan: Plan, detail: Detail, hide: Hide): string[] {
  const resources = ORDER.flatMap(([kind, verb]) => {
    const changes = ofKind(plan, kind)
    if (changes.length === 0) return []
    const harmless = kind === 'update' || kind === 'create'
    if (detail === 'danger' && harmless) return [`${verb} ${changes.length}: ${text(typesText(changes))}`]
    return [details(foldTitle(verb, changes), objectsBody(changes, detail, hide))]
  })
  return [
    ...resources,
    ...stateFold(
      'Moves',
      plan.changes.filter(({ previousAddress }) => previousAddress !== undefined),
      detail,
      change => `${code(change.previousAddress ?? '')} → ${code(change.address)}`,
    ),
    ...stateFold(
      'Imports',
      plan.changes.filter(({ importId }) => importId !== undefined),
      detail,
      change => `${code(change.address)} from ${code(hide(change.importId || 'its identity'))}`,
    ),
    ...outputsFold(
      plan.outputs.filter(({ kind }) => kind !== 'no-op'),
      detail,
      hide,
    ),
    ...deferredFold(plan),
    ...driftFold(plan, detail, hide),
  ]
}

function ofKind(plan: Plan, kind: ResourceChange['kind']): readonly ResourceChange[] {
  const changes = plan.changes.filter(change => change.kind === kind && isEffective(change))
  // What cannot be had back comes first, so that a long list does not fold it away.
  return [...changes.filter(losesState), ...changes.filter(change => !losesState(change))]
}

function foldTitle(verb: string, changes: readonly ResourceChange[]): string {
  const [only] = changes
  const what = changes.length === 1 && only !== undefined ? htmlCode(only.address) : html(typesText(changes))
  return `${verb} ${changes.length.toLocaleString('en-US')}: ${what}`
}

function objectsBody(changes: readonly ResourceChange[], detail: Detail, hide: Hide): string {
  const withLines = (change: ResourceChange): boolean =>
    detail === 'full' || (detail === 'changes' && (change.kind === 'update' || change.kind === 'replace'))
  if (!changes.some(withLines)) return changes.map(({ address }) => `- ${code(address)}`).join('\n')
  return changes.map(change => objectBody(change, hide)).join('\n\n')
}

function objectBody(change: ResourceChange, hide: Hide): string {
  const lines = objectLines(change, hide)
  const name = `${code(change.address)}${change.deposed === undefined ? '' : ` (deposed ${code(change.deposed)})`}`
  return lines.length === 0 ? name : `${name}\n${diffFence(lines)}`
}

/** Values that a new object does not have yet, or that are empty, say nothing: they are counted. */
function objectLines(change: ResourceChange, hide: Hide): DiffLine[] {
  // Nothing happens to it; lines with a minus would say that it goes.
  if (change.kind === 'forget') return []
  const attributes = withoutMirrors(compareAttributes(change))
  if (change.kind !== 'create') return diffLines(attributes, hide)
  const told = attributes.filter(({ after }) => after.state !== 'unknown' && !isEmpty(after))
  const unknown = attributes.filter(({ after }) => after.state === 'unknown').length
  const lines = diffLines(told, hide)
  return unknown === 0 ? lines : [...lines, { sign: '#', text: `${unknown} known after apply` }]
}

/** Attributes in which providers repeat another one, with their own defaults added. */
const MIRRORS: ReadonlyMap<string | number | undefined, string> = new Map([
  ['tags_all', 'tags'],
  ['terraform_labels', 'labels'],
  ['effective_labels', 'labels'],
])

/** A tag that changes is told once; the defaults of the provider stay. */
function withoutMirrors(attributes: readonly AttributeChange[]): readonly AttributeChange[] {
  const textOf = (path: AttributeChange['path'], { before, after }: AttributeChange) =>
    canonicalText([...path].map(String)) + sideKey(before) + sideKey(after)
  const told = new Set(attributes.map(attribute => textOf(attribute.path, attribute)))
  return attributes.filter(attribute => {
    const [first, ...rest] = attribute.path
    const original = MIRRORS.get(first)
    return original === undefined || !told.has(textOf([original, ...rest], attribute))
  })
}

function sideKey(side: AttributeChange['before']): string {
  return side.state === 'known' ? `known ${canonicalText(side.value)}` : side.state
}

function isEmpty(side: AttributeChange['after']): boolean {
  return side.state === 'known' && (side.value === '' || (Array.isArray(side.value) && side.value.length === 0))
}

function stateFold(
  verb: string,
  changes: readonly ResourceChange[],
  detail: Detail,
  line: (change: ResourceChange) => string,
): string[] {
  if (changes.length === 0) return []
  const title = `${verb} ${changes.length.toLocaleString('en-US')}`
  if (detail === 'danger') return [title]
  return [details(foldTitle(verb, changes), changes.map(change => `- ${line(change)}`).join('\n'))]
}

function outputsFold(outputs: readonly OutputChange[], detail: Detail, hide: Hide): string[] {
  if (outputs.length === 0) return []
  const title = `Outputs ${outputs.length.toLocaleString('en-US')}`
  if (detail === 'danger') return [title]
  const lines = outputs.flatMap(output =>
    diffLines(
      compareAttributes(output).map(attribute => ({ ...attribute, path: [output.name, ...attribute.path] })),
      hide,
    ),
  )
  return [
    details(
      `${title}: ${html(namesText(outputs))}`,
      detail === 'addresses' ? outputs.map(({ name }) => `- ${code(name)}`).join('\n') : diffFence(lines),
    ),
  ]
}

const NAMES_SHOWN = 4

function namesText(outputs: readonly OutputChange[]): string {
  const names = outputs.slice(0, NAMES_SHOWN).map(({ name }) => name)
  return [...names, ...(outputs.length > names.length ? [`${outputs.length - names.length} more`] : [])].join(', ')
}

function deferredFold(plan: Plan): string[] {
  const lines = [
    ...plan.deferred.map(({ change, reason }) => `- ${code(change.address)} — ${text(reason.replaceAll('_', ' '))}`),
    ...plan.invocations.map(invocation => `- invokes ${code(String(invocation['address'] ?? 'an action'))}`),
  ]
  return lines.length === 0 ? [] : [details(`Later, or besides: ${lines.length}`, lines.join('\n'))]
}

function driftFold(plan: Plan, detail: Detail, hide: Hide): string[] {
  const drift = plan.drift.filter(change => change.kind !== 'no-op')
  if (drift.length === 0) return []
  const title = `Changed outside Terraform ${drift.length.toLocaleString('en-US')}`
  return detail === 'danger'
    ? [title]
    : [details(foldTitle('Changed outside Terraform', drift), objectsBody(drift, detail, hide))]
}
