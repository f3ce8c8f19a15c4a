import type { Runner } from '../local-github/runner/runner.ts'

/** One thing that the story did, as the table at the end shows it. */
export interface Chapter {
  readonly what: string
  readonly result: string
  /** Red for the mistake and green for the rest. */
  readonly isAsTold: boolean
  /** What took part: a tool with its version, or the words for what stood in. */
  readonly by: string
  readonly seconds: number
  /** Where to look at it. */
  readonly address: string
}

const MARKS: Readonly<Record<string, string>> = { success: '✓', failure: '✗', cancelled: '○', skipped: '○' }

/** Prints each job when it starts and when it ends, with the places that a failed one named. */
export function tellJobs(runner: Runner, print: (line: string) => void): void {
  const began = new Map<number, number>()
  runner.onProgress(progress => {
    if (progress.kind === 'job-started') {
      began.set(progress.job.id, Date.now())
      print(`  · ${progress.job.name} …`)
    }
    if (progress.kind !== 'job-finished') return
    const { job } = progress
    const seconds = (Date.now() - (began.get(job.id) ?? Date.now())) / 1000
    print(`  ${MARKS[job.conclusion ?? ''] ?? '?'} ${job.name}: ${job.conclusion} after ${seconds.toFixed(1)} s`)
    for (const step of job.steps.filter(step => step.conclusion === 'failure')) print(`      failed: ${step.name}`)
    for (const { annotation_level: level, path, start_line: line, title, message } of job.annotations)
      // What has no place in a file is at `.github`, and says the same once more.
      if (level === 'failure' && path !== '.github') print(`        ${path}:${line} ${title ?? message.split('\n')[0]}`)
  })
}

/** A table with aligned columns. */
export function tableOf(chapters: readonly Chapter[]): string {
  const rows = [
    ['what', 'result', 'with', 'seconds'],
    ...chapters.map(chapter => [chapter.what, chapter.result, chapter.by, chapter.seconds.toFixed(1)]),
  ]
  const widths = [0, 1, 2, 3].map(column => Math.max(...rows.map(row => row[column]?.length ?? 0)))
  return rows
    .map(row =>
      row
        .map((cell, column) => (column === 3 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .flatMap((line, index) => (index === 0 ? [line, widths.map(width => '-'.repeat(width)).join('  ')] : [line]))
    .join('\n')
}

/** The same for the pages, with what the machine had. */
export function noteOf(chapters: readonly Chapter[], parts: readonly string[]): string {
  const escape = (text: string) => text.replace(/[\\|<>`*_[\]]/g, '\\$&')
  return [
    '**What this is**: the story of a change of infrastructure and of the application on it, played by `npm run demo` on a GitHub that ran on this machine.',
    '',
    ...parts.map(part => `- ${part}`),
    '',
    '| what | result | with | seconds |',
    '|---|---|---|--:|',
    ...chapters.map(
      ({ what, result, address, by, seconds }) =>
        `| ${escape(what)} | [${escape(result)}](${address}) | ${escape(by)} | ${seconds.toFixed(0)} |`,
    ),
  ].join('\n')
}
