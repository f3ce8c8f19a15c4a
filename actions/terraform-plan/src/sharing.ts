import { code } from '#kit/report/inline'
import { count } from '#kit/report/count'
import { countChanges } from '#kit/terraform/plan'
import type { Cluster } from './clusters.ts'
import { someRootsText } from './root-names.ts'
import { countsText } from './words.ts'

const MOST_SENTENCES = 3

/**
 * What roots have in common, and what one of them does besides: `The same 12 changes in dev, staging and prod; prod also
 * replaces 1`. A line each, Markdown.
 */
export function sharingLines(clusters: readonly Cluster[], names: readonly string[]): string[] {
  const shared = clusters.filter(cluster => cluster.roots.length > 1 && sizeOf([cluster]) > 0)
  const groups = [...Map.groupBy(shared, ({ roots }) => roots.join(' ')).values()]
  const own = new Map(clusters.flatMap(cluster => (cluster.roots.length === 1 ? [[cluster.roots[0], cluster]] : [])))
  const told = new Set<number>()
  const lines = groups.slice(0, MOST_SENTENCES).flatMap(group => {
    const [first] = group
    if (first === undefined) return []
    const also = [
      ...Map.groupBy(
        first.roots.filter(root => !told.has(root)),
        root => alsoText(own.get(root)),
      ),
    ]
      .filter(([words]) => words !== '')
      .map(([words, roots]) => `; ${someRootsText(names, roots, code)} also ${words}`)
    for (const root of first.roots) told.add(root)
    return [`${sameText(group, someRootsText(names, first.roots, code), names)}${also.join('')}.`]
  })
  const more = groups.length - lines.length
  return more === 0 ? lines : [...lines, `… and ${count(more, 'more group')} of roots with changes in common, below.`]
}

function sameText(group: readonly Cluster[], where: string, names: readonly string[]): string {
  const same = sizeOf(group.filter(({ variantsOf }) => variantsOf === undefined))
  const differing = group.filter(({ variantsOf }) => variantsOf !== undefined)
  const alike = sizeOf(differing)
  const [odd, ...others] = [...new Set(differing.map(cluster => cluster.odd))]
  const oddName = odd === undefined || others.length > 0 ? undefined : code(names[odd] ?? '')
  if (alike === 0) return `The same ${count(same, 'change')} in ${where}`
  if (same === 0)
    return `The same ${count(alike, 'object')} in ${where}, ${oddName === undefined ? 'values differ' : `other values in ${oddName}`}`
  const whose = oddName === undefined ? 'whose values differ' : `with other values in ${oddName}`
  return `The same ${count(same, 'change')} in ${where}, and ${count(alike, 'object')} ${whose}`
}

function sizeOf(clusters: readonly Cluster[]): number {
  return clusters.reduce(
    (sum, { plan }) => sum + plan.changes.length + plan.outputs.length + plan.deferred.length + plan.invocations.length,
    0,
  )
}

function alsoText(cluster: Cluster | undefined): string {
  if (cluster === undefined) return ''
  const counts = countChanges(cluster.plan)
  return countsText(counts) || (counts.output > 0 ? `changes ${count(counts.output, 'output')}` : '')
}
