import { InputError } from '#kit/errors'
import type { Files } from '#kit/ports'
import { count } from '#kit/report/count'
import type { Source } from './gate.ts'
import type { Inputs } from './inputs.ts'
import { JmeterCsv, type JmeterFile } from './jmeter-csv.ts'
import { Measurement } from './measurement.ts'

const MILLISECONDS = 1

/** Reads results files one after the other into one measurement: shards of a distributed run are judged together. */
export async function readResults(
  inputs: Pick<Inputs, 'results' | 'working-directory'>,
  files: Files,
): Promise<{ readonly measurement: Measurement; readonly source: Source }> {
  const paths = await Promise.all(
    inputs.results.map(async path => ({
      path,
      full: await files.resolve('results', path, inputs['working-directory']),
    })),
  )
  const missing = await Promise.all(paths.map(async ({ full }) => !(await files.exists(full))))
  const absent = paths.filter((_, index) => missing[index])
  if (absent.length > 0)
    throw new InputError(
      absent.map(({ path }) => ({
        input: 'results',
        value: path,
        problem: 'there is no such file',
        fix: 'Give the path of a JMeter CSV file (JTL), relative to "working-directory"',
      })),
    )
  const measurement = new Measurement(MILLISECONDS)
  const read: (JmeterFile & { readonly path: string })[] = []
  for (const { path, full } of paths) {
    const file = new JmeterCsv(measurement)
    for await (const piece of files.readChunks(full)) file.push(piece)
    read.push({ path, ...file.end() })
  }
  return { measurement, source: sourceOfFiles(read) }
}

export function sourceOfFiles(read: readonly (JmeterFile & { readonly path: string })[]): Source {
  const spans = read.filter(({ from }) => !Number.isNaN(from))
  const from = Math.min(...spans.map(file => file.from))
  const to = Math.max(...spans.map(file => file.to))
  // Shards without a clock in common have no rate in common.
  const seconds = spans.length === read.length && to > from ? (to - from) / 1_000 : NaN
  return {
    seconds,
    ownDelayMilliseconds: 0,
    problems: read.flatMap(({ path, problem }) => (problem === undefined ? [] : [`${path}: ${problem}`])),
    doubts: [],
    shortfalls: [],
    health: read.map(
      ({ path, samples, badRows, subResults }) =>
        `${path}: ${[
          count(samples, 'sample'),
          count(badRows, 'unreadable row'),
          ...(subResults === 0 ? [] : [`${count(subResults, 'row')} of sub-results left out`]),
        ].join(', ')}.`,
    ),
  }
}
