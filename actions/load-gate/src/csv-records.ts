const LF = 10
const CR = 13
const QUOTE = 34

/** Longer ones mean a quote that nobody closed. */
const MOST_RECORD_BYTES = 1024 * 1024

/**
 * One record of a CSV file. Valid only while it is handed out: it looks into the bytes that were just read, and makes a text
 * of no field that nobody asks for.
 */
export class CsvRecord {
  #bytes: Uint8Array = new Uint8Array()
  readonly #starts: number[] = []
  readonly #ends: number[] = []
  readonly #quoted: boolean[] = []
  readonly #texts = new TextCache()
  #length = 0

  get length(): number {
    return this.#length
  }

  /** A field, without its quotes; `''` when the record has not so many. */
  text(field: number): string {
    if (field < 0 || field >= this.#length) return ''
    const start = this.#starts[field]!
    const end = this.#ends[field]!
    const text = this.#texts.read(this.#bytes, start, end)
    return this.#quoted[field] === true && text.includes('"') ? text.replaceAll('""', '"') : text
  }

  /** A whole number that is not negative; NaN for anything else. */
  integer(field: number): number {
    if (field < 0 || field >= this.#length) return NaN
    const start = this.#starts[field]!
    const end = this.#ends[field]!
    if (end === start || end - start > 15) return NaN
    let value = 0
    for (let at = start; at < end; at += 1) {
      const digit = this.#bytes[at]! - 48
      if (digit < 0 || digit > 9) return NaN
      value = value * 10 + digit
    }
    return value
  }

  /** For the reader. */
  reset(bytes: Uint8Array): void {
    this.#bytes = bytes
    this.#length = 0
  }
  /** For the reader. */
  push(start: number, end: number, quoted: boolean): void {
    this.#starts[this.#length] = start
    this.#ends[this.#length] = end
    this.#quoted[this.#length] = quoted
    this.#length += 1
  }
}

const decoder = new TextDecoder()
const MOST_TEXTS = 4_096
const MOST_TEXT_BYTES = 128

/** Labels, statuses and messages come again row after row: making each text once is most of the speed. */
class TextCache {
  readonly #known = new Map<number, { readonly bytes: Uint8Array; readonly text: string }>()

  read(bytes: Uint8Array, start: number, end: number): string {
    if (start === end) return ''
    if (end - start > MOST_TEXT_BYTES) return decoder.decode(bytes.subarray(start, end))
    // FNV-1a; two texts of one hash are told apart by their bytes.
    let hash = 0x811c9dc5
    for (let at = start; at < end; at += 1) hash = Math.imul(hash ^ bytes[at]!, 0x01000193)
    const known = this.#known.get(hash)
    if (known !== undefined && isSame(known.bytes, bytes, start, end)) return known.text
    const text = decoder.decode(bytes.subarray(start, end))
    if (this.#known.size < MOST_TEXTS) this.#known.set(hash, { bytes: bytes.slice(start, end), text })
    return text
  }
}

function isSame(known: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (known.length !== end - start) return false
  for (let index = 0; index < known.length; index += 1) if (known[index] !== bytes[start + index]) return false
  return true
}

export type CsvEnd = 'complete' | 'without line end' | 'inside quotes' | 'endless record'

/**
 * Reads CSV (RFC 4180) in pieces of any size, in memory of one record. Line ends are LF, CRLF or CR, also inside of quotes;
 * blank lines are passed over; a quote inside of a field without quotes is a character like any other, as plugins of JMeter
 * write it.
 */
export class CsvRecords {
  readonly #delimiter: number
  readonly #onRecord: (record: CsvRecord) => void
  readonly #record = new CsvRecord()
  #rest: Uint8Array = new Uint8Array()
  #isEndless = false

  constructor(delimiter: string, onRecord: (record: CsvRecord) => void) {
    this.#delimiter = delimiter.charCodeAt(0)
    this.#onRecord = onRecord
  }

  push(piece: Uint8Array): void {
    if (this.#isEndless) return
    const bytes = this.#rest.length === 0 ? piece : joined(this.#rest, piece)
    let from = 0
    for (;;) {
      const next = this.#scan(bytes, from, false)
      if (next === undefined) break
      from = next
    }
    // A copy: the piece belongs to who gave it.
    this.#rest = bytes.slice(from)
    if (this.#rest.length > MOST_RECORD_BYTES) {
      this.#isEndless = true
      this.#rest = new Uint8Array()
    }
  }

  /** Hands out a last record that has no line end, if it is whole otherwise, and says how the file ended. */
  end(): CsvEnd {
    if (this.#isEndless) return 'endless record'
    if (this.#rest.length === 0) return 'complete'
    // A lone CR at the very end may have been half of a CRLF: by now it is a line end.
    const last = this.#rest.at(-1)
    if (last === CR && this.#scan(this.#rest, 0, true) !== undefined) return 'complete'
    return this.#scan(this.#rest, 0, true) === undefined ? 'inside quotes' : 'without line end'
  }

  /** Reads the record at `from`; gives where the next one begins, `undefined` when its end is not here yet. */
  #scan(bytes: Uint8Array, from: number, isAll: boolean): number | undefined {
    const record = this.#record
    const length = bytes.length
    record.reset(bytes)
    let at = from
    for (;;) {
      let start = at
      let end: number
      let quoted = false
      if (bytes[at] === QUOTE) {
        const closing = closingQuote(bytes, at + 1)
        // Behind a quote at the very end there may come another one, which makes them a character.
        if (closing === length || (closing === length - 1 && !isAll)) return undefined
        at = closing + 1
        if (at < length && !this.#endsField(bytes[at]!)) {
          // Text behind the closing quote: no CSV, so the field is taken as it stands.
          at = this.#fieldEnd(bytes, at)
          end = at
        } else {
          quoted = true
          start += 1
          end = closing
        }
      } else {
        at = this.#fieldEnd(bytes, at)
        end = at
      }
      if (at === length && !isAll) return undefined
      record.push(start, end, quoted)
      if (at < length && bytes[at] === this.#delimiter) {
        at += 1
        continue
      }
      if (bytes[at] === CR) {
        if (at + 1 === length && !isAll) return undefined
        if (bytes[at + 1] === LF) at += 1
      }
      const isBlank = record.length === 1 && end === start && !quoted
      if (!isBlank) this.#onRecord(record)
      return Math.min(length, at + 1)
    }
  }

  #endsField(byte: number): boolean {
    return byte === this.#delimiter || byte === LF || byte === CR
  }

  #fieldEnd(bytes: Uint8Array, from: number): number {
    const delimiter = this.#delimiter
    const length = bytes.length
    let at = from
    for (; at < length; at += 1) {
      const byte = bytes[at]!
      if (byte === delimiter || byte === LF || byte === CR) break
    }
    return at
  }
}

/** Index of the quote that closes a field; the length when there is none. */
function closingQuote(bytes: Uint8Array, from: number): number {
  let at = bytes.indexOf(QUOTE, from)
  while (at >= 0 && bytes[at + 1] === QUOTE) at = bytes.indexOf(QUOTE, at + 2)
  return at < 0 ? bytes.length : at
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(one.length + other.length)
  bytes.set(one)
  bytes.set(other, one.length)
  return bytes
}
