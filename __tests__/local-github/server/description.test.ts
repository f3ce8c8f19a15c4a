import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Violation } from '../../../local-github/local-github.ts'
import { openDescription } from '../../../local-github/server/description.ts'
import { compileTemplates } from '../../../local-github/server/path-template.ts'
import { json } from '../../../local-github/server/reply.ts'
import { openScene, owner, repo } from './scene.ts'
import type { Scene } from './scene.ts'

let scene: Scene
let seen = 0

beforeAll(async () => {
  scene = await openScene()
})

afterAll(async () => {
  await scene.close()
})

const newViolations = (): Omit<Violation, 'at'>[] => {
  const found = scene.github.violations.slice(seen).map(({ route, side, problem }) => ({ route, side, problem }))
  seen = scene.github.violations.length
  return found
}

const call = (method: string, path: string, body?: unknown): Promise<Response> =>
  fetch(`${scene.github.apiUrl}/repos/${owner}/${repo}${path}`, {
    method,
    headers: { authorization: `Bearer ${scene.token('bob')}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })

describe('R14: a request that GitHub does not describe is a violation', () => {
  it.each<[string, string, string, unknown, number, string]>([
    ['an unknown property', 'POST', '/issues', { title: 'x', titel: 'y' }, 201, 'the body: unknown property titel'],
    ['a wrong type', 'POST', '/issues', { title: ['x'] }, 422, '/title must be string'],
    ['a missing property', 'POST', '/issues', {}, 422, "the body must have required property 'title'"],
    ['a wrong value', 'POST', '/statuses/main', { state: 'green' }, 422, '/state must be equal to one of'],
    ['an unknown query name', 'GET', '/issues?perpage=5', undefined, 200, 'unknown query name perpage'],
    ['a wrong query value', 'GET', '/issues?state=shut', undefined, 422, '/state must be equal to one of'],
    ['a query value of the wrong type', 'GET', '/issues?per_page=many', undefined, 422, '/per_page must be integer'],
  ])('%s', async (_name, method, path, body, status, problem) => {
    expect((await call(method, path, body)).status).toBe(status)
    expect(newViolations()).toContainEqual(
      expect.objectContaining({ side: 'request', problem: expect.stringContaining(problem) }),
    )
  })

  it('a described operation that this server does not serve', async () => {
    expect((await call('GET', '/contributors')).status).toBe(501)
    expect(newViolations()).toEqual([expect.objectContaining({ route: 'GET /repos/{owner}/{repo}/contributors' })])
  })

  it('and one that is right is none', async () => {
    await call('POST', '/issues', { title: 'x', labels: ['a'] })
    expect(newViolations()).toEqual([])
  })
})

describe('R14: an answer that GitHub does not describe is a violation', () => {
  const { checkResponse } = openDescription()
  const route = 'GET /repos/{owner}/{repo}/labels/{name}'
  const label = {
    id: 1,
    node_id: 'x',
    url: 'http://127.0.0.1/x',
    name: 'a',
    color: 'fff',
    default: false,
    description: null,
  }

  it.each<[string, number, unknown, string[]]>([
    ['nothing wrong', 200, label, []],
    ['an unknown property', 200, { ...label, colour: 'red' }, ['the body: unknown property colour']],
    ['a missing property', 200, { ...label, name: undefined }, ["the body must have required property 'name'"]],
    ['a null where none may be', 200, { ...label, color: null }, ['/color must be string']],
    ['an address that is none', 200, { ...label, url: 'nowhere' }, ['/url must match format "uri"']],
    ['a status that is not described', 418, {}, ['status 418 is not documented']],
    ['an error without a message in it', 404, { text: 'x' }, ['the body: unknown property text']],
  ])('%s', (_name, status, body, problems) => {
    expect(checkResponse(route, json(status, body))).toEqual(problems)
  })

  it('whatever a route answers', async () => {
    const label = scene.github.store.labels.insert({
      repositoryId: scene.repository.id,
      name: 'broken',
      color: 'x',
      description: null,
    })
    scene.github.store.labels.update(label.id, { color: 5 as unknown as string })
    await call('GET', '/labels/broken')
    expect(newViolations()).toEqual([{ route, side: 'response', problem: '/color must be string' }])
  })

  it('but not what a fault has spoilt', async () => {
    scene.github.faults.add({ match: route, kind: 'truncated-json' })
    await call('GET', '/labels/broken?what=ever')
    expect(newViolations()).toEqual([])
  })
})

describe('a path', () => {
  const match = compileTemplates(openDescription().routes)

  it.each([
    ['/repos/a/b/commits/main/status', 'GET /repos/{owner}/{repo}/commits/{ref}/status', { ref: 'main' }],
    [
      '/repos/a/b/commits/feature/x/check-runs',
      'GET /repos/{owner}/{repo}/commits/{ref}/check-runs',
      { ref: 'feature/x' },
    ],
    ['/repos/a/b/contents/dir/file.txt', 'GET /repos/{owner}/{repo}/contents/{path}', { path: 'dir/file.txt' }],
    ['/repos/a/b/contents', 'GET /repos/{owner}/{repo}/contents/{path}', { path: '' }],
    ['/repos/a/b/git/ref/heads%2Ffeature%2Fx', 'GET /repos/{owner}/{repo}/git/ref/{ref}', { ref: 'heads/feature/x' }],
    ['/repos/a/b/compare/x/y...z', 'GET /repos/{owner}/{repo}/compare/{basehead}', { basehead: 'x/y...z' }],
    ['/repos/a/b/releases/latest', 'GET /repos/{owner}/{repo}/releases/latest', {}],
    ['/repos/a/b/branches/x/protection', 'GET /repos/{owner}/{repo}/branches/{branch}/protection', { branch: 'x' }],
  ])('%s is %s', (path, route, params) => {
    expect(match('GET', path)).toEqual({ route, params: { owner: 'a', repo: 'b', ...params } })
  })
})
