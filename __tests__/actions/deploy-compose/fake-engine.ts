import { afterEach } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, closeSync, constants, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { readProject, type Definition } from './fake-compose.ts'

/**
 * A stand-in for the Docker engine, for `npm test`, where none runs. The program `docker` is a few lines of sh that ask this
 * process, because a release calls it twenty times and a start of Node takes longer than the rest of a test. What a container
 * does, the tag of its image says (`crash-2`). Real docker is tested elsewhere.
 */
export interface Container {
  readonly id: string
  readonly project: string
  readonly service: string
  readonly image: string
  readonly env: readonly string[]
  readonly labels: Readonly<Record<string, string>>
  readonly hash: string
  readonly ports: number
  state: 'created' | 'started' | 'stopped'
}

type Look = readonly [status: string, exitCode: number, restarts: number, health: string]
const LOOKS: Readonly<Record<string, Look>> = {
  crash: ['exited', 3, 0, 'none'],
  loop: ['restarting', 1, 2, 'none'],
  unhealthy: ['running', 0, 0, 'unhealthy'],
  starting: ['running', 0, 0, 'starting'],
  plain: ['running', 0, 0, 'none'],
  job: ['exited', 0, 0, 'none'],
}

export class FakeEngine {
  containers: Container[] = []
  /** Arguments of every call, in one line each. */
  readonly calls: string[] = []
  /** Calls that brought a `config.json` of their own, and its text. */
  readonly logins: (readonly [call: string, text: string])[] = []
  /** For services that are in it: how few of their containers were healthy at a time since. */
  readonly least = new Map<string, number>()
  /** A call whose line holds this text waits for `goOn`. */
  hold: string | undefined
  private released: (() => void)[] = []
  private readonly stuck = new Set<string>()
  private made = 0

  /** Whether a call waits. */
  get isHolding(): boolean {
    return this.released.length > 0
  }

  goOn(): void {
    this.hold = undefined
    for (const release of this.released.splice(0)) release()
  }

  /** Calls that hold this text fail from now on. */
  fail(text: string): void {
    this.stuck.add(text)
  }

  async answer(args: readonly string[]): Promise<string> {
    const line = args.join(' ')
    this.calls.push(line)
    if (this.hold !== undefined && line.includes(this.hold))
      await new Promise<void>(resolve => this.released.push(resolve))
    if ([...this.stuck].some(text => line.includes(text))) throw new Error('the engine is stuck')
    const [command] = args
    try {
      if (command === 'compose') return this.compose(args)
      if (command === 'ps') return this.list(args)
      if (command === 'inspect') return this.inspect(args)
      if (command === 'logs') return this.logs(args)
      if (command === 'image') return digestsOf(args.at(-1) ?? '')
      if (command === 'context') return 'unix:///var/run/docker.sock'
      const named = this.containers.filter(({ id }) => args.includes(id))
      if (command === 'stop') for (const one of named) one.state = 'stopped'
      else if (command === 'rm') this.containers = this.containers.filter(one => !named.includes(one))
      else throw new Error(`docker: ${String(command)} is not a docker command`)
      return ''
    } finally {
      for (const [service, least] of this.least) this.least.set(service, Math.min(least, this.serving(service).length))
    }
  }

  /** Healthy containers of a service. */
  serving(service: string): readonly Container[] {
    return this.containers.filter(one => one.service === service && lookOf(one)[3] === 'healthy')
  }

  private compose(args: readonly string[]): string {
    const project = optionOf(args, '-p')
    const services = readProject(args)
    if (args.includes('config')) return [...services.keys()].join('\n')
    if (args.includes('pull')) {
      for (const { image } of services.values())
        if (image.includes(':gone')) throw new Error(`manifest for ${image} not found`)
    } else if (args.includes('up')) this.up(project, services, args.slice(args.indexOf('up') + 1))
    else if (args.includes('down')) this.containers = this.containers.filter(one => one.project !== project)
    return ''
  }

  private up(project: string, services: ReadonlyMap<string, Definition>, args: readonly string[]): void {
    const scales = new Map(
      args.flatMap((word, index) =>
        word === '--scale' ? [(args[index + 1] ?? '').split('=') as [string, string]] : [],
      ),
    )
    for (const [service, definition] of services) {
      if (!args.includes(service)) continue
      const want = Number(scales.get(service) ?? definition.replicas)
      const hash = createHash('sha256')
        .update(JSON.stringify({ ...definition, replicas: 1 }))
        .digest('hex')
      let mine = this.containers.filter(one => one.project === project && one.service === service)
      if (!args.includes('--no-recreate')) mine = mine.filter(one => one.hash === hash)
      mine = mine.slice(0, want)
      while (mine.length < want) {
        this.made += 1
        const { image, env, labels, ports } = definition
        const id = createHash('sha256').update(`${this.made}`).digest('hex')
        mine.push({ id, project, service, image, env, labels, hash, ports, state: 'created' })
      }
      this.containers = [...this.containers.filter(one => one.project !== project || one.service !== service), ...mine]
      if (!args.includes('--no-start')) for (const one of mine) one.state = 'started'
    }
  }

