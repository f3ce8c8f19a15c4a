import type { Repository } from '../model.ts'
import { checksOf } from './checks-of.ts'
import { branchesOf, commitsOf, fileAt } from './git-history.ts'
import { html, type Html } from './html.ts'
import { emptyState, mark, shortSha, type Page } from './layout.ts'
import { pageOf } from './links.ts'
import { pullRow } from './pulls-page.ts'
import { noRunYet, runRow } from './runs-page.ts'
import { timeInWords } from './words.ts'

export async function renderRepository(page: Page, repository: Repository): Promise<Html> {
  const { github } = page.site
  const folder = github.gitFolder(repository.id)
  const branches = await branchesOf(folder)
  const rows = await Promise.all(
    branches.map(async branch => ({ branch, commit: (await commitsOf(folder, branch.sha, 1))[0] })),
  )
  const isDefault = ({ branch }: (typeof rows)[number]) => branch.name === repository.defaultBranch
  rows.sort(
    (a, b) => Number(isDefault(b)) - Number(isDefault(a)) || (b.commit?.at ?? '').localeCompare(a.commit?.at ?? ''),
  )
  const pulls = github.store.issues
    .filter(issue => issue.repositoryId === repository.id && issue.pullRequest !== undefined)
    .reverse()
  const runs = github.store.runs.filter(run => run.repositoryId === repository.id).reverse()
  const readme = await fileAt(folder, repository.defaultBranch, 'README.md')
  return html`<div class="column">
<h1>${repository.fullName}</h1>
${repository.description !== '' && html`<p class="quiet">${repository.description}</p>`}
<section id="branches"><h2>Branches</h2>
${
  rows.length === 0
    ? emptyState(
        'This repository is empty',
        html`Push to it: <code>git push ${github.url}/${repository.fullName}.git HEAD:main</code>`,
      )
    : html`<ul class="rows card">${rows.map(({ branch, commit }) => {
        const look = checksOf(github, repository, branch.sha).look
        return html`<li class="row" id="branch-${branch.name}">${look ? mark(look) : html`<span class="dot none" aria-hidden="true"></span>`}
<span class="row-main"><span><a class="row-title" href="${page.link(`${pageOf.commits(repository.fullName)}#branch-${branch.name}`)}">${branch.name}</a>${
          branch.name === repository.defaultBranch && html` <span class="tag">default</span>`
        }</span><span class="quiet">${commit?.subject}</span></span>
<span class="row-end">${shortSha(page, repository, branch.sha)} <span class="quiet">${commit && timeInWords(commit.at)}</span></span></li>`
      })}</ul>`
}</section>
${pulls.length > 0 && html`<section id="pulls"><h2>Pull requests</h2><ul class="rows card">${pulls.slice(0, 10).map(pull => pullRow(page, repository, pull))}</ul></section>`}
${runs.length > 0 && html`<section id="runs"><h2>Runs</h2><ul class="rows card">${runs.slice(0, 10).map(run => runRow(page, repository, run))}</ul></section>`}
${rows.length > 0 && pulls.length + runs.length === 0 && noRunYet()}
${readme !== null && html`<section id="readme"><h2>README.md</h2><div class="card md inset">${page.markdown(readme, { kind: 'file', scope: 'readme', topHeading: 3 })}</div></section>`}
</div>`
}
