import type { Measure } from '#kit/stats/threshold'

const group = (value: number, digits: number) =>
  value.toLocaleString('en-US', { maximumFractionDigits: digits, minimumFractionDigits: 0 })

/** `3.4 ms`, `412 ms`, `1,250 ms`: one unit everywhere, so that figures compare at a glance. */
export function milliseconds(value: number): string {
  return Number.isFinite(value) ? `${group(value, value < 1_000 ? 1 : 0)} ms` : 'unknown'
}

/** `0.25 %`, `12 %`. */
export function percent(share: number): string {
  return Number.isFinite(share) ? `${group(share * 100, Math.abs(share) < 0.1 ? 2 : 0)} %` : 'unknown'
}

export function perSecond(value: number): string {
  return Number.isFinite(value) ? `${group(value, value < 100 ? 1 : 0)}/s` : 'unknown'
}

/** A value of a measure with its unit. */
export function valueText({ kind }: Measure, value: number): string {
  if (!Number.isFinite(value)) return 'unknown'
  switch (kind) {
    case 'latency':
      return milliseconds(value)
    case 'error_rate':
      return percent(value)
    case 'rate':
      return perSecond(value)
    case 'errors':
    case 'requests':
      return group(value, 0)
  }
}

/** How far from the limit, in percent of it: `+40 %` is room, `−37 %` is over. */
export function marginText(margin: number): string {
  if (!Number.isFinite(margin)) return '–'
  return `${margin < 0 ? '−' : '+'}${group(Math.abs(margin) * 100, Math.abs(margin) < 0.1 ? 1 : 0)} %`
}
