import { parsePlan, type Plan } from '../../../kit/terraform/plan.ts'
import { compareEstimate, type Comparison } from '../../../actions/infracost-comment/src/compare.ts'
import { estimatePlan } from '../../../actions/infracost-comment/src/engine.ts'
import { priceBook, type PriceOverrides } from '../../../actions/infracost-comment/src/price-sheet.ts'

export interface ObjectChange {
  readonly address: string
  readonly before?: Readonly<Record<string, unknown>>
  readonly after?: Readonly<Record<string, unknown>>
  readonly afterUnknown?: Readonly<Record<string, unknown>>
  readonly afterSensitive?: Readonly<Record<string, unknown>>
  readonly previousAddress?: string
  readonly actions?: readonly string[]
  /** Expressions of the configuration, as Terraform writes them. */
  readonly expressions?: Readonly<Record<string, unknown>>
}

/** A plan of the root module as `terraform show -json` writes it, with a provider of `region`, or one that names none. */
export function makePlan(changes: readonly ObjectChange[], region: string | null = 'us-east-1'): Plan {
  return parsePlan(planJson(changes, region), 'plan.json')
}

export function planJson(changes: readonly ObjectChange[], region: string | null = 'us-east-1'): string {
  const parts = (address: string) => {
    const [, type = '', name = ''] = /^(?:module\.[^.]+\.)?([^.]+)\.([^[]+)/.exec(address) ?? []
    return { address, mode: 'managed', type, name }
  }
  const resources = (side: 'before' | 'after') =>
    changes
      .filter(change => change[side] !== undefined)
      .map(change => ({
        ...parts(side === 'before' ? (change.previousAddress ?? change.address) : change.address),
        values: change[side],
        sensitive_values: side === 'after' ? (change.afterSensitive ?? {}) : {},
      }))
  const blocks = new Map(
    changes.filter(({ after }) => after !== undefined).map(change => [change.address.replace(/\[.*?\]/g, ''), change]),
  )
  return JSON.stringify({
    format_version: '1.2',
    terraform_version: '1.11.4',
    planned_values: { root_module: { resources: resources('after') } },
    prior_state: { format_version: '1.0', values: { root_module: { resources: resources('before') } } },
    resource_changes: changes.map(change => ({
      ...parts(change.address),
      previous_address: change.previousAddress,
      change: {
        actions: change.actions ?? actionsOf(change),
        before: change.before ?? null,
        after: change.after ?? null,
        after_unknown: change.afterUnknown ?? {},
        before_sensitive: {},
        after_sensitive: change.afterSensitive ?? {},
      },
    })),
    configuration: {
      provider_config: { aws: region === null ? {} : { expressions: { region: { constant_value: region } } } },
      root_module: {
        resources: [...blocks].map(([address, change]) => ({
          ...parts(address),
          provider_config_key: 'aws',
          expressions: change.expressions ?? {},
        })),
      },
    },
  })
}

function actionsOf({ before, after }: ObjectChange): readonly string[] {
  if (before === undefined) return ['create']
  if (after === undefined) return ['delete']
  return JSON.stringify(before) === JSON.stringify(after) ? ['no-op'] : ['update']
}

export interface Settings {
  readonly today?: string
  readonly defaultRegion?: string
  readonly overrides?: PriceOverrides
}

export function compare(plan: Plan, settings: Settings = {}): Comparison {
  return compareEstimate(
    estimatePlan(plan, {
      projectName: 'shop',
      defaultRegion: settings.defaultRegion,
      today: settings.today ?? '2026-11-21',
      book: priceBook(settings.overrides ?? new Map()),
    }),
  )
}

/** What one new object of a type costs, charge by charge. */
export function billOf(
  type: string,
  after: Readonly<Record<string, unknown>>,
  { region = 'us-east-1', ...settings }: Settings & { region?: string } = {},
): { readonly total: string; readonly charges: Readonly<Record<string, string>>; readonly unknown: readonly string[] } {
  const comparison = compare(makePlan([{ address: `${type}.x`, after }], region), settings)
  const lines = comparison.projects.flatMap(({ resources }) => resources.flatMap(resource => resource.lines))
  return {
    total: comparison.current.toFixed(2),
    charges: Object.fromEntries(
      lines.map(({ part, current }) => [
        [part, current?.name].filter(Boolean).join(': '),
        current?.monthlyCost?.toFixed() ?? (current?.usageBased === true ? 'usage' : 'unknown'),
      ]),
    ),
    unknown: comparison.projects.flatMap(({ unknowns }) => unknowns.map(({ reason }) => reason)),
  }
}
