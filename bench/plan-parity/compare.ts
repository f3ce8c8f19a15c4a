import { reasonText } from '../../actions/terraform-plan/src/words.ts'
import { member, sameJson } from '../../kit/terraform/json.ts'
import { countChanges, hasChanges, isEffective, type Plan, type ResourceChange } from '../../kit/terraform/plan.ts'
import type { PlanText, TextObject } from './plan-text.ts'

/** What is compared, in the order of the table. */
export const ASPECTS = [
  ...(['counts', 'addresses', 'actions', 'reasons', 'forcing', 'moves', 'imports'] as const),
  ...(['drift', 'outputs', 'checks', 'later', 'verdict'] as const),
] as const
export type Aspect = (typeof ASPECTS)[number]

export interface Disagreement {
  readonly aspect: Aspect
  /** What the text has, and what ours has. */
  readonly difference: string
}

/** Where our plan says something else than the text for people. */
export function compareWithText(plan: Plan, text: PlanText): Disagreement[] {
  const shown = plan.changes.filter(isShown).map(change => withoutOrder(change, plan))
  const objects = text.objects.map(object => asTold(object, plan))
  return [
    ...counts(plan, text),
    ...sameSets('addresses', objects.map(keyOf), shown.map(keyOf)),
    ...sameSets('actions', objects.map(textAction), shown.map(ourAction)),
    ...sameSets(
      'reasons',
      objects.map(textReason),
      shown.map(change => ourReason(change, text)),
    ),
    ...shown.flatMap(words),
    ...forcing(plan, objects, shown),
    ...sameSets('moves', objects.flatMap(textMove), shown.flatMap(ourMove)),
    ...imports(objects, shown),
    ...drift(plan, text),
    ...outputs(plan, text),
    ...checks(plan, text),
    ...later(plan, text),
    ...verdict(plan, text),
  ]
}

/** OpenTofu's events tell that a replace forgets, Terraform's do not: so neither is compared. */
function withoutOrder(change: ResourceChange, plan: Plan): ResourceChange {
  return plan.detail === 'addresses' ? { ...change, replaceOrder: undefined } : change
}

/**
 * The text without what the source of the plan cannot tell: events have no deposed keys and no replace orders, and before format
 * 1.0 there were no reasons.
 */
function asTold(object: TextObject, plan: Plan): TextObject {
  if (plan.detail === 'addresses') return { ...object, deposed: undefined, replaceOrder: undefined }
  return tellsReasons(plan) ? object : { ...object, reason: undefined }
}

function tellsReasons({ formatVersion }: Plan): boolean {
  return formatVersion !== undefined && !formatVersion.startsWith('0.')
}

type Keyed = Pick<ResourceChange, 'address' | 'deposed'>

function keyOf({ address, deposed }: Keyed): string {
  return deposed === undefined ? address : `${address} (deposed ${deposed})`
}

/** The text leaves out data that goes away and everything ephemeral: both leave nothing behind. */
function isShown(change: ResourceChange): boolean {
  if (change.mode === 'ephemeral' || (change.mode === 'data' && change.kind === 'delete')) return false
  return change.kind === 'read' || isEffective(change)
}

function sameSets(aspect: Aspect, texts: readonly string[], ours: readonly string[]): Disagreement[] {
  const missing = without(texts, ours)
  const extra = without(ours, texts)
  return [
    ...missing.map(item => ({ aspect, difference: `only in the text: ${item}` })),
    ...extra.map(item => ({ aspect, difference: `only in ours: ${item}` })),
  ]
}

function without(items: readonly string[], others: readonly string[]): string[] {
  const left = [...others]
  return items.filter(item => {
    const index = left.indexOf(item)
    if (index >= 0) left.splice(index, 1)
    return index < 0
  })
}

/**
 * The summary line counts otherwise than we do:
 * - a replace is one to add and one to destroy there, and a line of its own with us;
 * - a replace that forgets the old object destroys nothing; Terraform counts what is forgotten nowhere, OpenTofu at the end;
 * - moves are counted nowhere.
 */
