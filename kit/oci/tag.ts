import { createHash } from 'node:crypto'
import { Unusable } from '../inputs.ts'

/** Tags of images: the grammar of the OCI distribution specification, and templates that make them. */

export const MOST_TAG_CHARACTERS = 128

const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/
const HASH_CHARACTERS = 8

export function isTag(text: string): boolean {
  return TAG.test(text)
}

/**
 * The tag nearest to any text: other characters become one `-` a run, a leading `.` or `-` and trailing `-` go, and what is
 * longer than 128 characters ends in a hash of the whole, so that two long branches do not share a tag. A `+` of a
 * semantic version becomes `-` too. `''` when nothing is left.
 */
export function sanitiseTag(text: string): string {
  const tag = text
    .replace(/[^A-Za-z0-9_.-]+/g, '-')
    .replace(/^[.-]+/, '')
    .replace(/-+$/, '')
  if (tag.length <= MOST_TAG_CHARACTERS) return tag
  const hash = createHash('sha256').update(text).digest('hex').slice(0, HASH_CHARACTERS)
  return `${tag.slice(0, MOST_TAG_CHARACTERS - HASH_CHARACTERS - 1)}-${hash}`
}

type Part =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'run' | 'attempt' | 'branch' }
  | { readonly kind: 'sha'; readonly length: number }

/** A tag with fields to fill in: `{run}-{sha:7}`. */
export interface TagTemplate {
  readonly source: string
  readonly parts: readonly Part[]
}

/** What fills a template. */
export interface TagFacts {
  /** Number of the run, from 1; 0 outside of a workflow. */
  readonly runNumber: number
  readonly runAttempt: number
  /** 40 hexadecimal digits; `''` where there is no commit. */
  readonly sha: string
  /** `''` when the run is of no branch. */
  readonly branch: string
}

const LEAST_SHA = 4
const FULL_SHA = 40

/**
 * Reads a template: text of tag characters and the fields `{run}`, `{attempt}`, `{sha}`, `{sha:7}`, `{branch}`.
 * @throws Unusable naming what is wrong
 */
export function parseTagTemplate(source: string): TagTemplate {
  if (source === '') throw new Unusable('it is empty', 'Leave it out for "{run}-{sha:7}"')
  const parts = [...source.matchAll(/\{([^{}]*)\}|([^{}]+)|([{}])/g)].map(([, field, text, brace]): Part => {
    if (brace !== undefined) throw new Unusable(`it has a single "${brace}"`, 'Write a field as "{run}" or "{sha:7}"')
    if (field !== undefined) return parseField(field)
    return { kind: 'text', text: literal(text ?? '') }
  })
  const first = parts[0]
  if (first?.kind === 'text' && /^[.-]/.test(first.text))
    throw new Unusable('a tag cannot begin with "." or "-"', 'Put a field, a letter or a digit first')
  const crowded = parts.findIndex((part, at) => part.kind !== 'text' && (parts[at + 1]?.kind ?? 'text') !== 'text')
  if (crowded >= 0)
    throw new Unusable('two fields stand side by side', 'Put "-" between them, so that a tag can be taken apart again')
  return { source, parts }
}

function literal(text: string): string {
  if (!/^[A-Za-z0-9_.-]+$/.test(text))
    throw new Unusable(
      `${JSON.stringify(text)} cannot be in a tag`,
      'Use letters, digits, "_", "." and "-" around the fields {run}, {attempt}, {sha:7} and {branch}',
    )
  return text
}

function parseField(field: string): Part {
  if (field === 'run' || field === 'attempt' || field === 'branch') return { kind: field }
  const [, digits] = /^sha(?::(\d{1,2}))?$/.exec(field) ?? []
  const length = digits === undefined ? FULL_SHA : Number(digits)
  if (!/^sha(?::\d{1,2})?$/.test(field))
    throw new Unusable(`there is no field {${field}}`, 'The fields are {run}, {attempt}, {sha}, {sha:7} and {branch}')
  if (length < LEAST_SHA || length > FULL_SHA)
    throw new Unusable(`{${field}} is no length of a commit`, `Use ${LEAST_SHA} to ${FULL_SHA} digits: {sha:7}`)
  return { kind: 'sha', length }
}

/**
 * Fills a template in.
 * @throws Unusable when a field has no value here, or when the whole is no tag
 */
export function renderTag(template: TagTemplate, facts: TagFacts): string {
  const tag = template.parts.map(part => render(part, facts)).join('')
  if (!isTag(tag))
    throw new Unusable(
      `it gives ${JSON.stringify(tag)}, which is no tag`,
      `Keep it within ${MOST_TAG_CHARACTERS} characters`,
    )
  return tag
}

function render(part: Part, facts: TagFacts): string {
  switch (part.kind) {
    case 'text':
      return part.text
    case 'run':
    case 'attempt':
      if (facts.runNumber < 1)
        throw new Unusable(`{${part.kind}} has no value outside of a workflow`, 'Give the tag itself')
      return String(part.kind === 'run' ? facts.runNumber : facts.runAttempt)
    case 'sha':
      if (!/^[0-9a-f]{40}$/.test(facts.sha))
        throw new Unusable('{sha} has no value outside of a commit', 'Give the tag itself')
      return facts.sha.slice(0, part.length)
    case 'branch': {
      const branch = sanitiseTag(facts.branch)
      if (branch === '') throw new Unusable('{branch} has no value: this run is of no branch', 'Leave {branch} out')
      return branch
    }
  }
}

/**
 * The number of the run that made `tag`, when it has the form of the template; `undefined` for any other tag. Only with it
 * can two tags be put in order.
 */
export function runNumberOf(template: TagTemplate, tag: string): number | undefined {
  if (!template.parts.some(({ kind }) => kind === 'run')) return undefined
  let named = false
  const pattern = template.parts.map(part => {
    if (part.kind === 'text') return part.text.replace(/\./g, '\\.')
    if (part.kind === 'sha') return `[0-9a-f]{${part.length}}`
    if (part.kind === 'attempt') return '[0-9]+'
    if (part.kind === 'branch') return '[A-Za-z0-9_.-]+?'
    if (named) return '\\k<run>'
    named = true
    return '(?<run>[1-9][0-9]{0,14})'
  })
  const run = new RegExp(`^${pattern.join('')}$`).exec(tag)?.groups?.['run']
  return run === undefined ? undefined : Number(run)
}
