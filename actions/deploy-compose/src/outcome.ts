export type Result = 'succeeded' | 'rolled-back' | 'failed'

export interface FailedContainer {
  readonly service: string
  readonly status: string
  readonly exitCode: number
  readonly restarts: number
  /** Docker's word, `none` without a health check. */
  readonly health: string
  readonly image: string
  /** Last lines of its log; empty when only the host's record was read. */
  readonly log: string
  /** What its health check printed last. */
  readonly probe: string
}

/** What was destroyed, and how that was looked at. */
export interface Receipt {
  readonly path: string
  readonly filesystem: string
  readonly removed: boolean
  readonly filesSearched: number
  /** Files of the project's folder that hold a value of the .env. */
  readonly filesWithValues: number
}

/** What the program on a host said. */
export interface Outcome {
  /** Undefined when it did not say: it still runs, knows nothing of the release, or was cut off. */
  readonly result: Result | undefined
  readonly accepted: boolean
  readonly running: boolean
  readonly unknown: boolean
  readonly cause: string
  readonly previous: string
  readonly stable: string
  /** Compose files of the previous release, in their order. */
  readonly before: readonly string[]
  /** Services of which a container was replaced. */
  readonly replaced: readonly string[]
  /** Services whose new containers started beside the old ones. */
  readonly beside: readonly string[]
  /** Services that could not, because their image declares a volume. */
  readonly volumes: readonly string[]
  /** What is left on the host: `nothing`, `running` when neither release may serve, `old` when both do. */
  readonly left: string
  /** Services that name a tag, with the image and digest that it stood for: `database postgres:17@sha256:…`. */
  readonly pinned: readonly string[]
  /** A service and its image, which has no digest. */
  readonly unpinned: string
  /** Where secrets of running containers lie in memory, and how many: `/dev/shm/… 2`. */
  readonly held: string
  /** What was wrong with the application's answers; known to who asked, not to the host. */
  readonly smoke: string
  readonly holder: string
  readonly tool: string
  /** Last lines of docker's own errors. */
  readonly said: string
  readonly containers: readonly FailedContainer[]
  readonly receipt: Receipt | undefined
}

const LISTS: readonly string[] = ['before', 'replaced', 'beside', 'volume', 'pinned']
const RESULTS: readonly string[] = ['succeeded', 'rolled-back', 'failed'] satisfies Result[]

/**
 * Reads the lines that begin with `@`; anything else, and keys of another version, are left out. The last of a key counts,
 * but for `said`, where the first is the cause.
 */
export function readOutcome(lines: readonly string[]): Outcome {
  const facts = new Map<string, string>()
  const containers: FailedContainer[] = []
  const logs = new Map<string, string>()
  const probes = new Map<string, string>()
  const lists = new Map(LISTS.map(key => [key, [] as string[]]))
  let receipt: Receipt | undefined
  for (const line of lines) {
    const [, key = '', value = ''] = /^@([a-z]+)(?: (.*))?$/.exec(line) ?? []
    const words = value.split(' ')
    if (key === 'container') containers.push(readContainer(words))
    else if (key === 'log') logs.set(words[0] ?? '', decode(words[1]))
    else if (key === 'probe') probes.set(words[0] ?? '', decode(words[1]))
    else if (key === 'receipt') receipt = readReceipt(words)
    else if (lists.has(key)) lists.get(key)?.push(value)
    else if (key !== '' && !(key === 'said' && facts.has(key))) facts.set(key, value)
  }
  const fact = (key: string) => facts.get(key) ?? ''
  const list = (key: string) => [...new Set(lists.get(key))]
  const result = fact('result')
  return {
    result: RESULTS.includes(result) ? (result as Result) : undefined,
    accepted: facts.has('accepted'),
    running: facts.has('running'),
    unknown: facts.has('unknown'),
    cause: fact('cause'),
    previous: fact('previous'),
    stable: fact('stable'),
    before: list('before').map(decode),
    replaced: list('replaced'),
    beside: list('beside'),
    volumes: list('volume'),
    left: fact('left'),
    pinned: list('pinned'),
    unpinned: fact('unpinned'),
    held: fact('held'),
    smoke: '',
    holder: decode(facts.get('holder')),
    tool: fact('tool'),
    said: decode(facts.get('said')),
    containers: containers.map(container => ({
      ...container,
      log: logs.get(container.service) ?? '',
      probe: probes.get(container.service) ?? '',
    })),
    receipt,
  }
}

function readContainer([service, status, exitCode, restarts, health, ...image]: readonly string[]): FailedContainer {
  return {
    service: service ?? '',
    status: status ?? '',
    exitCode: Number(exitCode),
    restarts: Number(restarts),
    health: health ?? '',
    image: image.join(' '),
    log: '',
    probe: '',
  }
}

function readReceipt([path, filesystem, removed, searched, found]: readonly string[]): Receipt {
  return {
    path: path ?? '',
    filesystem: filesystem ?? '',
    removed: removed === 'yes',
    filesSearched: Number(searched),
    filesWithValues: Number(found),
  }
}

const decode = (base64: string | undefined) => Buffer.from(base64 ?? '', 'base64').toString('utf8')
