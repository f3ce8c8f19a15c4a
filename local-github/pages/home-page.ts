import { html, type Html } from './html.ts'
import { emptyState, mark, type Page } from './layout.ts'
import { pageOf } from './links.ts'
import { runRow } from './runs-page.ts'
import { pullRow } from './pulls-page.ts'
import { count } from './words.ts'
import { checksOf } from './checks-of.ts'

/** Where a reader begins: the repositories, and in each what happened last. */
export function renderHome(page: Page): Html {
  const { store } = page.site.github
  const repositories = store.repositories
    .filter(() => true)
    .map(repository => ({
      repository,
      pulls: store.issues
        .filter(issue => issue.repositoryId === repository.id && issue.pullRequest !== undefined)
        .reverse(),
      runs: store.runs.filter(run => run.repositoryId === repository.id).reverse(),
    }))
    .sort((a, b) => b.runs.length + b.pulls.length - a.runs.length - a.pulls.length)
  return html`<div class="column">
<h1>Repositories</h1>
${page.site.note !== undefined && html`<section class="card note md" aria-label="About these pages">${page.markdown(page.site.note, { kind: 'file', scope: 'note' })}</section>`}
${repositories.length === 0 && emptyState('No repository yet', 'Push one to this server, or start it with a folder.')}
${repositories.map(({ repository, pulls, runs }) => {
  const look = runs[0] && checksOf(page.site.github, repository, runs[0].headSha).look
  return html`<section class="card" id="repository-${repository.id}">
<h2 class="card-title">${look && mark(look)} <a href="${page.link(pageOf.repository(repository.fullName))}">${repository.fullName}</a>
<span class="quiet">${count(pulls.length, 'pull request')}, ${count(runs.length, 'run')}</span></h2>
${repository.description !== '' && html`<p class="quiet inset">${repository.description}</p>`}
${pulls.length > 0 && html`<ul class="rows">${pulls.slice(0, 5).map(pull => pullRow(page, repository, pull))}</ul>`}
${runs.length > 0 && html`<ul class="rows">${runs.slice(0, 8).map(run => runRow(page, repository, run))}</ul>`}
</section>`
})}
</div>`
}
