import { shortenMiddle } from '#kit/report/shorten'
import type { RecordBasis } from './record.ts'

/** No name of a root keeps all else out of a comment. UTF-16 units. */
const LONGEST_NAME = 80

/**
 * What roots are called beside each other, in their order: their own `comment-key` where each has one that says more than its
 * path; else what of their paths tells them apart, and the workspace. Plain text.
 */
export function nameRoots(roots: readonly Pick<RecordBasis, 'root' | 'workspace' | 'key'>[]): readonly string[] {
  const keys = new Set(roots.map(({ key }) => key))
  const names =
    keys.size === roots.length && roots.every(({ key, root }) => key !== '' && !key.includes(root))
      ? roots.map(({ key }) => key)
      : namesByPath(roots)
  return names.map(name => shortenMiddle(name, LONGEST_NAME))
}

function namesByPath(roots: readonly Pick<RecordBasis, 'root' | 'workspace'>[]): readonly string[] {
  const paths = [...new Set(roots.map(({ root }) => root))]
  const steps = paths.map(path => path.split('/'))
  const least = Math.min(...steps.map(({ length }) => length))
  const sameAt = (at: number) => steps.every(path => path.at(at) === steps[0]?.at(at))
  let start = 0
  while (start < least - 1 && sameAt(start)) start += 1
  let end = 0
  while (start + end < least - 1 && sameAt(-1 - end)) end += 1
  const short = new Map(
    paths.map((path, index) => [path, (steps[index] ?? []).slice(start, -end || undefined).join('/')]),
  )
  const areWorkspaces = paths.length === 1 && roots.length > 1
  return roots.map(({ root, workspace }) => {
    if (areWorkspaces) return workspace
    const name = short.get(root) ?? root
    return workspace === 'default' ? name : `${name}@${workspace}`
  })
}

/** `dev`, `dev and prod`, `dev, staging and prod`. */
export function listText(names: readonly string[]): string {
  const last = names.at(-1) ?? ''
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`
}

/**
 * Names that differ in one step of their path as one: `{dev,prod}/app`. The step is the one that leaves the fewest over; each
 * stands where its first name stood.
 */
export function braceNames(names: readonly string[]): readonly string[] {
  const paths = names.map(name => (/[{},]/.test(name) ? [name] : name.split('/')))
  const most = Math.max(0, ...paths.map(({ length }) => length))
  const tries = Array.from({ length: most }, (_, step) => bracedAt(paths, most - 1 - step))
  return tries.reduce((best, one) => (one.length < best.length ? one : best), names)
}

function bracedAt(paths: readonly (readonly string[])[], step: number): readonly string[] {
  const alike = Map.groupBy(paths, path =>
    path.length > 1 && step < path.length
      ? JSON.stringify(path.with(step, ''))
      : JSON.stringify([path.join('/'), path]),
  )
  return [...alike.values()].map(([first = [], ...others]) => {
    if (others.length === 0) return first.join('/')
    const steps = [first, ...others].map(path => path[step] ?? '')
    return first.with(step, `{${steps.join(',')}}`).join('/')
  })
}

/** With fewer roots all of them are named. */
const LEAST_ALL = 4
const MOST_LEFT_OUT = 2

/** Where a fold below names each of them. */
const MOST_IN_LINE = 12

/** As `rootsText`, for a line in which some names will do. */
export function someRootsText(
  names: readonly string[],
  chosen: readonly number[],
  show: (name: string) => string,
): string {
  const whole = rootsText(names, chosen, show)
  if (chosen.length <= MOST_IN_LINE || whole.startsWith(ALL)) return whole
  return someText(
    chosen.map(index => names[index] ?? ''),
    MOST_IN_LINE,
    show,
  )
}

/** `dev, staging and 4 more`. */
export function someText(names: readonly string[], most: number, show: (name: string) => string): string {
  const shown = braceNames(names.slice(0, most)).map(show)
  return names.length <= most ? listText(shown) : `${shown.join(', ')} and ${names.length - most} more`
}

const ALL = 'all '

/**
 * `dev and prod`, `all 12 roots`, `all 12 roots but prod`: which roots, in as few words as name each of them.
 * @param show how a name is written
 */
export function rootsText(names: readonly string[], chosen: readonly number[], show: (name: string) => string): string {
  const others = names.filter((_name, index) => !chosen.includes(index))
  if (names.length < LEAST_ALL || chosen.length < LEAST_ALL || others.length > MOST_LEFT_OUT)
    return listText(braceNames(chosen.map(index => names[index] ?? '')).map(show))
  const all = `${ALL}${names.length} roots`
  return others.length === 0 ? all : `${all} but ${listText(braceNames(others).map(show))}`
}
