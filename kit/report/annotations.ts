import type { Place } from '../ports.ts'
import { LIMITS } from './limits.ts'
import { shortenEnd } from './shorten.ts'

export type Level = 'notice' | 'warning' | 'error'

export interface Annotation {
  readonly level: Level
  readonly message: string
  readonly place?: Place
}

/**
 * Annotations as GitHub will show them: 10 of a level in a step, 4,096 characters each. GitHub drops what is over without a
 * word, so the last of a level says how many more there are and names the first of them.
 */
export function capAnnotations(annotations: readonly Annotation[]): readonly Annotation[] {
  const shown = new Map<Level, number>()
  const total = new Map<Level, number>()
  for (const { level } of annotations) total.set(level, (total.get(level) ?? 0) + 1)
  return annotations.flatMap(annotation => {
    const index = shown.get(annotation.level) ?? 0
    const all = total.get(annotation.level) ?? 0
    const last = LIMITS.logAnnotationsPerLevel - 1
    shown.set(annotation.level, index + 1)
    if (all > LIMITS.logAnnotationsPerLevel && index === last) {
      const rest = annotations.filter(({ level }) => level === annotation.level).slice(last)
      return [{ level: annotation.level, message: fold(rest) }]
    }
    if (index > last) return []
    return [{ ...annotation, message: shortenEnd(annotation.message, LIMITS.logAnnotationCharacters) }]
  })
}

function fold(annotations: readonly Annotation[]): string {
  const lines = annotations.map(({ message, place }) => {
    const where = place === undefined ? '' : `${place.file}${place.line === undefined ? '' : `:${place.line}`}: `
    return `${where}${message.split('\n')[0] ?? ''}`
  })
  return shortenEnd(`${annotations.length} more:\n${lines.join('\n')}`, LIMITS.logAnnotationCharacters)
}
