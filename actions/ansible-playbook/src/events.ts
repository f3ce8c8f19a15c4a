/** A task that changed something on a host, or could not be done there. */
export interface TaskResult {
  readonly outcome: 'changed' | 'failed' | 'unreachable'
  readonly play: string
  readonly host: string
  readonly task: string
  readonly module: string
  /** `file:line` of the task, as Ansible knows it: absolute. Empty when it has none. */
  readonly place: string
  /** The playbook goes on: `ignore_errors`, `ignore_unreachable`. */
  readonly ignored: boolean
  /** One of a loop; the task's own result follows. */
  readonly item: boolean
  /** Which of the loop. Empty outside of one. */
  readonly label: string
  /** What the module said; empty under `no_log`. */
  readonly message: string
  readonly stderr: string
  /** The task has `no_log`. */
  readonly hidden: boolean
}

/** Ansible's counts for a host, by its own names. */
export interface HostCounts {
  readonly ok: number
  readonly changed: number
  readonly unreachable: number
  readonly failed: number
  readonly skipped: number
  readonly rescued: number
  readonly ignored: number
}

export interface PlaybookRun {
  readonly results: readonly TaskResult[]
  /** Plays that no host of the inventory belongs to. */
  readonly playsWithoutHosts: readonly string[]
  /** By name; `undefined` when Ansible ended before it had one. */
  readonly recap: ReadonlyMap<string, HostCounts> | undefined
}

const COUNTS = ['ok', 'changed', 'unreachable', 'failed', 'skipped', 'rescued', 'ignored'] as const
const OUTCOMES = ['changed', 'failed', 'unreachable'] as const

type Fields = Readonly<Record<string, unknown>>

/**
 * Reads the JSON lines that the callback wrote. A last line without its end is of a run that was killed, and is dropped.
 * @throws SyntaxError when another line is no JSON
 */
export function readEvents(text: string): PlaybookRun {
  const results: TaskResult[] = []
  const playsWithoutHosts: string[] = []
  let recap: ReadonlyMap<string, HostCounts> | undefined
  for (const line of text.split('\n').slice(0, -1)) {
    const event = fieldsOf(JSON.parse(line))
    if (event['event'] === 'result') results.push(resultOf(event))
    else if (event['event'] === 'no-hosts') playsWithoutHosts.push(textOf(event['play']))
    else if (event['event'] === 'recap')
      recap = new Map(Object.entries(fieldsOf(event['hosts'])).map(([host, counts]) => [host, countsOf(counts)]))
  }
  return { results, playsWithoutHosts, recap }
}

function resultOf(event: Fields): TaskResult {
  return {
    outcome: OUTCOMES.find(outcome => outcome === event['outcome']) ?? 'failed',
    play: textOf(event['play']),
    host: textOf(event['host']),
    task: textOf(event['task']),
    module: textOf(event['module']),
    place: textOf(event['place']),
    ignored: event['ignored'] === true,
    item: event['item'] === true,
    label: textOf(event['label']),
    message: textOf(event['message']),
    stderr: textOf(event['stderr']),
    hidden: event['hidden'] === true,
  }
}

function countsOf(given: unknown): HostCounts {
  const counts = fieldsOf(given)
  return Object.fromEntries(COUNTS.map(name => [name, Number(counts[name] ?? 0)])) as Record<
    (typeof COUNTS)[number],
    number
  >
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {}
}
