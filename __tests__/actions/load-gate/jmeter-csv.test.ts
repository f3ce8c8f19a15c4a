import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { JmeterCsv, type JmeterFile } from '../../../actions/load-gate/src/jmeter-csv.ts'
import { Measurement } from '../../../actions/load-gate/src/measurement.ts'

const HEADER = 'timeStamp,elapsed,label,responseCode,responseMessage,success,failureMessage'

function read(text: string, pieceBytes = 7): { file: JmeterFile; measurement: Measurement } {
  const measurement = new Measurement(1)
  const reader = new JmeterCsv(measurement)
  const bytes = new TextEncoder().encode(text)
  for (let at = 0; at < bytes.length; at += pieceBytes) reader.push(bytes.slice(at, at + pieceBytes))
  return { file: reader.end(), measurement }
}

const rows = (...lines: readonly string[]) => `${[HEADER, ...lines].join('\n')}\n`
const names = ({ endpoints }: Measurement) => endpoints.map(({ name, latency }) => `${name}: ${latency.count}`)
const messages = ({ failures }: Measurement) => failures.map(({ message, count }) => `${count} × ${message}`)

describe('a results file of JMeter', () => {
  it('is read by the names of its columns, in any order, case and delimiter', () => {
    const file = 'Label;SUCCESS;elapsed;timestamp\nGET /;true;12;1000\nGET /;false;40;1500\n'
    const read1 = read(file)
    expect(read1.file).toEqual({ samples: 2, badRows: 0, subResults: 0, from: 1_000, to: 1_540, problem: undefined })
    expect(read1.measurement.whole()).toMatchObject({ failed: 1, answered: 2 })
    expect(read1.measurement.whole().latency.greatest).toBe(40)
  })

  it('may begin with a byte order mark, as editors leave it', () => {
    expect(read('\uFEFFelapsed,label,success\n5,a,true\n').file).toMatchObject({ samples: 1, problem: undefined })
  })

  it('has delimiters, quotes and line ends inside of its fields', () => {
    const { measurement, file } = read(
      rows('1000,5,"list, ""all""\nitems",500,"Internal\r\nError, ""sorry""",false,"expected <200>,\nfalse"'),
    )
    expect([file.samples, names(measurement)]).toEqual([1, ['list, "all"\nitems: 1']])
    expect(messages(measurement)).toEqual(['1 × expected <200>,\nfalse'])
  })

  it('counts what the rows say, whatever is in them and wherever the pieces are cut', () => {
    const row = fc.record({
      label: fc.string({ unit: fc.constantFrom(...'ab",\n\r é'), minLength: 1, maxLength: 4 }),
      elapsed: fc.nat({ max: 100_000 }),
      success: fc.boolean(),
      message: fc.string({ unit: fc.constantFrom(...'tru",\nfalse '), maxLength: 8 }),
    })
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 20 }), fc.integer({ min: 1, max: 40 }), (list, size) => {
        const quote = (text: string) => `"${text.replaceAll('"', '""')}"`
        const text = list.map(
          ({ label, elapsed, success, message }) => `${quote(message)},${success},${quote(label)},${elapsed}\r\n`,
        )
        const { file, measurement } = read(`failureMessage,success,label,elapsed\r\n${text.join('')}`, size)
        expect(file).toMatchObject({ samples: list.length, badRows: 0, problem: undefined })
        const expected = Map.groupBy(list, ({ label }) => label)
        expect(measurement.endpoints).toHaveLength(expected.size)
        for (const { name, failed, latency } of measurement.endpoints) {
          const own = expected.get(name) ?? []
          expect([failed, latency.count]).toEqual([own.filter(({ success }) => !success).length, own.length])
          expect(latency.greatest).toBe(Math.max(...own.map(({ elapsed }) => elapsed)))
        }
      }),
    )
  })

  it('says why a sample failed: its assertion, else its exception, else its status; equal ones fold', () => {
    const { measurement } = read(
      rows(
        '1,5,a,200,OK,false,The body has no "id"',
        '2,5,a,Non HTTP response code: java.net.SocketTimeoutException,Read timed out,false,',
        '3,5,b,503,Service Unavailable,false,',
        '4,5,a,503,Service Unavailable,false,',
        '5,5,a,503,see https://x.example/a?token=geheim for more,false,',
      ),
    )
    expect(messages(measurement)).toEqual([
      '2 × 503 Service Unavailable',
      '1 × 503 see https://x.example/a?… for more',
      '1 × The body has no "id"',
      '1 × java.net.SocketTimeoutException',
    ])
    expect(measurement.whole()).toMatchObject({ failed: 5, answered: 4 })
  })

  it('counts a redirect and its steps once', () => {
    const { file, measurement } = read(
      rows(
        '1000,50,GET /,200,OK,true,',
        '1000,20,GET /-0,302,,true,',
        '1020,30,GET /-1,200,OK,true,',
        '9000,5,GET /-9,200,OK,true,',
      ),
    )
    expect([file.samples, file.subResults, names(measurement)]).toEqual([2, 2, ['GET /: 1', 'GET /-9: 1']])
  })

  it('shows a transaction and leaves it out of the whole', () => {
    const { measurement } = read(
      'elapsed,label,success,responseMessage,dataType\n10,a,true,OK,text\n20,b,false,Bad,text\n30,shop,false,"Number of samples in transaction : 2, number of failing samples : 1",\n',
    )
    expect(names(measurement)).toEqual(['a: 1', 'b: 1', 'shop: 1'])
    expect([measurement.whole().latency.count, measurement.whole().failed]).toEqual([2, 1])
    expect(messages(measurement)).toEqual(['1 × Bad'])
  })

  it('passes over first lines in its middle, as files that were put together have them', () => {
    expect(read(rows('1,5,a,200,OK,true,', HEADER, '2,5,a,200,OK,true,')).file).toMatchObject({
      samples: 2,
      badRows: 0,
    })
  })

  it('bears one broken row in a hundred and counts it', () => {
    const good = Array.from({ length: 199 }, (_, index) => `${index},5,a,200,OK,true,`)
    expect(read(rows(...good, 'a "broken, row')).file).toMatchObject({ samples: 199, badRows: 1, problem: undefined })
  })

  it('keeps endpoints beyond the first 500 together, so that its memory has a bound', () => {
    const list = Array.from({ length: 700 }, (_, index) => `${index},5,GET /${index},200,OK,true,`)
    const { measurement } = read(rows(...list), 4_096)
    expect([measurement.endpoints.length, measurement.folded]).toEqual([501, 200])
    expect(measurement.whole().latency.count).toBe(700)
  })
})

