import { describe, expect, it } from '@jest/globals'
import { main } from '../../../actions/build-tag/src/main.ts'
import { explain } from '../../../kit/action.ts'
import { systemExec } from '../../../kit/adapters/exec.ts'
import type { Command, Completed, RunContext } from '../../../kit/ports.ts'
import { realFolders, type Entry } from '../../support/real-folders.ts'
import { COMPOSE, fakeDocker, FOLDERS, makeInputs, makeWorld } from './shop.ts'

/** What users get wrong, on a real disk: the whole text that they see, and nothing half written after any. */
interface Case {
  readonly given?: Readonly<Record<string, string>>
  readonly compose?: Entry
  readonly files?: Readonly<Record<string, Entry>>
  readonly run?: Partial<RunContext>
  readonly docker?: (command: Command) => Partial<Completed> | undefined
  /** On the branch, when it is not what is checked out. */
  readonly head?: Readonly<Record<string, string>>
  /** What docker was asked before it was noticed; nothing for what could be known before. */
  readonly asked?: readonly string[]
  readonly said: string
}

const oneService = (lines: string) => `services:\n  backend:\n${lines.replace(/^/gm, '    ')}\n`
const withImage = (image: string) => oneService(`build: backend\nimage: ${image}`)
const withBuild = (build: string) => oneService(`image: shop/backend:1\nbuild: ${build}`)
const only = { services: 'backend' }

