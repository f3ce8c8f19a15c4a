import { CsvRecords, type CsvRecord } from './csv-records.ts'
import type { Measurement } from './measurement.ts'

/** What a results file said of itself. */
export interface JmeterFile {
  /** Samples that were counted. */
  readonly samples: number
  /** Rows that could not be read. */
  readonly badRows: number
  /** Rows of redirects and embedded resources, which their parent's row holds already. */
  readonly subResults: number
  /** First start and last end in milliseconds since 1970; NaN without the column `timeStamp`. */
  readonly from: number
  readonly to: number
  /** Why the file decides nothing; `undefined` when it can be trusted. */
  readonly problem: string | undefined
}

/** Of all rows. Plugins write a broken one now and then; more of them, and it is not the file that it should be. */
const MOST_BAD_SHARE = 0.01

const NEEDED = ['elapsed', 'label', 'success'] as const
const OPTIONAL = ['timeStamp', 'responseCode', 'responseMessage', 'failureMessage', 'dataType', 'SampleCount'] as const

/** Which field of a row holds what; -1 for a column that is not there. */
type Columns = Readonly<Record<(typeof NEEDED)[number] | (typeof OPTIONAL)[number], number>>

/**
 * Reads a results file of JMeter (JTL in CSV form, `jmeter.save.saveservice.output_format=csv`) as it comes, in constant
 * memory. Columns are found by the names in the first line, in any order and case.
 *
 * `timeStamp` must be epoch milliseconds and is taken as the start of a sample, as the properties that JMeter ships say.
 * Format: JMeter's CSVSaveService and SampleSaveConfiguration.
 */
export class JmeterCsv {
  readonly #measurement: Measurement
  #records: CsvRecords | undefined
  #firstLine: Uint8Array = new Uint8Array()
  #columns: Columns | undefined
  #width = 0
  #samples = 0
  #badRows = 0
  #isLastBad = false
  #subResults = 0
  #from = Infinity
  #to = -Infinity
  #grouped = 0
  #problem: string | undefined
  #parent = { label: '', from: NaN, to: NaN }

  constructor(measurement: Measurement) {
    this.#measurement = measurement
  }

