import type { AttributeChange } from './diff.ts'
import { canonicalText, element, isList, isObject, member, type Json, type JsonObject } from './json.ts'
import { readDocument, unknownParts, versionOf } from './plan-document.ts'

/** What happens to an object. `other`: a set of actions that this version does not know; it is shown as written. */
export type ChangeKind = 'create' | 'read' | 'update' | 'replace' | 'delete' | 'forget' | 'no-op' | 'other'

/** Where an attribute is: names of members and indexes of elements. */
export type AttributePath = readonly (string | number)[]

/** Two states of a value with Terraform's marks beside them; `true` in a mark covers everything below. */
export interface ValueChange {
  readonly before: Json
  readonly after: Json
  readonly afterUnknown: Json
  readonly beforeSensitive: Json
  readonly afterSensitive: Json
  /** What differs, where only that is known: in a plan that was read out of a record. The values are then empty. */
  readonly differences?: readonly AttributeChange[]
}

export interface ResourceChange extends ValueChange {
  readonly address: string
  readonly previousAddress: string | undefined
  readonly moduleAddress: string | undefined
  readonly mode: 'managed' | 'data' | 'ephemeral'
  readonly type: string
  readonly name: string
  /** The key under `count` or `for_each`. */
  readonly index: string | number | undefined
  readonly providerName: string
  /** Key of an object that a replace left behind. */
  readonly deposed: string | undefined
  readonly kind: ChangeKind
  /** As Terraform writes them. */
  readonly actions: readonly string[]
  /**
   * Set for a replace, unless events told of it: they leave the order open. `forget-first`: the old object is left alone, no
   * longer managed; Terraform writes the two actions the other way round than OpenTofu.
   */
  readonly replaceOrder: 'destroy-first' | 'create-first' | 'forget-first' | undefined
  /** Attributes that force a replace. */
  readonly replacePaths: readonly AttributePath[]
  /** Terraform's word for why, such as `replace_because_tainted`. */
  readonly reason: string | undefined
  /**
   * What is imported: the id, or for an import by identity (Terraform 1.12 on) its JSON with sorted keys; empty when the plan
   * does not know it yet.
   */
  readonly importId: string | undefined
  readonly generatedConfig: string | undefined
}

export interface OutputChange extends ValueChange {
  readonly name: string
  readonly kind: ChangeKind
  readonly actions: readonly string[]
}

export interface Check {
  readonly address: string
  readonly status: 'pass' | 'fail' | 'error' | 'unknown'
  readonly problems: readonly string[]
}

export interface Plan {
  /**
   * `addresses`: read from events, which tell no attributes, checks or replace orders. Such a plan can be shown, and nothing
   * can be applied under it.
   */
  readonly detail: 'attributes' | 'addresses'
  readonly formatVersion: string | undefined
  readonly terraformVersion: string | undefined
  readonly changes: readonly ResourceChange[]
  /** What changed outside Terraform since its last run. */
  readonly drift: readonly ResourceChange[]
  readonly outputs: readonly OutputChange[]
  readonly deferred: readonly { readonly reason: string; readonly change: ResourceChange }[]
  /** Actions that Terraform will invoke (1.14 on), as written. */
  readonly invocations: readonly JsonObject[]
  /** Those that wait for a later plan. */
  readonly deferredInvocations: readonly { readonly reason: string; readonly invocation: JsonObject }[]
  readonly checks: readonly Check[]
  /** The plan could not be finished. */
  readonly errored: boolean
  readonly complete: boolean
  /** What Terraform itself says (1.7 on) of whether there is anything to apply. */
  readonly applyable: boolean | undefined
  /** HCP Terraform took sensitive values out: a change of one cannot be seen. */
  readonly redacted: boolean
  /** Parts of the document that this version does not know. */
  readonly unknownParts: readonly string[]
  /** The whole document: `planned_values`, `prior_state`, `configuration`, `variables`. */
  readonly document: JsonObject
}

/**
 * Reads the JSON of `terraform show -json` (format 0.1 to 1.x), of OpenTofu, or of HCP Terraform's redacted form. What it does
 * not know it keeps as written.
 * @param name what to call the text in an error, such as its path
 * @throws GateError (`invalid`) when the text is no plan, is cut, or carries the lines of a wrapper script
 */
export function parsePlan(text: string, name: string): Plan {
  return planOf(readDocument(text, name))
}

