import { code } from '#kit/report/inline'
import type { Cluster } from './clusters.ts'
import { failedChecks, type Dangers, type OwnLine } from './danger.ts'
import { policyLines } from './policy.ts'
import { rootsText, someRootsText } from './root-names.ts'
import type { PlannedRoot, RootsView } from './roots-view.ts'
import { gatherSayings } from './sayings.ts'
import type { Hide } from './words.ts'

type Planned = Pick<RootsView, 'planned' | 'clusters'>

/** What a reviewer must see of several roots, each with where it is. */
export function dangersOfRoots({ planned, clusters }: Planned): Dangers {
  const names = planned.map(({ name }) => name)
  const where = whereIn(names)
  return {
    scopes: clusters.map(cluster => ({
      plan: cluster.plan,
      where: where(cluster.roots),
      noteOf: change => noteOfRoots(names, cluster.roots, root => planned[root]?.protection?.noteOf(change) ?? ''),
      hasOwnValues: cluster.variantsOf !== undefined,
      times: cluster.roots.length,
    })),
    checks: gatherSayings(
      planned,
      ({ outcome }) => failedChecks(outcome.plan),
      ({ address, problems }) => JSON.stringify([address, problems]),
    ).map(({ said, roots }) => ({ ...said, where: where(roots) })),
    own: ownLines(planned, names),
  }
}

/** ` in dev and prod`. */
function whereIn(names: readonly string[]): (roots: readonly number[]) => string {
  return roots => ` in ${someRootsText(names, roots, code)}`
}

/** What stands beside a change: the same for all its roots, or each with its own digest. */
function noteOfRoots(names: readonly string[], roots: readonly number[], noteOf: (root: number) => string): string {
  const notes = [...Map.groupBy(roots, noteOf)].filter(([note]) => note !== '')
  const [first] = notes
  if (notes.length === 1 && first?.[1].length === roots.length) return first[0]
  return notes.map(([note, of]) => `${note} (${someRootsText(names, of, code)})`).join(', ')
}

function ownLines(planned: readonly PlannedRoot[], names: readonly string[]): readonly OwnLine[] {
  return gatherSayings(
    planned,
    ({ protection }) => protection?.own ?? [],
    ({ what }) => what,
  ).map(({ said, roots }) => ({
    what: said.what,
    where: whereIn(names)(roots),
    note: noteOfRoots(
      names,
      roots,
      root => planned[root]?.protection?.own.find(({ what }) => what === said.what)?.note ?? '',
    ),
  }))
}

/** What the policies say, each sentence once. */
export function policiesOfRoots(planned: readonly PlannedRoot[], hide: Hide): string[] {
  const names = planned.map(({ name }) => name)
  const sayings = (list: 'failures' | 'warnings') =>
    gatherSayings(
      planned,
      ({ outcome }) => outcome.policies?.[list] ?? [],
      said => said,
    )
  const [failures, warnings] = [sayings('failures'), sayings('warnings')]
  const rootsOf = new Map([...warnings, ...failures].map(({ said, roots }) => [said, roots]))
  const said = ({ said: words }: { readonly said: string }) => words
  return policyLines({ failures: failures.map(said), warnings: warnings.map(said) }, hide, words =>
    whereIn(names)(rootsOf.get(words) ?? []),
  )
}

/** HTML and plain text of where a cluster is, for the titles of folds and the lines in them. */
export function scopeOf({ roots, odd, variantsOf }: Cluster, names: readonly string[], show: (name: string) => string) {
  const where = ` in ${rootsText(names, roots, show)}`
  if (variantsOf === undefined) return { where, differs: '', variantsOf: undefined }
  const plain = (of: readonly number[]) => rootsText(names, of, name => name)
  return {
    where: `${where}, ${odd === undefined ? 'values differ' : `other values in ${show(names[odd] ?? '')}`}`,
    differs: `between ${plain(roots)}`,
    variantsOf: <T extends Parameters<typeof variantsOf>[0]>(change: T) =>
      variantsOf(change).map(variant => ({ label: plain(variant.roots), change: variant.change })),
  }
}