  push(piece: Uint8Array): void {
    if (this.#problem !== undefined) return
    if (this.#records !== undefined) return this.#records.push(piece)
    const begun = new Uint8Array(this.#firstLine.length + piece.length)
    begun.set(this.#firstLine)
    begun.set(piece, this.#firstLine.length)
    this.#firstLine = begun
    if (begun.some(byte => byte === 10 || byte === 13)) this.#begin()
    else if (begun.length > MOST_HEADER_BYTES) this.#problem = 'it has no first line with the names of the columns'
  }

  end(): JmeterFile {
    if (this.#records === undefined && this.#problem === undefined && this.#firstLine.length > 0) this.#begin()
    const end = this.#records?.end()
    return {
      samples: this.#samples,
      badRows: this.#badRows,
      subResults: this.#subResults,
      from: this.#from === Infinity ? NaN : this.#from,
      to: this.#to === -Infinity ? NaN : this.#to,
      problem: this.#problem ?? this.#problemAtEnd(end),
    }
  }

  #problemAtEnd(end: ReturnType<CsvRecords['end']> | undefined): string | undefined {
    if (end === undefined) return 'it is empty'
    if (end === 'inside quotes' || (end === 'without line end' && this.#isLastBad))
      return 'it is truncated: its last row is not whole'
    if (end === 'endless record') return 'a quote in it is never closed'
    const rows = this.#samples + this.#badRows
    if (this.#badRows > rows * MOST_BAD_SHARE) return `${this.#badRows} of its ${rows} rows cannot be read`
    if (this.#grouped > 0)
      return `${this.#grouped} of its rows are sums of several samples (SampleCount over 1), of which no percentile can be known; run JMeter with mode=Standard`
    return undefined
  }

  #begin(): void {
    const text = new TextDecoder().decode(this.#firstLine.subarray(0, MOST_HEADER_BYTES))
    const header = text.split(/[\r\n]/, 1)[0] ?? ''
    this.#records = new CsvRecords(delimiterOf(header), record => this.#take(record))
    const begun = this.#firstLine
    this.#firstLine = new Uint8Array()
    this.#records.push(begun)
  }

  #take(record: CsvRecord): void {
    if (this.#problem !== undefined) return
    if (this.#columns === undefined) return this.#readHeader(record)
    const problem = this.#readRow(record, this.#columns)
    this.#isLastBad = problem
    if (problem) this.#badRows += 1
  }

  #readHeader(record: CsvRecord): void {
    const names = Array.from({ length: record.length }, (_, field) => record.text(field).trim().toLowerCase())
    const columns = Object.fromEntries([...NEEDED, ...OPTIONAL].map(name => [name, names.indexOf(name.toLowerCase())]))
    const missing = NEEDED.filter(name => columns[name] === -1)
    if (missing.length > 0)
      this.#problem = `its first line has no column ${missing.map(name => `"${name}"`).join(', ')}; run JMeter with -Jjmeter.save.saveservice.print_field_names=true and output_format=csv`
    this.#columns = columns as Columns
    this.#width = record.length
  }

  /** Whether the row is bad. */
  #readRow(record: CsvRecord, columns: Columns): boolean {
    const success = record.text(columns.success).toLowerCase()
    const elapsed = record.integer(columns.elapsed)
    const isBoolean = success === 'true' || success === 'false'
    if (record.length !== this.#width || !isBoolean || Number.isNaN(elapsed)) {
      // Files that were appended to or put together hold their first line again.
      return record.text(columns.elapsed).toLowerCase() !== 'elapsed'
    }
    const start = record.integer(columns.timeStamp)
    const hasTimes = columns.timeStamp >= 0
    if (hasTimes && Number.isNaN(start)) {
      this.#problem = `its timeStamp is ${JSON.stringify(record.text(columns.timeStamp))}; run JMeter with -Jjmeter.save.saveservice.timestamp_format=ms`
      return true
    }
    const label = record.text(columns.label)
    if (this.#isSubResult(label, start)) {
      this.#subResults += 1
      return false
    }
    this.#parent = { label, from: start, to: start + elapsed }
    if (columns.SampleCount >= 0 && record.integer(columns.SampleCount) > 1) this.#grouped += 1
    this.#samples += 1
    if (hasTimes) {
      this.#from = Math.min(this.#from, start)
      this.#to = Math.max(this.#to, start + elapsed)
    }
    const code = record.text(columns.responseCode)
    const message = record.text(columns.responseMessage)
    this.#measurement.record({
      endpoint: label === '' ? '(no label)' : label,
      latency: elapsed,
      answered: !code.startsWith(NO_ANSWER),
      failure: success === 'true' ? undefined : failureOf(code, message, record.text(columns.failureMessage)),
      isTransaction: message.startsWith(TRANSACTION) && record.text(columns.dataType) === '',
    })
    return false
  }

  /** `GET /-0`, `GET /-1-0`: what a sample loaded along the way, right behind its own row and within its time. */
  #isSubResult(label: string, start: number): boolean {
    const { label: parent, from, to } = this.#parent
    if (parent === '' || label.length <= parent.length || !label.startsWith(parent)) return false
    const isWithin = Number.isNaN(start) || (start >= from && start <= to)
    return isWithin && /^(?:-\d+)+$/.test(label.slice(parent.length))
  }
}

const MOST_HEADER_BYTES = 64 * 1024
const NO_ANSWER = 'Non HTTP response code'
const TRANSACTION = 'Number of samples in transaction'

/** The one that stands between the names; JMeter's `default_delimiter` may be any of these in practice. */
function delimiterOf(header: string): string {
  const counts = [',', '\t', ';', '|'].map(each => [each, header.split(each).length] as const)
  return counts.reduce((best, each) => (each[1] > best[1] ? each : best))[0]
}

/** An assertion's own text says more than a status of 200. */
function failureOf(code: string, message: string, assertion: string): string {
  if (assertion.trim() !== '') return assertion.trim()
  if (code.startsWith(NO_ANSWER)) return code.slice(NO_ANSWER.length).replace(/^:\s*/, '') || 'no answer'
  return [code, message].filter(part => part !== '').join(' ') || 'failed without a reason'
}
