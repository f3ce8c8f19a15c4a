import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { LocalGitHub } from '../local-github.ts'
import type { Repository } from '../model.ts'
import { renderCommit, renderCommits } from './commit-page.ts'
import { renderDeployments } from './deployments-page.ts'
import { renderHome } from './home-page.ts'
import type { Html } from './html.ts'
import { renderJob } from './job-page.ts'
import { Page, renderDocument, type Site, type Tab } from './layout.ts'
import { pageOf } from './links.ts'
import { renderPull, type PullTab } from './pull-page.ts'
import { renderPulls } from './pulls-page.ts'
import { renderRepository } from './repository-page.ts'
import { renderRun } from './run-page.ts'
import { renderRuns } from './runs-page.ts'
import { commitsWithPage, pagesOf } from './site-map.ts'

const FOLDER = dirname(fileURLToPath(import.meta.url))

export function siteOf(github: LocalGitHub, options: { live?: boolean; note?: string } = {}): Site {
  return {
    github,
    live: options.live ?? false,
    note: options.note,
    now: new Date(github.now()).toISOString(),
    commits: new Map(),
  }
}

const STYLES = ['base', 'parts', 'markdown', 'code', 'narrow']

export async function styleSheet(): Promise<string> {
  const parts = await Promise.all(STYLES.map(name => readFile(join(FOLDER, 'style', `${name}.css`), 'utf8')))
  return parts.join('\n')
}

/**
 * One page of the site.
 * @param path as `pageOf` gives it; another form of the same page (no index.html) is the caller's to redirect
 * @returns the document, or `undefined` when there is no such page
 */
export async function renderPage(site: Site, path: string): Promise<string | undefined> {
  if (path === pageOf.home()) {
    const home = new Page(site, path)
    return renderDocument(home, { title: 'Local GitHub', body: renderHome(home) })
  }
  const [owner, name, ...rest] = path.replace(/\/?index\.html$/, '').split('/')
  const repository = site.github.store.repositories.find(candidate => candidate.fullName === `${owner}/${name}`)
  if (!repository) return undefined
  const page = new Page(
    site,
    path,
    repository,
    WITH_TEXT.has(rest[0]) ? await commitsWithPage(site, repository) : undefined,
  )
  const view = await viewOf(page, repository, rest)
  return view && renderDocument(page, { ...view, title: `${view.title} · ${repository.fullName}`, repository })
}

/** Pages with Markdown of people and jobs, which may name commits. */
const WITH_TEXT: ReadonlySet<string | undefined> = new Set([undefined, 'pull', 'actions', 'commit'])

interface View {
  readonly title: string
  readonly tab: Tab
  readonly body: Html
}

async function viewOf(page: Page, repository: Repository, rest: readonly string[]): Promise<View | undefined> {
  const { store } = page.site.github
  const [kind, second, third, fourth, fifth] = rest
  switch (kind) {
    case undefined:
      return { title: 'Overview', tab: 'overview', body: await renderRepository(page, repository) }
    case 'pulls':
      return { title: 'Pull requests', tab: 'pulls', body: renderPulls(page, repository) }
    case 'pull': {
      const issue = store.issues.find(issue => issue.repositoryId === repository.id && issue.number === Number(second))
      const tab = (third ?? 'conversation') as PullTab
      if (!issue || !['conversation', 'commits', 'checks', 'files'].includes(tab)) return undefined
      return {
        title: `${issue.title} #${issue.number}`,
        tab: 'pulls',
        body: await renderPull(page, repository, issue, tab),
      }
    }
    case 'actions': {
      if (second === undefined) return { title: 'Actions', tab: 'actions', body: renderRuns(page, repository) }
      const run = store.runs.get(Number(third))
      if (second !== 'runs' || !run || run.repositoryId !== repository.id) return undefined
      const title = `${run.name} #${run.runNumber}`
      if (fourth === undefined) return { title, tab: 'actions', body: renderRun(page, repository, run) }
      const job = store.jobs.get(Number(fifth))
      if (fourth !== 'job' || !job || job.runId !== run.id) return undefined
      return { title: `${job.name} · ${title}`, tab: 'actions', body: await renderJob(page, repository, run, job) }
    }
    case 'commits':
      return { title: 'Commits', tab: 'commits', body: await renderCommits(page, repository) }
    case 'commit': {
      if (second === undefined || !/^[0-9a-f]{40}$/.test(second)) return undefined
      const body = await renderCommit(page, repository, second)
      return body && { title: second.slice(0, 7), tab: 'commits', body }
    }
    case 'deployments':
      return { title: 'Deployments', tab: 'deployments', body: renderDeployments(page, repository) }
    default:
      return undefined
  }
}

/**
 * Writes the whole site into `folder`, which is emptied first when it holds an earlier site.
 * @returns the file to open
 */
export async function writeSite(site: Site, folder: string): Promise<string> {
  await rm(folder, { recursive: true, force: true })
  for (const path of await pagesOf(site)) {
    const document = await renderPage(site, path)
    if (document === undefined) continue
    const file = join(folder, path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, document)
  }
  await writeFile(join(folder, 'style.css'), await styleSheet())
  return join(folder, pageOf.home())
}
