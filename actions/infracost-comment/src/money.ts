import Big from 'big.js'

/** Hours of a month, as the cloud's own calculators and Infracost count them. */
export const HOURS_A_MONTH = new Big(730)
export const ZERO = new Big(0)

/** Half a cent goes away from zero. */
export function toCents(amount: Big): Big {
  return amount.round(2, Big.roundHalfUp)
}

export function sum(amounts: Iterable<Big>): Big {
  let total = ZERO
  for (const amount of amounts) total = total.plus(amount)
  return total
}

/** `$1,234.50`; a negative amount is `−$1,234.50`. */
export function money(amount: Big, currency: string): string {
  const cents = toCents(amount)
  return `${cents.lt(0) ? '−' : ''}${symbol(currency)}${withSeparators(cents.abs().toFixed(2))}`
}

/** As `money`, with `+` before an increase; an amount under half a cent has no sign. */
export function signedMoney(amount: Big, currency: string): string {
  return toCents(amount).gt(0) ? `+${money(amount, currency)}` : money(amount, currency)
}

/** The price of one unit with all its digits, at least two: `$0.0416`, `$0.50`. */
export function unitPrice(price: Big, currency: string): string {
  const exact = price.abs().toFixed()
  const fraction = exact.split('.')[1] ?? ''
  return `${price.lt(0) ? '−' : ''}${symbol(currency)}${withSeparators(fraction.length < 2 ? price.abs().toFixed(2) : exact)}`
}

/** A quantity with all its digits: `1,460`, `0.5`. */
export function quantityText(quantity: Big): string {
  return withSeparators(quantity.toFixed())
}

/** `+24 %`, `−3.5 %`; under 10 % with one decimal. `undefined` when there was nothing before. */
export function percentText(delta: Big, past: Big): string | undefined {
  const percent = percentOf(delta, past)
  if (percent === undefined) return undefined
  const rounded = percent.round(percent.abs().lt(10) ? 1 : 0, Big.roundHalfUp)
  return `${rounded.gt(0) ? '+' : rounded.lt(0) ? '−' : ''}${withSeparators(rounded.abs().toFixed())} %`
}

/** The change as a percentage of what was paid before; `undefined` when that was nothing. */
export function percentOf(delta: Big, past: Big): Big | undefined {
  return past.eq(0) ? undefined : delta.times(100).div(past.abs())
}

function symbol(currency: string): string {
  return currency === 'USD' ? '$' : `${currency} `
}

function withSeparators(digits: string): string {
  const [whole = '', fraction] = digits.split('.')
  return whole.replace(/\B(?=(?:\d{3})+$)/g, ',') + (fraction === undefined ? '' : `.${fraction}`)
}