function counts(plan: Plan, { summary, tool }: PlanText): Disagreement[] {
  const ours = countChanges(plan)
  const forgetting = plan.changes.filter(({ replaceOrder }) => replaceOrder === 'forget-first').length
  const expected = {
    import: ours.import,
    add: ours.create + ours.replace,
    change: ours.update,
    destroy: ours.delete + ours.replace - forgetting,
    forget: ours.forget + forgetting,
    invoke: ours.invoke,
  }
  if (summary === undefined)
    return Object.values({ ...expected, move: ours.move, read: ours.read }).every(number => number === 0)
      ? []
      : [{ aspect: 'counts', difference: `the text counts nothing, ours ${JSON.stringify(expected)}` }]
  const told = tool === 'terraform' ? { ...summary, forget: expected.forget } : summary
  return (Object.keys(expected) as (keyof typeof expected)[])
    .filter(name => told[name] !== expected[name])
    .map(name => ({ aspect: 'counts', difference: `${name}: ${told[name]} in the text, ${expected[name]} in ours` }))
}

function textAction(object: TextObject): string {
  return `${keyOf(object)} ${object.action}${object.replaceOrder === undefined ? '' : ` ${object.replaceOrder}`}`
}

/** A move or import that changes nothing is `no-op` in the JSON; moving comes first, as in the text. */
function ourAction(change: ResourceChange): string {
  const still = change.previousAddress === undefined ? 'import' : 'move'
  const kind = change.kind === 'no-op' ? still : change.kind
  return `${keyOf(change)} ${kind}${change.replaceOrder === undefined ? '' : ` ${change.replaceOrder}`}`
}

function textReason(object: TextObject): string {
  return `${keyOf(object)}: ${object.reason ?? 'none'}`
}

/**
 * Terraform has one text for every replace that forgets the old object. Neither gives the reason for a forget that the JSON
 * calls one to delete: it says that the object is gone from the configuration, which `removed` says already.
 */
function ourReason(change: ResourceChange, { tool }: PlanText): string {
  const unsaid =
    (change.replaceOrder === 'forget-first' && tool === 'terraform') ||
    (change.kind === 'forget' && change.reason?.startsWith('delete_'))
  return `${keyOf(change)}: ${(unsaid ? undefined : change.reason) ?? 'none'}`
}

/** Reasons to destroy or replace must reach people in words, not as Terraform's code. */
function words({ reason, address }: ResourceChange): Disagreement[] {
  if (reason === undefined || reason === 'replace_because_cannot_update' || !/^(?:delete|replace)_/.test(reason))
    return []
  return reasonText(reason) === reason.replaceAll('_', ' ')
    ? [{ aspect: 'reasons', difference: `${address}: ours has no words for ${reason}` }]
    : []
}

/**
 * The text marks an attribute that forces a replace where it draws it. It does not mark one whose value it draws as a whole
 * (an object or list of a dynamic type), nor one that it does not draw because it is hidden or unchanged.
 */
function forcing(plan: Plan, objects: readonly TextObject[], shown: readonly ResourceChange[]): Disagreement[] {
  if (plan.detail === 'addresses' || !tellsReasons(plan)) return []
  return objects
    .filter(({ action }) => action === 'replace')
    .flatMap(object => {
      const change = shown.find(candidate => keyOf(candidate) === keyOf(object))
      const ours = (change?.replacePaths ?? []).map(path => path.filter(step => typeof step === 'string'))
      const unknown = object.forcing.filter(path => !ours.some(own => isSamePlace(own, path)))
      const unmarked = ours.filter(
        own => !object.forcing.some(path => isSamePlace(own, path)) && !object.changed.includes(own[0] ?? ''),
      )
      return [
        ...unknown.map(path => `only in the text: ${path.join('.')} of ${object.address}`),
        ...unmarked.map(path => `only in ours: ${path.join('.')} of ${object.address}`),
      ]
    })
    .map(difference => ({ aspect: 'forcing', difference }))
}

/** A mark on an attribute covers what is in it. */
function isSamePlace(left: readonly string[], right: readonly string[]): boolean {
  const length = Math.min(left.length, right.length)
  return length > 0 && left.slice(0, length).join('\0') === right.slice(0, length).join('\0')
}

