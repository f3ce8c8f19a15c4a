import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { pageOf } from '../../../local-github/pages/links.ts'
import { servePages } from '../../../local-github/pages/live.ts'
import { renderPage, siteOf, writeSite } from '../../../local-github/pages/site.ts'
import { HOSTILE, makeScene, type Scene } from './scene.ts'

let scene: Scene
let folder: string

beforeAll(async () => {
  scene = await makeScene()
  folder = mkdtempSync(join(tmpdir(), 'site-'))
  await writeSite(siteOf(scene.github, { note: 'Played **here**.' }), folder)
})

afterAll(async () => {
  await scene.close()
  rmSync(folder, { recursive: true, force: true })
})

function files(): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.html'))
    .map(name => join(folder, name))
}

const read = (path: string) => readFileSync(join(folder, path), 'utf8')

describe('the site on disk', () => {
  it('holds no link that leads nowhere', () => {
    const broken = files().flatMap(file =>
      [...readFileSync(file, 'utf8').matchAll(/(?:href|src)="([^"#]+)(#[^"]*)?"/g)]
        .map(match => match[1] ?? '')
        .filter(target => !/^https?:/.test(target))
        .filter(target => !existsSync(resolve(dirname(file), target)))
        .map(target => `${file}: ${target}`),
    )
    expect(broken).toEqual([])
  })

  it('asks no network for anything', () => {
    for (const file of files()) expect(readFileSync(file, 'utf8')).not.toMatch(/<(script|img|iframe|link)[^>]+https?:/)
  })

  it('shows hostile titles, steps, logs and annotations as text', () => {
    for (const file of files()) {
      expect(readFileSync(file, 'utf8')).not.toMatch(/<img|<script|<b>bold|onerror=alert\(1\)>(?!&)/)
    }
    expect(read(pageOf.pull('acme/shop', scene.pullNumber))).toContain('&lt;img src=x onerror=alert(1)&gt;')
    expect(HOSTILE).toContain('onerror')
  })

  it('follows no address that is not http', () => {
    expect(read(pageOf.deployments('acme/shop'))).not.toContain('javascript:')
  })

  it('says of every colour what it means', () => {
    for (const file of files())
      for (const dot of readFileSync(file, 'utf8').match(
        /<span class="dot (good|bad|busy|wait|quiet)"[^>]*><\/span>(?:<strong>)?[^<]*/g,
      ) ?? [])
        expect(dot).toMatch(/aria-label="[^"]+"|aria-hidden="true"><\/span>(?: |<strong>)\w+/)
  })

  it('has one h1 on every page, and no heading that skips a level', () => {
    for (const file of files()) {
      const levels = [...readFileSync(file, 'utf8').matchAll(/<h([1-6])[ >]/g)].map(match => Number(match[1]))
      expect(levels.filter(level => level === 1)).toHaveLength(1)
      expect(levels.filter((level, index) => level > (levels[index - 1] ?? 0) + 1)).toEqual([])
    }
  })

  it('gives no id twice on a page', () => {
    for (const file of files()) {
      const ids = [...readFileSync(file, 'utf8').matchAll(/ id="([^"]*)"/g)].map(match => match[1])
      expect(ids).toEqual([...new Set(ids)])
    }
  })

  it('puts the note of the story on its first page', () => {
    expect(read(pageOf.home())).toContain('Played <strong>here</strong>.')
  })
})

describe('a pull request', () => {
  const page = () => read(pageOf.pull('acme/shop', scene.pullNumber))

  it('renders comments as GitHub does: folds, task lists and coloured differences, no script and no marker', () => {
    expect(page()).toContain('<details><summary>Changes 1</summary>')
    expect(page()).toContain(
      '<span class="diff-line removed">- size = 1</span><span class="diff-line added">+ size = 2</span>',
    )
    expect(page()).toMatch(/<input type="checkbox" checked disabled aria-label="Completed task">/)
    expect(page()).not.toContain('marker')
    expect(page()).not.toContain('<script')
  })

  it('turns links to the server into links between the pages, and leaves others', () => {
    expect(page()).toContain(`href="../../actions/runs/${scene.runId}/index.html">the run</a>`)
    expect(page()).toContain('href="https://example.com/" rel="nofollow"')
  })

  it('tells with each push what it brought, and beside the merge what the checks say', () => {
    expect(page()).toMatch(/<strong>Mira<\/strong> committed <a class="sha"[^>]*>[0-9a-f]{7}<\/a> Double the size/)
    const box = page().slice(page().indexOf('id="merge"'))
    for (const words of ['Plan / plan / plan dev', 'failed', '1 min 5 s', 'p95 120 ms', 'No conflict with'])
      expect(box).toContain(words)
  })

  it('shows its commits, its checks with statuses, and its files', () => {
    expect(read(pageOf.pullCommits('acme/shop', scene.pullNumber))).toContain('Double the size')
    const checks = read(pageOf.pullChecks('acme/shop', scene.pullNumber))
    expect(checks).toContain('Plan / plan / plan dev')
    expect(checks).toContain('p95 120 ms')
    const changes = read(pageOf.pullFiles('acme/shop', scene.pullNumber))
    expect(changes).toContain('<span class="sign" aria-hidden="true">+</span>size = 2')
    expect(changes).toContain('&lt;b&gt;')
  })
})

describe('a run', () => {
  it('shows its summary, annotations and what stood in', () => {
    const page = read(pageOf.run('acme/shop', scene.runId))
    expect(page).toContain('<td align="right">2</td>')
    expect(page).toContain('infra/main.tf:3')
    expect(page).toMatch(/<a class="row-title" href="[^"]*">plan \/ plan dev<\/a>/)
    expect(page).toContain('stand-in for actions/checkout')
  })

  it('shows the log of a failed step open, with groups folded and colours kept', () => {
    const page = read(pageOf.job('acme/shop', scene.runId, scene.job.id))
    expect(page).toMatch(/<details class="step" id="step-2" open>/)
    expect(page).toContain('<summary>Run terraform</summary>')
    expect(page).toMatch(/<div class="log-line command" id="step-2-4">.*<span class="text">git init<\/span>/)
    expect(page).toContain('<b>error:</b> It <span class="ansi-red">failed</span>')
  })
})

describe('the live site', () => {
  it('answers the addresses that GitHub would use, and tells open pages of a change', async () => {
    const { github } = scene
    const pages = servePages(github)
    const answer = await fetch(`${github.url}/acme/shop/pull/1`)
    expect(answer.url).toBe(`${github.url}/acme/shop/pull/1/`)
    expect(await answer.text()).toContain('live.js')
    expect((await fetch(`${github.url}/nobody/nothing`)).status).toBe(404)
    const aborter = new AbortController()
    const stream = await fetch(`${github.url}/_pages/changes`, { signal: aborter.signal })
    const reader = stream.body!.getReader()
    await reader.read()
    github.changed()
    expect(new TextDecoder().decode((await reader.read()).value)).toContain('event: change')
    aborter.abort()
    pages.close()
  })

  it('knows no page outside of its repositories', async () => {
    expect(await renderPage(siteOf(scene.github), 'acme/shop/../../etc/index.html')).toBeUndefined()
    expect(await renderPage(siteOf(scene.github), pageOf.commit('acme/shop', 'f'.repeat(40)))).toBeUndefined()
  })
})
