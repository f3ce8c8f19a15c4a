/** From when an old version costs extra. Source: the life-cycle pages of Amazon RDS and EKS as of November 2026. */
const RDS_EXTENDED_FROM: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  mysql: { '5.7': '2024-03-01', '8.0': '2026-08-01' },
  postgres: { '11': '2024-04-01', '12': '2025-03-01', '13': '2026-03-01', '14': '2027-03-01' },
}

const EKS_EXTENDED_FROM: Readonly<Record<string, string>> = {
  '1.29': '2025-03-23',
  '1.30': '2025-07-23',
  '1.31': '2025-11-26',
  '1.32': '2026-03-23',
  '1.33': '2026-07-29',
  '1.34': '2026-12-02',
  '1.35': '2027-03-27',
}

export interface SupportPhase {
  readonly from: string
  readonly phase: 'year-1' | 'year-3'
}

/** The phases of paid extended support of a database's version, in order; none when it has no known end of support. */
export function rdsSupportPhases(engine: string, version: string): readonly SupportPhase[] {
  const parts = version.split('.')
  const start = RDS_EXTENDED_FROM[engine]?.[(engine === 'postgres' ? parts.slice(0, 1) : parts.slice(0, 2)).join('.')]
  if (start === undefined) return []
  return [
    { from: start, phase: 'year-1' },
    { from: `${Number(start.slice(0, 4)) + 2}${start.slice(4)}`, phase: 'year-3' },
  ]
}

/** The day on which a cluster of this Kubernetes version starts to cost extra. */
export function eksExtendedFrom(version: string): string | undefined {
  if (Object.hasOwn(EKS_EXTENDED_FROM, version)) return EKS_EXTENDED_FROM[version]
  const minor = /^1\.(\d+)$/.exec(version)?.[1]
  return minor !== undefined && Number(minor) < 29 ? '2025-03-23' : undefined
}

const VCPUS: Readonly<Record<string, number>> = { micro: 2, small: 2, medium: 2, large: 2, xlarge: 4 }

/** vCPUs of a database class such as `db.m5.2xlarge`; `undefined` for a size that is not known. */
export function databaseVcpus(databaseClass: string): number | undefined {
  const [, family = '', size = ''] = databaseClass.split('.')
  if (family === 't2' && (size === 'micro' || size === 'small')) return 1
  const multiple = /^(\d+)xlarge$/.exec(size)?.[1]
  return multiple === undefined ? VCPUS[size] : Number(multiple) * 4
}
