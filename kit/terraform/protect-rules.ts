import { GateError } from '../errors.ts'
import type { Parser } from '../inputs.ts'
import { repositoryPath } from '../repository-path.ts'
import type { ResourceChange } from './plan.ts'

/**
 * What can be protected. `may-expose`: a value that is only known after apply decides whether something is opened to the
 * public; the catalogue does not protect it, because most policies name what the same plan creates.
 */
export const PROTECTED_EVENTS = ['destroy', 'replace', 'forget', 'update', 'expose', 'may-expose'] as const
export type ProtectedEvent = (typeof PROTECTED_EVENTS)[number]

export interface ProtectRule {
  readonly protects: boolean
  readonly pattern: string
  readonly events: ReadonlySet<ProtectedEvent>
  /** In the file, from 1. */
  readonly line: number
  fits(object: Pick<ResourceChange, 'address' | 'type'>): boolean
}

/** Path of the file of rules, from the top of the repository; `''` when not given: then the catalogue alone holds. */
export const rulesPath: Parser<string> = { parse: raw => (raw === '' ? '' : repositoryPath(raw)) }

const DEFAULT_EVENTS: readonly ProtectedEvent[] = ['destroy', 'replace', 'forget']
const RULE = /^(\w+)\s+((?:"(?:[^"\\]|\\.)*"|[^\s"#])+)(?:\s+on\s+([\w,\s-]*\w))?\s*(?:#.*)?$/

/**
 * Reads a file of rules, one a line:
 *
 *     protect <pattern> [on <event>, …]
 *     allow <pattern> [on <event>, …]
 *
 * Comments begin with `#`. A pattern without a dot is a type, one with a dot an address; `*` is any text. An address also
 * means everything in it: `module.shop`, `aws_instance.app`. Without events `protect` means destroy, replace and forget,
 * `allow` all of them. Of the rules that fit, the last one decides; before all of them stands the catalogue.
 * @param name what to call the file in an error, such as its path
 * @throws GateError (`invalid`) with every line that is no rule
 */
export function parseProtectRules(text: string, name: string): readonly ProtectRule[] {
  const problems: string[] = []
  const rules: ProtectRule[] = []
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#')) continue
    const rule = readRule(line, index + 1)
    if (typeof rule === 'string') problems.push(`${name}:${index + 1}: ${JSON.stringify(line)}: ${rule}`)
    else rules.push(rule)
  }
  if (problems.length > 0)
    throw new GateError(`the rules of protection cannot be read\n${problems.join('\n')}`, {
      verdict: 'invalid',
      hint: `Repair ${name} on the base branch: rules are read from there, and never from the pull request.`,
    })
  return rules
}

/** The rule, or what is wrong with it and what to write. */
function readRule(text: string, line: number): ProtectRule | string {
  const [, verb = '', pattern = '', listed] = RULE.exec(text) ?? []
  if (pattern === '') return 'it is no rule; write "protect <type or address> on destroy, replace"'
  if (verb !== 'protect' && verb !== 'allow') return `it begins with "${verb}"; begin with "protect" or "allow"`
  const named = listed?.split(/[\s,]+/) ?? (verb === 'protect' ? DEFAULT_EVENTS : PROTECTED_EVENTS)
  const events = new Set<ProtectedEvent>()
  for (const word of named) {
    const event = PROTECTED_EVENTS.find(known => known === word)
    if (event === undefined) return `there is no event "${word}"; there are ${PROTECTED_EVENTS.join(', ')}`
    events.add(event)
  }
  return { protects: verb === 'protect', pattern, events, line, fits: matcher(pattern) }
}

function matcher(pattern: string): ProtectRule['fits'] {
  const source = pattern
    .split('*')
    .map(part => part.replace(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`))
    .join('.*')
  if (!pattern.includes('.')) {
    const whole = new RegExp(`^${source}$`, 's')
    return ({ type }) => whole.test(type)
  }
  const beginning = new RegExp(`^${source}(?:$|[.[])`, 's')
  return ({ address }) => beginning.test(address)
}

/** Whether what happens to an object is protected: the last rule that fits decides, and without one the catalogue. */
export function isProtected(
  rules: readonly ProtectRule[],
  object: Pick<ResourceChange, 'address' | 'type'>,
  event: ProtectedEvent,
  inCatalogue: boolean,
): boolean {
  return rules.findLast(rule => rule.events.has(event) && rule.fits(object))?.protects ?? inCatalogue
}
