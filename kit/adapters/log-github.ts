import * as core from '@actions/core'
import type { Log, Place } from '../ports.ts'
import { secretParts } from './secrets.ts'

/** The log of a step on GitHub. `onSecret` hears of every secret, whole and by line (rule R9). */
export function githubLog(onSecret: (value: string) => void): Log {
  return {
    debug: text => core.debug(text),
    info: text => core.info(withoutCommands(text)),
    notice: (text, place) => core.notice(text, annotation(place)),
    warning: (text, place) => core.warning(text, annotation(place)),
    error: (text, place) => core.error(text, annotation(place)),
    group: (title, work) => core.group(title, work),
    secret(value) {
      for (const part of secretParts(value)) {
        core.setSecret(part)
        onSecret(part)
      }
    },
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

function annotation(place: Place | undefined): core.AnnotationProperties {
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
