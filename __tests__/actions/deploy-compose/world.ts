import { execFileSync } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemExec } from '../../../kit/adapters/exec.ts'
import { systemFiles } from '../../../kit/adapters/files.ts'
import { inputsOf } from '../../support/action-inputs.ts'
import type { Deployments, RunContext } from '../../../kit/ports.ts'
import { ActionError } from '../../../kit/errors.ts'
import { inputs as spec, type Inputs } from '../../../actions/deploy-compose/src/inputs.ts'
import { main } from '../../../actions/deploy-compose/src/main.ts'
import { FakeLog, FakeSummary, makeRun } from '../../support/fakes.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { serveEngine } from './fake-engine.ts'

/** A value that is looked for everywhere: quotes, dollars and all. */
export const PLANTED = `pl4nted "$\{X}$$' #\\n value`

/** Beside the defaults of action.yml. */
const GIVEN: Readonly<Record<string, string>> = {
  hosts: 'local',
  project: 'shop',
  dotenv: `DB_PASSWORD="${PLANTED.replace(/[\\"]/g, character => `\\${character}`)}"\nLEVEL=info\n`,
  'health-timeout': '20s',
  drain: '1s',
  environment: 'production',
  'smoke-timeout': '1s',
}

export function inputsWith(changes: Readonly<Record<string, string>> = {}): Inputs {
  return inputsOf('deploy-compose', spec, { ...GIVEN, ...changes })
}

/** `api:<how it does>-<version>`, pinned; the digest is made of the tag. */
export function image(name: string, tag: string): string {
  const digest = Buffer.from(tag).toString('hex').padEnd(64, '0').slice(0, 64)
  return `registry.example/${name}:${tag}@sha256:${digest}`
}

/** A shop, as JSON, which is YAML too. */
export function composeOf(api: string, more: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({
    services: {
      api: {
        image: image('api', api),
        healthcheck: { test: ['CMD', 'true'] },
        env_file: '.env',
        environment: { DATABASE: 'postgres://shop:${DB_PASSWORD}@db/shop' },
      },
      db: { image: image('db', 'ok-1'), volumes: ['data:/data'] },
      ...more,
    },
  })
}

/**
 * A host on this machine: a home folder of its own, a real `sh` with the real program, a stand-in in the place of docker
 * (`fake-engine.ts`), and a `sleep` that hardly sleeps.
 */
export function makeWorld() {
  const folder = temporaryFolder()
  const at = (name: string) => join(folder, name)
  for (const name of ['home', 'bin', 'docker', 'workspace', 'temporary']) mkdirSync(at(name))
  const program = (name: string, text: string) => {
    writeFileSync(join(at('bin'), name), text)
    chmodSync(join(at('bin'), name), 0o755)
  }
  const engine = serveEngine(at('docker'), join(at('bin'), 'docker'))
  const sleep = execFileSync('sh', ['-c', 'command -v sleep'], { encoding: 'utf8' }).trim()
  program('sleep', `#!/bin/sh\nexec ${sleep} 0.05\n`)
  const [log, summary] = [new FakeLog(), new FakeSummary()]
  const signals = new EventEmitter() as EventEmitter & Pick<NodeJS.Process, 'on' | 'off'>
  const exec = systemExec({
    environment: () => ({
      PATH: `${at('bin')}:${process.env['PATH'] ?? ''}`,
      HOME: at('home'),
      RUNNER_TRACKING_ID: 'github_1',
    }),
    cwd: folder,
    signals,
    grace: { afterInterrupt: 2000, afterTerminate: 500, afterExit: 300 },
  })
  let runs = 0
  /** Of the application, one after the other; the last one stays. */
  const answers: number[] = [200]
  const asked: string[] = []
  const told: unknown[][] = []
  const state = new Map<string, string>()
  return {
    folder,
    at,
    program,
    engine,
    exec,
    log,
    summary,
    signals,
    state,
    answers,
    asked,
    told,
    async deploy(compose: string, changes: Readonly<Record<string, string>> = {}, run: Partial<RunContext> = {}) {
      runs += 1
      writeFileSync(join(at('workspace'), 'docker-compose.yml'), compose)
      const number = runs
      return main(inputsWith(changes), {
        log,
        summary,
        exec,
        clock: { now: () => Date.now(), sleep: () => new Promise(resolve => setTimeout(resolve, 20)) },
        random: { next: () => 0.5, bytes: count => new Uint8Array(count).fill(number) },
        files: systemFiles({ workspace: at('workspace'), temporary: at('temporary'), confined: true }),
        run: makeRun({ runNumber: number, ...run }),
        http: {
          async request({ url }) {
            asked.push(url)
            const status = answers.length > 1 ? (answers.shift() ?? 0) : (answers[0] ?? 0)
            if (status === 0) throw new ActionError(`${new URL(url).host} could not be reached`)
            return { status, headers: {}, body: '' }
          },
        },
        deployments: pageOf(told),
        state: { save: (name, value) => void state.set(name, value) },
      })
    },
    /** What the engine has: service, image's tag and environment. */
    containers(): readonly { id: string; service: string; tag: string; env: readonly string[] }[] {
      return engine.containers.map(({ id, service, image: name, env }) => ({
        id,
        service,
        tag: /:([^@]+)@/.exec(name)?.[1] ?? '',
        env,
      }))
    },
    tagOf(service: string): string | undefined {
      return this.containers().find(one => one.service === service)?.tag
    },
    calls: () => engine.calls.join('\n'),
    /** Everything on this "host" and runner but the engine's own records, and what is said. */
    traces(): readonly string[] {
      const sum = execFileSync('cksum', { input: at('home/.slipway/shop'), encoding: 'utf8' }).split(' ')[0] ?? ''
      const leftovers = readdirSync('/dev/shm')
        .filter(name => name.startsWith(`slipway-shop-${sum}.`))
        .map(name => join('/dev/shm', name))
      const files = [at('home'), at('temporary'), ...leftovers].flatMap(filesBelow)
      const holding = files.filter(file => holdsPlanted(readFileSync(file, 'utf8')))
      const said = { log: log.text(), summary: summary.text(), arguments: this.calls() }
      return [
        ...holding,
        ...leftovers,
        ...Object.entries(said).flatMap(([name, text]) => (holdsPlanted(text) ? [name] : [])),
      ]
    },
  }
}

