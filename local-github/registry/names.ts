/** What the distribution specification calls repositories, tags and digests. */
import { createHash } from 'node:crypto'

/** Of the distribution specification, 1.1, "Pulling manifests". */
const repository = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/
const tag = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/
/** The one algorithm that every client has. */
const digest = /^sha256:[a-f0-9]{64}$/

/** The specification knows clients that allow 255 characters for a host and a repository together. */
const repositoryLength = 255

export const isRepository = (text: string): boolean => text.length <= repositoryLength && repository.test(text)
export const isTag = (text: string): boolean => tag.test(text)
export const isDigest = (text: string): boolean => digest.test(text)

export const digestOf = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`

/** Tags in the order of the specification: without regard to case; those that differ in nothing else by code point. */
export function compareTags(a: string, b: string): number {
  const [lowA, lowB] = [a.toLowerCase(), b.toLowerCase()]
  if (lowA !== lowB) return lowA < lowB ? -1 : 1
  return a === b ? 0 : a < b ? -1 : 1
}
