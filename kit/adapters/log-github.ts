import * as core from '@actions/core'
import type { Log, Place } from '../ports.ts'
import { capAnnotations, type Annotation } from '../report/annotations.ts'
import { LIMITS } from '../report/limits.ts'
import { secretParts } from './secrets.ts'

export interface GitHubLog extends Log {
  /** Ends the step red; its annotation always has a place among those that GitHub shows. */
  fail(text: string): void
  /** Writes the annotations that were held back. */
  flush(): void
}

type Level = Annotation['level']

/** Of each level this many are written at once. One place is for the fold of the rest, one more for the failure. */
const AT_ONCE: Readonly<Record<Level, number>> = {
  notice: LIMITS.logAnnotationsPerLevel - 1,
  warning: LIMITS.logAnnotationsPerLevel - 1,
  error: LIMITS.logAnnotationsPerLevel - 2,
}

/** The log of a step on GitHub. `onSecret` hears of every secret, whole and by line (rule R9). */
export function githubLog(onSecret: (value: string) => void): GitHubLog {
  const said: Record<Level, Annotation[]> = { notice: [], warning: [], error: [] }
  let failure: Annotation | undefined
  const annotate = (level: Level) => (message: string, place?: Place) => {
    const annotation = { level, message, ...(place === undefined ? {} : { place }) }
    said[level].push(annotation)
    if (said[level].length <= AT_ONCE[level]) write(annotation)
    else core.info(withoutCommands(message))
  }
  return {
    debug: text => core.debug(text),
    info: text => core.info(withoutCommands(text)),
    notice: annotate('notice'),
    warning: annotate('warning'),
    error: annotate('error'),
    group: (title, work) => core.group(title, work),
    secret(value) {
      for (const part of secretParts(value)) {
        core.setSecret(part)
        onSecret(part)
      }
    },
    fail(text) {
      process.exitCode = core.ExitCode.Failure
      failure = { level: 'error', message: text }
    },
    flush() {
      for (const level of ['notice', 'warning'] as const)
        capAnnotations(said[level]).slice(AT_ONCE[level]).forEach(write)
      const before = failure === undefined ? [] : [failure]
      capAnnotations([...before, ...said.error])
        .slice(before.length + AT_ONCE.error)
        .forEach(write)
      if (failure !== undefined) write(failure)
    },
  }
}

function write({ level, message, place }: Annotation): void {
  core[level](message, properties(place))
}

function properties(place: Place | undefined): core.AnnotationProperties {
  if (place === undefined) return {}
  return {
    file: place.file,
    ...(place.title === undefined ? {} : { title: place.title }),
    ...(place.line === undefined ? {} : { startLine: place.line }),
    ...(place.endLine === undefined ? {} : { endLine: place.endLine }),
    ...(place.column === undefined ? {} : { startColumn: place.column }),
    ...(place.endColumn === undefined ? {} : { endColumn: place.endColumn }),
  }
}

const ZERO_WIDTH_SPACE = '\u200b'

/**
 * A line that a tool printed may look like a command to the runner (`::add-mask::`, `##[group]`); a zero-width space
 * inside its opening makes it plain text.
 */
export function withoutCommands(text: string): string {
  return text
    .replace(/(^|[\r\n])([^\S\r\n]*):(?=:)/g, `$1$2:${ZERO_WIDTH_SPACE}`)
    .replaceAll('##[', `##${ZERO_WIDTH_SPACE}[`)
}
