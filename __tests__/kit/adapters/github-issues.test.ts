import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { ApiError } from '../../../kit/errors.ts'
import type { StandingIssue } from '../../../kit/ports.ts'
import { markIssue } from '../../../kit/report/issue.ts'
import { ALL, openApiScene, owner, repo, type ApiScene } from './github-scene.ts'

let scene: ApiScene

beforeAll(async () => {
  scene = await openApiScene()
})
afterAll(() => scene.close())
afterEach(() => expect(scene.github.violations).toEqual([]))

const digestOf = (letter: string) => letter.repeat(64)

/** Each test has a key of its own. */
const drift = (key: string, letter: string, changes: Partial<StandingIssue> = {}): StandingIssue => ({
  ...{ action: 'terraform-drift', key, label: 'drift', title: `Drift in ${key}`, digest: digestOf(letter) },
  body: () => `text ${letter}`,
  ...changes,
})
const gone = (key: string) => ({ action: 'terraform-drift', key, label: 'drift', comment: 'The drift is gone.' })
const stored = (key: string) => scene.github.store.issues.filter(({ title }) => title === `Drift in ${key}`)
const theOne = (key: string) => {
  const [issue, ...others] = stored(key)
  if (issue === undefined || others.length > 0) throw new Error(`${others.length + 1} issues of ${key}`)
  return issue
}
const at = (key: string) => ({ owner, repo, issue_number: theOne(key).number })
const commentsOf = (key: string) =>
  scene.github.store.comments.filter(({ issueNumber }) => issueNumber === theOne(key).number).map(({ body }) => body)
const writesOf = async (work: () => Promise<{ outcome: string }>) => {
  const before = scene.routes().length
  const { outcome } = await work()
  const writes = scene
    .routes()
    .slice(before)
    .filter(route => !route.startsWith('GET') && route !== 'POST /graphql')
  return [outcome, writes.map(route => route.replace('/repos/{owner}/{repo}', ''))]
}

