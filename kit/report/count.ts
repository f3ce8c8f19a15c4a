/** `1 resource`, `2,000 resources`, `no resources`. */
export function count(number: number, singular: string, plural = `${singular}s`): string {
  if (number === 0) return `no ${plural}`
  return `${number.toLocaleString('en-US')} ${number === 1 ? singular : plural}`
}

/** `+3`, `−1`, `0`. */
export function signed(number: number): string {
  if (number === 0) return '0'
  return `${number < 0 ? '−' : '+'}${Math.abs(number).toLocaleString('en-US')}`
}
