import { count, numeral } from '#kit/report/count'
import { text } from '#kit/report/inline'
import { shortenEnd } from '#kit/report/shorten'
import type { ChangeKind, Counts, Plan, ResourceChange } from '#kit/terraform/plan'

/** Takes the secrets out of a text. */
export type Hide = (text: string) => string

const REASONS: Readonly<Record<string, string>> = {
  replace_because_tainted: 'it is tainted',
  replace_by_request: 'asked for',
  replace_by_triggers: 'something that it depends on changes (replace_triggered_by)',
  delete_because_no_resource_config: 'no longer in the configuration',
  delete_because_wrong_repetition: 'its count or for_each was added or taken away',
  delete_because_count_index: 'its index is beyond count',
  delete_because_each_key: 'its key is gone from for_each',
  delete_because_no_module: 'its module is gone',
  delete_because_no_move_target: 'it moved to an address that is not in the configuration',
  delete_because_enabled_false: 'it is disabled',
}

/** Terraform's reason for a change in words; one that is not known as it is written. */
export function reasonText(reason: string | undefined): string | undefined {
  if (reason === undefined || reason === 'replace_because_cannot_update') return undefined
  return REASONS[reason] ?? reason.replaceAll('_', ' ')
}

function orderText(order: ResourceChange['replaceOrder']): string {
  if (order === undefined) return ''
  if (order === 'create-first') return 'created before destroyed'
  return order === 'forget-first' ? 'the old one stays, no longer managed' : 'destroyed before created'
}

/**
 * Why something dangerous happens to an object; Markdown, empty where there is nothing to say.
 * @param forcing Markdown: what forces a replace, where that is not shown besides
 */
export function whyText(change: ResourceChange, forcing = ''): string {
  const { kind } = change
  if (kind === 'forget') return 'stays as it is, no longer managed'
  if (kind === 'other') return text(change.actions.join(', ') || 'none given')
  if (kind !== 'delete' && kind !== 'replace') return ''
  const reason = forcing || text(reasonText(change.reason) ?? '')
  return [reason, kind === 'replace' ? orderText(change.replaceOrder) : ''].filter(part => part !== '').join('; ')
}

const DANGEROUS: ReadonlySet<ChangeKind> = new Set(['delete', 'replace', 'forget', 'other'])

/** What is named whatever the room. */
export function isDangerousKind(kind: ChangeKind): boolean {
  return DANGEROUS.has(kind)
}

/** What happens to objects, the most dangerous first: `destroys 1 and replaces 1, changes 3, adds 12`; empty for nothing. */
export function countsText(counts: Counts): string {
  const told = (verb: string, number: number) => (number === 0 ? [] : [`${verb} ${numeral(number)}`])
  const danger = [
    ...told('destroys', counts.delete),
    ...told('replaces', counts.replace),
    ...told('forgets', counts.forget),
    ...told('does something unknown to', counts.other),
  ]
  const rest = [
    ...told('changes', counts.update),
    ...told('adds', counts.create),
    ...told('imports', counts.import),
    ...told('moves', counts.move),
    ...(counts.invoke === 0 ? [] : [`invokes ${count(counts.invoke, 'action')}`]),
    ...told('leaves for later', counts.deferred),
  ]
  const last = danger.pop()
  const dangerous = last === undefined ? [] : [danger.length === 0 ? last : `${danger.join(', ')} and ${last}`]
  return [...dangerous, ...rest].join(', ')
}

/** What will happen, in a few words. */
export function answerText(counts: Counts, changesAnything: boolean): string {
  const objects = countsText(counts)
  if (objects !== '') return objects
  if (counts.output > 0) return `changes ${count(counts.output, 'output')} only`
  return changesAnything ? 'brings the state up to date only' : NO_CHANGE
}

export const NO_CHANGE = 'no change'

export function isDangerous(counts: Counts): boolean {
  return counts.delete + counts.replace + counts.forget + counts.other > 0
}

const TYPES_SHOWN = 4
const LONGEST_TYPE = 80

/** `4 aws_subnet, 2 aws_eip, …`: which types, the most frequent first. `bare`: one type alone needs no number. */
export function typesText(changes: readonly ResourceChange[], alone: 'bare' | 'counted' = 'counted'): string {
  const counts = new Map<string, number>()
  for (const { type } of changes) counts.set(type, (counts.get(type) ?? 0) + 1)
  const ordered = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
  const [only] = ordered
  if (alone === 'bare' && ordered.length === 1 && only !== undefined) return only[0].slice(0, LONGEST_TYPE)
  const shown = ordered
    .slice(0, TYPES_SHOWN)
    .map(([type, number]) => `${numeral(number)} ${type.slice(0, LONGEST_TYPE)}`)
  const objects = alone === 'bare' ? 'objects: ' : ''
  const more = ordered.length > shown.length ? [`${ordered.length - shown.length} more types`] : []
  return objects + [...shown, ...more].join(', ')
}

const ALSO: Readonly<Partial<Record<ResourceChange['kind'], string>>> = {
  create: 'created',
  update: 'changed',
  replace: 'replaced',
  delete: 'destroyed',
  forget: 'forgotten',
}

/** What happens to an object beside a move or an import. */
export function alsoText(kind: ResourceChange['kind']): string {
  const also = ALSO[kind]
  return also === undefined ? '' : ` (also ${also})`
}

export function capital(words: string): string {
  return `${words[0]?.toUpperCase() ?? ''}${words.slice(1)}`
}

const CAUSE_CHARACTERS = 120

/** For the first line. Clients of AWS tell the whole way to the cause before it, which stands below. */
export function shortCause(summary: string): string {
  const cause = summary.length > CAUSE_CHARACTERS ? /\bapi error (.+)$/s.exec(summary)?.[1] : undefined
  return shortenEnd(cause ?? summary, CAUSE_CHARACTERS)
}

/** What a plan that was read from events cannot tell. */
export function remarkOfDetail({ detail }: Pick<Plan, 'detail'>): string[] {
  if (detail === 'attributes') return []
  return [
    '**No attributes are known**: this was read from the events of `plan -json`. What it would open to others is not judged.',
  ]
}
