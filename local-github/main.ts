/** `npm run local-github -- <folder>`: serves a team's repository with its workflows on this machine. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join, resolve } from 'node:path'
import { readCommandLine, USAGE, UsageError, type CommandLine } from './command-line.ts'
import type { LocalGitHub } from './local-github.ts'
import { servePages } from './pages/live.ts'
import { createJobExecutor } from './runner/execute-job.ts'
import { startRunner } from './runner/runner.ts'
import { fullNameOf, importLibrary, importRepository, LIBRARY, repositoryTop } from './seed.ts'
import { readSecrets } from './secrets-file.ts'
import { codeOf } from './server/error-code.ts'
import { startServer } from './server/server.ts'

const CHECKOUT = join(import.meta.dirname, '..')

// From the first moment: a signal while it starts must not leave its folder behind. npm and the terminal may both send one,
// so that later ones are taken and mean nothing new.
const stopped = new Promise<NodeJS.Signals>(stop => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop)
})
// A reader that took the first line and left ends nothing.
process.stdout.on('error', () => {})

try {
  const commandLine = readCommandLine(process.argv.slice(2))
  if (commandLine === 'help') console.log(USAGE)
  else await serve(commandLine)
} catch (error) {
  const message = error instanceof Error ? error.message : String(error)
  console.error(`local-github: ${message}${error instanceof UsageError ? '; --help shows the usage' : ''}`)
  process.exitCode = error instanceof UsageError ? 2 : 1
}

async function serve({ folder, port, state, secrets: secretsFile }: CommandLine): Promise<void> {
  const top = await repositoryTop(resolve(folder))
  const fullName = await fullNameOf(top)
  const secrets = secretsFile === undefined ? [] : readSecrets(await textOf(secretsFile), secretsFile)
  const stateFolder = state === undefined ? await mkdtemp(join(tmpdir(), 'local-github-')) : resolve(state)
  const closing: (() => unknown)[] = []
  if (state === undefined) closing.push(() => rm(stateFolder, { recursive: true, force: true }))
  try {
    const github = await startServer({ stateFolder, port }).catch((error: unknown) => {
      throw explainStart(error, port)
    })
    closing.push(() => github.close())
    const repository =
      github.store.repositories.find(known => known.fullName === fullName) ??
      (await importRepository(github, fullName, top))
    if (fullName !== LIBRARY && !github.store.repositories.find(known => known.fullName === LIBRARY))
      await importLibrary(github, CHECKOUT)
    for (const { name, value } of secrets) setSecret(github, repository.id, name, value)
    const login = loginOf(userInfo().username)
    if (!github.store.accounts.find(account => account.login === login)) github.createAccount({ login, type: 'User' })
    github.store.repositories.update(repository.id, {
      collaborators: { ...repository.collaborators, [login]: 'admin' },
    })
    const token = github.mintToken({ login, kind: 'user' })
    const pages = servePages(github)
    closing.push(() => pages.close())
    const executor = createJobExecutor(github)
    const runner = startRunner(github, { execute: executor.execute })
    closing.push(() => Promise.all([runner.close(), executor.close()]))

    const gitUrl = `${github.url}/${fullName}.git`
    console.log(JSON.stringify({ url: `${github.url}/${fullName}`, api: github.apiUrl, git: gitUrl, token }))
    console.log(`
${fullName} runs here, with its workflows. Open ${github.url}/${fullName} and push to it:

  git remote add local ${gitUrl.replace('://', `://x-access-token:${token}@`)}
  git push local HEAD

Ctrl-C ends it. ${state === undefined ? 'What it knows is gone then; --state keeps it.' : `What it knows stays in ${stateFolder}.`}`)
    console.log(`\n${await stopped}: stopping`)
  } finally {
    for (const close of closing.reverse()) await close()
  }
}

function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: unknown) => {
    throw new Error(`--secrets ${file} cannot be read: ${reasonOf(error)}`)
  })
}

function explainStart(error: unknown, port: number): unknown {
  const code = codeOf(error)
  if (code === 'EADDRINUSE') return new Error(`port ${port} is in use: choose another one, or leave --port out`)
  if (code === 'EACCES' && error instanceof Error && 'port' in error)
    return new Error(`port ${port} may not be used by this account: choose one above 1023, or leave --port out`)
  return code === null ? error : new Error(`the state cannot be kept: ${reasonOf(error)}`)
}

/** "no such file or directory" of Node's `ENOENT: no such file or directory, open '…'`. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return message.replace(/^E[A-Z]+: /, '')
}

function setSecret({ store }: LocalGitHub, repositoryId: number, name: string, value: string): void {
  const known = store.secrets.find(
    secret => secret.repositoryId === repositoryId && secret.environment === '' && secret.name === name,
  )
  if (known) store.secrets.update(known.id, { value })
  else store.secrets.insert({ repositoryId, environment: '', name, value })
}

/** A login as GitHub allows it: letters, digits and single hyphens. */
function loginOf(name: string): string {
  return name.replace(/[^A-Za-z0-9]+/g, '-').replace(/^-|-$/g, '') || 'developer'
}
