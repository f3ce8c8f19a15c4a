import { posix } from 'node:path'

/** Files of the site, from its root. Every page is a folder with an index.html, so that it works from disk too. */
export const pageOf = {
  home: () => 'index.html',
  repository: (repository: string) => `${repository}/index.html`,
  pulls: (repository: string) => `${repository}/pulls/index.html`,
  pull: (repository: string, number: number) => `${repository}/pull/${number}/index.html`,
  pullCommits: (repository: string, number: number) => `${repository}/pull/${number}/commits/index.html`,
  pullChecks: (repository: string, number: number) => `${repository}/pull/${number}/checks/index.html`,
  pullFiles: (repository: string, number: number) => `${repository}/pull/${number}/files/index.html`,
  runs: (repository: string) => `${repository}/actions/index.html`,
  run: (repository: string, runId: number) => `${repository}/actions/runs/${runId}/index.html`,
  job: (repository: string, runId: number, jobId: number) =>
    `${repository}/actions/runs/${runId}/job/${jobId}/index.html`,
  commits: (repository: string) => `${repository}/commits/index.html`,
  commit: (repository: string, sha: string) => `${repository}/commit/${sha}/index.html`,
  deployments: (repository: string) => `${repository}/deployments/index.html`,
} as const

/** `to` as seen from the page `from`. */
export function relativeLink(from: string, to: string): string {
  const [path = '', fragment] = to.split('#')
  const link = posix.relative(posix.dirname(from), path)
  return fragment === undefined ? link : `${link}#${fragment}`
}

const ROUTES: readonly [RegExp, (...parts: string[]) => string][] = [
  [/^([^/]+\/[^/]+)\/pull\/(\d+)$/, (repository, number) => pageOf.pull(repository!, Number(number))],
  [
    /^([^/]+\/[^/]+)\/pull\/(\d+)\/(commits|checks|files)$/,
    (repository, number, tab) => `${repository}/pull/${number}/${tab}/index.html`,
  ],
  [/^([^/]+\/[^/]+)\/issues\/(\d+)$/, (repository, number) => pageOf.pull(repository!, Number(number))],
  [/^([^/]+\/[^/]+)\/pulls$/, repository => pageOf.pulls(repository!)],
  [/^([^/]+\/[^/]+)\/actions$/, repository => pageOf.runs(repository!)],
  [
    /^([^/]+\/[^/]+)\/actions\/runs\/(\d+)(?:\/attempts\/\d+)?$/,
    (repository, run) => pageOf.run(repository!, Number(run)),
  ],
  [
    /^([^/]+\/[^/]+)\/actions\/runs\/(\d+)\/jobs?\/(\d+)$/,
    (repository, run, job) => pageOf.job(repository!, Number(run), Number(job)),
  ],
  [/^([^/]+\/[^/]+)\/commit\/([0-9a-f]{40})$/, (repository, sha) => pageOf.commit(repository!, sha!)],
  [/^([^/]+\/[^/]+)\/commits(?:\/[^/]+)*$/, repository => pageOf.commits(repository!)],
  [/^([^/]+\/[^/]+)\/deployments(?:\/[^/]+)*$/, repository => pageOf.deployments(repository!)],
  [/^([^/]+\/[^/]+)$/, repository => pageOf.repository(repository!)],
  [/^$/, () => pageOf.home()],
]

/** The page for a path of the site as GitHub writes it (`owner/name/pull/3#issuecomment-7`); `undefined` for others. */
export function pageForPath(path: string): string | undefined {
  const [bare = '', fragment] = path.replace(/^\/+/, '').split('#')
  const clean = bare.replace(/\?.*$/, '').replace(/\/?(index\.html)?$/, '')
  for (const [pattern, page] of ROUTES) {
    const match = pattern.exec(clean)
    if (match) return page(...match.slice(1)) + (fragment === undefined ? '' : `#${fragment}`)
  }
  return undefined
}

/** How GitHub shortens the bare address of a page: `#12`, `owner/name#12`, a commit's 7 digits. */
export function shortFormOf(page: string, here: string | undefined): string | undefined {
  const [path = '', fragment] = page.split('#')
  const pull = /^([^/]+\/[^/]+)\/pull\/(\d+)\/index\.html$/.exec(path)
  if (pull)
    return `${pull[1] === here ? '' : pull[1]}#${pull[2]}${fragment?.startsWith('issuecomment-') ? ' (comment)' : ''}`
  const commit = /^([^/]+\/[^/]+)\/commit\/([0-9a-f]{7})[0-9a-f]{33}\/index\.html$/.exec(path)
  return commit ? `${commit[1] === here ? '' : `${commit[1]}@`}${commit[2]}` : undefined
}
