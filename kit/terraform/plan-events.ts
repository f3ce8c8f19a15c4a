import { isObject, member, type Json, type JsonObject } from './json.ts'
import { unreadable } from './plan-document.ts'
import { countChanges, readActions, type OutputChange, type Plan, type ResourceChange } from './plan.ts'

/**
 * The plan that the events of one `plan -json` tell of: addresses, actions, reasons, former addresses, imports, outputs, drift,
 * what is deferred and invoked. There are no attributes, checks, deposed keys or replace orders in events.
 * Format: https://developer.hashicorp.com/terraform/internals/machine-readable-ui
 * @param name what to call the stream in an error
 * @throws GateError (`invalid`) when the stream was cut, or its own summary counts other changes
 */
export function planOfEvents(events: readonly JsonObject[], name: string): Plan {
  const ofType = (type: string) => events.filter(event => event['type'] === type)
  const changesIn = (type: string) => ofType(type).map(event => readChange(event['change']))
  const [version] = ofType('version')
  const [summary] = ofType('change_summary')
  const deferred = ofType('deferred_change').map(readDeferred)
  const plan: Plan = {
    detail: 'addresses',
    formatVersion: undefined,
    terraformVersion: version && (textOf(version['terraform']) ?? textOf(version['tofu'])),
    changes: changesIn('planned_change'),
    drift: changesIn('resource_drift'),
    outputs: ofType('outputs').flatMap(event => readOutputs(event['outputs'])),
    deferred,
    invocations: ofType('planned_action_invocation').map(event => readInvocation(event['invocation'])),
    deferredInvocations: [],
    checks: [],
    errored: ofType('diagnostic').some(event => member(event['diagnostic'], 'severity') === 'error'),
    complete: deferred.length === 0,
    applyable: undefined,
    redacted: false,
    unknownParts: [],
    document: {},
  }
  if (summary !== undefined) checkSummary(plan, summary['changes'], name)
  else if (!plan.errored) throw unreadable(name, 'its events end before the summary of the plan; they were cut')
  return plan
}

/** Events name actions in words of their own; a replace may destroy or forget the old object, before or after. */
const ACTIONS: Readonly<Record<string, readonly string[]>> = {
  move: ['no-op'],
  import: ['no-op'],
  remove: ['forget'],
}

const REASONS: Readonly<Record<string, string>> = {
  tainted: 'replace_because_tainted',
  requested: 'replace_by_request',
  replace_triggered_by: 'replace_by_triggers',
  cannot_update: 'replace_because_cannot_update',
}

function actionsOf(
  action: string,
  reason: string | undefined,
): Pick<ResourceChange, 'kind' | 'actions' | 'replaceOrder'> {
  // OpenTofu has no word for a replace that leaves the old object alone.
  if (action === 'noop' && reason !== undefined && reason in REASONS)
    return readActions({ actions: ['forget', 'create'] })
  if (action === 'replace') return { kind: 'replace', actions: [action], replaceOrder: undefined }
  return readActions({ actions: ACTIONS[action] ?? [action] })
}

const NO_VALUES = { before: null, after: null, afterUnknown: false, beforeSensitive: false, afterSensitive: false }

function readChange(change: Json | undefined): ResourceChange {
  const resource = member(change, 'resource')
  const index = member(resource, 'resource_key')
  const reason = textOf(member(change, 'reason'))
  const importing = member(change, 'importing')
  const address = textOf(member(resource, 'addr')) ?? ''
  return {
    ...NO_VALUES,
    address,
    previousAddress: textOf(member(member(change, 'previous_resource'), 'addr')),
    moduleAddress: textOf(member(resource, 'module')) || undefined,
    mode: modeOf(textOf(member(resource, 'resource')) ?? address),
    type: textOf(member(resource, 'resource_type')) ?? '',
    name: textOf(member(resource, 'resource_name')) ?? '',
    index: typeof index === 'string' || typeof index === 'number' ? index : undefined,
    providerName: '',
    deposed: undefined,
    ...actionsOf(textOf(member(change, 'action')) ?? '', reason),
    replacePaths: [],
    reason: reason === undefined ? undefined : (REASONS[reason] ?? reason),
    importId: isObject(importing) ? (textOf(importing['id']) ?? '') : undefined,
    generatedConfig: textOf(member(change, 'generated_config')),
  }
}

function modeOf(addressInModule: string): ResourceChange['mode'] {
  if (addressInModule.startsWith('data.')) return 'data'
  return addressInModule.startsWith('ephemeral.') ? 'ephemeral' : 'managed'
}

/** Terraform sends the outputs of the plan without their values. */
function readOutputs(outputs: Json | undefined): OutputChange[] {
  if (!isObject(outputs)) return []
  return Object.entries(outputs).map(([name, output]) => {
    const action = textOf(member(output, 'action')) ?? ''
    const { kind, actions } = readActions({ actions: [action === 'noop' ? 'no-op' : action] })
    const sensitive = member(output, 'sensitive') === true
    return { name, kind, actions, ...NO_VALUES, beforeSensitive: sensitive, afterSensitive: sensitive }
  })
}

function readDeferred(event: JsonObject): Plan['deferred'][number] {
  const deferred = event['deferred'] ?? event['deferred_change'] ?? event['change']
  return { reason: textOf(member(deferred, 'reason')) ?? 'unknown', change: readChange(member(deferred, 'change')) }
}

/** In the shape of the JSON plan, as far as the event tells it. */
function readInvocation(invocation: Json | undefined): JsonObject {
  const action = member(invocation, 'action_addr')
  const trigger = member(invocation, 'lifecycle_trigger')
  return {
    address: textOf(member(action, 'addr')) ?? '',
    type: textOf(member(action, 'action_type')) ?? '',
    name: textOf(member(action, 'action_name')) ?? '',
    ...(isObject(trigger) ? { lifecycle_action_trigger: trigger } : {}),
  }
}

/** A replace may leave the old object alone, and then it is not counted: so there are bounds. */
function checkSummary(plan: Plan, summary: Json | undefined, name: string): void {
  const told = (key: string) => {
    const value = member(summary, key)
    return typeof value === 'number' ? value : 0
  }
  const counts = countChanges(plan)
  const between = (value: number, least: number, most: number) => value >= least && value <= most
  if (
    told('change') === counts.update &&
    told('import') === counts.import &&
    between(told('add'), counts.create, counts.create + counts.replace + counts.other) &&
    between(told('remove'), counts.delete, counts.delete + counts.replace + counts.other)
  )
    return
  throw unreadable(
    name,
    `its summary counts ${told('add')} to add, ${told('change')} to change, ${told('remove')} to destroy and ` +
      `${told('import')} to import, its events ${counts.create} creates, ${counts.update} updates, ` +
      `${counts.replace} replaces, ${counts.delete} deletes and ${counts.import} imports: some are missing`,
  )
}

function textOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}
