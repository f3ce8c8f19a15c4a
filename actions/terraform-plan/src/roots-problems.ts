import { count } from '#kit/report/count'
import { fence } from '#kit/report/fence'
import { code, html, htmlCode, text } from '#kit/report/inline'
import { shortenEnd } from '#kit/report/shorten'
import { nameOf } from './names.ts'
import type { Failure } from './record.ts'
import { joined } from './report-frame.ts'
import type { FailedRoot, RootsView } from './roots-view.ts'
import { listText } from './root-names.ts'
import { bodySection, type Section } from './sections.ts'
import { shortCause, type Hide } from './words.ts'

type Problems = Pick<RootsView, 'failed' | 'missing' | 'refused'>

/** Of one line. */
const WHY_CHARACTERS = 200
const NAMES_A_LINE = 3
const LINES = 4
/** Of Terraform's own words. */
const MESSAGE_CHARACTERS = 8_000

/** Before the changes. */
const PLACE = -2

const NO_RECORD = 'its job ended before it planned, or its artifact was not downloaded'

/** In how many words the reason of a failure fits a line. */
export function causeText({ message, cause }: Failure): string {
  const [what = 'the plan failed'] = message.split('\n')
  return shortenEnd(cause === undefined ? what : `${what.replace(/:.*/s, '')}: ${shortCause(cause)}`, WHY_CHARACTERS)
}

/** Why roots have no plan, a line each, Markdown; what does not find a line is in the folds. */
export function problemLines({ failed, missing, refused }: Problems, hide: Hide): string[] {
  const lines = [
    ...failed.map(({ name, failure }) => `**No plan** of ${code(name)} — ${text(hide(causeText(failure)))}`),
    ...(missing.length === 0 ? [] : [`**No record** of ${missingText(missing)} — ${NO_RECORD}`]),
    ...refused.map(({ file, why }) => `**Refused** ${code(file)} — ${text(hide(shortenEnd(why, WHY_CHARACTERS)))}`),
  ]
  if (lines.length <= LINES) return lines
  return [...lines.slice(0, LINES - 1), `… and ${lines.length - LINES + 1} more, folded below`]
}

/** Each as the input `roots` names it. */
function missingText(missing: readonly string[]): string {
  const shown = missing.slice(0, NAMES_A_LINE).map(name => code(name))
  const more = missing.length - shown.length
  return more === 0 ? listText(shown) : `${shown.join(', ')} and ${more} more`
}

/** What the lines leave out; each is named whatever the room. */
export function problemSections({ failed, missing, refused }: Problems, hide: Hide): Section[] {
  const lists = [
    { title: 'Without a record', lines: missing.map(root => code(root)), least: NAMES_A_LINE },
    {
      title: 'Refused records',
      lines: refused.map(({ file, why }) => `${code(file)} — ${text(hide(why))}`),
      least: LINES - failed.length - Math.sign(missing.length),
    },
  ]
  return [
    ...failed.map(root => failureSection(root, hide)),
    ...lists
      .filter(({ lines, least }) => lines.length > least)
      .map(({ title, lines }) => listSection(`${title} ${lines.length}`, lines)),
  ]
}

function failureSection({ name, failure }: FailedRoot, hide: Hide): Section {
  const { message, hint } = failure
  const words = shortenEnd(hide(message), MESSAGE_CHARACTERS)
  const cause = hide(causeText(failure))
  return bodySection(`No plan of ${htmlCode(name)}: ${html(cause)}`, {
    ...{ objects: 0, rank: 0, place: PLACE, dangerous: true },
    names: () => [nameOf(`${code(name)} — ${text(cause)}`)],
    body: () => joined([fence(words), hint === undefined ? '' : text(hide(hint))]),
  })
}

function listSection(title: string, lines: readonly string[]): Section {
  return bodySection(title, {
    ...{ objects: 0, rank: 0, place: PLACE, dangerous: true },
    names: () => lines.map(line => nameOf(line)),
    body: () => lines.map(line => `- ${line}`).join('\n'),
  })
}

/** `no plan of 2 roots, 1 record refused`; empty when there is nothing of the kind. */
export function problemsAnswer({ failed, missing, refused }: Problems): string {
  const without = [...failed.map(({ name }) => name), ...missing]
  const [only] = without
  return [
    ...(without.length === 0
      ? []
      : [`no plan of ${without.length === 1 && only !== undefined ? text(only) : count(without.length, 'root')}`]),
    ...(refused.length === 0 ? [] : [`${count(refused.length, 'record')} refused`]),
  ].join(', ')
}
