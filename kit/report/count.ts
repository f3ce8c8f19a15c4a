/** `1 resource`, `2,000 resources`, `no resources`. */
export function count(number: number, singular: string, plural = `${singular}s`): string {
  if (number === 0) return `no ${plural}`
  return `${numeral(number)} ${number === 1 ? singular : plural}`
}

/**
 * A whole number as people read it: `12,345`. Not by toLocaleString: its first call loads the locales, which takes 25 ms.
 */
export function numeral(number: number): string {
  return String(number).replace(/\B(?=(?:\d{3})+$)/g, ',')
}