const CASES: Readonly<Record<string, Case>> = {
  'a service that is not there': {
    given: { services: 'bakend' },
    said: 'docker-compose.yml has no service "bakend"\nDid you mean "backend"?',
  },
  'a service twice': {
    given: { services: 'backend\nbackend' },
    said: 'input "services" is "backend\\nbackend": "backend" is there twice. Name each service once',
  },
  'a service with options': {
    given: { services: 'backend --rm' },
    said: 'input "services" is "backend --rm": "backend --rm" is no name of a service. Write the names of services of the compose file, one per line',
  },
  'a service that nothing builds': {
    given: { services: 'database' },
    said: 'input "services" is "database": nothing in the list builds docker.io/library/postgres. Give database "build:" in docker-compose.yml, or name the service that builds it too',
  },
  'a tag with an unknown field': {
    given: { tag: '{build}' },
    said: 'input "tag" is "{build}": there is no field {build}. The fields are {run}, {attempt}, {sha}, {sha:7} and {branch}',
  },
  'R23: a tag with other characters': {
    given: { tag: 'a;b' },
    said: 'input "tag" is "a;b": "a;b" cannot be in a tag. Use letters, digits, "_", "." and "-" around the fields {run}, {attempt}, {sha:7} and {branch}',
  },
  'R23: a tag that begins with a dot': {
    given: { tag: '.{run}' },
    said: 'input "tag" is ".{run}": a tag cannot begin with "." or "-". Put a field, a letter or a digit first',
  },
  'R23: a tag of 140 characters': {
    given: { tag: `{run}-${'x'.repeat(140)}` },
    said: 'input "tag" is "{run}-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx": it gives "5-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", which is no tag. Keep it within 128 characters',
  },
  'R23: fields side by side': {
    given: { tag: '{run}{sha:7}' },
    said: 'input "tag" is "{run}{sha:7}": two fields stand side by side. Put "-" between them, so that a tag can be taken apart again',
  },
  'R23: two digits of a commit': {
    given: { tag: '{run}-{sha:2}' },
    said: 'input "tag" is "{run}-{sha:2}": {sha:2} is no length of a commit. Use 4 to 40 digits: {sha:7}',
  },
  'a run number outside of a workflow': {
    run: { runNumber: 0 },
    said: 'input "tag" is "{run}-{sha:7}": {run} has no value outside of a workflow. Give the tag itself',
  },
  'a flag that is none': {
    given: { push: 'yes' },
    said: 'input "push" is "yes": it is not a flag. Use "true" or "false"',
  },
  'a way to commit that is none': {
    given: { commit: 'git' },
    said: 'input "commit" is "git": it is not a known value. Use one of "api", "none"',
  },
  'a name that is no variable': {
    given: { 'pass-env': 'TOKEN=x' },
    said: 'input "pass-env" is "TOKEN=x": "TOKEN=x" is not the name of a variable. Give names only, one per line',
  },
  'a run of no branch': {
    run: { ref: 'refs/tags/v1' },
    said: 'input "branch": it is empty, and this run is of refs/tags/v1, which is no branch. Name the branch to commit to, or set "commit: none"',
  },
  'a whole ref': {
    given: { branch: 'refs/heads/x' },
    said: 'input "branch" is "refs/heads/x": it is a whole ref. Give the name of the branch: "integration"',
  },
  'a branch that git refuses': {
    given: { branch: 'a..b' },
    said: 'input "branch" is "a..b": git allows no such name. Give the name of a branch: "integration"',
  },
  'several at once': {
    given: { push: '1', tag: '{', branch: '-x' },
    said: 'input "tag" is "{": it has a single "{". Write a field as "{run}" or "{sha:7}"\ninput "push" is "1": it is not a flag. Use "true" or "false"\ninput "branch" is "-x": git allows no such name. Give the name of a branch: "integration"',
  },
  'R22: a workflow': {
    given: { 'compose-file': '.github/workflows/ci.yml' },
    said: 'input "compose-file" is ".github/workflows/ci.yml": it leads to workflows, which the token of a job may not write. Keep the values in a file outside of .github/workflows',
  },
  'R22: a workflow by the folder': {
    given: { 'compose-file': 'c.yml', 'working-directory': '.github/workflows' },
    files: { '.github/workflows/c.yml': '' },
    said: 'input "compose-file" is "c.yml": it leads to workflows, which the token of a job may not write. Keep the values in a file outside of .github/workflows',
  },
  "R22: git's own folder": {
    given: { 'compose-file': 'a/.GIT/config' },
    said: 'input "compose-file" is "a/.GIT/config": it leads into git\'s own folder. Give the path of a file that git tracks',
  },
  "R22: git's own folder by the folder": {
    given: { 'working-directory': '.git', 'compose-file': 'config.yml' },
    files: { '.git/config.yml': COMPOSE },
    said: 'input "compose-file" is "config.yml": it leads into git\'s own folder. Give the path of a file that git tracks',
  },
  'R22: a file outside': {
    given: { 'compose-file': 'a/../../x.yml' },
    said: 'input "compose-file" is "a/../../x.yml": it leads out of the repository. Give a path inside of the repository',
  },
  'R22: a file outside by the folder': {
    given: { 'compose-file': '../docker-compose.yml' },
    said: 'input "compose-file" is "../docker-compose.yml": it leads out of the workspace. Give a path inside the repository, relative to "working-directory"',
  },
  'R22: a folder above the workspace': {
    given: { 'working-directory': '..' },
    said: 'input "working-directory" is "..": it leads out of the workspace. Give a path inside the repository, relative to "working-directory"',
  },
  'R22: a link that leads out of the workspace': {
    compose: { linkTo: '/etc/hostname' },
    said: 'input "compose-file" is "docker-compose.yml": it leads out of the workspace. Give a path inside the repository, relative to "working-directory"',
  },
  'R22: a link to a file that is nowhere': {
    compose: { linkTo: '/nowhere/compose.yml' },
    said: 'input "compose-file" is "docker-compose.yml": it leads out of the workspace. Give a path inside the repository, relative to "working-directory"',
  },
  'a file that is not there': {
    given: { 'compose-file': 'other.yml' },
    said: 'input "compose-file" is "other.yml": there is no such file. Give the path of the compose file, relative to "working-directory"',
  },
  'no compose file': {
    given: { 'working-directory': 'backend' },
    said: 'input "compose-file" is "": there is none of compose.yaml, compose.yml, docker-compose.yaml, docker-compose.yml in backend. Give the path of the compose file',
  },
  'a folder where a file is meant': {
    given: { 'compose-file': 'backend' },
    said: '<workspace>/backend cannot be read: it is a folder\nGive the path of a file that this job may read',
  },
  'a file that is not UTF-8': {
    compose: Buffer.from(COMPOSE.replace('The', 'L\xe9'), 'latin1'),
    said: 'docker-compose.yml is not UTF-8\nSave the file as UTF-8',
  },
  'a file of 6 MB': {
    compose: `${COMPOSE}#${'x'.repeat(6_000_000)}\n`,
    said: 'docker-compose.yml has 6000374 bytes\nFiles to edit may have 5 MiB at most',
  },
  'an empty file': { compose: '', said: 'docker-compose.yml holds nothing\nGive a compose file of one document' },
  'a file of comments': {
    compose: '# nothing\n',
    said: 'docker-compose.yml holds nothing\nGive a compose file of one document',
  },
  'a file that is no YAML': {
    compose: 'services: [',
    said: 'docker-compose.yml:1:12 is no YAML: Flow sequence in block collection must be sufficiently indented and end with a ]\nCorrect the file; nothing was changed',
  },
  'tabs as indentation': {
    compose: 'services:\n\tbackend:\n\t\timage: x\n',
    said: 'docker-compose.yml:2:1 is no YAML: Tabs are not allowed as indentation\nCorrect the file; nothing was changed',
  },
  'CRLF and a byte order mark before a broken line': {
    compose: '\uFEFFservices:\r\n  backend: {image: x\r\n',
    said: 'docker-compose.yml:3:1 is no YAML: Flow map in block collection must be sufficiently indented and end with a }\nCorrect the file; nothing was changed',
  },
  'a template': {
    compose: 'services:\n  {{ range .Services }}\n  backend: {image: x}\n',
    said: 'docker-compose.yml:3:1 is no YAML: All mapping items must start at the same column\nA template cannot be edited safely: keep the value in a file without "{{"',
  },
  'a file of something else': {
    compose: 'jobs: {}\n',
    said: 'docker-compose.yml has no "services"\nGive the path of a compose file in "compose-file"',
  },
  'two documents': {
    compose: `${COMPOSE}---\n${COMPOSE}`,
    said: 'docker-compose.yml holds several documents\nGive a compose file of one document',
  },
  'a sealed file': {
    compose: `${COMPOSE}sops: {mac: x}\n`,
    said: 'docker-compose.yml is sealed by sops, whose checksum an edit would break\nKeep images in a file that is not sealed',
  },
  'services twice': {
    given: only,
    compose: `${COMPOSE}services: {}\n`,
    said: 'docker-compose.yml:17:1: "services" is there twice\nRemove one of the two',
  },
  'a service twice in the file': {
    given: { services: 'a' },
    compose: 'services:\n  a: {image: x, build: backend}\n  a: {image: y}\n',
    said: 'docker-compose.yml:3:3: "a" is there twice\nRemove one of the two',
  },
  'an image twice in a service': {
    given: { services: 'a' },
    compose: 'services:\n  a: {image: x, image: y, build: backend}\n',
    said: 'docker-compose.yml:2:17: "image" is there twice\nRemove one of the two',
  },
  'no service with a build': {
    compose: 'services: {a: {image: b}}\n',
    said: 'input "services": no service of docker-compose.yml has "build:". Give one "build:" and "image:", or another "compose-file"',
  },
  'a service without image': {
    compose: oneService('build: backend'),
    said: 'docker-compose.yml:3:5: backend has no image to update\nGive it "image: registry/backend" beside "build:"',
  },
  'an image that is empty': {
    compose: oneService('build: backend\nimage:'),
    said: 'docker-compose.yml:4:11: backend has no image to update\nGive it "image: registry/backend" beside "build:"',
  },
  'an alias of nothing': {
    compose: oneService('build: backend\nimage: *nowhere'),
    said: 'docker-compose.yml:3:5: backend has no image to update\nGive it "image: registry/backend" beside "build:"',
  },
  'an anchor that merges itself': {
    compose: 'services:\n  backend: &a\n    <<: *a\n    build: backend\n',
    said: 'docker-compose.yml:3:5: backend has no image to update\nGive it "image: registry/backend" beside "build:"',
  },
  'an image on two lines': {
    compose: oneService('build: backend\nimage: >-\n  shop/backend:1'),
    said: 'docker-compose.yml:4:12 cannot be edited: the value is not on one line\nWrite it on one line, plain or in quotes',
  },
  'an image that is a number': {
    compose: oneService('build: backend\nimage: 5'),
    said: 'docker-compose.yml:4:12: backend has no image to update\nGive it "image: registry/backend" beside "build:"',
  },
  'R23: an image that is none': {
    compose: withImage('Shop/Backend:1'),
    said: 'docker-compose.yml:4:12: the image of backend, "Shop/Backend:1" cannot be used: "Backend" is no part of an image name\nUse lower-case letters and digits, with single "." or "_", "__" or dashes between them',
  },
  'a compose tag': {
    compose: withImage('!reset shop/backend:1'),
    said: 'docker-compose.yml:4:19: the image of backend has the tag !reset\nTake the tag away',
  },
  'a variable without default': {
    compose: withImage('shop/backend:${TAG}'),
    said: 'docker-compose.yml:4:12: the image of backend, "shop/backend:${TAG}" cannot be used: the variable TAG in it decides what runs, and the file does not say with what\nWrite the image out ("registry/name:tag"), or give its tag a default ("registry/name:${TAG:-latest}")',
  },
  'several variables': {
    compose: withImage('${REG:-x}/backend:${TAG:-1}'),
    said: 'docker-compose.yml:4:12: the image of backend, "${REG:-x}/backend:${TAG:-1}" cannot be used: REG, TAG in it decides what runs, and the file does not say with what\nWrite the image out ("registry/name:tag"), or give its tag a default ("registry/name:${TAG:-latest}")',
  },
  'a variable that .env decides': {
    compose: oneService('build: backend\nimage: shop/backend:${TAG:-1}'),
    files: { '.env': 'TAG=7\n' },
    said: 'docker-compose.yml:4: the image of backend is decided by TAG in the .env file beside it\nRemove TAG from .env, so that the default in docker-compose.yml counts',
  },
  'two builds of one image': {
    given: { services: 'a\nb' },
    compose: 'services:\n  a: {image: x, build: backend}\n  b: {image: x, build: frontend}\n',
    said: 'a and b build docker.io/library/x in two ways\nGive them images of their own, or the same "build:"',
  },
  'a build key that is not done': {
    compose: withBuild('{context: backend, secrets: [x]}'),
    said: 'docker-compose.yml:4:12: the build of backend cannot be used: it sets "secrets", which build-tag does not do\nUse "context", "dockerfile", "target", "args", and put the rest into the Dockerfile',
  },
  'a build from elsewhere': {
    compose: withBuild('https://example.com/x.git'),
    said: 'docker-compose.yml:4:12: the build of backend cannot be used: its context "https://example.com/x.git" is not in the repository\nGive a folder of the repository',
  },
  'R25: a target that is an option': {
    compose: withBuild('{context: backend, target: --push}'),
    said: 'docker-compose.yml:4:12: the build of backend cannot be used: its "target" "--push" looks like an option\nWrite a path as "./name"',
  },
  'a build argument from a variable': {
    compose: withBuild('{context: backend, args: {A: "${B}"}}'),
    said: 'docker-compose.yml:4:12: the build of backend cannot be used: its "args.A" takes "${B}" from a variable\nGive the name alone, and the variable in "pass-env"',
  },
  'a folder without Dockerfile': {
    compose: withBuild('./nowhere'),
    said: 'docker-compose.yml: the build of shop/backend:5-1b4c2de has no <workspace>/nowhere/Dockerfile\nCorrect "build:" in the compose file, or check the folder out',
  },
  'R22: a build from outside of the workspace': {
    compose: oneService('build: ../..\nimage: shop/backend:1'),
    said: 'docker-compose.yml: the build of shop/backend:5-1b4c2de leads out of the workspace, to "../.."\nGive a folder of the repository',
  },
  'R22: a build through a link to the outside': {
    compose: oneService('build: far\nimage: shop/backend:1'),
    files: { far: { linkTo: '/usr' } },
    said: 'docker-compose.yml: the build of shop/backend:5-1b4c2de leads out of the workspace, to "far"\nGive a folder of the repository',
  },
  'a build that crashes': {
    given: only,
    docker: () => ({ exitCode: 137, stderr: 'signal: killed' }),
    asked: ['build'],
    said: 'docker build --tag registry.example:5000/shop/backend:5-1b4c2de --file <workspace>/backend/Dockerfile --label org.opencontainers.image.revision=1b4c2de000000000000000000000000000000000 --label org.opencontainers.image.source=https://github.example/acme/shop -- <workspace>/backend ended with 137\nsignal: killed',
  },
  'a push that the registry refuses': {
    given: only,
    docker: ({ args }) => (args[0] === 'push' ? { exitCode: 1, stderr: 'denied: requested access' } : undefined),
    asked: ['build', 'push'],
    said: 'docker push -- registry.example:5000/shop/backend:5-1b4c2de ended with 1\ndenied: requested access',
  },
  'a push that tells no digest': {
    given: only,
    docker: ({ args }) =>
      args[0] === 'push' ? { stdout: 'pushed\n' } : args[0] === 'image' ? { stdout: '[]' } : undefined,
    asked: ['build', 'push', 'image'],
    said: 'registry.example:5000/shop/backend:5-1b4c2de was pushed, and docker does not tell its digest\nSet "digest-pin: false" to write the tag alone',
  },
  'a branch without the file': {
    given: only,
    head: {},
    asked: ['build', 'push'],
    said: 'docker-compose.yml is not on the branch integration\nCommit the compose file there first, or give another "branch"',
  },
}

