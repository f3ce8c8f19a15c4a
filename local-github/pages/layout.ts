import type { LocalGitHub } from '../local-github.ts'
import type { Account, Repository, Time } from '../model.ts'
import type { Html } from './html.ts'
import { html, type Piece } from './html.ts'
import { pageForPath, pageOf, relativeLink, shortFormOf } from './links.ts'
import { renderMarkdown, type MarkdownPlace } from './markdown.ts'
import type { Look } from './words.ts'

export interface Site {
  readonly github: LocalGitHub
  /** Served by the running server: pages update by themselves. */
  readonly live: boolean
  /** Markdown for the top of the home page: what was real and what stood in. */
  readonly note: string | undefined
  /** The clock's time when the site was made, for durations of what still runs. */
  readonly now: Time
  /** Commits with a page, by repository: found once for a site that is written. */
  readonly commits: Map<number, ReadonlySet<string>>
}

/** A page being made: knows where it lies, so that its links work from disk. */
export class Page {
  readonly site: Site
  readonly path: string
  readonly repository: Repository | undefined
  readonly #commits = new Map<string, string[]>()

  constructor(site: Site, path: string, repository?: Repository, commits: Iterable<string> = []) {
    this.site = site
    this.path = path
    this.repository = repository
    for (const sha of commits) {
      const alike = this.#commits.get(sha.slice(0, 7))
      if (alike) alike.push(sha)
      else this.#commits.set(sha.slice(0, 7), [sha])
    }
  }

  link(to: string): string {
    return relativeLink(this.path, to)
  }

  markdown(text: string, place: Pick<MarkdownPlace, 'kind' | 'scope' | 'topHeading'>): Html {
    const { github } = this.site
    const here = this.repository?.fullName
    return renderMarkdown(text, {
      ...place,
      resolveLink: url => {
        if (url !== github.url && !url.startsWith(`${github.url}/`)) return undefined
        const page = pageForPath(url.slice(github.url.length))
        const short = page === undefined ? undefined : shortFormOf(page, here)
        return page === undefined ? undefined : { href: this.link(page), ...(short === undefined ? {} : { short }) }
      },
      issue: (name = here, number) => {
        const repository = github.store.repositories.find(candidate => candidate.fullName === name)
        const found =
          repository &&
          github.store.issues.find(issue => issue.repositoryId === repository.id && issue.number === number)
        return found && name !== undefined ? this.link(pageOf.pull(name, number)) : undefined
      },
      commit: sha => {
        const found = this.#commits.get(sha.slice(0, 7))?.filter(known => known.startsWith(sha)) ?? []
        return here !== undefined && found[0] !== undefined && found.length === 1
          ? this.link(pageOf.commit(here, found[0]))
          : undefined
      },
      isAccount: login => github.store.accounts.find(account => account.login === login) !== undefined,
    })
  }

  /** A link to a target that some step wrote down: a page of ours, or an http address, or nothing. */
  target(url: string | null): string | undefined {
    if (url === null || url === '') return undefined
    const base = this.site.github.url
    const page = url.startsWith(`${base}/`) ? pageForPath(url.slice(base.length)) : undefined
    if (page !== undefined) return this.link(page)
    return /^https?:\/\//.test(url) ? url : undefined
  }

  account(id: number): Account {
    const account = this.site.github.store.accounts.get(id)
    if (!account) throw new Error(`account ${id} is in a record but not in the store`)
    return account
  }
}

export type Tab = 'overview' | 'pulls' | 'actions' | 'commits' | 'deployments'

export function renderDocument(
  page: Page,
  options: { title: string; repository?: Repository; tab?: Tab; body: Piece },
): string {
  const { repository } = options
  const store = page.site.github.store
  const tabs: readonly (readonly [Tab, string, string, number | undefined])[] = repository
    ? [
        ['overview', 'Overview', pageOf.repository(repository.fullName), undefined],
        [
          'pulls',
          'Pull requests',
          pageOf.pulls(repository.fullName),
          store.issues.filter(issue => issue.repositoryId === repository.id && issue.pullRequest !== undefined).length,
        ],
        [
          'actions',
          'Actions',
          pageOf.runs(repository.fullName),
          store.runs.filter(run => run.repositoryId === repository.id).length,
        ],
        ['commits', 'Commits', pageOf.commits(repository.fullName), undefined],
        [
          'deployments',
          'Deployments',
          pageOf.deployments(repository.fullName),
          store.deployments.filter(deployment => deployment.repositoryId === repository.id).length,
        ],
      ]
    : []
  const root = relativeLink(page.path, 'style.css')
  return (
    '<!doctype html>\n' +
    html`<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${options.title}</title>
<link rel="stylesheet" href="${root}">
${page.site.live && html`<script type="module" src="${relativeLink(page.path, 'live.js')}"></script>`}
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header class="top">
<nav class="crumbs" aria-label="Place"><a class="mark" href="${page.link(pageOf.home())}">Local GitHub</a>${
      repository &&
      html`<span aria-hidden="true">/</span><a href="${page.link(pageOf.repository(repository.fullName))}">${repository.fullName}</a>`
    }</nav>
${
  tabs.length > 0 &&
  html`<nav class="tabs" aria-label="Repository">${tabs.map(
    ([tab, label, path, number]) =>
      html`<a href="${page.link(path)}"${tab === options.tab && html` aria-current="page"`}>${label}${number !== undefined && html` <span class="number">${number}</span>`}</a>`,
  )}</nav>`
}
</header>
<main id="main" tabindex="-1">
${options.body}
</main>
</body>
</html>
`.source
  )
}

/** The dot of a look. `beside` words that say the same, it is decoration; else a screen reader hears its word. */
export function mark(look: Look, place?: 'beside'): Html {
  return place === 'beside'
    ? html`<span class="dot ${look.mood}" aria-hidden="true"></span>`
    : html`<span class="dot ${look.mood}" role="img" aria-label="${look.word}"></span>`
}

export function pill(look: Look): Html {
  return html`<span class="pill ${look.mood}">${look.word}</span>`
}

export function avatar(account: Account): Html {
  const hue = [...account.login].reduce((sum, character) => (sum * 31 + character.charCodeAt(0)) % 360, 7)
  return html`<span class="avatar" style="--hue:${hue}" aria-hidden="true">${account.login.slice(0, 2).toUpperCase()}</span>`
}

export function login(account: Account): Html {
  return html`<strong>${account.login.replace(/\[bot\]$/, '')}</strong>${account.type === 'Bot' && html` <span class="tag">bot</span>`}`
}

export function shortSha(page: Page, repository: Repository, sha: string): Html {
  return html`<a class="sha" href="${page.link(pageOf.commit(repository.fullName, sha))}">${sha.slice(0, 7)}</a>`
}

export function emptyState(title: string, advice: Piece): Html {
  return html`<div class="empty"><p class="empty-title">${title}</p><p>${advice}</p></div>`
}
