import { compareAttributes, sidesKey } from '#kit/terraform/diff'
import type { JsonObject } from '#kit/terraform/json'
import type { OutputChange, Plan, ResourceChange } from '#kit/terraform/plan'
import { sha256 } from '#kit/terraform/seal'

/** The same object or output as another root has it. */
export interface Variant<T> {
  /** Of which roots, by their index. */
  readonly roots: readonly number[]
  readonly change: T
}

/** What happens alike in some roots. */
export interface Cluster {
  /** By their index, in order. */
  readonly roots: readonly number[]
  /** With what happens alike and nothing else, as the first of the roots has it. */
  readonly plan: Plan
  /** Where values differ by root: those of each. */
  readonly variantsOf: (<T extends ResourceChange | OutputChange>(change: T) => readonly Variant<T>[]) | undefined
  /** The one root whose values are not those of all the others. */
  readonly odd: number | undefined
}

/** With more, what few roots share is told for each of them. */
const MOST_SHARED = 24

type Deferred = Plan['deferred'][number]

/** One thing that happens in a root. */
type Item =
  | { readonly list: 'changes'; readonly value: ResourceChange }
  | { readonly list: 'drift'; readonly value: ResourceChange }
  | { readonly list: 'outputs'; readonly value: OutputChange }
  | { readonly list: 'deferred'; readonly value: Deferred }
  | { readonly list: 'invocations'; readonly value: JsonObject }

/** The same in several roots, but perhaps for its values. */
interface Shared {
  /** By root. */
  readonly items: ReadonlyMap<number, Item>
  readonly roots: readonly number[]
  /** Which roots have the same values: the number of their group, in the order of `roots`. */
  readonly groups: readonly number[]
}

/** What happens in several plans, told once where it is the same; the ones that most roots share first. */
export function clusterPlans(plans: readonly Plan[]): readonly Cluster[] {
  const found = [...Map.groupBy(sharedItems(plans), clusterKey).values()]
  const several = found.filter(([first]) => (first?.roots.length ?? 0) > 1).toSorted(bySharing)
  const dissolved = several.slice(MOST_SHARED).flatMap(apart)
  const alone = [...found.filter(([first]) => first?.roots.length === 1).flat(), ...dissolved]
  const byRoot = [...Map.groupBy(alone, ({ roots: [root = 0] }) => root)].sort(([one], [other]) => one - other)
  return [...several.slice(0, MOST_SHARED), ...byRoot.map(([, members]) => members)].flatMap(members =>
    clusterOf(members, plans),
  )
}

function sharedItems(plans: readonly Plan[]): Shared[] {
  const byKey = new Map<string, Map<number, Item>>()
  for (const [root, plan] of plans.entries()) {
    const seen = new Map<string, number>()
    for (const item of itemsOf(plan)) {
      const key = keyOf(item)
      const times = seen.get(key) ?? 0
      seen.set(key, times + 1)
      const name = `${key} ${times}`
      const items = byKey.get(name)
      if (items === undefined) byKey.set(name, new Map([[root, item]]))
      else items.set(root, item)
    }
  }
  return [...byKey.values()].map(items => ({
    items,
    roots: [...items.keys()],
    groups: groupsOf([...items.values()]),
  }))
}

function itemsOf({ changes, drift, outputs, deferred, invocations }: Plan): Item[] {
  return [
    ...changes.map(value => ({ list: 'changes', value }) as const),
    ...drift.filter(({ kind }) => kind !== 'no-op').map(value => ({ list: 'drift', value }) as const),
    ...outputs.filter(({ kind }) => kind !== 'no-op').map(value => ({ list: 'outputs', value }) as const),
    ...deferred.map(value => ({ list: 'deferred', value }) as const),
    ...invocations.map(value => ({ list: 'invocations', value }) as const),
  ]
}