async function refuse({ given = {}, compose = COMPOSE, files = {}, run = {}, docker, head, asked = [] }: Case) {
  const folders = realFolders({ 'docker-compose.yml': compose, ...FOLDERS, ...files })
  const checkedOut = compose instanceof Object ? {} : { 'docker-compose.yml': compose }
  const world = makeWorld({ run, exec: fakeDocker('d', docker), head: head ?? checkedOut })
  const before = folders.state()
  const said = await folders.said(async () => main(makeInputs(given), { ...world, files: folders.files }))
  expect(folders.state()).toEqual(before)
  expect(world.branch.made).toEqual([])
  expect(world.summary.parts).toEqual([])
  expect(world.exec.commands.map(({ args }) => args[0])).toEqual(asked)
  return said
}

describe('what cannot be done is refused, and nothing is written', () => {
  it.each(Object.entries(CASES))('%s', async (_, bad) => {
    expect(await refuse(bad)).toBe(bad.said)
  })

  it('no docker on this machine', async () => {
    const folders = realFolders({ 'docker-compose.yml': COMPOSE, ...FOLDERS })
    const before = folders.state()
    const exec = systemExec({ environment: () => ({ PATH: '/nowhere' }), cwd: folders.workspace, signals: process })
    const world = makeWorld()
    expect(await folders.said(() => main(makeInputs(only), { ...world, exec, files: folders.files }))).toBe(
      'docker was not found\nbecause: Error: spawn docker ENOENT\nInstall docker, or put the folder that holds it on PATH',
    )
    expect([folders.state(), world.branch.made]).toEqual([before, []])
  })
})

