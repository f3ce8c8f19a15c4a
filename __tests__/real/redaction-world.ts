import { createHash } from 'node:crypto'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { GitHubApi } from '../../demo/github-api.ts'
import { WorkingCopy } from '../../demo/repositories.ts'
import type { LocalGitHub } from '../../local-github/local-github.ts'
import type { WorkflowRun } from '../../local-github/model.ts'
import { createJobExecutor } from '../../local-github/runner/execute-job.ts'
import { startRunner } from '../../local-github/runner/runner.ts'
import { unzip } from '../../local-github/runner/stand-ins/unzip.ts'
import { importLibrary } from '../../local-github/seed.ts'
import { startServer } from '../../local-github/server/server.ts'
import { ROOT } from '../../scripts/metadata.ts'

/** A request as the server got it: line, headers and body. */
interface Received {
  readonly head: string
  readonly body: readonly Buffer[]
}

/** Where others can read, by channel, each text by itself. */
export type Published = Readonly<Record<'requests' | 'logs' | 'records' | 'artifacts', readonly string[]>>

export interface RedactionWorld {
  readonly github: LocalGitHub
  readonly copy: WorkingCopy
  readonly stateFile: string
  /** Pushes a root's files on a branch and opens a pull request; the run of its plan. */
  propose(branch: string, files: Readonly<Record<string, string>>): Promise<{ number: number; run: WorkflowRun }>
  /** Merges; the run of its apply. */
  merge(number: number): Promise<WorkflowRun>
  published(): Promise<Published>
  close(): Promise<void>
}

const uses = 'slipway/slipway/.github/workflows'

const caller = (kind: 'plan' | 'apply', on: string, names: readonly string[]) => `on:
  ${on}:
    branches: [main]
permissions: {}
jobs:
  ${kind}:
    permissions: { contents: read, pull-requests: ${kind === 'plan' ? 'write' : 'read'}, actions: read, checks: write, deployments: write, id-token: write }
    uses: ${uses}/terraform-${kind}.yml@v0.1.0
    with:
      roots: infra
      environment: dev
      pass-env: |
        ${names.join('\n        ')}
    secrets:
      plan-key: \${{ secrets.PLAN_KEY }}
  outputs:
    needs: ${kind}
    if: always()
    runs-on: ubuntu-24.04
    steps:
      - run: echo "outputs $OUTPUTS"
        env:
          OUTPUTS: \${{ toJSON(needs.${kind}.outputs) }}
`

/** A local GitHub with a team's repository and the real workflows; what is given as variables is in no file of it. */
export async function openRedactionWorld(variables: Readonly<Record<string, string>>): Promise<RedactionWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'redaction-'))
  const received: Received[] = []
  const listen = (message: unknown) => {
    const { request } = message as { request: IncomingMessage }
    const body: Buffer[] = []
    received.push({ head: `${request.method} ${request.url}\n${request.rawHeaders.join('\n')}`, body })
    const push = request.push.bind(request)
    request.push = (chunk: Buffer | null, encoding) => {
      if (chunk !== null) body.push(Buffer.from(chunk))
      return push(chunk, encoding)
    }
  }
  subscribe('http.server.request.start', listen)
  const github = await startServer({ stateFolder: join(folder, 'state') })
  await importLibrary(github, ROOT)
  const mira = github.createAccount({ login: 'mira', type: 'User', name: 'Mira Holt', email: 'mira@shop.example' })
  github.createAccount({ login: 'acme', type: 'Organization' })
  const shop = github.createRepository({ fullName: 'acme/shop', private: true })
  github.store.repositories.update(shop.id, { collaborators: { [mira.login]: 'maintain' } })
  github.store.secrets.insert({
    ...{ repositoryId: shop.id, environment: '', name: 'PLAN_KEY', value: 'a-key-that-only-this-test-uses' },
  })
  const token = github.mintToken({ login: 'mira', kind: 'user' })
  const api = new GitHubApi(github.apiUrl, token)
  const copy = new WorkingCopy(join(folder, 'shop'))
  await copy.write('.github/workflows/terraform-plan.yml', caller('plan', 'pull_request', Object.keys(variables)))
  await copy.write('.github/workflows/terraform-apply.yml', caller('apply', 'push', Object.keys(variables)))
  await copy.write('.gitignore', '.terraform/\n')
  await copy.init('main', `${github.url}/acme/shop.git`.replace('://', `://x-access-token:${token}@`))
  await copy.commit('Start')
  await copy.git('push', '--quiet', 'origin', 'main')
  const executor = createJobExecutor(github, { env: variables })
  const runner = startRunner(github, { execute: executor.execute, concurrency: 2 })
  const runOf = async (event: string, act: () => Promise<unknown>): Promise<WorkflowRun> => {
    const before = new Set(github.store.runs.filter(() => true).map(({ id }) => id))
    await act()
    await runner.idle()
    const started = github.store.runs.filter(run => run.event === event && !before.has(run.id))
    const [run] = started
    if (run === undefined || started.length > 1) throw new Error(`${started.length} runs were started by ${event}`)
    return run
  }
  return {
    github,
    copy,
    stateFile: join(folder, 'terraform.tfstate'),
    async propose(branch, files) {
      await copy.git('fetch', '--quiet', 'origin', 'main')
      await copy.git('switch', '--quiet', '--create', branch, 'origin/main')
      for (const [path, text] of Object.entries(files)) await copy.write(path, text)
      await copy.commit(`Change the root: ${branch}`)
      await copy.git('push', '--quiet', 'origin', branch)
      let number = 0
      const run = await runOf('pull_request', async () => {
        const pull = { title: branch, head: branch, base: 'main', body: '' }
        number = (await api.call<{ number: number }>('POST', '/repos/acme/shop/pulls', pull)).number
      })
      return { number, run }
    },
    merge: number =>
      runOf('push', () => api.call('PUT', `/repos/acme/shop/pulls/${number}/merge`, { merge_method: 'merge' })),
    published: async () => publishedBy(github, received, join(folder, 'unpacked')),
    async close() {
      unsubscribe('http.server.request.start', listen)
      await Promise.all([runner.close(), executor.close()])
      await github.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function publishedBy(github: LocalGitHub, received: readonly Received[], folder: string): Promise<Published> {
  const artifacts: string[] = []
  for (const [index, artifact] of github.store.artifacts.filter(() => true).entries()) {
    const into = join(folder, String(index))
    await unzip(await readFile(join(github.stateFolder, artifact.file)), into)
    // What is sealed holds them, and nobody without the key reads it.
    for (const file of await readdir(into))
      if (!file.endsWith('.sealed')) artifacts.push(await readFile(join(into, file), 'utf8'))
  }
  const logs = await Promise.all(
    (await filesBelow(join(github.stateFolder, 'logs'))).map(file => readFile(file, 'utf8')),
  )
  const records = await Promise.all(
    (await filesBelow(github.stateFolder)).filter(file => file.endsWith('.jsonl')).map(file => readFile(file, 'utf8')),
  )
  return {
    requests: received.map(({ head, body }) => `${head}\n${Buffer.concat(body).toString('utf8')}`),
    logs,
    records: records.flatMap(text => text.split('\n')),
    artifacts,
  }
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name))
}

/** Values that nobody would guess, and that a run finds again. */
export function plantedValue(kind: string, index: number): string {
  const hash = createHash('sha256').update(`${kind} ${index}`).digest()
  return `${kind}-${hash.toString('base64').slice(0, 20)}`
}
