import { StringDecoder } from 'node:string_decoder'

const MAX_LINE_CHARACTERS = 65_536

/** Cuts a stream of bytes into lines; a line over 64 Ki characters comes in pieces, so that memory stays bounded. */
export function lineReader(onLine: (line: string) => void): { push(chunk: Buffer): void; end(): void } {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  const take = (text: string) => {
    rest += text
    let start = 0
    for (let end = rest.indexOf('\n', start); end !== -1; end = rest.indexOf('\n', start)) {
      emit(rest.slice(start, end).replace(/\r$/, ''))
      start = end + 1
    }
    rest = rest.slice(start)
    while (rest.length > MAX_LINE_CHARACTERS) {
      const end = isHighSurrogate(rest, MAX_LINE_CHARACTERS - 1) ? MAX_LINE_CHARACTERS - 1 : MAX_LINE_CHARACTERS
      onLine(rest.slice(0, end))
      rest = rest.slice(end)
    }
  }
  const emit = (line: string) => {
    let from = 0
    while (line.length - from > MAX_LINE_CHARACTERS) {
      const end = from + MAX_LINE_CHARACTERS - (isHighSurrogate(line, from + MAX_LINE_CHARACTERS - 1) ? 1 : 0)
      onLine(line.slice(from, end))
      from = end
    }
    onLine(line.slice(from))
  }
  return {
    push: chunk => take(decoder.write(chunk)),
    end() {
      take(decoder.end())
      if (rest !== '') emit(rest)
      rest = ''
    },
  }
}

function isHighSurrogate(text: string, index: number): boolean {
  const code = text.charCodeAt(index)
  return code >= 0xd800 && code <= 0xdbff
}

/** Keeps the last `maxBytes` of a stream. */
export function tailKeeper(maxBytes: number): { push(chunk: Buffer): void; text(): string; droppedBytes(): number } {
  const chunks: Buffer[] = []
  let kept = 0
  let dropped = 0
  return {
    push(chunk) {
      chunks.push(chunk)
      kept += chunk.length
      while (kept > maxBytes) {
        const first = chunks[0]!
        const excess = Math.min(kept - maxBytes, first.length)
        if (excess === first.length) chunks.shift()
        else chunks[0] = first.subarray(excess)
        kept -= excess
        dropped += excess
      }
    },
    text() {
      const bytes = Buffer.concat(chunks)
      let start = 0
      if (dropped > 0) while (start < 3 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start++
      return bytes.toString('utf8', start)
    },
    droppedBytes: () => dropped,
  }
}
