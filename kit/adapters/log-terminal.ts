import type { Log, Place } from '../ports.ts'
import { secretParts } from './secrets.ts'

/** A log for a person at a terminal. `say` gets whole lines that are already masked by `mask`. */
export function terminalLog(say: (line: string) => void, onSecret: (value: string) => void): Log {
  return {
    debug: () => undefined,
    info: say,
    notice: (text, place) => say(`${at(place)}${text}`),
    warning: (text, place) => say(`warning: ${at(place)}${text}`),
    error: (text, place) => say(`error: ${at(place)}${text}`),
    async group(title, work) {
      say(title)
      return work()
    },
    secret: value => secretParts(value).forEach(onSecret),
  }
}

/** As compilers write it, so that editors and terminals make a link of it. */
function at(place: Place | undefined): string {
  if (place === undefined) return ''
  const position = [place.file, place.line, place.line === undefined ? undefined : place.column]
  return `${position.filter(part => part !== undefined).join(':')}: `
}
