import { inputsOf } from '../../support/action-inputs.ts'
import type { Command, CommitChange, CommitIntent, Commits, Completed, RunContext } from '../../../kit/ports.ts'
import { inputs, type Inputs } from '../../../actions/build-tag/src/inputs.ts'
import { main } from '../../../actions/build-tag/src/main.ts'
import { FakeExec, FakeFiles, FakeLog, FakeSummary, makeRun } from '../../support/fakes.ts'

/** A shop of two services, as teams write it. */
export const COMPOSE = `# The shop
services:
  backend:
    build: ./backend
    image: registry.example:5000/shop/backend:4-0a3087a # set by the pipeline
  frontend:
    build:
      context: frontend
      dockerfile: web.Dockerfile
      target: serve
      args:
        API: /api
        TOKEN:
    image: "registry.example:5000/shop/frontend:4-0a3087a"
  database:
    image: postgres:17.2
`

export const FOLDERS = { 'backend/Dockerfile': 'FROM python:3.13\n', 'frontend/web.Dockerfile': 'FROM node:24\n' }

export const SHA = '1b4c2de'.padEnd(40, '0')
export const digestOf = (letter: string) => `sha256:${letter.repeat(64)}`

export function makeInputs(given: Readonly<Record<string, string>> = {}): Inputs {
  return inputsOf('build-tag', inputs, given)
}

/** A docker that pushes each image with the digest of its first letter. */
export function fakeDocker(
  letter = 'd',
  answer: (command: Command) => Partial<Completed> | undefined = () => undefined,
) {
  return new FakeExec(command => {
    const own = answer(command)
    if (own !== undefined) return own
    const [verb, , image = ''] = command.args
    if (verb !== 'push') return {}
    const tag = image.split(':').at(-1)
    return { stdout: `The push refers to repository [x]\n${tag}: digest: ${digestOf(letter)} size: 1782\n` }
  })
}

/** A branch with files, whose commits are kept. */
export class FakeCommits implements Commits {
  readonly made: (CommitChange & { readonly branch: string; readonly idempotencyKey: string })[] = []
  readonly files: Map<string, string>

  constructor(files: Readonly<Record<string, string>>) {
    this.files = new Map(Object.entries(files))
  }
  async commit({ branch, idempotencyKey, change }: CommitIntent) {
    const made = await change({
      sha: 'a'.repeat(40),
      readBytes: async path => {
        const text = this.files.get(path)
        return text === undefined ? undefined : Buffer.from(text)
      },
    })
    if (made === undefined) return { sha: 'a'.repeat(40), outcome: 'nothing' as const }
    this.made.push({ ...made, branch, idempotencyKey })
    for (const { path, content } of made.additions) this.files.set(path, Buffer.from(content).toString())
    return { sha: 'c'.repeat(40), outcome: 'created' as const }
  }
}

export const pushRun = (changes: Partial<RunContext> = {}) =>
  makeRun({
    ref: 'refs/heads/integration',
    eventName: 'push',
    sha: SHA,
    runNumber: 5,
    pullRequest: undefined,
    ...changes,
  })

export interface Options {
  readonly compose?: string
  readonly files?: Readonly<Record<string, string | Uint8Array>>
  /** On the branch, when it is not what is checked out. */
  readonly head?: Readonly<Record<string, string>>
  readonly run?: Partial<RunContext>
  readonly exec?: FakeExec
  readonly commits?: Commits
}

export function makeWorld(options: Options = {}) {
  const compose = options.compose ?? COMPOSE
  const checkedOut = { 'docker-compose.yml': compose, ...FOLDERS, ...options.files }
  const commits = new FakeCommits(options.head ?? { 'docker-compose.yml': compose })
  return {
    log: new FakeLog(),
    exec: options.exec ?? fakeDocker(),
    files: new FakeFiles(checkedOut),
    summary: new FakeSummary(),
    run: pushRun(options.run),
    environment: { get: () => undefined },
    branch: commits,
    commits: options.commits ?? commits,
  }
}

export async function buildTag(given: Readonly<Record<string, string>> = {}, options: Options = {}) {
  const world = makeWorld(options)
  return { ...world, outputs: await main(makeInputs(given), world) }
}
