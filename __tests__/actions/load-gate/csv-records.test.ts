import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { CsvRecords, type CsvEnd } from '../../../actions/load-gate/src/csv-records.ts'

/** Reads `text` in pieces of the given sizes, over and over. */
function read(text: string | Uint8Array, sizes: readonly number[], delimiter = ','): { rows: string[][]; end: CsvEnd } {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text
  const rows: string[][] = []
  const records = new CsvRecords(delimiter, record => {
    rows.push(Array.from({ length: record.length }, (_, field) => record.text(field)))
  })
  for (let at = 0, piece = 0; at < bytes.length; piece += 1) {
    const size = sizes[piece % sizes.length] ?? 1
    records.push(bytes.slice(at, at + size))
    at += size
  }
  return { rows, end: records.end() }
}

/** As JMeter writes: quotes only where they are needed. */
function write(rows: readonly (readonly string[])[], delimiter: string, lineEnd: string): string {
  const quoted = (field: string) =>
    ['"', '\r', '\n', delimiter].some(each => field.includes(each)) ? `"${field.replaceAll('"', '""')}"` : field
  return rows.map(row => row.map(quoted).join(delimiter) + lineEnd).join('')
}

const field = fc.string({ unit: fc.constantFrom(...'ab1é😀"\n\r,;\t| '), maxLength: 6 })
// A record of one empty field is a blank line.
const anyRows = fc.array(fc.array(field, { minLength: 2, maxLength: 5 }), { maxLength: 12 })
const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 })

describe('CSV in pieces', () => {
  it('gives the fields that were written, wherever the pieces are cut', () => {
    const [delimiters, lineEnds] = [fc.constantFrom(',', '\t', ';', '|'), fc.constantFrom('\n', '\r\n', '\r')]
    fc.assert(
      fc.property(anyRows, delimiters, lineEnds, sizes, (rows, delimiter, lineEnd, sizes) => {
        const text = write(rows, delimiter, lineEnd)
        expect(read(text, sizes, delimiter)).toEqual({ rows, end: 'complete' })
      }),
      { numRuns: 500 },
    )
  })

  it('gives of any text what it gives of it in one piece', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab",\n\r'), maxLength: 60 }), sizes, (text, sizes) => {
        expect(read(text, sizes)).toEqual(read(text, [1_000]))
      }),
      { numRuns: 1_000 },
    )
  })

  it.each([
    ['a,b\nc', [['a', 'b'], ['c']], 'without line end'],
    ['a,"b', [], 'inside quotes'],
    ['a,"b"', [['a', 'b']], 'without line end'],
    ['a,b\r', [['a', 'b']], 'complete'],
    ['', [], 'complete'],
    ['\n\r\n\na,b\n\n', [['a', 'b']], 'complete'],
    ['a,it is "fine"\n', [['a', 'it is "fine"']], 'complete'],
    [
      'a,"b"c\nd,e\n',
      [
        ['a', '"b"c'],
        ['d', 'e'],
      ],
      'complete',
    ],
    ['""\n', [['']], 'complete'],
    [',\n', [['', '']], 'complete'],
  ] as const)('%j is read as %j and ends %s', (text, rows, end) => {
    expect(read(text, [3])).toEqual({ rows, end })
  })

  it('gives up on a quote that nobody closes instead of keeping the rest of the file', () => {
    const text = new Uint8Array(3 * 1024 * 1024).fill(120)
    text.set(new TextEncoder().encode('a,b\n"'))
    expect(read(text, [1024 * 1024])).toEqual({ rows: [['a', 'b']], end: 'endless record' })
  })
})
