import type Big from 'big.js'
import { Undecided } from './attributes.ts'
import type { Component, Resource, Step } from './estimate.ts'
import { HOURS_A_MONTH } from './money.ts'
import type { PlannedObject } from './plan-objects.ts'
import type { Price } from './price-sheet.ts'

/** How much of what is charged. */
export interface Charge {
  /** In place of the item's name. */
  readonly name?: string
  /** What the user sees in brackets: `['Linux/UNIX', 'on-demand', 't3.medium']`. */
  readonly labels?: readonly string[]
  /** A month; `usage` where it depends on use. */
  readonly quantity: Big | 'usage'
  /** Of the price sheet. */
  readonly key: string
}

/** One line of a resource's bill. `work` gives `undefined` when there is no such charge, and may throw Undecided. */
export interface Item {
  readonly name: string
  readonly unit: string
  /** The same everywhere: priced in region `global`. */
  readonly global?: boolean
  work(): Charge | undefined
}

export interface Bill {
  readonly items: readonly Item[]
  readonly parts?: readonly { readonly name: string; readonly items: readonly Item[] }[]
}

/** What a rule may ask about the plan around the object. */
export interface Surroundings {
  /** `YYYY-MM-DD`. */
  readonly today: string
  /** Objects of a type on the same side of the change. */
  ofType(type: string): readonly PlannedObject[]
  /** Objects of a type on the same side that an attribute's expression leads to. */
  referenced(object: PlannedObject, attribute: string, type: string): readonly PlannedObject[]
  /** Addresses of instances that have an elastic IP address. */
  hasElasticAddress(object: PlannedObject): boolean
  assume(object: PlannedObject, what: string): void
  step(step: Step): void
  price(object: PlannedObject, key: string): Price | undefined
}

export type Rule = (object: PlannedObject, around: Surroundings) => Bill

export function hours(count: number): Big {
  return HOURS_A_MONTH.times(count)
}

/** Prices a bill. Nothing that is unknown becomes a zero. */
export function priceBill(object: PlannedObject, bill: Bill, around: Surroundings): Resource {
  return {
    name: object.address,
    type: object.type,
    components: priceItems(object, bill.items, around),
    subresources: (bill.parts ?? [])
      .map(part => ({
        name: part.name,
        type: undefined,
        components: priceItems(object, part.items, around),
        subresources: [],
      }))
      .filter(part => part.components.length > 0),
  }
}

function priceItems(object: PlannedObject, items: readonly Item[], around: Surroundings): readonly Component[] {
  return items.flatMap(item => {
    let charge: Charge | undefined
    try {
      charge = item.work()
    } catch (thrown) {
      if (!(thrown instanceof Undecided)) throw thrown
      // A label, so that it meets the same charge on the other side, whose labels are known.
      return [unknownComponent(item, `${item.name} (unknown)`, thrown.message)]
    }
    if (charge === undefined) return []
    const plainName = charge.name ?? item.name
    const name = charge.labels === undefined ? plainName : `${plainName} (${charge.labels.join(', ')})`
    const region = item.global ? 'global' : object.region
    // Also without a region: a price that was asked for in vain keeps the gate from deciding.
    const price = around.price(item.global ? { ...object, region } : object, charge.key)
    if (region === undefined) return [unknownComponent(item, name, 'region unknown: set "default-region"')]
    if (charge.quantity === 'usage')
      return price === undefined
        ? []
        : [{ name, unit: item.unit, monthlyQuantity: null, price: price.usd, monthlyCost: null, usageBased: true }]
    if (price === undefined) return [unknownComponent(item, name, `price unknown: ${charge.key} in ${region}`)]
    return [
      {
        name,
        unit: item.unit,
        monthlyQuantity: charge.quantity,
        price: price.usd,
        monthlyCost: charge.quantity.times(price.usd),
        usageBased: false,
      },
    ]
  })
}

function unknownComponent(item: Item, name: string, reason: string): Component {
  return {
    name,
    unit: item.unit,
    monthlyQuantity: null,
    price: null,
    monthlyCost: null,
    usageBased: false,
    unknown: reason,
  }
}
