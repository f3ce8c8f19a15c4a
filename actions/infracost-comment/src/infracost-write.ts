import type Big from 'big.js'
import { baseName, type ComparedProject, type ComparedResource, type Comparison, type Line } from './compare.ts'
import type { Component } from './estimate.ts'
import { HOURS_A_MONTH, sum, ZERO } from './money.ts'

/** What the file says about the run. No name, no e-mail address, no message of a commit. */
export interface FileFacts {
  readonly commitSha: string
  readonly branch: string
  /** RFC 3339. */
  readonly generatedAt: string
  readonly projectType: string
}

type Value = string | number | boolean | null | readonly Value[] | { readonly [key: string]: Value }
type Side = 'past' | 'current' | 'diff'

/**
 * The comparison as Infracost JSON 0.2, the format of the Infracost CLI 0.10: amounts are decimal strings or null. A charge
 * that is unknown has `priceNotFound` and is in no total. The fields are those of infracost.schema.json of that version.
 */
export function writeInfracost(comparison: Comparison, facts: FileFacts): string {
  const { projects } = comparison
  const usage = (side: Side): Big => sum(projects.flatMap(project => usageCosts(project.resources, side)))
  const document: Value = {
    version: '0.2',
    metadata: {
      infracostCommand: 'diff',
      vcsBranch: facts.branch,
      vcsCommitSha: facts.commitSha,
      vcsCommitAuthorName: '',
      vcsCommitAuthorEmail: '',
      vcsCommitTimestamp: facts.generatedAt,
      vcsCommitMessage: '',
    },
    currency: comparison.currency,
    projects: projects.map(project => writeProject(project, facts.projectType)),
    ...totals('total', comparison.exact.current, usage('current')),
    ...totals('pastTotal', comparison.hasPast ? comparison.exact.past : null, usage('past')),
    ...totals('diffTotal', comparison.hasPast ? comparison.exact.delta : null, usage('diff')),
    timeGenerated: facts.generatedAt,
    summary: writeSummary(projects),
  }
  return `${JSON.stringify(document, undefined, 2)}\n`
}

/** No exponent, no separators, never more digits than there are. */
function decimal(amount: Big): string {
  return amount.toFixed()
}

function hourly(amount: Big): string {
  return decimal(amount.div(HOURS_A_MONTH))
}

function totals(prefix: string, monthly: Big | null, usage: Big): Record<string, Value> {
  return {
    [`${prefix}HourlyCost`]: monthly === null ? null : hourly(monthly),
    [`${prefix}MonthlyCost`]: monthly === null ? null : decimal(monthly),
    [`${prefix}MonthlyUsageCost`]: monthly === null ? null : decimal(usage),
  }
}

function usageCosts(resources: readonly ComparedResource[], side: Side): readonly Big[] {
  return resources.flatMap(({ lines }) =>
    lines.filter(line => (line.current ?? line.past)?.usageBased === true).map(line => costIn(line, side) ?? ZERO),
  )
}

function costIn(line: Line, side: Side): Big | null {
  if (line.excluded) return null
  return side === 'diff' ? line.delta : (line[side]?.monthlyCost ?? null)
}

function writeProject(project: ComparedProject, projectType: string): Value {
  return {
    name: project.name,
    displayName: '',
    metadata: {
      path: project.name,
      type: projectType,
      ...(project.errors.length === 0
        ? {}
        : { errors: project.errors.map(message => ({ code: 0, message, data: null, isError: true })) }),
    },
    pastBreakdown: project.past === null ? null : writeBreakdown(project, 'past', project.past),
    breakdown: project.current === null ? null : writeBreakdown(project, 'current', project.current),
    diff: project.past === null || project.current === null ? null : writeBreakdown(project, 'diff', project.delta),
    summary: writeSummary([project]),
  }
}

function writeBreakdown(project: ComparedProject, side: Side, total: Big): Value {
  const resources = project.resources.filter(resource =>
    side === 'diff'
      ? resource.change !== 'unchanged'
      : side === 'past'
        ? resource.change !== 'added'
        : resource.change !== 'removed',
  )
  return {
    resources: resources.map(resource => writeResource(resource, side)),
    ...totals('total', total, sum(usageCosts(project.resources, side))),
  }
}

