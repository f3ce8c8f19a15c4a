import { code, text } from '#kit/report/inline'
import { table } from '#kit/report/table'
import type { Counts } from '#kit/terraform/plan'
import { someText } from './root-names.ts'
import { answerText, countsText } from './words.ts'

/** What a table says of a root. */
export interface RootRow {
  readonly name: string
  readonly counts: Counts
  readonly changesAnything: boolean
  /** Plain text, such as `held`; empty when all is well. */
  readonly standing: string
}

const KINDS = [
  { title: 'add', of: ({ create }: Counts) => create },
  { title: 'change', of: ({ update }: Counts) => update },
  { title: 'destroy', of: ({ delete: destroy }: Counts) => destroy },
  { title: 'replace', of: ({ replace }: Counts) => replace },
] as const

const STATE_KINDS = [
  { title: 'forget', of: ({ forget }: Counts) => forget },
  { title: 'move', of: ({ move }: Counts) => move },
  { title: 'import', of: ({ import: imported }: Counts) => imported },
] as const

const NAMES_IN_ROW = 24

/** Beside the names; a reader gets through no more. */
const MOST_NUMBERS = 4

/** Roots with what happens in them, those with the same numbers in one row, the most dangerous first. */
export function rootsTable(roots: readonly RootRow[]): { readonly markdown: string; readonly count: number } {
  const columns = columnsOf(roots)
  const cellsOf = (row: RootRow) => columns.map(({ cell }) => cell(row.counts))
  const rows = [
    ...Map.groupBy(roots.toSorted(byDanger), row => JSON.stringify([cellsOf(row), besideText(row)])).values(),
  ]
  const lines = rows.flatMap(same => {
    const [first] = same
    if (first === undefined) return []
    const beside = besideText(first)
    const names = someText(
      same.map(({ name }) => name),
      NAMES_IN_ROW,
      code,
    )
    return [[beside === '' ? names : `${names}: ${text(beside)}`, ...cellsOf(first)]]
  })
  const titles = columns.map(({ title }) => ({ title, align: 'right' as const }))
  // A row of several roots says what happens in each.
  const title = lines.length < roots.length ? 'in each of' : 'root'
  return { markdown: table([{ title }, ...titles], lines), count: lines.length }
}

function besideText({ counts, changesAnything, standing }: RootRow): string {
  const also = countsText(counts) === '' ? answerText(counts, changesAnything) : ''
  return [standing, also].filter(part => part !== '').join(', ')
}

interface NumberColumn {
  readonly title: string
  readonly cell: (counts: Counts) => string
}

/** Those in which there is a number, and what happens to the state only in one where there are too many. */
function columnsOf(roots: readonly RootRow[]): readonly NumberColumn[] {
  const isUsed = ({ of }: { readonly of: (counts: Counts) => number }) => roots.some(({ counts }) => of(counts) > 0)
  const number = ({ title, of }: (typeof KINDS | typeof STATE_KINDS)[number]): NumberColumn => ({
    title,
    cell: counts => of(counts).toLocaleString('en-US'),
  })
  const kinds = KINDS.filter(isUsed)
  const states = STATE_KINDS.filter(isUsed)
  if (kinds.length + states.length <= MOST_NUMBERS) return [...kinds, ...states].map(number)
  const together: NumberColumn = {
    title: 'state only',
    cell: counts =>
      states
        .filter(({ of }) => of(counts) > 0)
        .map(({ title, of }) => `${of(counts).toLocaleString('en-US')} ${title}`)
        .join(', ') || '0',
  }
  return [...kinds.map(number), together]
}

function byDanger(one: RootRow, other: RootRow): number {
  const weights = (({ counts }) => [
    ...[counts.delete, counts.replace, counts.forget + counts.other],
    ...[counts.update, counts.create],
  ]) satisfies (row: RootRow) => number[]
  const mine = weights(one)
  const theirs = weights(other)
  const at = mine.findIndex((weight, index) => weight !== theirs[index])
  return at === -1 ? 0 : (theirs[at] ?? 0) - (mine[at] ?? 0)
}
