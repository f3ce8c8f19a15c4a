import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../../scripts/metadata.ts'
import { defaultsOf } from './action-inputs.ts'
import { temporaryFolder } from './temporary-folder.ts'

export interface BundleRun {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
  readonly outputs: Readonly<Record<string, string>>
  readonly state: Readonly<Record<string, string>>
  readonly summary: string
  /** What was written for later steps' variables and search path. */
  readonly environment: string
  /** Of the values in the files of outputs and state. */
  readonly delimiters: readonly string[]
  readonly milliseconds: number
}

export interface BundleOptions {
  /** As after `with:`; names keep their dashes. */
  readonly inputs?: Readonly<Record<string, string>>
  readonly variables?: Readonly<Record<string, string>>
  readonly workspace?: string
  readonly event?: unknown
  /** What `main` saved, for the post step. */
  readonly state?: Readonly<Record<string, string>>
  readonly onStart?: (child: ChildProcess) => void
}

/** Runs the committed bundle of an action as the runner does, with the defaults of its action.yml. */
export function runBundle(action: string, options: BundleOptions = {}): Promise<BundleRun> {
  const inputs = { ...defaultsOf(action), ...options.inputs }
  return runEntry(join(ROOT, 'actions', action, 'dist', 'index.js'), { ...options, inputs })
}

/** Runs a program as the runner runs an action: Node 24, a process of its own, files for its commands. */
export async function runEntry(entry: string, options: BundleOptions = {}): Promise<BundleRun> {
  const folder = temporaryFolder()
  const workspace = options.workspace ?? join(folder, 'workspace')
  const temporary = join(folder, 'temporary')
  for (const path of [workspace, temporary]) mkdirSync(path, { recursive: true })
  const file = (name: string, content = '') => {
    const path = join(folder, name)
    writeFileSync(path, content)
    return path
  }
  const files = { output: file('output'), state: file('state'), summary: file('summary') }
  const environment = { GITHUB_ENV: file('env'), GITHUB_PATH: file('path') }
  const named = (prefix: string, values: Readonly<Record<string, string>> = {}, upper = true) =>
    Object.entries(values).map(([name, value]) => [
      `${prefix}${upper ? name.toUpperCase().replaceAll(' ', '_') : name}`,
      value,
    ])
  const started = performance.now()
  const child = spawn(process.execPath, [entry], {
    cwd: workspace,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      GITHUB_ACTIONS: 'true',
      GITHUB_WORKSPACE: workspace,
      GITHUB_REPOSITORY: 'acme/shop',
      GITHUB_RUN_ID: '99',
      GITHUB_SHA: 'f'.repeat(40),
      // Port 9 is closed: a test that talks to GitHub gives its own address.
      GITHUB_API_URL: 'http://127.0.0.1:9',
      GITHUB_SERVER_URL: 'https://github.example',
      GITHUB_OUTPUT: files.output,
      GITHUB_STATE: files.state,
      GITHUB_STEP_SUMMARY: files.summary,
      GITHUB_EVENT_PATH: file('event.json', JSON.stringify(options.event ?? {})),
      ...environment,
      RUNNER_TEMP: temporary,
      RUNNER_TOOL_CACHE: join(folder, 'tools'),
      ...Object.fromEntries(named('INPUT_', options.inputs)),
      ...Object.fromEntries(named('STATE_', options.state, false)),
      ...options.variables,
    },
  })
  const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)]
  options.onStart?.(child)
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  return {
    exitCode,
    stdout: stdout(),
    stderr: stderr(),
    outputs: parseFileCommands(readFileSync(files.output, 'utf8')),
    state: parseFileCommands(readFileSync(files.state, 'utf8')),
    summary: readFileSync(files.summary, 'utf8'),
    environment: Object.values(environment)
      .map(path => readFileSync(path, 'utf8'))
      .join(''),
    delimiters: [files.output, files.state].flatMap(path =>
      [...readFileSync(path, 'utf8').matchAll(VALUE)].map(([, , delimiter = '']) => delimiter),
    ),
    milliseconds: performance.now() - started,
  }
}

function collect(stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = []
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  return () => Buffer.concat(chunks).toString()
}

/** `name<<delimiter`, lines, `delimiter`. */
const VALUE = /^([^\n<=]+)<<(\S+)\n([\s\S]*?)\n?\2$/gm

function parseFileCommands(text: string): Record<string, string> {
  const values: Record<string, string> = {}
  for (const [, name, , value] of text.matchAll(VALUE)) values[name!] = value!
  return values
}
