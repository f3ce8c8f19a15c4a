import Big from 'big.js'
import sheet from './prices.json' with { type: 'json' }

export interface Price {
  readonly usd: Big
  /** The day on which the price was seen to hold; `own` when the user gave it. */
  readonly date: string
}

/** Own rates in front of the built-in ones: region → key → USD. */
export type PriceOverrides = ReadonlyMap<string, ReadonlyMap<string, Big>>

export interface PriceBook {
  price(region: string, key: string): Price | undefined
}

/** Every key that a rule can ask for has one of these shapes, so a misspelt own rate is found. */
export const PRICE_KEYS: readonly RegExp[] = [
  /^ec2\/[a-z0-9-]+\.[a-z0-9-]+$/,
  /^ebs\/(?:gp2|gp3|io1|io2|st1|sc1|standard)\/gb$/,
  /^ebs\/gp3\/(?:iops|throughput)$/,
  /^ebs\/io[12]\/iops$/,
  /^ebs\/io2\/iops-over-(?:32000|64000)$/,
  /^ipv4\/hour$/,
  /^nat\/(?:hour|gb)$/,
  /^lb\/(?:application|network|gateway)\/(?:hour|lcu)$/,
  /^lb\/classic\/(?:hour|gb)$/,
  /^eks\/cluster(?:-extended-support)?$/,
  /^cloudwatch\/metric$/,
  /^route53\/zone$/,
  /^rds\/[a-z0-9-]+\/(?:single|multi)-az\/db\.[a-z0-9-]+\.[a-z0-9-]+$/,
  /^rds\/storage\/(?:single|multi)-az\/(?:gp2|gp3|io1|io2|standard)$/,
  /^rds\/iops\/(?:single|multi)-az\/(?:gp3|io1|io2)$/,
  /^rds\/throughput\/(?:single|multi)-az\/gp3$/,
  /^rds\/backup\/gb$/,
  /^rds\/extended-support\/year-[13]$/,
]

interface Sheet {
  readonly sources: Readonly<Record<string, { readonly date: string; readonly text: string }>>
  readonly prices: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>
}

const builtIn: Sheet = sheet

/** The built-in sheet behind the user's own rates. A price that neither holds is unknown: nothing is guessed. */
export function priceBook(overrides: PriceOverrides): PriceBook {
  return {
    price(region, key) {
      const own = overrides.get(region)?.get(key) ?? overrides.get('*')?.get(key)
      if (own !== undefined) return { usd: own, date: 'own' }
      const prices = builtIn.prices[region]
      const entry = prices !== undefined && Object.hasOwn(prices, key) ? prices[key] : undefined
      if (entry === undefined) return undefined
      const [usd = '', source = ''] = entry
      return { usd: new Big(usd), date: builtIn.sources[source]?.date ?? '' }
    },
  }
}