describe('R38: a results file decides nothing when', () => {
  it.each([
    ['it is empty', '', 'it is empty'],
    ['it has names only', HEADER, undefined],
    ['it has no names', '1000,5,a,200,OK,text,true\n', 'its first line has no column "elapsed", "label", "success"'],
    ['a column is missing', 'elapsed,label\n5,a\n', 'its first line has no column "success"'],
    ['its last row is cut', rows('1,5,a,200,OK,true,') + '2,5,a,20', 'it is truncated'],
    ['its last row is cut in a quote', rows('1,5,a,200,OK,true,') + '2,5,"a', 'it is truncated'],
    ['a quote is never closed', rows(`1,5,"${'x'.repeat(2_000_000)}`), 'a quote in it is never closed'],
    ['too many rows are broken', rows('1,5,a,200,OK,true,', '1,NaN,a,200,OK,true,'), '1 of its 2 rows cannot be read'],
    ['an elapsed time is negative', rows('1,-5,a,200,OK,true,'), '1 of its 1 rows cannot be read'],
    ['success is no boolean', rows('1,5,a,200,OK,yes,'), '1 of its 1 rows cannot be read'],
    ['times are written out', rows('2026/11/21 08:00:00,5,a,200,OK,true,'), 'timestamp_format=ms'],
    ['rows are sums', 'elapsed,label,success,SampleCount\n50,a,true,10\n', 'sums of several samples'],
  ])('%s', (_, text, problem) => {
    const { file, measurement } = read(text, 65_536)
    if (problem === undefined) expect([file.problem, measurement.whole().latency.count]).toEqual([undefined, 0])
    else expect(file.problem).toContain(problem)
  })
})
