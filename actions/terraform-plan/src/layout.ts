import type { Budget } from '#kit/ports'
import { details } from '#kit/report/details'
import { listOf, type Name } from './names.ts'
import { addLeft, holds, minus, NOTHING_LEFT, partOf, plus, type Left, type Part } from './part.ts'
import type { Section } from './sections.ts'

export interface Layout {
  readonly folds: readonly string[]
  readonly left: Left
}

const NO_SIZE: Budget = { bytes: 0, characters: 0 }

/**
 * The folds, in their order, as full as `room` allows. When not all fit in full, each first gets its names, the dangerous
 * ones before the others; what is left of the room goes to attributes, where a reviewer needs them most.
 * @returns `undefined` when not even the names of what is dangerous fit
 */
export function layOut(sections: readonly Section[], room: Budget): Layout | undefined {
  const whole = layOutWhole(sections, room)
  if (whole !== undefined) return whole
  const chosen = sections.map(section => (section.dangerous ? namesPart(section) : countPart(section)))
  let free = minus(
    room,
    chosen.reduce((sum, { size }) => plus(sum, size), NO_SIZE),
  )
  if (!holds(free, NO_SIZE)) return undefined
  const offer = (index: number, part: Part | undefined) => {
    const standing = chosen[index]
    if (part === undefined || standing === undefined) return false
    const more = minus(plus(free, standing.size), part.size)
    if (!holds(more, NO_SIZE)) return false
    chosen[index] = part
    free = more
    return true
  }
  const ranked = [...sections.entries()].sort(([, one], [, other]) => one.rank - other.rank)
  for (const [index, section] of sections.entries()) if (!section.dangerous) offer(index, namesPart(section))
  for (const [index, section] of ranked) {
    const own = plus(free, chosen[index]?.size ?? NO_SIZE)
    if (!offer(index, section.full(own))) offer(index, section.short(own))
  }
  return layoutOf(chosen)
}

function layOutWhole(sections: readonly Section[], room: Budget): Layout | undefined {
  const parts: Part[] = []
  let free = room
  for (const section of sections) {
    const part = section.full(free)
    if (part === undefined) return undefined
    parts.push(part)
    free = minus(free, part.size)
  }
  return layoutOf(parts)
}

function layoutOf(parts: readonly Part[]): Layout {
  return {
    folds: parts.map(({ markdown }) => markdown),
    left: parts.reduce((sum, { left }) => addLeft(sum, left), NOTHING_LEFT),
  }
}

/** A plan that is told in as few lines is read at once, so its folds are open. */
const OPEN_LINES = 30

export function openIfShort({ folds, left }: Layout): readonly string[] {
  const lines = folds.reduce((sum, fold) => sum + fold.split('\n', OPEN_LINES + 1).length, 0)
  return left.attributes > 0 || lines > OPEN_LINES
    ? folds
    : folds.map(fold => fold.replace(/^<details>/, '<details open>'))
}

function namesPart(section: Section): Part {
  return partOf(namesFold(section.title, section.names()), { ...NOTHING_LEFT, attributes: section.objects })
}

function namesFold(title: string, names: readonly Name[]): string {
  return details(title, listOf(names))
}

/** How many there are, and of what. */
function countPart(section: Section): Part {
  return partOf(section.title, { attributes: section.objects, names: section.objects })
}

export interface Page {
  readonly folds: string[]
  /** How many objects are named on it. */
  objects: number
}

/**
 * The names of what is dangerous, on as many pages as it takes; none of them is left out.
 * @param first room on the first page, beside what else stands there
 * @param further room on each of the others
 */
export function layOutNames(sections: readonly Section[], first: Budget, further: Budget): readonly Page[] {
  let page: Page = { folds: [], objects: 0 }
  const pages = [page]
  let free = first
  for (const section of sections.filter(({ dangerous }) => dangerous)) {
    const continued = `${section.title}, continued`
    const frame = partOf(details(continued, '')).size
    let title = section.title
    let names: Name[] = []
    const close = () => {
      if (names.length > 0) page.folds.push(namesFold(title, names))
      if (names.length > 0) title = continued
      page.objects += names.reduce((sum, { objects }) => sum + objects, 0)
      names = []
    }
    free = minus(free, frame)
    for (const name of section.names()) {
      const { size } = partOf(name.markdown)
      const isFresh = pages.length > 1 && names.length === 0 && page.folds.length === 0
      if (!holds(free, size) && !isFresh) {
        close()
        page = { folds: [], objects: 0 }
        pages.push(page)
        free = minus(further, frame)
      }
      names.push(name)
      free = minus(free, size)
    }
    close()
  }
  return pages
}
