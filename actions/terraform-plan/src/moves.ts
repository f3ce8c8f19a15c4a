import { numeral } from '#kit/report/count'
import { details } from '#kit/report/details'
import type { ResourceChange } from '#kit/terraform/plan'
import { addressCode, listOf, rangesOf } from './names.ts'
import { alsoText } from './words.ts'

/** With fewer, each move is told by itself. */
const LEAST_TOGETHER = 3

interface Move {
  readonly change: ResourceChange
  readonly from: string
  readonly to: string
  /** What both addresses end with: the object in a module that was renamed. */
  readonly inside: string
}

/** Objects that get another address: those of one module that moves as a whole together, the others by line. */
export function movesText(changes: readonly ResourceChange[]): string {
  const groups = [...Map.groupBy(changes.map(moveOf), groupKey).values()]
  const isTogether = (group: readonly Move[]) => group.length >= LEAST_TOGETHER && group[0]?.inside !== ''
  const alone = groups.filter(group => !isTogether(group)).flat()
  return [...groups.filter(isTogether).map(togetherText), alone.map(moveLine).join('\n')]
    .filter(block => block !== '')
    .join('\n\n')
}

function groupKey({ from, to, change }: Move): string {
  return JSON.stringify([from, to, change.kind])
}

function togetherText(moves: readonly Move[]): string {
  const [first] = moves
  if (first === undefined) return ''
  const number = numeral(moves.length)
  const title = `${addressCode(first.from)} → ${addressCode(first.to)}${alsoText(first.change.kind)}`
  return `${title}\n\n${details(`All ${number} in it`, listOf(rangesOf(moves.map(({ inside }) => inside))))}`
}

function moveLine({ change }: Move): string {
  return `- ${addressCode(change.previousAddress ?? '')} → ${addressCode(change.address)}${alsoText(change.kind)}`
}

function moveOf(change: ResourceChange): Move {
  const before = stepsOf(change.previousAddress ?? '')
  const after = stepsOf(change.address)
  let same = 0
  while (same < Math.min(before.length, after.length) - 1 && before.at(-1 - same) === after.at(-1 - same)) same += 1
  const start = (steps: readonly string[]) => steps.slice(0, steps.length - same).join('.')
  return { change, from: start(before), to: start(after), inside: after.slice(after.length - same).join('.') }
}

/** The parts of an address between its dots, of which those in a key are none. */
function stepsOf(address: string): string[] {
  return address.match(/(?:\["(?:[^"\\]|\\.)*"\]|[^.])+/gs) ?? []
}
