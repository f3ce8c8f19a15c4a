import { EventEmitter } from 'node:events'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { systemExec } from '../../../kit/adapters/exec.ts'
import { systemFiles } from '../../../kit/adapters/files.ts'
import { readInputs } from '../../../kit/inputs.ts'
import type { RunContext } from '../../../kit/ports.ts'
import type { ActionError } from '../../../kit/errors.ts'
import { inputs as spec, type Inputs } from '../../../actions/deploy-compose/src/inputs.ts'
import { main } from '../../../actions/deploy-compose/src/main.ts'
import { FakeLog, FakeSummary, makeRun } from '../../support/fakes.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

/** A value that is looked for everywhere: quotes, dollars and all. */
export const PLANTED = `pl4nted "$\{X}$$' #\\n value`

const DEFAULTS: Readonly<Record<string, string>> = {
  hosts: 'local',
  'compose-file': 'docker-compose.yml',
  'working-directory': '.',
  project: 'shop',
  dotenv: `DB_PASSWORD="${PLANTED.replace(/[\\"]/g, character => `\\${character}`)}"\nLEVEL=info\n`,
  'health-timeout': '20s',
  drain: '1s',
  environment: 'production',
}

export function inputsWith(changes: Readonly<Record<string, string>> = {}): Inputs {
  return readInputs(
    spec,
    name => changes[name] ?? DEFAULTS[name] ?? '',
    () => undefined,
  )
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
        env_file: '.env',
        environment: { DATABASE: 'postgres://shop:${DB_PASSWORD}@db/shop' },
      },
      db: { image: image('db', 'ok-1') },
      ...more,
    },
  })
}

/**
 * A host on this machine: a home folder of its own, a real `sh` with the real program, and `fake-docker.js` in the place of
 * docker.
 */
export function makeWorld() {
  const folder = temporaryFolder()
  const at = (name: string) => join(folder, name)
  for (const name of ['home', 'bin', 'docker', 'workspace', 'temporary']) mkdirSync(at(name))
  const program = (name: string, text: string) => {
    writeFileSync(join(at('bin'), name), text)
    chmodSync(join(at('bin'), name), 0o755)
  }
  program(
    'docker',
    `#!/bin/sh\nexec '${process.execPath}' '${fileURLToPath(new URL('./fake-docker.js', import.meta.url))}' "$@"\n`,
  )
  const [log, summary] = [new FakeLog(), new FakeSummary()]
  const signals = new EventEmitter() as EventEmitter & Pick<NodeJS.Process, 'on' | 'off'>
  const exec = systemExec({
    environment: () => ({
      PATH: `${at('bin')}:${process.env['PATH'] ?? ''}`,
      HOME: at('home'),
      FAKE_DOCKER: at('docker'),
      RUNNER_TRACKING_ID: 'github_1',
    }),
    cwd: folder,
    signals,
    grace: { afterInterrupt: 2000, afterTerminate: 500, afterExit: 300 },
  })
  let runs = 0
  const state = new Map<string, string>()
  return {
    folder,
    at,
    program,
    exec,
    log,
    summary,
    signals,
    state,
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
        state: { save: (name, value) => void state.set(name, value) },
      })
    },
    /** What the fake engine runs: service, image's tag and environment. */
    containers(): readonly { id: string; service: string; tag: string; env: readonly string[] }[] {
      const file = join(at('docker'), 'containers.json')
      if (!existsSync(file)) return []
      const found = JSON.parse(readFileSync(file, 'utf8')) as {
        id: string
        service: string
        image: string
        env: readonly string[]
      }[]
      return found.map(({ id, service, image: name, env }) => ({
        id,
        service,
        tag: /:([^@]+)@/.exec(name)?.[1] ?? '',
        env,
      }))
    },
    tagOf(service: string): string | undefined {
      return this.containers().find(one => one.service === service)?.tag
    },
    calls: () => readFileSync(join(at('docker'), 'calls'), 'utf8'),
    /** Everything on this "host" and runner but the engine's own records, and what is said. */
    traces(): readonly string[] {
      const leftovers = readdirSync('/dev/shm')
        .filter(name => name.startsWith('slipway-'))
        .map(name => join('/dev/shm', name))
      const files = [at('home'), at('temporary'), ...leftovers].flatMap(filesBelow)
      const holding = files.filter(file => holdsPlanted(readFileSync(file, 'utf8')))
      const said = { log: log.text(), summary: summary.text(), arguments: this.calls() }
      return [
        ...holding,
        ...leftovers.filter(name => name.startsWith('/dev/shm/slipway-shop.')),
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
