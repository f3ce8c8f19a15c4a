import semver from 'semver'

const PART = /^(=|!=|>|>=|<|<=|~>)?\s*v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(-[0-9A-Za-z.-]+)?$/

/**
 * A constraint as HashiCorp writes it (`>= 1.5, < 2.0`, `~> 1.11.0`, `!= 1.9.3`) as a range of npm's kind, which the tools
 * are asked for. Missing numbers are zero, so `> 1.5` takes 1.5.1, where npm would not.
 * https://developer.hashicorp.com/terraform/language/expressions/version-constraints
 * @returns `undefined` for what is no such constraint
 */
export function rangeOfConstraint(constraint: string): string | undefined {
  let alternatives = ['']
  for (const part of constraint.split(',')) {
    const ranges = rangesOf(part.trim())
    if (ranges === undefined) return undefined
    alternatives = alternatives.flatMap(before => ranges.map(range => `${before} ${range}`.trim()))
  }
  const range = alternatives.join(' || ')
  return semver.validRange(range) === null ? undefined : range
}

/** One part as ranges of which any will do: `!=` needs two. */
function rangesOf(part: string): readonly string[] | undefined {
  const [, operator = '=', major, minor, patch, label = ''] = PART.exec(part) ?? []
  if (major === undefined) return undefined
  const version = `${major}.${minor ?? 0}.${patch ?? 0}${label}`
  if (operator === '!=') return [`<${version}`, `>${version}`]
  if (operator === '=') return [version]
  if (operator !== '~>') return [`${operator}${version}`]
  // The last number that is written may grow.
  if (minor === undefined) return [`>=${version}`]
  return [`>=${version} <${patch === undefined ? `${Number(major) + 1}.0.0` : `${major}.${Number(minor) + 1}.0`}-0`]
}

/** Versions that are in both ranges. `auto` is any. */
export function bothRanges(one: string, other: string): string {
  if (one === 'auto') return other
  if (other === 'auto') return one
  const alternatives = one.split('||').flatMap(left => other.split('||').map(right => `${left.trim()} ${right.trim()}`))
  return alternatives.join(' || ')
}

/** False when no version can be in both. */
export function canAgree(one: string, other: string): boolean {
  return one === 'auto' || other === 'auto' || semver.intersects(one, other)
}