describe('what the head of the branch says counts', () => {
  const commitTo = async (head: Record<string, string>, compose = COMPOSE) => {
    const world = makeWorld({ head, compose })
    const error = await main(makeInputs(only), world).catch((thrown: unknown) => thrown)
    expect(world.branch.made).toEqual([])
    return explain(error)
  }

  it('another image there is not replaced by ours', async () => {
    const other = COMPOSE.replace('registry.example:5000/shop/backend', 'registry.example:5000/store/backend')
    expect(await commitTo({ 'docker-compose.yml': other })).toBe(
      'docker-compose.yml:5: backend now runs registry.example:5000/store/backend, and registry.example:5000/shop/backend was built\nRun the job again on the newest commit',
    )
  })

  it('a service that went is an error', async () => {
    expect(await commitTo({ 'docker-compose.yml': 'services: {web: {image: x}}\n' })).toBe(
      'docker-compose.yml has no service "backend"\nIt has web',
    )
  })

  it('a default that .env beside the file decides is refused', async () => {
    const compose = COMPOSE.replace('backend:4-0a3087a', 'backend:${TAG:-4-0a3087a}')
    const said = await commitTo({ 'docker-compose.yml': compose, '.env': 'A=1\nexport TAG=7\n' }, compose)
    expect(said).toBe(
      'docker-compose.yml:5: the image of backend is decided by TAG in the .env file beside it\nRemove TAG from .env, so that the default in docker-compose.yml counts',
    )
  })
})
