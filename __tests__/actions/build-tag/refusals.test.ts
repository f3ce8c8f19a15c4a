import { describe, expect, it } from '@jest/globals'
import { parseImageValue } from '../../../actions/build-tag/src/image-value.ts'
import { main } from '../../../actions/build-tag/src/main.ts'
import { explain } from '../../../kit/action.ts'
import { COMPOSE, digestOf, makeInputs, makeWorld, type Options } from './shop.ts'

/** What the user sees, and that nothing was built, pushed or written before. */
async function refusal(given: Readonly<Record<string, string>>, options: Options = {}): Promise<string> {
  const world = makeWorld(options)
  try {
    await main(makeInputs(given), world)
  } catch (thrown) {
    expect(world.branch.made).toEqual([])
    expect(world.exec.commands).toEqual([])
    expect(Buffer.from(world.files.content.get('/workspace/docker-compose.yml') ?? '').toString()).toBe(
      options.compose ?? COMPOSE,
    )
    return explain(thrown)
  }
  return 'nothing was refused'
}

const service = (lines: string) => ({ compose: `services:\n  backend:\n${lines.replace(/^/gm, '    ')}\n` })
const withImage = (image: string) => service(`build: backend\nimage: ${image}`)
const withBuild = (build: string) => service(`image: shop/backend:1\nbuild: ${build}`)

const CASES: readonly (readonly [string, Record<string, string>, Options, string])[] = [
  ['a service that is not there', { services: 'bakend' }, {}, 'has no service "bakend"\nDid you mean "backend"?'],
  [
    'a service twice',
    { services: 'backend\nbackend' },
    {},
    'input "services" is "backend\\nbackend": "backend" is there twice. Name each service once',
  ],
  [
    'a service with options',
    { services: 'backend --rm' },
    {},
    '"backend --rm" is no name of a service. Write the names',
  ],
  [
    'a service that nothing builds',
    { services: 'database' },
    {},
    'nothing in the list builds docker.io/library/postgres. Give database "build:"',
  ],
  ['a tag with an unknown field', { tag: '{build}' }, {}, 'input "tag" is "{build}": there is no field {build}'],
  ['R23: a tag with other characters', { tag: 'a;b' }, {}, 'input "tag" is "a;b": "a;b" cannot be in a tag'],
  [
    'a run number outside of a workflow',
    {},
    { run: { runNumber: 0 } },
    'input "tag" is "{run}-{sha:7}": {run} has no value outside of a workflow. Give the tag itself',
  ],
  ['a flag that is none', { push: 'yes' }, {}, 'input "push" is "yes": it is not a flag'],
  [
    'a way to commit that is none',
    { commit: 'git' },
    {},
    'input "commit" is "git": it is not a known value. Use one of "api", "none"',
  ],
  [
    'a run of no branch',
    {},
    { run: { ref: 'refs/tags/v1' } },
    'input "branch": it is empty, and this run is of refs/tags/v1, which is no branch',
  ],
  ['a whole ref', { branch: 'refs/heads/x' }, {}, 'input "branch" is "refs/heads/x": it is a whole ref'],
  ['a branch that git refuses', { branch: 'a..b' }, {}, 'input "branch" is "a..b": git allows no such name'],
  [
    'R22: a workflow',
    { 'compose-file': '.github/workflows/ci.yml' },
    {},
    'it leads to workflows, which the token of a job may not write',
  ],
  ["R22: git's own folder", { 'compose-file': 'a/.GIT/config' }, {}, "it leads into git's own folder"],
  ['R22: a file outside', { 'compose-file': 'a/../../x.yml' }, {}, 'it leads out of the repository'],
  ['R22: a file outside by the folder', { 'compose-file': '../docker-compose.yml' }, {}, 'there is no such file'],
  [
    'R22: a workflow by the folder',
    { 'compose-file': 'c.yml', 'working-directory': '.github/workflows' },
    { files: { '.github/workflows/c.yml': '' } },
    'it leads to workflows',
  ],
  [
    'a file that is not there',
    { 'compose-file': 'other.yml' },
    {},
    'input "compose-file" is "other.yml": there is no such file',
  ],
  [
    'no compose file',
    { 'working-directory': 'backend' },
    {},
    'there is none of compose.yaml, compose.yml, docker-compose.yaml, docker-compose.yml in backend',
  ],
  ['a file that is no YAML', {}, { compose: 'services: [' }, 'docker-compose.yml:1:12 is no YAML'],
  ['a file of something else', {}, { compose: 'jobs: {}\n' }, 'docker-compose.yml has no "services"'],
  ['two documents', {}, { compose: `${COMPOSE}---\n${COMPOSE}` }, 'docker-compose.yml holds several documents'],
  [
    'no service with a build',
    {},
    { compose: 'services: {a: {image: b}}\n' },
    'no service of docker-compose.yml has "build:"',
  ],
  ['a service without image', {}, service('build: backend'), 'docker-compose.yml:3:5: backend has no image to update'],
  ['an image that is empty', {}, service('build: backend\nimage:'), 'backend has no image to update'],
  [
    'R23: an image that is none',
    {},
    withImage('Shop/Backend:1'),
    'the image of backend, "Shop/Backend:1" cannot be used',
  ],
  [
    'a variable without default',
    {},
    withImage('shop/backend:${TAG}'),
    'docker-compose.yml:4:12: the image of backend, "shop/backend:${TAG}" cannot be used: the variable TAG in it decides what runs',
  ],
  ['several variables', {}, withImage('${REG:-x}/backend:${TAG:-1}'), 'REG, TAG in it decides what runs'],
  [
    'a build key that is not done',
    {},
    withBuild('{context: backend, secrets: [x]}'),
    'the build of backend cannot be used: it sets "secrets", which build-tag does not do',
  ],
  ['a build from elsewhere', {}, withBuild('https://example.com/x.git'), 'is not in the repository'],
  [
    'R25: a target that is an option',
    {},
    withBuild('{context: backend, target: --push}'),
    'its "target" "--push" looks like an option',
  ],
  [
    'a build argument from a variable',
    {},
    withBuild('{context: backend, args: {A: "${B}"}}'),
    'its "args.A" takes "${B}" from a variable\nGive the name alone, and the variable in "pass-env"',
  ],
  ['a folder without Dockerfile', {}, withBuild('./nowhere'), 'has no /workspace/nowhere/Dockerfile'],
  [
    'two builds of one image',
    { services: 'a\nb' },
    { compose: 'services:\n  a: {image: x, build: backend}\n  b: {image: x, build: frontend}\n' },
    'a and b build docker.io/library/x in two ways',
  ],
  [
    'a service twice in the file',
    { services: 'a' },
    { compose: 'services:\n  a: {image: x, build: backend}\n  a: {image: y}\n' },
    'docker-compose.yml:3:3: "a" is there twice\nRemove one of the two',
  ],
  [
    'an image twice in a service',
    { services: 'a' },
    { compose: 'services:\n  a: {image: x, image: y, build: backend}\n' },
    '"image" is there twice',
  ],
  ['a sealed file', {}, { compose: `${COMPOSE}sops: {mac: x}\n` }, 'is sealed by sops'],
  ['a compose tag', {}, withImage('!reset shop/backend:1'), 'the image of backend has the tag !reset'],
]

