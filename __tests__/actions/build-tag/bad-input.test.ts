import { expect, it } from '@jest/globals'
import { main } from '../../../actions/build-tag/src/main.ts'
import { systemExec } from '../../../kit/adapters/exec.ts'
import type { Command, Completed, RunContext } from '../../../kit/ports.ts'
import { realFolders, type Entry } from '../../support/real-folders.ts'
import { COMPOSE, fakeDocker, FOLDERS, makeInputs, makeWorld } from './shop.ts'

/** Bad input as users have it, on a real disk: the whole text that they see, and nothing half written after any. */
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
const only = { services: 'backend' }

const CASES: Readonly<Record<string, Case>> = {
  'R22: a link that leads out of the workspace': {
    compose: { linkTo: '/etc/hostname' },
    said: 'input "compose-file" is "docker-compose.yml": it leads out of the workspace. Give a path inside the repository, relative to "working-directory"',
  },
  'R22: a link to a file that is nowhere': {
    compose: { linkTo: '/nowhere/compose.yml' },
    said: 'input "compose-file" is "docker-compose.yml": it leads out of the workspace. Give a path inside the repository, relative to "working-directory"',
  },
  'R22: a folder above the workspace': {
    given: { 'working-directory': '..' },
    said: 'input "working-directory" is "..": it leads out of the workspace. Give a path inside the repository, relative to "working-directory"',
  },
  "R22: git's own folder by the folder": {
    given: { 'working-directory': '.git', 'compose-file': 'config.yml' },
    files: { '.git/config.yml': COMPOSE },
    said: 'input "compose-file" is "config.yml": it leads into git\'s own folder. Give the path of a file that git tracks',
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
  'services twice': {
    given: only,
    compose: `${COMPOSE}services: {}\n`,
    said: 'docker-compose.yml:17:1: "services" is there twice\nRemove one of the two',
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
  'R22: a build from outside of the workspace': {
    compose: oneService('build: ../..\nimage: shop/backend:1'),
    said: 'docker-compose.yml: the build of shop/backend:5-1b4c2de leads out of the workspace, to "../.."\nGive a folder of the repository',
  },
  'R22: a build through a link to the outside': {
    compose: oneService('build: far\nimage: shop/backend:1'),
    files: { far: { linkTo: '/usr' } },
    said: 'docker-compose.yml: the build of shop/backend:5-1b4c2de leads out of the workspace, to "far"\nGive a folder of the repository',
  },
  'a variable that .env decides': {
    compose: oneService('build: backend\nimage: shop/backend:${TAG:-1}'),
    files: { '.env': 'TAG=7\n' },
    said: 'docker-compose.yml:4: the image of backend is decided by TAG in the .env file beside it\nRemove TAG from .env, so that the default in docker-compose.yml counts',
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
  'a name that is no variable': {
    given: { 'pass-env': 'TOKEN=x' },
    said: 'input "pass-env" is "TOKEN=x": "TOKEN=x" is not the name of a variable. Give names only, one per line',
  },
  'several at once': {
    given: { push: '1', tag: '{', branch: '-x' },
    said: 'input "tag" is "{": it has a single "{". Write a field as "{run}" or "{sha:7}"\ninput "push" is "1": it is not a flag. Use "true" or "false"\ninput "branch" is "-x": git allows no such name. Give the name of a branch: "integration"',
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
