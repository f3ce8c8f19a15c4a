import { withoutKeys } from '#kit/terraform/plan-configuration'
import { text } from '#kit/report/inline'
import type Big from 'big.js'
import { baseName, type ComparedResource, type Line } from './compare.ts'
import type { Component } from './estimate.ts'
import { labelsOf } from './infracost-write.ts'
import { HOURS_A_MONTH, money, quantityText, sum, unitPrice } from './money.ts'
import { compareText } from './order.ts'

/** Resources of one block that cost and change the same, as one row. */
export interface Row {
  readonly name: string
  readonly count: number
  readonly change: ComparedResource['change']
  /** For all of them. */
  readonly delta: Big
  readonly current: Big
  readonly resource: ComparedResource
  /** Whether no figure could be made of any charge that changes. */
  readonly unknown: boolean
}

/** Rows of what changes, the largest amount first. A resource without a charge has no row, nor has one that depends on usage only. */
export function changedRows(resources: readonly ComparedResource[]): readonly Row[] {
  return groupRows(resources.filter(resource => resource.change !== 'unchanged')).sort(
    (a, b) => b.delta.abs().cmp(a.delta.abs()) || compareText(a.name, b.name),
  )
}

/** Rows of what there is after the change, the dearest first. */
export function currentRows(resources: readonly ComparedResource[]): readonly Row[] {
  return groupRows(resources.filter(resource => resource.change !== 'removed')).sort(
    (a, b) => b.current.cmp(a.current) || compareText(a.name, b.name),
  )
}

function groupRows(resources: readonly ComparedResource[]): Row[] {
  const shown = resources.filter(resource => resource.lines.some(hasFigure))
  const groups = Map.groupBy(shown, resource =>
    JSON.stringify([withoutKeys(resource.name), resource.change, ...signature(resource)]),
  )
  return [...groups.values()].flatMap(group => {
    const [first] = group
    if (first === undefined) return []
    return [
      {
        name: group.length === 1 ? first.name : withoutKeys(first.name),
        count: group.length,
        change: first.change,
        delta: sum(group.map(({ delta }) => delta)),
        current: sum(group.map(({ current }) => current)),
        resource: first,
        unknown: movedLines(first).every(line => line.excluded),
      },
    ]
  })
}

function signature(resource: ComparedResource): readonly string[] {
  return resource.lines.flatMap(({ part, past, current, excluded }) => [
    part,
    String(excluded),
    key(past),
    key(current),
  ])
}

function key(component: Component | undefined): string {
  if (component === undefined) return ''
  const { name, monthlyQuantity, price, unknown } = component
  return JSON.stringify([name, monthlyQuantity?.toFixed(), price?.toFixed(), unknown])
}

function hasFigure(line: Line): boolean {
  return line.excluded || (line.past?.monthlyCost ?? null) !== null || (line.current?.monthlyCost ?? null) !== null
}

/** The lines that say why the amount changes; all of them when none does. */
function movedLines(resource: ComparedResource): readonly Line[] {
  const lines = resource.lines.filter(hasFigure)
  const moved = lines.filter(line => line.excluded || !line.delta.eq(0))
  return moved.length > 0 ? moved : lines
}

/** Charges of a row that are spelt out in the list of changes. */
export const SHOWN_CHARGES = 3

/** How the change of a row comes about: `3 × m5.large · 730 h × $0.096 (new)`. Markdown. */
export function explainChange(row: Row, currency: string, shown = SHOWN_CHARGES): string {
  const lines = movedLines(row.resource)
  const largest = new Set([...lines].sort((a, b) => b.delta.abs().cmp(a.delta.abs())).slice(0, shown))
  const terms = lines.filter(line => largest.has(line)).map(line => explainLine(line, row.count, currency))
  const rest = lines.length - terms.length
  if (rest > 0) terms.push(`${rest} more ${rest === 1 ? 'charge' : 'charges'}`)
  const suffix = row.change === 'added' ? ' (new)' : row.change === 'removed' ? ' (removed)' : ''
  return terms.join(' + ') + suffix
}

/** What a row costs after the change. Markdown. */
export function explainCost(row: Row, currency: string): string {
  return row.resource.lines
    .filter(line => line.current !== undefined && hasFigure(line))
    .map(line => explainLine({ ...line, past: line.current }, row.count, currency))
    .join(' + ')
}

function explainLine(line: Line, count: number, currency: string): string {
  const { past, current } = line
  const known = current ?? past
  if (known === undefined) return ''
  const label = text(arrow(past && product(past), current && product(current)))
  if (line.excluded) return `${label}: ${explainUnknown(line, currency)}`
  const price = arrow(past && priceText(past, currency), current && priceText(current, currency))
  if (isHourly(past) && isHourly(current)) {
    const units = arrow(past && unitsText(past, count), current && unitsText(current, count))
    return `${units} × ${label} · ${HOURS_A_MONTH.toFixed()} h × ${price}`
  }
  if (known.unit === 'months') {
    const months = arrow(past && timesText(past, count), current && timesText(current, count))
    return `${months} × ${label} × ${price}`
  }
  const quantity = arrow(past && timesText(past, 1), current && timesText(current, 1))
  const many = count > 1 ? `${count} × ` : ''
  const isNamedByUnit = label.toLowerCase().includes(known.unit.toLowerCase())
  return `${many}${quantity} ${isNamedByUnit ? '' : `${text(known.unit)} `}${label} × ${price}`
}

/** The reason without its detail; and what is left out with it. */
function explainUnknown({ past, current }: Line, currency: string): string {
  const reason = (current?.unknown ?? past?.unknown ?? 'price unknown').split(':')[0] ?? ''
  const [known, when] = past?.monthlyCost ? [past.monthlyCost, 'before'] : [current?.monthlyCost, 'after']
  return known ? `${text(reason)} (${money(known, currency)} ${when}, left out)` : text(reason)
}

function arrow(past: string | undefined, current: string | undefined): string {
  if (past === undefined || current === undefined || past === current) return current ?? past ?? ''
  return `${past} → ${current}`
}

function isHourly(component: Component | undefined): boolean {
  if (component === undefined) return true
  const { unit, monthlyQuantity } = component
  return unit === 'hours' && monthlyQuantity !== null && monthlyQuantity.mod(HOURS_A_MONTH).eq(0)
}

function unitsText(component: Component, count: number): string {
  return quantityText((component.monthlyQuantity ?? HOURS_A_MONTH).div(HOURS_A_MONTH).times(count))
}

function timesText(component: Component, count: number): string {
  return component.monthlyQuantity === null ? 'usage' : quantityText(component.monthlyQuantity.times(count))
}

function priceText(component: Component, currency: string): string {
  return component.price === null ? 'unknown' : unitPrice(component.price, currency)
}

const PRODUCT = /^[a-z0-9-]+(?:\.[a-z0-9-]+)+$|^(?:gp|io|st|sc)\d$/

/** `t3.medium` of `Instance usage (Linux/UNIX, on-demand, t3.medium)`; the whole name where no label names a product. */
export function product(component: Component): string {
  const labels = labelsOf(component.name)
  const named = labels.findLast(label => PRODUCT.test(label))
  if (named === undefined) return component.unknown === undefined ? component.name : baseName(component.name)
  return labels.includes('Multi-AZ') ? `${named} Multi-AZ` : named
}
