import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { LocalGitHub, Repository } from '../model.ts'
import { COMMITS_A_BRANCH, renderCommit, renderCommits } from './commit-page.ts'
import { renderDeployments } from './deployments-page.ts'
import { branchesOf, commitsOf } from './git-history.ts'
import { renderHome } from './home-page.ts'
import type { Html } from './html.ts'
import { renderJob } from './job-page.ts'
import { Page, renderDocument, type Site, type Tab } from './layout.ts'
import { pageOf } from './links.ts'
import { renderPull, type PullTab } from './pull-page.ts'
import { renderPulls } from './pulls-page.ts'
import { renderRepository } from './repository-page.ts'
import { jobsOf, renderRun } from './run-page.ts'
import { renderRuns } from './runs-page.ts'

const FOLDER = dirname(fileURLToPath(import.meta.url))

export function siteOf(github: LocalGitHub, options: { live?: boolean; note?: string } = {}): Site {
  return {
    github,
    live: options.live ?? false,
    note: options.note,
    now: new Date(github.now()).toISOString(),
  }
}

export function styleSheet(): Promise<string> {
  return readFile(join(FOLDER, 'style.css'), 'utf8')
}

/**
 * One page of the site.
 * @param path as `pageOf` gives it; another form of the same page (no index.html) is the caller's to redirect
 * @returns the document, or `undefined` when there is no such page
 */
export async function renderPage(site: Site, path: string): Promise<string | undefined> {
  const page = new Page(site, path)
  if (path === pageOf.home()) return renderDocument(page, { title: 'Local GitHub', body: renderHome(page) })
  const [owner, name, ...rest] = path.replace(/\/?index\.html$/, '').split('/')
  const repository = site.github.store.repositories.find(candidate => candidate.fullName === `${owner}/${name}`)
  if (!repository) return undefined
  const view = await viewOf(page, repository, rest)
  return view && renderDocument(page, { ...view, title: `${view.title} · ${repository.fullName}`, repository })
}

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

/** Every page that something links to. */
export async function pagesOf(site: Site): Promise<string[]> {
  const { store } = site.github
  const paths = [pageOf.home()]
  for (const repository of store.repositories.filter(() => true)) {
    const name = repository.fullName
    paths.push(
      pageOf.repository(name),
      pageOf.pulls(name),
      pageOf.runs(name),
      pageOf.commits(name),
      pageOf.deployments(name),
    )
    const shas = new Set<string>()
    for (const issue of store.issues.filter(issue => issue.repositoryId === repository.id)) {
      paths.push(pageOf.pull(name, issue.number))
      if (!issue.pullRequest) continue
      paths.push(
        pageOf.pullCommits(name, issue.number),
        pageOf.pullChecks(name, issue.number),
        pageOf.pullFiles(name, issue.number),
      )
      for (const sha of [issue.pullRequest.headSha, issue.pullRequest.baseSha, issue.pullRequest.mergeCommitSha])
        if (sha !== null) shas.add(sha)
    }
    for (const entry of store.timeline.filter(
      entry => entry.repositoryId === repository.id && /^[0-9a-f]{40}$/.test(entry.detail),
    ))
      shas.add(entry.detail)
    for (const review of store.reviews.filter(review => review.repositoryId === repository.id))
      shas.add(review.commitSha)
    for (const deployment of store.deployments.filter(deployment => deployment.repositoryId === repository.id))
      shas.add(deployment.sha)
    for (const run of store.runs.filter(run => run.repositoryId === repository.id)) {
      shas.add(run.headSha)
      paths.push(pageOf.run(name, run.id))
      for (const job of jobsOf(new Page(site, ''), run)) paths.push(pageOf.job(name, run.id, job.id))
    }
    const folder = site.github.gitFolder(repository.id)
    for (const branch of await branchesOf(folder))
      for (const commit of await commitsOf(folder, branch.sha, COMMITS_A_BRANCH)) {
        shas.add(commit.sha)
        for (const parent of commit.parents) shas.add(parent)
      }
    paths.push(...[...shas].map(sha => pageOf.commit(name, sha)))
  }
  return paths
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
