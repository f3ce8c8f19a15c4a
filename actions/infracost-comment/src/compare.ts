import type Big from 'big.js'
import type { Component, Estimate, Project, Resource, Unknown } from './estimate.ts'
import { sum, toCents, ZERO } from './money.ts'
import { compareText } from './order.ts'

/** One charge before and after. At least one of them is there. */
export interface Line {
  /** Local name of the part of the resource; `''` for the resource itself. */
  readonly part: string
  readonly past: Component | undefined
  readonly current: Component | undefined
  readonly delta: Big
  /** Unknown on one side at least: neither side is in any figure. */
  readonly excluded: boolean
}

export interface ComparedResource {
  readonly name: string
  readonly type: string | undefined
  readonly change: 'added' | 'removed' | 'changed' | 'unchanged'
  readonly lines: readonly Line[]
  readonly past: Big
  readonly current: Big
  readonly delta: Big
}

export interface ComparedProject {
  readonly name: string
  /** `null`: what was before is not known. */
  readonly past: Big | null
  readonly current: Big | null
  readonly delta: Big
  readonly resources: readonly ComparedResource[]
  readonly errors: readonly string[]
  /** Types without a price and charges without one, an entry each. */
  readonly unknowns: readonly Unknown[]
  readonly source: Project
}

export interface Totals {
  readonly past: Big
  readonly current: Big
  readonly delta: Big
}

/**
 * The figures that everything else shows and judges, in whole cents: delta is always after minus before, over what is known
 * on both sides.
 */
export interface Comparison extends Totals {
  readonly currency: string
  readonly projects: readonly ComparedProject[]
  /** The same before rounding. */
  readonly exact: Totals
  /** How many objects have something that is in no figure. */
  readonly unknownCount: number
  readonly hasPast: boolean
  readonly estimate: Estimate
}

export function compareEstimate(estimate: Estimate): Comparison {
  const projects = estimate.projects.map(compareProject)
  const exact: Totals = {
    past: sum(projects.map(project => project.past ?? ZERO)),
    current: sum(projects.map(project => project.current ?? ZERO)),
    delta: sum(projects.map(project => project.delta)),
  }
  const [past, current] = [toCents(exact.past), toCents(exact.current)]
  return {
    currency: estimate.currency,
    projects,
    exact,
    past,
    current,
    delta: current.minus(past),
    unknownCount: projects.reduce((count, project) => count + countUnknown(project.unknowns), 0),
    hasPast: projects.some(project => project.past !== null),
    estimate,
  }
}

/** Objects, not reasons: one with two unknown charges counts once. */
function countUnknown(unknowns: readonly Unknown[]): number {
  const byAddress = new Map<string, number>()
  for (const { address, count } of unknowns) byAddress.set(address, Math.max(count, byAddress.get(address) ?? 0))
  return [...byAddress.values()].reduce((total, count) => total + count, 0)
}

function compareProject(project: Project): ComparedProject {
  const { past, current } = project
  const isComparable = current !== null
  const resources = isComparable ? pairResources(past ?? [], current) : []
  const pastTotal = past === null ? null : sum(resources.map(resource => resource.past))
  const currentTotal = isComparable ? sum(resources.map(resource => resource.current)) : null
  return {
    name: project.name,
    past: pastTotal,
    current: currentTotal,
    delta: currentTotal === null ? ZERO : currentTotal.minus(pastTotal ?? ZERO),
    resources,
    errors: project.errors,
    unknowns: [...project.unknowns, ...resources.flatMap(unknownCharges)],
    source: project,
  }
}

function unknownCharges(resource: ComparedResource): readonly Unknown[] {
  const entries = resource.lines.flatMap(line => {
    if (!line.excluded) return []
    const reason = line.current?.unknown ?? line.past?.unknown
    return [reason ?? 'price unknown']
  })
  return [...new Set(entries)].map(reason => ({
    address: resource.name,
    type: resource.type ?? '',
    reason,
    changed: resource.change !== 'unchanged',
    count: 1,
  }))
}

