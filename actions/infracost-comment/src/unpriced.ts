import { code, text } from '#kit/report/inline'
import type { Comparison } from './compare.ts'
import type { Unknown } from './estimate.ts'
import { unitPrice } from './money.ts'
import { compareText } from './order.ts'

/** What is in no figure, as Markdown, an item each: what the change touches first, the same things together. */
export function listUnpriced({ projects }: Comparison): readonly string[] {
  const unknowns = projects.flatMap(project => project.unknowns)
  const groups = Map.groupBy(unknowns, ({ type, reason, changed }) => JSON.stringify([type, reason, changed]))
  return [...groups.values()]
    .sort(
      (a, b) => Number(b[0]?.changed) - Number(a[0]?.changed) || compareText(a[0]?.address ?? '', b[0]?.address ?? ''),
    )
    .map(describe)
}

function describe(group: readonly Unknown[]): string {
  const [first] = group
  if (first === undefined) return ''
  const count = group.reduce((total, unknown) => total + unknown.count, 0)
  const what = count === 1 ? code(first.address) : `${count} × ${code(first.type)}`
  return `${what} (${text(first.reason)})`
}

/** Charges that depend on usage which nobody gave, with their price: one item for each kind and price. */
export function listUsage({ projects, currency }: Comparison): readonly string[] {
  const items = new Set<string>()
  for (const { resources } of projects)
    for (const { lines, change } of resources)
      for (const { current } of lines) {
        if (change === 'removed' || current?.usageBased !== true || current.monthlyQuantity !== null) continue
        if (current.price === null || current.price.eq(0)) continue
        items.add(
          `${text(current.name)} (by usage, ${unitPrice(current.price, currency)} per ${text(current.unit.replace(/(hour|month)s$/, '$1'))})`,
        )
      }
  return [...items].sort(compareText)
}
