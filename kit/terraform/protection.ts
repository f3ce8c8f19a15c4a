import { findExposures } from './exposure.ts'
import { readConfiguration } from './plan-configuration.ts'
import type { Plan, ResourceChange } from './plan.ts'
import { isProtected, type ProtectedEvent, type ProtectRule } from './protect-rules.ts'
import { statefulReason } from './stateful-types.ts'

/** A change that needs somebody's word before it is merged. */
export interface ProtectedChange {
  readonly address: string
  readonly deposed: string | undefined
  readonly event: ProtectedEvent
  /** What is lost or opened; of the configuration, so untrusted text. Empty when only a rule says so. */
  readonly why: string
}

export interface Protection {
  readonly changes: readonly ProtectedChange[]
  /** What may open when values are known, and no rule protects. Told, so that a reviewer looks. */
  readonly mayExpose: readonly ProtectedChange[]
}

/** Every protected change of a plan, in its order. */
export function findProtected(plan: Plan, rules: readonly ProtectRule[]): Protection {
  const { resource } = readConfiguration(plan)
  const hasConfiguration = plan.document['configuration'] !== undefined
  const changes: ProtectedChange[] = []
  const mayExpose: ProtectedChange[] = []
  for (const change of plan.changes) {
    if (change.mode !== 'managed') continue
    const { address, deposed } = change
    const expressions = resource(address)?.expressions ?? (hasConfiguration ? {} : undefined)
    const isHeld = (event: ProtectedEvent, inCatalogue: boolean) =>
      namesOf(change).some(object => isProtected(rules, object, event, inCatalogue))
    const event = eventOf(change)
    const lost = event === 'update' ? undefined : statefulReason(change.type)
    if (event !== undefined && isHeld(event, lost !== undefined))
      changes.push({ address, deposed, event, why: lost ?? '' })
    for (const { what, certain } of findExposures(change, expressions)) {
      const exposure = { address, deposed, event: certain ? ('expose' as const) : ('may-expose' as const), why: what }
      if (isHeld(exposure.event, certain)) changes.push(exposure)
      else if (!certain && isHeld('expose', true)) mayExpose.push(exposure)
    }
  }
  return { changes, mayExpose }
}

/** Where an object is and where the rules of the base know it: a pull request that moves it does not move it out of them. */
function namesOf({
  type,
  address,
  previousAddress,
}: ResourceChange): readonly Pick<ResourceChange, 'address' | 'type'>[] {
  return [{ type, address }, ...(previousAddress === undefined ? [] : [{ type, address: previousAddress }])]
}

/** `undefined` when nothing that can be protected happens. A replace that leaves the old object behind loses hold of it. */
function eventOf({ kind, actions, replaceOrder }: ResourceChange): ProtectedEvent | undefined {
  if (kind === 'replace') return replaceOrder === 'forget-first' ? 'forget' : 'replace'
  if (kind === 'delete') return 'destroy'
  if (kind === 'forget' || kind === 'update') return kind
  // Nobody knows what an action of a later version does; it is held to be as bad as the worst.
  if (kind === 'other') return actions.includes('forget') && !actions.includes('delete') ? 'forget' : 'destroy'
  return undefined
}

/** Whether the change takes away data with the object. An old object that stays, no longer managed, keeps it. */
export function losesState({ type, kind, replaceOrder }: ResourceChange): boolean {
  const isGone = kind === 'delete' || (kind === 'replace' && replaceOrder !== 'forget-first')
  return isGone && statefulReason(type) !== undefined
}
