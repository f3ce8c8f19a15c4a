/** `1 resource`, `2,000 resources`, `no resources`. */
export function count(number: number, singular: string, plural = `${singular}s`): string {
  if (number === 0) return `no ${plural}`
  return `${number.toLocaleString('en-US')} ${number === 1 ? singular : plural}`
}
