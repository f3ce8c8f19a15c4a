import semver from 'semver'
import { Unusable, type Parser } from '../inputs.ts'

/** `auto`, a version or a range as npm writes it (`1.11.4`, `~> 1.11` is written `~1.11`, `>=1.9 <2`). */
export const versionRange: Parser<string> = {
  parse(raw) {
    if (raw === '' || raw === 'auto') return 'auto'
    if (semver.validRange(raw) === null)
      throw new Unusable('it is not a version or a range of versions', 'Write "auto", "1.11.4", "1.11.x" or ">=1.9 <2"')
    return raw
  },
}

/** True when `version` is in `range`; `auto` takes any. A pre-release fits only when the range names one. */
export function fits(version: string, range: string): boolean {
  return range === 'auto' || semver.satisfies(version, range)
}

/** The one version that a range names, without `v`; `undefined` for a real range. */
export function exactVersion(range: string): string | undefined {
  return semver.valid(range) ?? undefined
}

/** The newest of `versions` in `range`. Pre-releases are left out for `auto`. */
export function newest(versions: readonly string[], range: string): string | undefined {
  const known = versions.filter(version => semver.valid(version) !== null)
  return semver.maxSatisfying([...known], range === 'auto' ? '*' : range) ?? undefined
}

/** Major and minor that every version in `range` has; `undefined` where they differ. */
export function commonMajorMinor(range: string): { major: number | undefined; minor: number | undefined } {
  const lowest = range === 'auto' ? null : semver.minVersion(range)
  if (lowest === null) return { major: undefined, minor: undefined }
  const { major, minor } = lowest
  if (!semver.subset(range, `${major}.x`)) return { major: undefined, minor: undefined }
  return { major, minor: semver.subset(range, `${major}.${minor}.x`) ? minor : undefined }
}
