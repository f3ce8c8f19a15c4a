import type { Repository } from '../model.ts'
import { COMMITS_A_BRANCH } from './commit-page.ts'
import { allCommitsOf, branchesOf, commitsOf, mergeBaseOf } from './git-history.ts'
import { Page, type Site } from './layout.ts'
import { pageOf } from './links.ts'
import { COMMITS_A_PULL } from './pull-page.ts'
import { jobsOf } from './run-page.ts'

const COMMITS_KNOWN_LIVE = 2000

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
    for (const issue of store.issues.filter(issue => issue.repositoryId === repository.id)) {
      paths.push(pageOf.pull(name, issue.number))
      if (issue.pullRequest)
        paths.push(
          pageOf.pullCommits(name, issue.number),
          pageOf.pullChecks(name, issue.number),
          pageOf.pullFiles(name, issue.number),
        )
    }
    for (const run of store.runs.filter(run => run.repositoryId === repository.id)) {
      paths.push(pageOf.run(name, run.id))
      for (const job of jobsOf(new Page(site, ''), run)) paths.push(pageOf.job(name, run.id, job.id))
    }
    paths.push(...[...(await commitsWithPage(site, repository))].map(sha => pageOf.commit(name, sha)))
  }
  return paths
}

/** Commits that may be linked to. A running server makes the page of any commit; a written site holds these and no other. */
export async function commitsWithPage(site: Site, repository: Repository): Promise<ReadonlySet<string>> {
  const folder = site.github.gitFolder(repository.id)
  if (site.live) return new Set(await allCommitsOf(folder, COMMITS_KNOWN_LIVE))
  const known = site.commits.get(repository.id)
  if (known) return known
  const { store } = site.github
  const shas = new Set<string>()
  const isOwn = (entry: { repositoryId: number }) => entry.repositoryId === repository.id
  for (const { pullRequest: part } of store.issues.filter(isOwn)) {
    if (!part) continue
    for (const sha of [part.headSha, part.baseSha, part.mergeCommitSha]) if (sha !== null) shas.add(sha)
    const base = (await mergeBaseOf(folder, part.baseSha, part.headSha)) ?? part.baseSha
    for (const commit of await commitsOf(folder, `${base}..${part.headSha}`, COMMITS_A_PULL)) shas.add(commit.sha)
  }
  for (const entry of store.timeline.filter(isOwn)) if (/^[0-9a-f]{40}$/.test(entry.detail)) shas.add(entry.detail)
  for (const review of store.reviews.filter(isOwn)) shas.add(review.commitSha)
  for (const deployment of store.deployments.filter(isOwn)) shas.add(deployment.sha)
  for (const run of store.runs.filter(isOwn)) shas.add(run.headSha)
  for (const branch of await branchesOf(folder))
    for (const commit of await commitsOf(folder, branch.sha, COMMITS_A_BRANCH)) {
      shas.add(commit.sha)
      for (const parent of commit.parents) shas.add(parent)
    }
  site.commits.set(repository.id, shas)
  return shas
}
