import { describe, expect, it } from '@jest/globals'
import { main } from '../../../actions/build-tag/src/main.ts'
import { ActionError } from '../../../kit/errors.ts'
import { buildTag, COMPOSE, digestOf, fakeDocker, makeInputs, makeWorld, SHA } from './shop.ts'

const PINNED = COMPOSE.replaceAll('4-0a3087a', `5-1b4c2de@${digestOf('d')}`)

describe('build-tag', () => {
  it('builds, pushes and commits every service that has a build', async () => {
    const { outputs, exec, branch, log, summary } = await buildTag()
    expect(branch.files.get('docker-compose.yml')).toBe(PINNED)
    expect(outputs).toEqual({
      tag: '5-1b4c2de',
      images: 'registry.example:5000/shop/backend:5-1b4c2de\nregistry.example:5000/shop/frontend:5-1b4c2de',
      digests: `registry.example:5000/shop/backend@${digestOf('d')}\nregistry.example:5000/shop/frontend@${digestOf('d')}`,
      'changed-services': 'backend\nfrontend',
      'updated-files': 'docker-compose.yml',
      'commit-sha': 'c'.repeat(40),
      superseded: '',
    })
    expect(exec.lines()).toEqual([
      `docker build --tag registry.example:5000/shop/backend:5-1b4c2de --file /workspace/backend/Dockerfile --label org.opencontainers.image.revision=${SHA} --label org.opencontainers.image.source=https://github.example/acme/shop -- /workspace/backend`,
      `docker build --tag registry.example:5000/shop/frontend:5-1b4c2de --file /workspace/frontend/web.Dockerfile --target serve --build-arg API=/api --build-arg TOKEN --label org.opencontainers.image.revision=${SHA} --label org.opencontainers.image.source=https://github.example/acme/shop -- /workspace/frontend`,
      'docker push -- registry.example:5000/shop/backend:5-1b4c2de',
      'docker push -- registry.example:5000/shop/frontend:5-1b4c2de',
    ])
    expect(log.notices).toEqual(['shop: backend 4-0a3087a → 5-1b4c2de, frontend 4-0a3087a → 5-1b4c2de'])
    expect(summary.text()).toMatchInlineSnapshot(`
     "✅ **shop**: backend 4-0a3087a → 5-1b4c2de, frontend 4-0a3087a → 5-1b4c2de · \`docker-compose.yml\`

     | service | before | now | where | digest |
     |---|---|---|---|---|
     | backend | \`4-0a3087a\` | \`5-1b4c2de\` | \`docker-compose.yml:5\` | \`sha256:dddddddddddd\` |
     | frontend | \`4-0a3087a\` | \`5-1b4c2de\` | \`docker-compose.yml:14\` | \`sha256:dddddddddddd\` |

     2 values replaced; every other byte of the file is as it was, by a comparison after the edit.

     <sub>1b4c2de · run 5 · commit ccccccc</sub>"
    `)
    expect(branch.made).toEqual([
      expect.objectContaining({
        branch: 'integration',
        headline: 'Run backend, frontend as 5-1b4c2de',
        body: [
          `backend: registry.example:5000/shop/backend:5-1b4c2de@${digestOf('d')}, before 4-0a3087a`,
          `frontend: registry.example:5000/shop/frontend:5-1b4c2de@${digestOf('d')}, before 4-0a3087a`,
          `Source-Commit: ${SHA}`,
          'Run: https://github.example/acme/shop/actions/runs/99/attempts/1',
        ].join('\n'),
      }),
    ])
  })

  it('touches only the services that it is given', async () => {
    const { outputs, branch } = await buildTag({ services: 'backend' })
    expect(outputs['changed-services']).toBe('backend')
    expect(branch.files.get('docker-compose.yml')).toBe(COMPOSE.replace('4-0a3087a #', `5-1b4c2de@${digestOf('d')} #`))
  })

  it('writes the file in the workspace and makes no commit with "commit: none"', async () => {
    const { outputs, files, branch } = await buildTag({ commit: 'none' }, { run: { ref: 'refs/pull/1/merge' } })
    expect(Buffer.from(files.content.get('/workspace/docker-compose.yml')!).toString()).toBe(PINNED)
    expect(branch.made).toEqual([])
    expect(outputs).toMatchObject({ 'commit-sha': '', 'updated-files': 'docker-compose.yml' })
  })

  it.each([
    ['push', { push: 'false' }, 'built as 5-1b4c2de, not pushed; no file changed'],
    ['update-files', { 'update-files': 'false' }, 'built as 5-1b4c2de and pushed; no file changed'],
  ])('changes no file without "%s"', async (_, given, said) => {
    const { outputs, branch, log, exec } = await buildTag(given, { run: { ref: 'refs/tags/v1' } })
    expect(branch.made).toEqual([])
    expect(outputs).toMatchObject({ 'changed-services': '', 'updated-files': '', 'commit-sha': '' })
    expect(log.notices[0]).toContain(said)
    expect(exec.lines().some(line => line.includes('push'))).toBe(!('push' in given))
  })

  it('writes the tag alone with "digest-pin: false", and takes an old digest away', async () => {
    const { branch } = await buildTag({ 'digest-pin': 'false' }, { compose: PINNED.replaceAll('5-1b', '4-1b') })
    expect(branch.files.get('docker-compose.yml')).toBe(COMPOSE.replaceAll('4-0a3087a', '5-1b4c2de'))
  })

  it('R23: a no-op makes no commit and points at the head that names the images', async () => {
    const { outputs, branch, log } = await buildTag({}, { compose: PINNED })
    expect(branch.made).toEqual([])
    expect(outputs).toMatchObject({ 'changed-services': '', 'commit-sha': 'a'.repeat(40), superseded: '' })
    expect(log.notices).toEqual(['shop: backend unchanged at 5-1b4c2de, frontend unchanged at 5-1b4c2de'])
  })

  it('R21: an older run leaves the tag of a newer one, and says so', async () => {
    const { outputs, branch, log, summary } = await buildTag(
      { services: 'backend' },
      { head: { 'docker-compose.yml': COMPOSE.replace('4-0a3087a #', '12-fffffff #') } },
    )
    expect(branch.made).toEqual([])
    expect(outputs).toMatchObject({ superseded: 'backend', 'changed-services': '', 'commit-sha': '' })
    expect(log.warnings[0]).toContain("a newer run's tag stands in docker-compose.yml and stays")
    expect(summary.text()).toContain('⚠️ **shop**: backend stays at 12-fffffff, which is newer than 5-1b4c2de')
  })

  it('R21: numbers are compared, not texts, and only in tags of the same form', async () => {
    const head = (tag: string) => ({ head: { 'docker-compose.yml': COMPOSE.replace('4-0a3087a #', `${tag} #`) } })
    const changed = async (tag: string, given = {}) =>
      (await buildTag({ services: 'backend', ...given }, { ...head(tag), run: { runNumber: 10 } })).outputs[
        'changed-services'
      ]
    expect(await changed('9-fffffff')).toBe('backend')
    expect(await changed('11-fffffff')).toBe('')
    expect(await changed('11-fffffff', { 'allow-downgrade': 'true' })).toBe('backend')
    expect(await changed('11-rc.1')).toBe('backend')
    expect(await changed('latest')).toBe('backend')
  })

  it('R21: the head that is there counts, not what is checked out', async () => {
    const other = COMPOSE.replace('# The shop', '# Another team wrote here').replace(/frontend:4/, 'frontend:7')
    const { branch } = await buildTag({ services: 'backend' }, { head: { 'docker-compose.yml': other } })
    expect(branch.files.get('docker-compose.yml')).toBe(other.replace('4-0a3087a #', `5-1b4c2de@${digestOf('d')} #`))
  })

  it('reads the digest from what the engine keeps when docker push does not say it', async () => {
    const exec = fakeDocker('e', ({ args }) => {
      if (args[0] === 'push') return { stdout: 'done\n' }
      const listed = [`mirror/backend@${digestOf('1')}`, `registry.example:5000/shop/backend@${digestOf('e')}`]
      return args[0] === 'image' ? { stdout: JSON.stringify(listed) } : {}
    })
    const { outputs } = await buildTag({ services: 'backend' }, { exec })
    expect(outputs.digests).toBe(`registry.example:5000/shop/backend@${digestOf('e')}`)
  })

  it('writes nothing when a push fails, and nothing without a digest to pin', async () => {
    const failing = makeWorld({
      exec: fakeDocker('d', ({ args }) => (args[0] === 'push' ? { exitCode: 1 } : undefined)),
    })
    await expect(main(makeInputs(), failing)).rejects.toThrow('docker push')
    const silent = makeWorld({ exec: fakeDocker('d', ({ args }) => (args[0] === 'build' ? {} : { stdout: '[]' })) })
    await expect(main(makeInputs(), silent)).rejects.toThrow('docker does not tell its digest')
    expect([...failing.branch.made, ...silent.branch.made]).toEqual([])
  })

  it('keeps what was pushed in the outputs when the commit fails', async () => {
    const world = makeWorld({ head: {} })
    const error = await main(makeInputs(), world).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ActionError)
    expect((error as ActionError).message).toBe('docker-compose.yml is not on the branch integration')
    expect((error as ActionError).outputs).toMatchObject({ tag: '5-1b4c2de', 'commit-sha': '' })
  })

  it('R11: a build argument without a value is named only, so that its value is in no command line', async () => {
    const { exec } = await buildTag({ services: 'frontend' })
    expect(exec.lines()[0]).toContain('--build-arg TOKEN --label')
  })

  it('builds once for services that share an image, and tells who moves with it', async () => {
    const compose = `x-app: &app
  image: shop/app:1-0000000
  build: backend
services:
  web:
    <<: *app
  worker: { <<: [*app], command: work }
  cron: { image: shop/app:1-0000000 }
`
    const { exec, branch, summary } = await buildTag({ services: 'web\ncron' }, { compose })
    expect(exec.lines().filter(line => line.startsWith('docker build'))).toHaveLength(1)
    expect(branch.files.get('docker-compose.yml')).toBe(compose.replaceAll('1-0000000', `5-1b4c2de@${digestOf('d')}`))
    expect(summary.text()).toContain('web (also worker)')
  })
})