describe('bad input is refused before anything is done', () => {
  it.each(CASES)('%s', async (_, given, options, said) => {
    expect(await refusal(given, options)).toContain(said)
  })
})

describe('what the head of the branch says counts', () => {
  const commitTo = async (head: Record<string, string>, compose = COMPOSE) => {
    const world = makeWorld({ head, compose })
    const error = await main(makeInputs({ services: 'backend' }), world).catch((thrown: unknown) => thrown)
    expect(world.branch.made).toEqual([])
    return explain(error)
  }

  it('another image there is not replaced by ours', async () => {
    const other = COMPOSE.replace('registry.example:5000/shop/backend', 'registry.example:5000/store/backend')
    expect(await commitTo({ 'docker-compose.yml': other })).toContain(
      'docker-compose.yml:5: backend now runs registry.example:5000/store/backend, and registry.example:5000/shop/backend was built\nRun the job again on the newest commit',
    )
  })

  it('a service that went is an error', async () => {
    expect(await commitTo({ 'docker-compose.yml': 'services: {web: {image: x}}\n' })).toContain(
      'has no service "backend"',
    )
  })

  it('a default that .env beside the file decides is refused', async () => {
    const compose = COMPOSE.replace('backend:4-0a3087a', 'backend:${TAG:-4-0a3087a}')
    const said = await commitTo({ 'docker-compose.yml': compose, '.env': 'A=1\nexport TAG=7\n' }, compose)
    expect(said).toContain('the image of backend is decided by TAG in the .env file beside it\nRemove TAG from .env')
  })
})

describe('the form of a value is kept', () => {
  const next = { tag: '5-1b4c2de', digest: digestOf('d') }
  it.each([
    ['shop/web', `shop/web:5-1b4c2de@${next.digest}`],
    ['shop/web:1', `shop/web:5-1b4c2de@${next.digest}`],
    [`shop/web:1@${digestOf('a')}`, `shop/web:5-1b4c2de@${next.digest}`],
    [`shop/web@${digestOf('a')}`, `shop/web:5-1b4c2de@${next.digest}`],
    ['docker.io/shop/web:1', `docker.io/shop/web:5-1b4c2de@${next.digest}`],
    ['host:5000/web', `host:5000/web:5-1b4c2de@${next.digest}`],
    ['shop/web:${TAG:-1}', `shop/web:\${TAG:-5-1b4c2de@${next.digest}}`],
    ['shop/web:${TAG-}', `shop/web:\${TAG-5-1b4c2de@${next.digest}}`],
    ['host:5000/web:${TAG:-1}', `host:5000/web:\${TAG:-5-1b4c2de@${next.digest}}`],
    ['${IMAGE:-docker.io/a/b:latest}', `\${IMAGE:-docker.io/a/b:5-1b4c2de@${next.digest}}`],
  ])('%s', (value, after) => {
    expect(parseImageValue(value).write(next)).toBe(after)
    expect(parseImageValue(after).write(next)).toBe(after)
  })

  it.each([
    ...[
      '$IMAGE',
      '${IMAGE}',
      '${IMAGE:?}',
      'shop/web:${TAG}',
      'shop/web:$TAG',
      'shop/web:${TAG}-svc',
      'shop/web:${A:-$B}',
    ],
    ...['${PREFIX-}web', '${PREFIX:-}web:${TAG:-1}', '${R:-x}/app:${P:-l}-${T:-y}', 'shop/web:${TAG:+1}', 'a$$b'],
    ...['shop/web:1:${TAG:-1}', 'shop/web:|version|', 'ENC[AES256_GCM,data:x]', 'shop/web:${TAG:-a b}'],
  ])('%s is refused', value => expect(() => parseImageValue(value)).toThrow())
})
