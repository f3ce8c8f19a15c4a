import { code } from '#kit/report/inline'
import { someRootsText } from './root-names.ts'

/** Something that is said of some roots. */
export interface Saying<T> {
  readonly said: T
  /** By index. */
  readonly roots: readonly number[]
}

/** What each root says, the same told once. */
export function gatherSayings<R, T>(
  roots: readonly R[],
  sayingsOf: (root: R) => readonly T[],
  keyOf: (said: T) => string,
): readonly Saying<T>[] {
  const all = roots.flatMap((root, index) =>
    [...new Map(sayingsOf(root).map(said => [keyOf(said), said])).values()].map(said => ({ said, index })),
  )
  return [...Map.groupBy(all, ({ said }) => keyOf(said)).values()].flatMap(same => {
    const [first] = same
    return first === undefined ? [] : [{ said: first.said, roots: same.map(({ index }) => index) }]
  })
}

/** Sentences of roots, each with the names of its roots before it unless all say it; Markdown. */
export function sayingLines<R>(
  roots: readonly R[],
  names: readonly string[],
  sayingsOf: (root: R) => readonly string[],
): string[] {
  return gatherSayings(roots, sayingsOf, said => said).map(({ said, roots: chosen }) =>
    chosen.length === roots.length ? said : `${someRootsText(names, chosen, code)}: ${said}`,
  )
}