function writeResource(resource: ComparedResource, side: Side): Value {
  const parts = Map.groupBy(
    resource.lines.filter(line => side === 'diff' || line[side] !== undefined),
    line => line.part,
  )
  const inner = [...parts].filter(([part]) => part !== '')
  return {
    name: resource.name,
    ...(resource.type === undefined ? {} : { resourceType: resource.type }),
    metadata: {},
    ...costs(side === 'diff' ? resource.delta : resource[side]),
    costComponents: (parts.get('') ?? []).map(line => writeLine(line, side)),
    ...(inner.length === 0
      ? {}
      : {
          subresources: inner.map(([name, lines]) => ({
            name,
            metadata: {},
            ...costs(sum(lines.map(line => costIn(line, side) ?? ZERO))),
            costComponents: lines.map(line => writeLine(line, side)),
          })),
        }),
  }
}

function costs(monthly: Big): Record<string, Value> {
  return { hourlyCost: hourly(monthly), monthlyCost: decimal(monthly) }
}

function writeLine(line: Line, side: Side): Value {
  const shown = side === 'diff' ? (line.current ?? line.past) : line[side]
  const cost = costIn(line, side)
  const quantity = line.excluded ? null : side === 'diff' ? quantityDelta(line) : (shown?.monthlyQuantity ?? null)
  const price = line.excluded ? ZERO : side === 'diff' ? priceDelta(line) : (shown?.price ?? ZERO)
  return {
    name: side === 'diff' ? diffName(line) : (shown?.name ?? ''),
    unit: shown?.unit ?? '',
    hourlyQuantity: quantity === null ? null : hourly(quantity),
    monthlyQuantity: quantity === null ? null : decimal(quantity),
    price: decimal(price),
    hourlyCost: cost === null ? null : hourly(cost),
    monthlyCost: cost === null ? null : decimal(cost),
    ...(shown?.usageBased === true ? { usageBased: true } : {}),
    priceNotFound: line.excluded,
  }
}

function quantityDelta({ past, current }: Line): Big | null {
  const [before, after] = [past?.monthlyQuantity ?? null, current?.monthlyQuantity ?? null]
  return before === null && after === null ? null : (after ?? ZERO).minus(before ?? ZERO)
}

function priceDelta({ past, current }: Line): Big {
  return (current?.price ?? ZERO).minus(past?.price ?? ZERO)
}

/** As Infracost names a changed charge: each label that differs becomes `old → new`. */
export function diffName({ past, current }: { past: Component | undefined; current: Component | undefined }): string {
  if (past === undefined || current === undefined || past.name === current.name) return (current ?? past)?.name ?? ''
  const [before, after] = [labelsOf(past.name), labelsOf(current.name)]
  if (before.length !== after.length) return `${baseName(current.name)} (${before.join(', ')}) → (${after.join(', ')})`
  const labels = after.map((label, index) => (label === before[index] ? label : `${before[index] ?? ''} → ${label}`))
  return `${baseName(current.name)} (${labels.join(', ')})`
}

/** `Storage (general purpose SSD, gp3)` → `['general purpose SSD', 'gp3']`. */
export function labelsOf(name: string): readonly string[] {
  const inside = /^[^(]* \((.*)\)$/s.exec(name)?.[1]
  return inside === undefined ? [] : inside.split(', ')
}

function writeSummary(projects: readonly ComparedProject[]): Value {
  const supported = countBy(
    projects.flatMap(({ resources }) =>
      resources.filter(({ change }) => change !== 'removed').map(({ type }) => type ?? ''),
    ),
  )
  const unknown = projects.flatMap(({ source }) => source.unknowns)
  const unsupported = countBy(unknown.flatMap(({ type, count }) => Array.from({ length: count }, () => type)))
  const free = projects.reduce((count, { source }) => count + source.freeCount, 0)
  const total = (counts: Readonly<Record<string, number>>): number =>
    Object.values(counts).reduce((count, one) => count + one, 0)
  const usage = projects
    .flatMap(({ resources }) => resources)
    .filter(({ lines }) => lines.some(line => line.current?.usageBased === true)).length
  return {
    totalDetectedResources: total(supported) + total(unsupported) + free,
    totalSupportedResources: total(supported),
    totalUnsupportedResources: total(unsupported),
    totalUsageBasedResources: usage,
    totalNoPriceResources: free,
    unsupportedResourceCounts: unsupported,
    noPriceResourceCounts: {},
    supportedResourceCounts: supported,
  }
}

function countBy(names: readonly string[]): Readonly<Record<string, number>> {
  return Object.fromEntries([...Map.groupBy([...names].sort(), name => name)].map(([name, all]) => [name, all.length]))
}