function pairResources(past: readonly Resource[], current: readonly Resource[]): readonly ComparedResource[] {
  return pairs(past, current, resource => resource.name)
    .map(([before, after]) => compareResource(before, after))
    .sort((a, b) => b.current.cmp(a.current) || compareText(a.name, b.name))
}

function compareResource(before: Resource | undefined, after: Resource | undefined): ComparedResource {
  const lines = compareParts(before, after, '')
  const past = sum(lines.map(line => costOf(line.past, line.excluded)))
  const current = sum(lines.map(line => costOf(line.current, line.excluded)))
  const isSame = lines.every(line => sameComponent(line.past, line.current))
  return {
    name: after?.name ?? before?.name ?? '',
    type: after?.type ?? before?.type,
    change: before === undefined ? 'added' : after === undefined ? 'removed' : isSame ? 'unchanged' : 'changed',
    lines,
    past,
    current,
    delta: current.minus(past),
  }
}

function compareParts(before: Resource | undefined, after: Resource | undefined, part: string): readonly Line[] {
  const own = pairComponents(before?.components ?? [], after?.components ?? [])
    // A charge of nothing on both sides says nothing.
    .filter(([past, current]) => !isNothing(past) || !isNothing(current))
    .map(([past, current]): Line => {
      const excluded = past?.unknown !== undefined || current?.unknown !== undefined
      return {
        part,
        past,
        current,
        excluded,
        delta: costOf(current, excluded).minus(costOf(past, excluded)),
      }
    })
  const inner = pairs(before?.subresources ?? [], after?.subresources ?? [], resource => resource.name).flatMap(
    ([past, current]) =>
      compareParts(past, current, [part, current?.name ?? past?.name ?? ''].filter(Boolean).join('.')),
  )
  return [...own, ...inner]
}

function isNothing(component: Component | undefined): boolean {
  return component === undefined || component.monthlyQuantity?.eq(0) === true
}

function costOf(component: Component | undefined, excluded: boolean): Big {
  return excluded ? ZERO : (component?.monthlyCost ?? ZERO)
}

function sameComponent(past: Component | undefined, current: Component | undefined): boolean {
  if (past === undefined || current === undefined) return false
  return (
    past.name === current.name &&
    past.unknown === current.unknown &&
    sameAmount(past.monthlyQuantity, current.monthlyQuantity) &&
    sameAmount(past.price, current.price) &&
    sameAmount(past.monthlyCost, current.monthlyCost)
  )
}

function sameAmount(left: Big | null, right: Big | null): boolean {
  return left === null || right === null ? left === right : left.eq(right)
}

/** Pairs by exact name first, then by the name before the brackets, as Infracost does. */
function pairComponents(
  past: readonly Component[],
  current: readonly Component[],
): readonly (readonly [Component | undefined, Component | undefined])[] {
  const exact = pairs(past, current, component => component.name)
  const lonely = {
    past: exact.flatMap(([before, after]) => (after === undefined && before !== undefined ? [before] : [])),
    current: exact.flatMap(([before, after]) => (before === undefined && after !== undefined ? [after] : [])),
  }
  const both = exact.filter(([before, after]) => before !== undefined && after !== undefined)
  return [...both, ...pairs(lonely.past, lonely.current, ({ name }) => baseName(name))]
}

export function baseName(name: string): string {
  const bracket = name.indexOf(' (')
  return bracket < 0 ? name : name.slice(0, bracket)
}

/** Pairs by key; the nth of a key on one side meets the nth on the other. */
function pairs<T>(
  past: readonly T[],
  current: readonly T[],
  keyOf: (item: T) => string,
): readonly (readonly [T | undefined, T | undefined])[] {
  const waiting = Map.groupBy(past, keyOf)
  const taken = new Map<string, number>()
  const after = current.map((item): readonly [T | undefined, T | undefined] => {
    const key = keyOf(item)
    const position = taken.get(key) ?? 0
    taken.set(key, position + 1)
    return [waiting.get(key)?.[position], item]
  })
  const left = [...waiting].flatMap(([key, items]) => items.slice(taken.get(key) ?? 0))
  return [...after, ...left.map((item): readonly [T | undefined, T | undefined] => [item, undefined])]
}
