import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { placeOf, type Binary, type MadeShape } from '../../__tests__/kit/terraform/make-shape.ts'
import { FIXTURES, isHandMade, shapeNames } from '../../__tests__/kit/terraform/shapes.ts'
import { parsePlans } from '../../kit/terraform/plan-stream.ts'
import { parsePlan } from '../../kit/terraform/plan.ts'
import { compareWithText, type Disagreement } from './compare.ts'
import { readPlanText } from './plan-text.ts'

/** What one binary said of one shape. */
export interface PlannedShape extends Omit<MadeShape, 'events'> {
  readonly shape: string
  readonly binary: Binary['name']
  readonly handMade: boolean
  readonly events: string | undefined
}

export interface Scored extends Pick<PlannedShape, 'shape' | 'binary' | 'handMade'> {
  /** What was compared with the text: `J` the JSON, `E` the events. */
  readonly sources: string
  readonly disagreements: readonly (Disagreement & { readonly source: 'json' | 'events' })[]
}

export function recordedShapes(): readonly PlannedShape[] {
  const binaries: readonly Binary['name'][] = ['terraform', 'tofu']
  return shapeNames().flatMap(shape =>
    binaries.flatMap(binary => {
      const place = placeOf(join(FIXTURES, shape), binary)
      const text = fileIn(place, 'plan.txt')
      if (text === undefined) return []
      const [json, events] = [fileIn(place, 'plan.json'), fileIn(place, 'events.ndjson')]
      return [{ shape, binary, handMade: isHandMade(shape), text, json, events }]
    }),
  )
}

function fileIn(place: string, name: string): string | undefined {
  const path = join(place, name)
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined
}

/** Compares what `show -json` and the events say with the text. */
export function scoreShape({ shape, binary, handMade, text, json, events }: PlannedShape): Scored {
  const told = readPlanText(text)
  const name = `${shape} of ${binary}`
  const fromJson = json === undefined ? [] : compareWithText(parsePlan(json, name), told)
  const fromEvents =
    events === undefined ? [] : parsePlans(events, name).flatMap(({ plan }) => compareWithText(plan, told))
  return {
    shape,
    binary,
    handMade,
    sources: `${json === undefined ? '-' : 'J'}${events === undefined ? '-' : 'E'}`,
    disagreements: [
      ...fromJson.map(disagreement => ({ ...disagreement, source: 'json' as const })),
      ...fromEvents.map(disagreement => ({ ...disagreement, source: 'events' as const })),
    ],
  }
}
