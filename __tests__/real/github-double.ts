import { createServer, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { closeServer, listenOnLoopback } from '../../local-github/server/loopback.ts'

const HEAD = 'a'.repeat(40)

export interface GitHubDouble {
  /** For `GITHUB_API_URL`. */
  readonly apiUrl: string
  /** Of every check run that was made: `in_progress`, `completed`. */
  checkStates(): string[]
  /** The tree of a commit. */
  addCommit(sha: string, tree: string): void
  /** Another run of the repository that was under way for an hour, and the external id of its check run. */
  addRun(run: { readonly id: number; readonly status: string; readonly externalId: string }): void
  close(): Promise<void>
}

/** The few answers of GitHub that an apply asks for: every commit is the merge of a planned pull request. */
export async function openGitHubDouble(): Promise<GitHubDouble> {
  const checks = new Map<number, Record<string, unknown>>()
  const runs: Record<string, unknown>[] = []
  const trees = new Map<string, string>()
  const deployments: Record<string, unknown>[] = []
  const answer = async (asked: IncomingMessage): Promise<[number, unknown]> => {
    const url = new URL(asked.url ?? '/', 'http://localhost')
    const body = asked.method === 'GET' ? {} : (JSON.parse(await text(asked)) as Record<string, unknown>)
    const route = `${asked.method} ${url.pathname.replace(/^\/repos\/[^/]+\/[^/]+/, '')}`
    const sha = /^GET \/commits\/(\w+)\/pulls$/.exec(route)?.[1]
    if (sha !== undefined) return [200, [pull(sha)]]
    if (/^GET \/actions\/workflows\/.*\/runs$/.test(route)) return [200, { total_count: 1, workflow_runs: [planRun()] }]
    if (route === 'GET /actions/runs') return [200, { total_count: runs.length, workflow_runs: runs }]
    if (route === 'POST /graphql') return [200, { data: { viewer: { login: 'github-actions[bot]' } } }]
    const committed = /^GET \/git\/commits\/(\w+)$/.exec(route)?.[1]
    if (committed !== undefined) return [200, { sha: committed, tree: { sha: trees.get(committed) } }]
    if (route === 'GET /deployments') return [200, deployments]
    if (route === 'POST /deployments') {
      deployments.push({ ...body, id: deployments.length + 1 })
      return [201, deployments.at(-1)]
    }
    if (/^POST \/deployments\/\d+\/statuses$/.test(route)) return [201, body]
    if (/^GET \/deployments\/\d+\/statuses$/.test(route)) return [200, []]
    const checked = /^GET \/commits\/(\w+)\/check-runs$/.exec(route)?.[1]
    if (checked !== undefined) {
      const found = [...checks.values()].filter(check => check['head_sha'] === checked)
      return [200, { total_count: found.length, check_runs: found }]
    }
    if (route === 'POST /check-runs') {
      const check = { ...body, id: checks.size + 1, html_url: '', app: { slug: 'github-actions' } }
      checks.set(check.id, { ...check, output: { annotations_count: 0 } })
      return [201, checks.get(check.id)]
    }
    const id = Number(/^PATCH \/check-runs\/(\d+)$/.exec(route)?.[1] ?? 0)
    if (checks.has(id)) {
      checks.set(id, { ...checks.get(id), ...body, output: { annotations_count: 0 } })
      return [200, checks.get(id)]
    }
    return [404, { message: `the double does not know ${route}` }]
  }
  const server = createServer((asked, reply) => {
    void answer(asked).then(([status, content]) => {
      reply.writeHead(status, { 'content-type': 'application/json; charset=utf-8' })
      reply.end(JSON.stringify(content))
    })
  })
  const port = await listenOnLoopback(server, 0)
  const addRun: GitHubDouble['addRun'] = ({ id, status, externalId }) => {
    const url = `https://github.example/acme/shop/actions/runs/${id}`
    const created = new Date(Date.now() - 3_600_000).toISOString()
    const times = { created_at: created, updated_at: new Date().toISOString() }
    runs.push({ id, run_number: id, head_sha: HEAD, status, html_url: url, ...times })
    const made = { external_id: externalId, head_sha: HEAD, status: 'completed', app: { slug: 'github-actions' } }
    checks.set(checks.size + 1, { ...made, id: checks.size + 1, output: { annotations_count: 0 } })
  }
  const checkStates = () => [...checks.values()].map(({ status }) => String(status))
  const addCommit = (sha: string, tree: string) => void trees.set(sha, tree)
  return { apiUrl: `http://127.0.0.1:${port}`, checkStates, addCommit, addRun, close: () => closeServer(server) }
}

const pull = (sha: string) => ({
  number: 42,
  merged_at: '2026-11-21T10:00:00Z',
  merge_commit_sha: sha,
  head: { sha: HEAD, ref: 'topic' },
  base: { ref: 'infra_main' },
  html_url: 'https://github.example/acme/shop/pull/42',
})

const planRun = () => ({
  id: 88,
  run_attempt: 1,
  conclusion: 'success',
  head_sha: HEAD,
  event: 'pull_request',
  path: '.github/workflows/terraform-plan.yml',
  html_url: 'https://github.example/acme/shop/actions/runs/88',
})