/** The plan in a document that `checkDocument` let pass. */
export function planOf(document: JsonObject): Plan {
  return {
    detail: 'attributes',
    formatVersion: versionOf(document),
    terraformVersion: textOf(document['terraform_version']),
    changes: objects(document['resource_changes']).map(readChange),
    drift: objects(document['resource_drift']).map(readChange),
    outputs: Object.entries(isObject(document['output_changes']) ? document['output_changes'] : {}).map(
      ([output, change]) => ({ name: output, ...readActions(change), ...readValues(change) }),
    ),
    deferred: objects(document['deferred_changes']).map(item => ({
      reason: textOf(item['reason']) ?? 'unknown',
      change: readChange(isObject(item['resource_change']) ? item['resource_change'] : {}),
    })),
    invocations: objects(document['action_invocations']),
    deferredInvocations: objects(document['deferred_action_invocations']).map(item => ({
      reason: textOf(item['reason']) ?? 'unknown',
      invocation: isObject(item['action_invocation']) ? item['action_invocation'] : {},
    })),
    checks: objects(document['checks']).map(readCheck),
    errored: document['errored'] === true,
    complete: document['complete'] !== false,
    applyable: typeof document['applyable'] === 'boolean' ? document['applyable'] : undefined,
    redacted: document['format_version'] === undefined && document['plan_format_version'] !== undefined,
    unknownParts: unknownParts(document),
    document,
  }
}

function readChange(entry: JsonObject): ResourceChange {
  const change = entry['change']
  const index = entry['index']
  const address = textOf(entry['address']) ?? ''
  const previous = textOf(entry['previous_address'])
  const importing = member(change, 'importing')
  const mode = entry['mode']
  const { actions, kind, replaceOrder } = readActions(change)
  const { before, after, afterUnknown, beforeSensitive, afterSensitive } = readValues(change)
  return {
    address,
    previousAddress: previous === address ? undefined : previous,
    moduleAddress: textOf(entry['module_address']),
    mode: mode === 'data' || mode === 'ephemeral' ? mode : 'managed',
    type: textOf(entry['type']) ?? '',
    name: textOf(entry['name']) ?? '',
    index: typeof index === 'string' || typeof index === 'number' ? index : undefined,
    providerName: textOf(entry['provider_name']) ?? '',
    deposed: textOf(entry['deposed']),
    actions,
    kind,
    replaceOrder,
    before,
    after,
    afterUnknown,
    beforeSensitive,
    afterSensitive,
    replacePaths: lists(member(change, 'replace_paths')).map(path =>
      path.filter(step => typeof step === 'string' || typeof step === 'number'),
    ),
    reason: textOf(entry['action_reason']),
    importId: importIdOf(importing),
    generatedConfig: textOf(member(change, 'generated_config')),
  }
}

function importIdOf(importing: Json | undefined): string | undefined {
  if (!isObject(importing)) return undefined
  const id = textOf(importing['id'])
  if (id !== undefined && id !== '') return id
  return isObject(importing['identity']) ? canonicalText(importing['identity']) : ''
}

/** Kind and order that a list of actions stands for. */
export function readActions(change: Json | undefined): Pick<ResourceChange, 'kind' | 'actions' | 'replaceOrder'> {
  const listed = member(change, 'actions')
  const actions = isList(listed) ? listed.filter(action => typeof action === 'string') : []
  return { actions, kind: kindOf(actions), replaceOrder: replaceOrderOf(actions) }
}

const SINGLE_ACTIONS: ReadonlyMap<string, ChangeKind> = new Map(
  (['create', 'read', 'update', 'delete', 'forget', 'no-op'] as const).map(kind => [kind, kind]),
)

/** `actions` is read as a set: Terraform and OpenTofu order it differently. */
function kindOf(actions: readonly string[]): ChangeKind {
  const only = actions[0]
  if (actions.length === 1 && only !== undefined) return SINGLE_ACTIONS.get(only) ?? 'other'
  return replaceOrderOf(actions) === undefined ? 'other' : 'replace'
}

function replaceOrderOf(actions: readonly string[]): ResourceChange['replaceOrder'] {
  if (actions.length !== 2 || !actions.includes('create')) return undefined
  if (actions.includes('forget')) return 'forget-first'
  if (!actions.includes('delete')) return undefined
  return actions[0] === 'delete' ? 'destroy-first' : 'create-first'
}

function readValues(change: Json | undefined): ValueChange {
  return {
    before: member(change, 'before') ?? null,
    after: member(change, 'after') ?? null,
    afterUnknown: member(change, 'after_unknown') ?? false,
    beforeSensitive: member(change, 'before_sensitive') ?? false,
    afterSensitive: member(change, 'after_sensitive') ?? false,
  }
}

