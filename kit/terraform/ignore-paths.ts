import { lines, Unusable, type Parser } from '../inputs.ts'
import type { AttributePath } from './plan.ts'

/** A leaf that may differ between what was reviewed and what is applied. */
export interface IgnorePath {
  /** As it was given. */
  readonly source: string
  /** `undefined`: every address. */
  readonly address: readonly Step[] | undefined
  readonly path: readonly Step[]
}

/** `undefined` as value: any one step. */
interface Step {
  readonly value: string | number | undefined
  /** Written in brackets: an index or key. */
  readonly keyed: boolean
}

const STEP = /(?:^|\.)([A-Za-z_][\w-]*|\*)|\[(\d+|\*|"(?:[^"\\]|\\.)*")\]/y

/**
 * Leaves that may differ, one per line: `aws_instance.app.tags.Sha`, `module.a["x"].aws_lb.front.tags["b.c"]`, `*.tags.Sha`
 * for every address, `output.image_tag`; `*` in a path is any one step. An address without keys means all its instances.
 */
export const ignorePaths: Parser<readonly IgnorePath[]> = {
  parse: raw =>
    lines.parse(raw).map(source => {
      const steps = readSteps(source)
      const found = steps === undefined ? undefined : split(steps)
      if (found === undefined)
        throw new Unusable(
          `${JSON.stringify(source)} does not name an attribute`,
          'Write an address and a path, such as aws_instance.app.tags.Sha or *.tags["x"], one per line',
        )
      return { source, ...found }
    }),
}

/** Which paths of the object at `address` are left out; `undefined` when none are. */
export function ignoredAt(
  ignored: readonly IgnorePath[],
  address: string,
): ((path: AttributePath) => boolean) | undefined {
  const steps = readSteps(address)
  const patterns = ignored.filter(pattern => pattern.address === undefined || covers(pattern.address, steps ?? []))
  if (patterns.length === 0) return undefined
  return path =>
    patterns.some(
      pattern => pattern.path.length === path.length && pattern.path.every((step, index) => matches(step, path[index])),
    )
}

/** Whether something of this argument of the object at `address` may differ. */
export function isIgnoredWithin(ignored: readonly IgnorePath[], address: string, argument: string): boolean {
  const steps = readSteps(address) ?? []
  return ignored.some(
    ({ address: wanted, path }) =>
      (wanted === undefined || covers(wanted, steps)) && (path[0] === undefined || matches(path[0], argument)),
  )
}

function readSteps(text: string): Step[] | undefined {
  const steps: Step[] = []
  const pattern = new RegExp(STEP)
  while (pattern.lastIndex < text.length) {
    const match = pattern.exec(text)
    if (match === null) return undefined
    const [, name, key] = match
    if (name !== undefined) steps.push({ value: name === '*' ? undefined : name, keyed: false })
    else steps.push({ value: keyOf(key ?? ''), keyed: true })
  }
  return steps.length === 0 ? undefined : steps
}

function keyOf(text: string): string | number | undefined {
  if (text === '*') return undefined
  if (!text.startsWith('"')) return Number(text)
  return text.slice(1, -1).replace(/\\(["\\])/g, '$1')
}

/** Where the address ends: modules, mode, type, name and key. What follows is the path, which only an output may lack. */
function split(steps: readonly Step[]): Pick<IgnorePath, 'address' | 'path'> | undefined {
  const [first] = steps
  if (first === undefined || first.keyed) return undefined
  if (first.value === undefined) return ofPath(undefined, steps.slice(1))
  if (first.value === 'output')
    return steps.length < 2 ? undefined : { address: steps.slice(0, 2), path: steps.slice(2) }
  let end = 0
  while (steps[end]?.value === 'module' && !steps[end]?.keyed) end = pastKey(steps, end + 2)
  if (steps[end]?.value === 'data' || steps[end]?.value === 'ephemeral') end++
  end = pastKey(steps, end + 2)
  const address = steps.slice(0, end)
  return address.some(step => step.value === undefined && !step.keyed) ? undefined : ofPath(address, steps.slice(end))
}

function ofPath(
  address: IgnorePath['address'],
  path: readonly Step[],
): Pick<IgnorePath, 'address' | 'path'> | undefined {
  return path.length === 0 || path[0]?.keyed === true ? undefined : { address, path }
}

function pastKey(steps: readonly Step[], position: number): number {
  return steps[position]?.keyed === true ? position + 1 : position
}

function covers(pattern: readonly Step[], address: readonly Step[]): boolean {
  let at = 0
  for (const step of address) {
    const wanted = pattern[at]
    if (step.keyed && wanted?.keyed !== true) continue
    if (wanted === undefined || wanted.keyed !== step.keyed || !matches(wanted, step.value)) return false
    at++
  }
  return at === pattern.length
}

function matches(step: Step, value: string | number | undefined): boolean {
  return step.value === undefined || step.value === value
}
