import type { Budget } from '#kit/ports'
import { fit } from '#kit/report/budget'
import { count } from '#kit/report/count'
import { link } from '#kit/report/inline'
import { layOut, layOutNames, openIfShort } from './layout.ts'
import { holds, minus, partOf, type Left } from './part.ts'
import type { Section } from './sections.ts'

export interface Report {
  /** One line of plain text. */
  readonly title: string
  /** The bodies of as many comments as it takes to name all that is dangerous: mostly one. */
  comments(budget: Budget): readonly string[]
  summary(bytes: number): string
}

/** What stands around the folds on every page. */
export interface Frame {
  readonly first: (answer: string) => string
  /** What stands above the folds of the first page. */
  readonly head: readonly string[]
  readonly last: string
}

/** Numbers as wide as they can get, to keep room for what is said about what was left out. */
const MOST_LEFT: Left = { attributes: 99_999_999, names: 99_999_999 }
const MOST_PAGES = 9_999

/**
 * The folds within their frame, as many comments or as short a summary as it takes.
 * @param elsewhere Markdown: where what a summary leaves out is found
 */
export function layOutReport(
  title: string,
  frame: Frame,
  sections: readonly Section[],
  runUrl: string,
  elsewhere: string,
): Report {
  const whole = (budget: Budget, note: (left: Left) => string): string | undefined => {
    const layout = layOut(sections, minus(budget, partOf(joined([...frame.head, note(MOST_LEFT), frame.last])).size))
    return layout && joined([...frame.head, ...openIfShort(layout), note(layout.left), frame.last])
  }
  const within = (budget: Budget) => (body: string) => fit([() => body], budget, frame.last)
  return {
    title,
    comments: budget => {
      const note = (left: Left) => leftText(left, 'a comment', link('the summary of the run', runUrl))
      const body = whole(budget, note)
      return (body === undefined ? continued(sections, budget, frame, continuedText) : [body]).map(within(budget))
    },
    summary: bytes => {
      const budget = { bytes, characters: Infinity }
      const note = (left: Left) => leftText(left, 'a summary', elsewhere)
      const body = whole(budget, note) ?? continued(sections, budget, frame, summaryText)[0]
      return within(budget)(body ?? '')
    },
  }
}

/** Pages that name all that is dangerous and only count the rest, for when one cannot hold the names. */
function continued(
  sections: readonly Section[],
  budget: Budget,
  frame: Frame,
  noteOf: (named: number, pages: number) => string,
): string[] {
  const harmless = harmlessTitles(sections, budget)
  const page = (index: number, pages: number, folds: readonly string[], named: number): string =>
    index > 0
      ? joined([frame.first(`continued ${index + 1} of ${pages}`), ...folds, frame.last])
      : joined([...frame.head, ...folds, ...harmless, noteOf(named, pages), frame.last])
  const room = (index: number) => minus(budget, partOf(page(index, MOST_PAGES, [], MOST_LEFT.names)).size)
  const pages = layOutNames(sections, room(0), room(MOST_PAGES - 1))
  return pages.map(({ folds, objects }, index) => page(index, pages.length, folds, objects))
}

/** Of a page, for what is only counted. */
const HARMLESS_SHARE = 4

/** How much there is of what is not dangerous; of many folds as many as leave room for what must be named. */
function harmlessTitles(sections: readonly Section[], budget: Budget): readonly string[] {
  const harmless = sections.filter(({ dangerous }) => !dangerous)
  let free = { bytes: budget.bytes / HARMLESS_SHARE, characters: budget.characters / HARMLESS_SHARE }
  const titles: string[] = []
  for (const { title } of harmless) {
    free = minus(free, partOf(title).size)
    if (!holds(free, { bytes: 0, characters: 0 })) break
    titles.push(title)
  }
  const rest = harmless.slice(titles.length)
  if (rest.length === 0) return titles
  const objects = rest.reduce((sum, section) => sum + section.objects, 0)
  return [...titles, `… and ${count(objects, 'more object')} that ${objects === 1 ? 'is' : 'are'} only counted`]
}

/** Where the names are that one comment does not hold. */
function continuedText(named: number, pages: number): string {
  if (pages === 1) return 'Too much for one comment: no attributes are shown.'
  const where = `in ${count(pages - 1, 'comment')} more, “continued 2 of ${pages}” and so on`
  return `Too much for one comment: ${count(named, 'object')} named here, the others ${where}. No attributes are shown.`
}

function summaryText(named: number): string {
  return `Too much for a summary: ${count(named, 'object')} named here, the others in the comments of the pull request.`
}

/** Blocks of Markdown, empty ones left out. */
export function joined(parts: readonly string[]): string {
  return parts.filter(part => part !== '').join('\n\n')
}

/** Nothing is left out without a word. */
function leftText({ attributes, names }: Left, what: string, where: string): string {
  if (attributes === 0) return ''
  const unnamed = names === 0 ? '' : `, ${names.toLocaleString('en-US')} of them are only counted`
  return `Shortened to what ${what} holds: attributes of ${count(attributes, 'object')} are left out${unnamed}. More is in ${where}.`
}

/** Lines of one paragraph; two spaces at a line's end make GitHub break it there. */
export function paragraph(lines: readonly string[]): string {
  return lines.join('  \n')
}