describe('a standing issue', () => {
  it('R18: is opened, left, updated, closed with a comment and opened again, with one write each', async () => {
    const { api } = scene.job()
    expect(await writesOf(() => api.issues.raise(drift('story', 'a')))).toEqual(['opened', ['POST /issues']])
    expect(theOne('story')).toMatchObject({ state: 'open', labels: ['drift'] })
    expect(theOne('story').body).toBe(
      `<!-- slipway:terraform-drift key=story run=50 attempt=1 -->\n<!-- digest=${digestOf('a')} -->\ntext a`,
    )
    const before = scene.routes().length
    expect((await api.issues.raise(drift('story', 'a'))).outcome).toBe('unchanged')
    expect(scene.routes().slice(before)).toEqual(['GET /repos/{owner}/{repo}/issues'])
    const update = 'PATCH /issues/{issue_number}'
    expect(await writesOf(() => api.issues.raise(drift('story', 'b')))).toEqual(['updated', [update]])
    expect(await writesOf(() => api.issues.resolve(gone('story')))).toEqual([
      'closed',
      [update, 'POST /issues/{issue_number}/comments'],
    ])
    expect(theOne('story')).toMatchObject({ state: 'closed', stateReason: 'completed' })
    expect(theOne('story').body).toMatch(/\n<!-- digest=gone -->\ntext b$/)
    expect(commentsOf('story')).toEqual(['The drift is gone.'])
    expect(await writesOf(() => api.issues.resolve(gone('story')))).toEqual(['absent', []])
    expect(await writesOf(() => api.issues.raise(drift('story', 'b')))).toEqual(['reopened', [update]])
    expect(theOne('story')).toMatchObject({ state: 'open', stateReason: 'reopened' })
  })

  it('that was never opened is not closed', async () => {
    expect(await writesOf(() => scene.job().api.issues.resolve(gone('never')))).toEqual(['absent', []])
  })

  it('closed by a person as not planned rests until something else is the matter, and as completed does not', async () => {
    const { api } = scene.job()
    const close = (state_reason: 'completed' | 'not_planned') =>
      scene.as('bob').issues.update({ ...at('rest'), state: 'closed', state_reason })
    await api.issues.raise(drift('rest', 'a'))
    await close('not_planned')
    expect(await writesOf(() => api.issues.raise(drift('rest', 'a')))).toEqual(['dismissed', []])
    expect((await api.issues.raise(drift('rest', 'b'))).outcome).toBe('reopened')
    await close('completed')
    expect((await api.issues.raise(drift('rest', 'b'))).outcome).toBe('reopened')
    // Gone in the meantime, and back: that is news, although it looks as before.
    await close('not_planned')
    expect((await api.issues.resolve(gone('rest'))).outcome).toBe('closed')
    expect(commentsOf('rest')).toEqual([])
    expect((await api.issues.raise(drift('rest', 'b'))).outcome).toBe('reopened')
  })

  it('R3: is found on a later page, and what a race made twice is closed', async () => {
    const { api } = scene.job()
    await Promise.all([1, 2].map(() => scene.job().api.issues.raise(drift('raced', 'a'))))
    const { store } = scene.github
    const [first] = stored('raced')
    for (let index = 0; index < 130; index++) {
      const { id: _, ...copy } = { ...first!, number: 1_000 + index, title: 'other', body: 'other' }
      store.issues.insert(copy)
    }
    expect((await api.issues.raise(drift('raced', 'a'))).outcome).toBe('unchanged')
    expect(stored('raced').map(({ state }) => state)).toEqual([
      'open',
      ...stored('raced')
        .slice(1)
        .map(() => 'closed'),
    ])
    expect(
      stored('raced')
        .slice(1)
        .every(({ stateReason }) => stateReason === 'not_planned'),
    ).toBe(true)
  })

  it('R1: by somebody else is left as it is, and one warning is given', async () => {
    const marker = { action: 'terraform-drift', key: 'forged', runId: 999, runAttempt: 1 }
    const title = 'Drift in forged'
    await scene
      .as('bob')
      .issues.create({ owner, repo, title, body: markIssue(marker, digestOf('a'), 'x'), labels: ['drift'] })
    const { api, log } = scene.job()
    expect((await api.issues.raise(drift('forged', 'a'))).outcome).toBe('opened')
    expect(stored('forged').map(({ body }) => body?.split('\n').at(-1))).toEqual(['x', 'text a'])
    expect(log.warnings).toEqual([expect.stringMatching(/carries our marker; it was left alone: \S+ by bob$/)])
  })

  it('of a newer run is not overwritten by an older one', async () => {
    await scene.job({ runId: 60 }).api.issues.raise(drift('newer', 'a'))
    const old = scene.job({ runId: 59 }).api.issues
    expect(await writesOf(() => old.raise(drift('newer', 'b')))).toEqual(['outdated', []])
    expect(await writesOf(() => old.resolve(gone('newer')))).toEqual(['outdated', []])
  })

  it('R10: holds no secret, and R19: no more than GitHub takes', async () => {
    const { api } = scene.job({}, { secrets: ['hunter22'] })
    const long = drift('long', 'a', {
      title: `Drift in long hunter22 ${'x'.repeat(400)}`,
      body: ({ characters }) => `hunter22\n${'😀\n'.repeat(characters)}`,
    })
    await api.issues.raise(long)
    const issue = scene.github.store.issues.find(({ title }) => title.startsWith('Drift in long'))
    expect(Array.from(issue?.title ?? '').length).toBeLessThanOrEqual(256)
    expect(Array.from(issue?.body ?? '').length).toBeLessThanOrEqual(65_536)
    expect(`${issue?.title}${issue?.body}`).not.toContain('hunter22')
  })

  it('that is locked is closed all the same, and the comment that fails is a warning', async () => {
    const { api, log } = scene.job()
    await api.issues.raise(drift('locked', 'a'))
    scene.github.faults.add({
      match: 'POST /repos/{owner}/{repo}/issues/{issue_number}/comments',
      kind: 'bad-gateway-before',
      times: 99,
    })
    expect((await api.issues.resolve(gone('locked'))).outcome).toBe('closed')
    scene.github.faults.clear()
    expect(theOne('locked').state).toBe('closed')
    expect(log.warnings).toEqual([
      expect.stringMatching(/is closed, but the comment that says why could not be written/),
    ])
  })

  it('that lost its label is no longer ours: another one is opened', async () => {
    const { api } = scene.job()
    await api.issues.raise(drift('unlabelled', 'a'))
    await scene.as('bob').issues.removeAllLabels(at('unlabelled'))
    expect((await api.issues.raise(drift('unlabelled', 'a'))).outcome).toBe('opened')
  })
})

describe('an issue that cannot be written', () => {
  const failureOf = async (work: Promise<unknown>) => {
    const error = await work.then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    if (!(error instanceof ApiError)) throw new Error(`no ApiError: ${String(error)}`)
    return error
  }

  it('R29: for lack of permission names the line to add', async () => {
    const { issues: _, ...others } = ALL
    const reading = scene.job({}, { permissions: { ...others, issues: 'read' } }).api.issues
    expect(await failureOf(reading.raise(drift('refused', 'a')))).toMatchObject({ permission: 'issues: write' })
    await scene.job().api.issues.raise(drift('refused', 'a'))
    expect(await failureOf(reading.raise(drift('refused', 'b')))).toMatchObject({ permission: 'issues: write' })
    expect(await failureOf(reading.resolve(gone('refused')))).toMatchObject({ permission: 'issues: write' })
    expect(theOne('refused')).toMatchObject({ state: 'open' })
    const contents = scene.job({}, { permissions: { contents: 'read' } }).api.issues
    expect(await failureOf(contents.raise(drift('refused', 'a')))).toMatchObject({ permission: 'issues: write' })
  })

  it('where the repository has none says so, as a fork begins', async () => {
    await scene.as('alice').repos.update({ owner, repo, has_issues: false })
    const error = await failureOf(scene.job().api.issues.raise(drift('forked', 'a')))
    expect(error.message).toBe('this repository has no issues, so none can be opened')
    expect(error.hint).toMatch(/^Turn "Issues" on/)
    await scene.as('alice').repos.update({ owner, repo, has_issues: true })
  })
})
