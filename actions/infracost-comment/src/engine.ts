import { withoutKeys } from '#kit/terraform/plan-configuration'
import { member } from '#kit/terraform/json'
import type { Plan } from '#kit/terraform/plan'
import { priceBill, type Surroundings } from './charge.ts'
import type { Assumption, Estimate, PriceOrigin, Resource, Step, Unknown } from './estimate.ts'
import { isFree } from './free-types.ts'
import { compareText } from './order.ts'
import { readSides, type PlannedObject, type Sides } from './plan-objects.ts'
import type { PriceBook } from './price-sheet.ts'
import { RULES } from './rules.ts'

export interface EngineSettings {
  readonly projectName: string
  readonly defaultRegion: string | undefined
  /** `YYYY-MM-DD`: some versions cost more from a day on. */
  readonly today: string
  readonly book: PriceBook
}

/** Prices both sides of a plan. Free and unknown types have no line; what is unknown is listed. */
export function estimatePlan(plan: Plan, settings: EngineSettings): Estimate {
  const sides = readSides(plan, settings.defaultRegion)
  const used = new Map<string, { readonly date: string; readonly region: string }>()
  const assumptions = new Map<string, Assumption>()
  const steps: Step[] = []
  const asked = new Map<string | undefined, { found: boolean; changed: boolean }>()
  const priced = {
    past: priceSide(sides.past, sides, settings, { used, asked, assume: () => {}, step: () => {} }),
    current: priceSide(sides.current, sides, settings, {
      used,
      asked,
      assume: (object, what) => assumptions.set(object.address, { object: object.address, what }),
      step: step => steps.push(step),
    }),
  }
  const everything = new Map([...sides.past, ...sides.current].map(object => [object.address, object]))
  return {
    currency: 'USD',
    projects: [
      {
        name: settings.projectName,
        past: priced.past,
        current: priced.current,
        errors: [],
        unknowns: [...unpricedTypes(everything), ...forgottenObjects(sides), ...deferredObjects(plan)],
        freeCount: [...everything.values()].filter(object => isFree(object.type)).length,
        resourceCount: everything.size,
      },
    ],
    steps: steps.sort((a, b) => compareText(a.date, b.date) || compareText(a.address, b.address)),
    assumptions: [...assumptions.values()].sort((a, b) => compareText(a.object, b.object)),
    unpricedRegions: [...asked].flatMap(([region, { found, changed }]) => (found ? [] : [{ region, changed }])),
    prices: originOf(used),
  }
}

type Notes = Pick<Surroundings, 'assume' | 'step'> & {
  readonly used: Map<string, { readonly date: string; readonly region: string }>
  /** Regions that a price was asked of, and whether there was one. */
  readonly asked: Map<string | undefined, { found: boolean; changed: boolean }>
}

function priceSide(
  objects: readonly PlannedObject[],
  sides: Sides,
  settings: EngineSettings,
  notes: Notes,
): readonly Resource[] {
  const byType = Map.groupBy(objects, object => object.type)
  const ofType = (type: string): readonly PlannedObject[] => byType.get(type) ?? []
  const referenced = (object: PlannedObject, attribute: string, type: string): readonly PlannedObject[] => {
    const targets = sides.configuration
      .referenced(object.moduleAddress, member(object.expressions, attribute))
      .filter(({ resource }) => resource.startsWith(`${type}.`))
    const named = new Set(
      targets.map(target => (target.modulePath === '' ? '' : `${target.modulePath}.`) + target.resource),
    )
    return ofType(type).filter(candidate => {
      if (!named.has(withoutKeys(candidate.address))) return false
      // Within one module an expression stays in that instance of the module.
      return candidate.modulePath !== object.modulePath || candidate.moduleAddress === object.moduleAddress
    })
  }
  const elastic = new Set<string>()
  for (const [type, attribute] of [
    ['aws_eip', 'instance'],
    ['aws_eip_association', 'instance_id'],
  ] as const)
    for (const holder of ofType(type)) {
      for (const instance of referenced(holder, attribute, 'aws_instance')) elastic.add(instance.address)
      const id = holder.attributes.plain(attribute)
      for (const instance of ofType('aws_instance'))
        if (id !== undefined && instance.id === id) elastic.add(instance.address)
    }
  const around: Surroundings = {
    today: settings.today,
    ofType,
    referenced,
    hasElasticAddress: object => elastic.has(object.address),
    assume: notes.assume,
    step: notes.step,
    price(object, key) {
      const price = object.region === undefined ? undefined : settings.book.price(object.region, key)
      const before = notes.asked.get(object.region)
      notes.asked.set(object.region, {
        found: (before?.found ?? false) || price !== undefined,
        changed: (before?.changed ?? false) || object.changed,
      })
      if (object.region !== undefined && price !== undefined)
        notes.used.set(`${object.region} ${key}`, { date: price.date, region: object.region })
      return price
    },
  }
  return objects.flatMap(object => {
    const rule = RULES.get(object.type)
    return rule === undefined ? [] : [priceBill(object, rule(object, around), around)]
  })
}

function unpricedTypes(objects: ReadonlyMap<string, PlannedObject>): readonly Unknown[] {
  return [...objects.values()]
    .filter(({ type }) => !RULES.has(type) && !isFree(type))
    .map(({ address, type, changed }) => ({ address, type, changed, count: 1, reason: 'type not priced' }))
}

function forgottenObjects({ forgotten }: Sides): readonly Unknown[] {
  return forgotten
    .filter(({ type }) => !isFree(type))
    .map(({ address, type }) => ({
      address,
      type,
      changed: true,
      count: 1,
      reason: 'no longer managed by Terraform, but still there and paid for',
    }))
}

function deferredObjects(plan: Plan): readonly Unknown[] {
  return plan.deferred
    .filter(({ change }) => change.mode === 'managed' && !isFree(change.type))
    .map(({ change, reason }) => ({
      address: change.address,
      type: change.type,
      changed: true,
      count: 1,
      reason: `deferred to a later plan (${reason})`,
    }))
}

function originOf(
  used: ReadonlyMap<string, { readonly date: string; readonly region: string }>,
): PriceOrigin | undefined {
  const dates = [...used.values()].map(({ date }) => date)
  const published = dates.filter(date => date !== 'own').sort(compareText)
  const regions = [...new Set([...used.values()].map(({ region }) => region))].filter(region => region !== 'global')
  return {
    oldest: published[0] ?? '',
    newest: published.at(-1) ?? '',
    regions: regions.sort(compareText),
    ownRates: dates.length - published.length,
  }
}
