const LARGEST_CENTS = 2 ** 31 - 1 // what the backend takes

/** `1250` → `$12.50`. */
export function formatPrice(cents: number): string {
  return (cents / 100).toLocaleString('en-US', { style: 'currency', currency: 'USD' })
}

/** `12.5` → `1250`, without a floating point number in between. Throws a text for the user. */
export function parsePrice(text: string): number {
  const [, dollars = '', cents = ''] = /^\s*\$?(\d{1,8})(?:\.(\d{1,2}))?\s*$/.exec(text) ?? []
  const price = Number(dollars) * 100 + Number(cents.padEnd(2, '0'))
  if (dollars === '' || price > LARGEST_CENTS) throw new Error(`"${text}" is not a price; write it as 12.50.`)
  return price
}