function readCheck(entry: JsonObject): Check {
  const status = entry['status']
  const problems = objects(entry['instances']).flatMap(instance =>
    objects(instance['problems']).map(problem => textOf(problem['message']) ?? ''),
  )
  return {
    address: textOf(member(entry['address'], 'to_display')) ?? '',
    status: status === 'pass' || status === 'fail' || status === 'error' ? status : 'unknown',
    problems,
  }
}

function textOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function objects(value: Json | undefined): readonly JsonObject[] {
  return isList(value) ? value.filter(isObject) : []
}

function lists(value: Json | undefined): readonly (readonly Json[])[] {
  return isList(value) ? value.filter(isList) : []
}

/** A change that will do something: also one that only moves or imports. A read of data is none. */
export function isEffective(change: ResourceChange): boolean {
  if (change.kind === 'no-op') return change.previousAddress !== undefined || change.importId !== undefined
  if (change.kind === 'other') return true
  return change.kind !== 'read' && change.mode === 'managed'
}

export interface Counts {
  readonly create: number
  readonly update: number
  readonly replace: number
  readonly delete: number
  readonly forget: number
  readonly move: number
  readonly import: number
  readonly read: number
  /** Objects, of any mode, that something happens to which this version does not know. */
  readonly other: number
  readonly output: number
  /** Objects and actions that a later plan decides on. */
  readonly deferred: number
  /** Actions that are invoked. */
  readonly invoke: number
}

/** How often each thing happens; a replace counts as a replace only. Moves and imports come on top of what else happens. */
export function countChanges(plan: Plan): Counts {
  const managed = plan.changes.filter(change => change.mode === 'managed')
  const of = (kind: ChangeKind): number => managed.filter(change => change.kind === kind).length
  return {
    create: of('create'),
    update: of('update'),
    replace: of('replace'),
    delete: of('delete'),
    forget: of('forget'),
    other: plan.changes.filter(({ kind }) => kind === 'other').length,
    move: managed.filter(change => change.previousAddress !== undefined).length,
    import: managed.filter(change => change.importId !== undefined).length,
    read: plan.changes.filter(change => change.kind === 'read').length,
    output: plan.outputs.filter(output => output.kind !== 'no-op').length,
    deferred: plan.deferred.length + plan.deferredInvocations.length,
    invoke: plan.invocations.length,
  }
}

/** Several counts as one. */
export function sumCounts(all: readonly Counts[]): Counts {
  const sum = (of: (counts: Counts) => number) => all.reduce((total, counts) => total + of(counts), 0)
  return {
    create: sum(({ create }) => create),
    update: sum(({ update }) => update),
    replace: sum(({ replace }) => replace),
    delete: sum(({ delete: destroyed }) => destroyed),
    forget: sum(({ forget }) => forget),
    move: sum(({ move }) => move),
    import: sum(({ import: imported }) => imported),
    read: sum(({ read }) => read),
    other: sum(({ other }) => other),
    output: sum(({ output }) => output),
    deferred: sum(({ deferred }) => deferred),
    invoke: sum(({ invoke }) => invoke),
  }
}

/** Whether applying the plan would change anything, be it only the state. */
export function hasChanges(plan: Plan): boolean {
  return (
    plan.changes.some(isEffective) ||
    plan.outputs.some(output => output.kind !== 'no-op') ||
    plan.deferred.length > 0 ||
    plan.invocations.length > 0 ||
    plan.deferredInvocations.length > 0 ||
    writesDrift(plan)
  )
}

/**
 * A refresh-only plan changes nothing but writes what drifted into the state. Terraform says that it can be applied; OpenTofu, and
 * Terraform before 1.7, show it by having no changes at all, not even those that change nothing.
 */
function writesDrift(plan: Plan): boolean {
  if (plan.applyable !== undefined) return plan.applyable
  return plan.detail === 'attributes' && plan.drift.length > 0 && plan.changes.length === 0 && !plan.errored
}

/** `tags.Name`, `ingress[0].cidr_blocks`, `labels["a.b"]`. */
export function pathText(path: AttributePath): string {
  return path
    .map((step, position) => {
      if (typeof step === 'number') return `[${step}]`
      if (!/^[A-Za-z_][\w-]*$/.test(step)) return `[${JSON.stringify(step)}]`
      return position === 0 ? step : `.${step}`
    })
    .join('')
}

/** The part of a mark or value that lies at one more step. */
export function stepInto(value: Json | undefined, step: string | number): Json | undefined {
  return typeof step === 'number' ? element(value, step) : member(value, step)
}