function holdsPlanted(text: string): boolean {
  return text.includes('pl4nted') || text.includes(Buffer.from('pl4nted').toString('base64').slice(0, 8))
}

function filesBelow(path: string): readonly string[] {
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path).flatMap(name => filesBelow(join(path, name)))
}

/** What a promise failed with. */
export async function thrownBy(promise: Promise<unknown>): Promise<ActionError> {
  return promise.then(
    () => {
      throw new Error('it did not fail')
    },
    (error: ActionError) => error,
  )
}

export type World = ReturnType<typeof makeWorld>

export async function until(isTrue: () => boolean): Promise<void> {
  for (let looks = 0; looks < 1000 && !isTrue(); looks += 1) await new Promise(resolve => setTimeout(resolve, 20))
  if (!isTrue()) throw new Error(`it did not come to be that ${String(isTrue)}`)
}

/** The process that holds the lock: the leader of the session that the bootstrap made. */
export function workerOf(world: World): number {
  for (const pid of readdirSync('/proc').filter(name => /^\d+$/.test(name))) {
    try {
      const home = readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`HOME=${world.at('home')}\0`)
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
      if (home && fields[3] === pid && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('\0slipway\0'))
        return Number(pid)
    } catch {
      // It ended meanwhile.
    }
  }
  throw new Error('there is no such process')
}

/** Inputs for a host that `ssh` reaches, which a test puts in the place of the real one. */
export const REMOTE = {
  hosts: 'deploy@shop.example',
  'ssh-key': '-----BEGIN PRIVATE KEY-----\nMC4=\n-----END PRIVATE KEY-----',
  'known-hosts': 'shop.example ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA',
}

/** Stands in for ssh: hands the command to sh, and for the first time goes away when the program comes to a phase. */
export const cutAt = (folder: string, phase: string) => `#!/bin/sh
for command; do :; done
if [ -e '${folder}/cut' ]; then exec sh -c "$command"; fi
: > '${folder}/cut'
mkfifo '${folder}/pipe'
exec 3<&0
sh -c "$command" <&3 >'${folder}/pipe' 2>/dev/null &
sed '/^@phase ${phase}/q' '${folder}/pipe'
echo 'Connection to shop.example closed by remote host.' >&2
exit 255
`

/** The page of an environment on which every commit was deployed before; what it is told goes to `told`. */
function pageOf(told: unknown[][]): Deployments {
  return {
    deployedSha: async (_, abbreviated) => abbreviated.padEnd(40, '0'),
    lastSuccess: async () => undefined,
    create: async deployment => ({ id: told.push(['create', deployment]) }),
    setStatus: async (...status) => void told.push(['status', ...status]),
  }
}
