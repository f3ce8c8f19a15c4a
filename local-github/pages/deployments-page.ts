import type { Repository } from '../model.ts'
import { html, type Html } from './html.ts'
import { emptyState, mark, pill, shortSha, type Page } from './layout.ts'
import { durationBetween, lookOfState, timeInWords } from './words.ts'

export function renderDeployments(page: Page, repository: Repository): Html {
  const { store } = page.site.github
  const environments = store.environments.filter(environment => environment.repositoryId === repository.id)
  const deployments = store.deployments.filter(deployment => deployment.repositoryId === repository.id).reverse()
  const names = [
    ...new Set([
      ...environments.map(environment => environment.name),
      ...deployments.map(deployment => deployment.environment),
    ]),
  ]
  const statusesOf = (id: number) => store.deploymentStatuses.filter(status => status.deploymentId === id)
  return html`<div class="column"><h1>Deployments</h1>
${
  names.length === 0 &&
  emptyState(
    'No environment yet',
    html`A job with <code>environment:</code> makes one, and records its deployments here.`,
  )
}
${names.map(name => {
  const environment = environments.find(candidate => candidate.name === name)
  const own = deployments.filter(deployment => deployment.environment === name)
  return html`<section class="card" id="environment-${name}"><h2 class="card-title">${name} <span class="quiet">${
    environment && environment.reviewers.length > 0
      ? `reviewers: ${environment.reviewers.join(', ')}`
      : 'no reviewer needed'
  }</span></h2>
${own.length === 0 && html`<p class="quiet inset">Nothing was deployed here yet.</p>`}
${
  own.length > 0 &&
  html`<ul class="rows">${own.map((deployment, index) => {
    const statuses = statusesOf(deployment.id)
    const newest = statuses.at(-1)
    const look = lookOfState(newest?.state ?? 'pending')
    const href = page.target(newest?.environmentUrl ?? null)
    const log = page.target(newest?.logUrl ?? null)
    return html`<li class="row" id="deployment-${deployment.id}">${mark(look)}<span class="row-main"><span class="row-title">${deployment.description || deployment.ref} ${
      index === 0 && look.mood === 'good' && pill({ mood: 'good', word: 'active' })
    }</span>
<span class="quiet">${shortSha(page, repository, deployment.sha)} by ${page.account(deployment.creatorId).login}, ${timeInWords(deployment.createdAt)}${
      href !== undefined && html` · <a href="${href}">visit</a>`
    }${log !== undefined && html` · <a href="${log}">log</a>`}</span>
<span class="quiet">${statuses.map(status => lookOfState(status.state).word).join(' → ')}</span></span>
<span class="row-end quiet">${newest !== undefined && look.mood !== 'wait' && look.mood !== 'busy' && durationBetween(deployment.createdAt, newest.createdAt)}</span></li>`
  })}</ul>`
}</section>`
})}</div>`
}
