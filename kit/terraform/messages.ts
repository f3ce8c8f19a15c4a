import type { Diagnostic } from './events.ts'

const PLACE = /^ {2}on (.+) line (\d+)(?:, in (.+))?:$/
const CODE = /^ {3,}\d+: (.*)$/
/** Only says that there are errors; the errors themselves follow it. */
const PREFACE = /^Terraform encountered problems during initiali[sz]ation/

/**
 * Reads the errors and warnings that commands without JSON print for people, such as `init`. With or without a frame; a
 * problem that comes twice is told once.
 */
export function readMessages(text: string): Diagnostic[] {
  const found: Diagnostic[] = []
  let block: string[] = []
  const finish = () => {
    const diagnostic = readBlock(block)
    if (diagnostic !== undefined && !found.some(other => same(other, diagnostic))) found.push(diagnostic)
    block = []
  }
  for (const framed of text.split('\n')) {
    const line = framed.replace(/^[╷│╵] ?/, '').trimEnd()
    if (/^(?:Error|Warning): /.test(line)) finish()
    block.push(line)
  }
  finish()
  return found
}

function readBlock(block: readonly string[]): Diagnostic | undefined {
  const [, level, summary] = /^(Error|Warning): (.+)$/.exec(block[0] ?? '') ?? []
  if (summary === undefined || PREFACE.test(summary)) return undefined
  const place = block.map(line => PLACE.exec(line)).find(match => match !== null)
  const code = block.map(line => CODE.exec(line)?.[1]).find(part => part !== undefined)
  const line = Number(place?.[2] ?? 1)
  return {
    severity: level === 'Warning' ? 'warning' : 'error',
    summary,
    detail: block
      .slice(1)
      .filter(text => !PLACE.test(text) && !CODE.test(text))
      .join('\n')
      .trim(),
    address: undefined,
    range: place?.[1] === undefined ? undefined : { file: place[1], line, column: 1, endLine: line, endColumn: 1 },
    code,
  }
}

function same(left: Diagnostic, right: Diagnostic): boolean {
  return JSON.stringify(left) === JSON.stringify(right)
}