/** Equal for the same thing, whatever its values are. */
function keyOf(item: Item): string {
  if (item.list === 'outputs') return JSON.stringify([item.list, item.value.name, item.value.actions])
  if (item.list === 'invocations') return JSON.stringify([item.list, item.value['address']])
  if (item.list === 'deferred')
    return JSON.stringify([item.list, item.value.reason, item.value.change.address, item.value.change.actions])
  const { address, type, deposed, actions, previousAddress, reason, replacePaths, kind, importId } = item.value
  // An import by itself is told by its id alone, which mostly is another in each root.
  const imported = kind === 'no-op' ? importId !== undefined : importId
  return JSON.stringify([item.list, address, type, deposed, actions, previousAddress, reason, replacePaths, imported])
}

/** Equal for equal values. */
function valuesKey(item: Item): string {
  if (item.list === 'deferred' || item.list === 'invocations') return ''
  const attributes = compareAttributes(item.value).map(attribute => [
    ...[attribute.path, attribute.innerPath, attribute.base64],
    sidesKey(attribute),
  ])
  return sha256(JSON.stringify([attributes, 'importId' in item.value ? item.value.importId : undefined]))
}

function groupsOf(items: readonly Item[]): readonly number[] {
  if (items.length === 1) return [0]
  const groups = new Map<string, number>()
  return items.map(item => {
    const key = valuesKey(item)
    const group = groups.get(key) ?? groups.size
    groups.set(key, group)
    return group
  })
}

/** The position of the one that is not like all the others. */
function oddOf(groups: readonly number[]): number | undefined {
  if (groups.length < 3 || Math.max(...groups) !== 1) return undefined
  const ones = groups.filter(group => group === 1).length
  if (ones === 1) return groups.indexOf(1)
  return ones === groups.length - 1 ? 0 : undefined
}

function isSame({ groups }: Shared): boolean {
  return groups.every(group => group === 0)
}

function clusterKey(one: Shared): string {
  return JSON.stringify([one.roots, isSame(one), oddOf(one.groups)])
}

function bySharing(one: readonly Shared[], other: readonly Shared[]): number {
  const roots = (members: readonly Shared[]) => members[0]?.roots.length ?? 0
  return roots(other) * other.length - roots(one) * one.length || roots(other) - roots(one)
}

function apart(members: readonly Shared[]): Shared[] {
  return members.flatMap(({ items }) =>
    [...items].map(([root, item]) => ({ items: new Map([[root, item]]), roots: [root], groups: [0] })),
  )
}

function clusterOf(members: readonly Shared[], plans: readonly Plan[]): Cluster[] {
  const [first] = members
  const base = plans[first?.roots[0] ?? 0]
  if (first === undefined || base === undefined) return []
  const items = members.flatMap(firstItem)
  const oddPosition = isSame(first) ? undefined : oddOf(first.groups)
  const plan: Plan = {
    ...base,
    changes: items.flatMap(item => (item.list === 'changes' ? [item.value] : [])),
    drift: items.flatMap(item => (item.list === 'drift' ? [item.value] : [])),
    outputs: items.flatMap(item => (item.list === 'outputs' ? [item.value] : [])),
    deferred: items.flatMap(item => (item.list === 'deferred' ? [item.value] : [])),
    invocations: items.flatMap(item => (item.list === 'invocations' ? [item.value] : [])),
    deferredInvocations: [],
    checks: [],
  }
  const { roots } = first
  const odd = oddPosition === undefined ? undefined : roots[oddPosition]
  return [{ roots, plan, odd, variantsOf: isSame(first) ? undefined : variantsIn(members) }]
}

function firstItem({ items }: Shared): Item[] {
  const [item] = items.values()
  return item === undefined ? [] : [item]
}

/** Finds, by what the first root has, what each of the roots has; those with the same values are one variant. */
function variantsIn(members: readonly Shared[]): NonNullable<Cluster['variantsOf']> {
  const found = new Map<unknown, Shared>()
  for (const member of members) for (const { value } of firstItem(member)) found.set(value, member)
  return <T extends ResourceChange | OutputChange>(change: T) => {
    const { items, groups } = found.get(change) ?? { items: new Map<number, Item>(), groups: [] }
    const entries = [...items].map(([root, { value }], index) => ({ root, change: value as T, group: groups[index] }))
    return [...Map.groupBy(entries, ({ group }) => group).values()].map(same => ({
      roots: same.map(({ root }) => root),
      change: same[0]?.change ?? change,
    }))
  }
}