  private list(args: readonly string[]): string {
    const project = args.find(word => word.startsWith('label=com.docker.compose.project='))?.split('=')[2]
    return this.containers
      .filter(one => one.project === project)
      .map(one => `${one.id} ${one.service} ${one.hash} ${lookOf(one)[0]}`)
      .join('\n')
  }

  private inspect(args: readonly string[]): string {
    const format = optionOf(args, '--format')
    // As docker 26 does: ".Id" reads raw JSON, where a container without a health check has no ".State.Health".
    if (format.includes('{{.Id}}')) throw new Error('template parsing error: map has no entry for key "Health"')
    return args
      .slice(args.indexOf('--format') + 2)
      .flatMap(id => {
        const container = this.containers.find(one => one.id === id)
        if (container === undefined || container.image.includes(':hidden')) return []
        const look = lookOf(container)
        // As docker says it of an image without any variable.
        const env = container.env.length === 0 ? 'null' : JSON.stringify(container.env)
        if (format.includes('.Config.Env'))
          return `${id} ${container.service} ${look[0] === 'running'} ${container.ports} ${env}`
        if (format.includes('.State.Health.Log')) return 'GET /health: 503'
        if (format.includes('.Mounts')) return String(container.image.includes(':volume'))
        const policy = look[0] === 'exited' ? 'no' : 'always'
        return [id, container.service, ...look.slice(0, 3), policy, look[3], container.image].join(' ')
      })
      .join('\n')
  }

  private logs(args: readonly string[]): string {
    const container = this.containers.find(({ id }) => id === args.at(-1))
    return `starting with ${String(container?.env.join(' '))}\nfatal: no such table "items"`
  }
}

function lookOf({ state, image }: Container): Look {
  if (state === 'created') return ['created', 0, 0, 'none']
  if (state === 'stopped') return ['exited', 0, 0, 'none']
  return LOOKS[/:([a-z]+)[-@]/.exec(image)?.[1] ?? ''] ?? ['running', 0, 0, 'healthy']
}

const optionOf = (args: readonly string[], name: string): string => args[args.indexOf(name) + 1] ?? ''

const CLIENT = (folder: string) => `#!/bin/sh
call='${folder}'/$$
mkfifo "$call.done"
printf '%s\\n' "$@" >"$call.arguments"
if [ -n "\${DOCKER_CONFIG:-}" ]; then cp "$DOCKER_CONFIG/config.json" "$call.login"; fi
echo "$call" >'${folder}/asked'
read -r code <"$call.done"
while IFS= read -r line; do printf '%s\\n' "$line"; done <"$call.answer"
while IFS= read -r line; do printf '%s\\n' "$line" >&2; done <"$call.error"
exit "$code"
`

const sockets: Socket[] = []
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy()
})

/**
 * Answers the program that it writes to `program`, until the test ends.
 * @param folder for the calls
 */
export function serveEngine(folder: string, program: string): FakeEngine {
  const engine = new FakeEngine()
  writeFileSync(program, CLIENT(folder))
  chmodSync(program, 0o755)
  const asked = join(folder, 'asked')
  execFileSync('sh', ['-c', 'mkfifo "$1"', 'sh', asked])
  const socket = new Socket({ fd: openSync(asked, constants.O_RDWR | constants.O_NONBLOCK), readable: true })
  sockets.push(socket)
  let rest = ''
  socket.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split('\n')
    rest = lines.pop() ?? ''
    for (const call of lines) void reply(engine, call)
  })
  return engine
}

async function reply(engine: FakeEngine, call: string): Promise<void> {
  const args = readFileSync(`${call}.arguments`, 'utf8').split('\n').slice(0, -1)
  let [answer, error] = ['', '']
  if (existsSync(`${call}.login`)) engine.logins.push([args.join(' '), readFileSync(`${call}.login`, 'utf8')])
  try {
    answer = await engine.answer(args)
  } catch (thrown) {
    error = `${(thrown as Error).message}\n`
  }
  writeFileSync(`${call}.answer`, answer === '' ? '' : `${answer}\n`)
  writeFileSync(`${call}.error`, error)
  // Opened only when somebody reads: who asked may have been killed.
  for (let tries = 0; tries < 100; tries += 1) {
    try {
      const done = openSync(`${call}.done`, constants.O_WRONLY | constants.O_NONBLOCK)
      writeFileSync(done, error === '' ? '0\n' : '1\n')
      closeSync(done)
      return
    } catch {
      await wait(10)
    }
  }
}

/** Of an image that was pulled; one with the tag `local` was only built here. */
function digestsOf(image: string): string {
  const name = image.replace(/:[^/]*$/, '')
  return image.endsWith(':local')
    ? ''
    : `mirror.example/${name}@sha256:${'0'.repeat(64)}\n${name}@sha256:${'7'.repeat(64)}`
}