function textMove(object: TextObject): string[] {
  return object.previousAddress === undefined ? [] : [`${object.previousAddress} -> ${keyOf(object)}`]
}

function ourMove(change: ResourceChange): string[] {
  return change.previousAddress === undefined ? [] : [`${change.previousAddress} -> ${keyOf(change)}`]
}

/** Terraform does not print the id of an object that is only imported, and neither prints an identity as JSON has it. */
function imports(objects: readonly TextObject[], shown: readonly ResourceChange[]): Disagreement[] {
  const untold = new Set(objects.filter(({ importId }) => importId === '').map(keyOf))
  const imported = (object: Keyed & Pick<ResourceChange, 'importId'>) =>
    object.importId === undefined
      ? []
      : [`${keyOf(object)} from ${untold.has(keyOf(object)) ? 'somewhere' : object.importId}`]
  return sameSets('imports', objects.flatMap(imported), shown.flatMap(imported))
}

/** Other plans than refresh-only ones show drift only where it bears on what they do. */
function drift(plan: Plan, text: PlanText): Disagreement[] {
  const texts = text.drift.map(object => textAction(asTold(object, plan)))
  const all = sameSets('drift', texts, plan.drift.map(ourAction))
  return text.refreshOnly ? all : all.filter(({ difference }) => difference.startsWith('only in the text'))
}

/**
 * The text leaves out an output whose value stays and that only becomes sensitive, or stops to be. We show it: whether the value
 * is printed from now on is a change. Events have no values, so there any update may be one of these.
 */
function outputs(plan: Plan, text: PlanText): Disagreement[] {
  const undrawn = plan.outputs.filter(
    ({ kind, before, after, afterUnknown }) => kind === 'update' && afterUnknown === false && sameJson(before, after),
  )
  const undrawnNames = new Set(undrawn.map(({ name }) => `only in ours: ${name} update`))
  const ours = plan.outputs.filter(({ kind }) => kind !== 'no-op').map(({ name, kind }) => `${name} ${kind}`)
  const texts = text.outputs.map(({ name, action }) => `${name} ${action}`)
  return sameSets('outputs', texts, ours).filter(({ difference }) => !undrawnNames.has(difference))
}

/** The text says that a condition fails by a warning or an error; one that is not known yet it may say or not. */
function checks(plan: Plan, text: PlanText): Disagreement[] {
  if (plan.detail === 'addresses') return []
  const failed = plan.checks
    .filter(({ status }) => status === 'fail' || status === 'error')
    .reduce((sum, { problems }) => sum + problems.length, 0)
  return failed === text.failedChecks
    ? []
    : [{ aspect: 'checks', difference: `${text.failedChecks} fail in the text, ${failed} in ours` }]
}

function later(plan: Plan, text: PlanText): Disagreement[] {
  return [
    ...sameSets(
      'later',
      text.deferred.map(({ address, reason }) => `${address} ${reason}`),
      plan.deferred.map(({ change, reason }) => `${change.address} ${reason}`),
    ),
    ...sameSets(
      'later',
      text.invocations,
      plan.invocations.map(invocation => String(member(invocation, 'address'))),
    ),
  ]
}

/**
 * Whether it can be finished, and whether there is anything to do. A refresh-only plan that found no more than a move reads as
 * if it could be applied, but Terraform itself says that it cannot; and events do not tell that a plan is refresh-only.
 */
function verdict(plan: Plan, text: PlanText): Disagreement[] {
  const nothing = text.noChanges && plan.deferred.length === 0
  const found = (difference: string) => [{ aspect: 'verdict' as const, difference }]
  const isOpen = text.refreshOnly && (plan.detail === 'addresses' || plan.applyable === false)
  return [
    ...(plan.errored === text.errored ? [] : found(`errored: ${text.errored} in the text, ${plan.errored} in ours`)),
    ...(nothing && hasChanges(plan) ? found('no changes in the text, some in ours') : []),
    ...(!nothing && !text.errored && !isOpen && !hasChanges(plan) ? found('changes in the text, none in ours') : []),
  ]
}
