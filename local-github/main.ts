/** `npm run local-github -- <folder>`: serves a team's repository with its workflows on this machine. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { servePages } from './pages/live.ts'
import { createJobExecutor } from './runner/execute-job.ts'
import { startRunner } from './runner/runner.ts'
import { fullNameOf, importLibrary, importRepository, LIBRARY, repositoryTop } from './seed.ts'
import { readSecrets } from './secrets-file.ts'
import { startServer } from './server/server.ts'

const USAGE = `Usage: npm run local-github -- <folder> [--port N] [--state DIR] [--secrets FILE]

  <folder>         a git repository; its branches are served as they are committed
  --port N         port on 127.0.0.1; any free one when left out
  --state DIR      what the server knows is kept there, and a later start goes on; else it is gone at the end
  --secrets FILE   the repository's secrets, a NAME=value a line`

const CHECKOUT = join(import.meta.dirname, '..')
async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      port: { type: 'string' },
      state: { type: 'string' },
      secrets: { type: 'string' },
      help: { type: 'boolean' },
    },
  })
  const [folder] = positionals
  if (values.help || folder === undefined || positionals.length > 1) {
    console.error(USAGE)
    process.exitCode = values.help ? 0 : 2
    return
  }
  const port = Number(values.port ?? 0)
  if (!Number.isInteger(port) || port < 0 || port > 65535)
    throw new Error(`--port is "${values.port}": give a number from 0 to 65535`)
  const top = await repositoryTop(resolve(folder))
  const secrets =
    values.secrets === undefined ? [] : readSecrets(await readFile(values.secrets, 'utf8'), values.secrets)
  const stateFolder =
    values.state === undefined ? await mkdtemp(join(tmpdir(), 'local-github-')) : resolve(values.state)

  const github = await startServer({ stateFolder, port })
  const fullName = await fullNameOf(top)
  const repository =
    github.store.repositories.find(known => known.fullName === fullName) ??
    (await importRepository(github, fullName, top))
  if (fullName !== LIBRARY && !github.store.repositories.find(known => known.fullName === LIBRARY))
    await importLibrary(github, CHECKOUT)
  for (const { name, value } of secrets) setSecret(name, value)
  const login = loginOf(userInfo().username)
  if (!github.store.accounts.find(account => account.login === login)) github.createAccount({ login, type: 'User' })
  github.store.repositories.update(repository.id, { collaborators: { ...repository.collaborators, [login]: 'admin' } })
  const token = github.mintToken({ login, kind: 'user' })
  const pages = servePages(github)
  const executor = createJobExecutor(github)
  const runner = startRunner(github, { execute: executor.execute })

  const gitUrl = `${github.url}/${fullName}.git`
  console.log(JSON.stringify({ url: `${github.url}/${fullName}`, api: github.apiUrl, git: gitUrl, token }))
  console.log(`
${fullName} runs here, with its workflows. Open ${github.url}/${fullName} and push to it:

  git remote add local ${gitUrl.replace('://', `://x-access-token:${token}@`)}
  git push local HEAD

Ctrl-C ends it.${values.state === undefined ? ' What it knows is gone then; --state keeps it.' : ''}`)

  const signal = await new Promise<NodeJS.Signals>(end => {
    process.once('SIGINT', end)
    process.once('SIGTERM', end)
  })
  console.log(`\n${signal}: stopping`)
  await Promise.all([runner.close(), executor.close()])
  pages.close()
  await github.close()
  if (values.state === undefined) await rm(stateFolder, { recursive: true, force: true })

  function setSecret(name: string, value: string): void {
    const { store } = github
    const known = store.secrets.find(
      secret => secret.repositoryId === repository.id && secret.environment === '' && secret.name === name,
    )
    if (known) store.secrets.update(known.id, { value })
    else store.secrets.insert({ repositoryId: repository.id, environment: '', name, value })
  }
}

/** A login as GitHub allows it: letters, digits and single hyphens. */
function loginOf(name: string): string {
  return name.replace(/[^A-Za-z0-9]+/g, '-').replace(/^-|-$/g, '') || 'developer'
}

try {
  await main()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
