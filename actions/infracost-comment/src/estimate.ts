import type Big from 'big.js'

/** One charge of a resource, as Infracost calls it. */
export interface Component {
  readonly name: string
  readonly unit: string
  /** `null`: depends on usage that nobody gave, or cannot be known. */
  readonly monthlyQuantity: Big | null
  /** For one unit; `null` when it is not known. */
  readonly price: Big | null
  readonly monthlyCost: Big | null
  readonly usageBased: boolean
  /** Why the charge has no figure. A charge that depends on usage is not unknown. */
  readonly unknown?: string
}

export interface Resource {
  /** The full address; what lies inside a resource has a local name. */
  readonly name: string
  readonly type: string | undefined
  readonly components: readonly Component[]
  readonly subresources: readonly Resource[]
}

/** Something that is not in the figures. */
export interface Unknown {
  readonly address: string
  readonly type: string
  readonly reason: string
  /** Whether this change touches it. */
  readonly changed: boolean
  /** How many it stands for. */
  readonly count: number
}

/** A cost that will change by itself on a day that is known. */
export interface Step {
  readonly address: string
  /** `2026-12-02`. */
  readonly date: string
  readonly what: string
  /** What it adds a month; `null` when its price is not known. */
  readonly monthly: Big | null
}

/** What was taken for granted where the plan does not say. */
export interface Assumption {
  readonly object: string
  readonly what: string
}

export interface Project {
  readonly name: string
  /** `null`: the past is not known, or the project could not be read then. */
  readonly past: readonly Resource[] | null
  readonly current: readonly Resource[] | null
  readonly errors: readonly string[]
  readonly unknowns: readonly Unknown[]
  /** Resources that cost nothing by themselves. */
  readonly freeCount: number
  readonly resourceCount: number
}

/** Where the prices came from. */
export interface PriceOrigin {
  readonly oldest: string
  readonly newest: string
  readonly regions: readonly string[]
  readonly ownRates: number
}

/** A region in which nothing could be priced, though something there costs. */
export interface UnpricedRegion {
  /** `undefined`: the plan does not tell which. */
  readonly region: string | undefined
  /** Whether this change touches something there. */
  readonly changed: boolean
}

export interface Estimate {
  readonly currency: string
  readonly projects: readonly Project[]
  readonly steps: readonly Step[]
  readonly assumptions: readonly Assumption[]
  readonly unpricedRegions: readonly UnpricedRegion[]
  /** `undefined` when the figures came from elsewhere. */
  readonly prices: PriceOrigin | undefined
}
