import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve, sep } from 'node:path'
import type { StandIn, StandInPorts } from './stand-in.ts'

/** The same fetch as the real action's, by git over HTTP from the local server. */
export const checkout: StandIn = {
  words: 'the same git fetch, done by this runner',
  inputs: {
    repository: null,
    ref: null,
    token: null,
    path: null,
    'fetch-depth': '1',
    'fetch-tags': 'false',
    'persist-credentials': 'true',
    clean: 'true',
    filter: null,
    lfs: 'false',
    submodules: 'false',
    'show-progress': 'true',
    'set-safe-directory': 'true',
    'sparse-checkout': null,
    'sparse-checkout-cone-mode': 'true',
    'allow-unsafe-pr-checkout': 'false',
  },
  async main(ports) {
    for (const name of ['lfs', 'submodules']) {
      if (ports.flag(name)) throw new Error(`input "${name}" is "true": the local runner does not implement it`)
    }
    const target = readTarget(ports)
    refuseForkHead(ports, target)
    await fetchInto(ports, target)
  },
  async post(ports) {
    const folder = ports.state('folder')
    const credentials = ports.state('credentials')
    if (credentials !== '') rmSync(credentials, { force: true })
    if (folder === '' || credentials === '' || !existsSync(folder)) return
    const includes = await git(ports, folder, ['config', '--local', '--get-regexp', '^includeif\\..*\\.path$'], true)
    for (const line of includes.output.split('\n')) {
      const [key = '', value = ''] = line.split(' ')
      if (value === credentials) await git(ports, folder, ['config', '--local', '--unset-all', key], true)
    }
    ports.log('Removed the credentials of git')
  },
}

interface Target {
  readonly repository: string
  /** As `git fetch` takes it: a full ref or a SHA. Empty: the default branch. */
  readonly ref: string
  /** What `ref` must be at; empty where the branch's head will do. */
  readonly sha: string
  readonly folder: string
  readonly token: string
}

function readTarget(ports: StandInPorts): Target {
  const own = ports.context('repository')
  const repository = ports.input('repository') || own
  if (!/^[^/\s]+\/[^/\s]+$/.test(repository)) throw new Error(`input "repository" is "${repository}": use "owner/name"`)
  const isOwn = repository.toLowerCase() === own.toLowerCase()
  const asked = ports.input('ref')
  const isSha = /^[0-9a-f]{40}$/.test(asked)
  const { workspace } = ports.folders
  const folder = resolve(workspace, ports.input('path'))
  if (folder !== workspace && !folder.startsWith(workspace + sep))
    throw new Error(`input "path" is "${ports.input('path')}": it must stay inside the workspace`)
  const byDefault = isOwn && asked === ''
  return {
    repository,
    ref: isSha ? '' : byDefault ? ports.context('ref') : asked,
    sha: isSha ? asked : byDefault ? ports.context('sha') : '',
    folder,
    token: ports.input('token') || ports.plan.token,
  }
}

/** From v7 the real action refuses this too: a stranger's code would run with this repository's secrets. */
function refuseForkHead(ports: StandInPorts, target: Target): void {
  if (ports.context('event_name') !== 'pull_request_target' || ports.flag('allow-unsafe-pr-checkout')) return
  const payload = ports.plan.run.payload
  const pull = payload['pull_request'] as { head?: { sha?: string; repo?: { full_name?: string } } } | undefined
  const fork = pull?.head?.repo?.full_name
  if (fork === undefined || fork === ports.context('repository')) return
  const takesHead = target.repository === fork || target.sha === pull?.head?.sha || target.ref.startsWith('refs/pull/')
  if (takesHead)
    throw new Error(
      `Refusing to check out the head of a fork's pull request (${fork}) in a pull_request_target workflow`,
    )
}

async function fetchInto(ports: StandInPorts, target: Target): Promise<void> {
  const { folder } = target
  mkdirSync(folder, { recursive: true })
  const isCheckout = existsSync(join(folder, '.git'))
  if (!isCheckout) for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true, force: true })
  const url = `${ports.context('server_url')}/${target.repository}`
  if (!isCheckout) await git(ports, folder, ['init', '--quiet', folder])
  else await git(ports, folder, ['remote', 'remove', 'origin'], true)
  if (ports.flag('set-safe-directory'))
    await git(ports, folder, ['config', '--global', '--add', 'safe.directory', folder])
  await git(ports, folder, ['config', '--local', 'gc.auto', '0'])
  await git(ports, folder, ['remote', 'add', 'origin', url])
  const header = `AUTHORIZATION: basic ${Buffer.from(`x-access-token:${target.token}`).toString('base64')}`
  ports.mask(header.slice('AUTHORIZATION: basic '.length))
  const authorised = withConfig(`http.${ports.context('server_url')}/.extraheader`, header)
  const ref = target.ref || (target.sha === '' ? await defaultBranch(ports, folder, authorised) : '')
  const { full, sha } = await findRef(ports, target, ref, authorised)
  await setSparse(ports, folder)
  const { refspec, local, checkout } = planCheckout(full, sha)
  const options = [
    ports.flag('fetch-tags') ? '--tags' : '--no-tags',
    '--prune',
    '--no-recurse-submodules',
    ...(ports.input('filter') === '' ? [] : [`--filter=${ports.input('filter')}`]),
  ]
  const depth = Number(ports.input('fetch-depth'))
  if (!Number.isInteger(depth) || depth < 0)
    throw new Error(`input "fetch-depth" is "${ports.input('fetch-depth')}": use 0 (everything) or a number of commits`)
  const fetch = (...more: string[]) => git(ports, folder, ['fetch', ...options, ...more], false, authorised)
  if (depth === 0) await fetch('origin', '+refs/heads/*:refs/remotes/origin/*', '+refs/tags/*:refs/tags/*')
  await fetch(...(depth === 0 ? [] : [`--depth=${depth}`]), 'origin', refspec)
  if (isCheckout && ports.flag('clean')) {
    await git(ports, folder, ['clean', '-ffdx'])
    await git(ports, folder, ['reset', '--hard', '--quiet', 'HEAD'], true)
  }
  await git(ports, folder, ['checkout', '--quiet', '--force', ...local, checkout], false, authorised)
  const commit = (await git(ports, folder, ['log', '-1', '--format=%H'])).output.trim()
  ports.setOutput('ref', target.ref)
  ports.setOutput('commit', commit)
  if (ports.flag('persist-credentials')) await persist(ports, folder, header)
}

/** The name's full ref and where it is, as the server says. */
async function findRef(
  ports: StandInPorts,
  target: Target,
  ref: string,
  authorised: Record<string, string>,
): Promise<{ full: string; sha: string }> {
  if (ref === '') return { full: '', sha: target.sha }
  if (ref.startsWith('refs/') && target.sha !== '') return { full: ref, sha: target.sha }
  const candidates = ref.startsWith('refs/') ? [ref] : [`refs/heads/${ref}`, `refs/tags/${ref}`]
  const { output } = await git(ports, target.folder, ['ls-remote', 'origin', ...candidates], false, authorised, true)
  const refs = new Map(output.split('\n').map(line => [line.split('\t')[1] ?? '', line.split('\t')[0] ?? '']))
  for (const full of candidates) {
    const sha = refs.get(full)
    if (sha) return { full, sha: target.sha || sha }
  }
  throw new Error(`A branch or tag with the name '${ref}' could not be found in ${target.repository}`)
}

async function defaultBranch(ports: StandInPorts, folder: string, authorised: Record<string, string>): Promise<string> {
  const { output } = await git(ports, folder, ['ls-remote', '--symref', 'origin', 'HEAD'], false, authorised, true)
  const branch = /^ref: (refs\/heads\/\S+)\s+HEAD/m.exec(output)?.[1]
  if (branch === undefined) throw new Error('The repository is empty: it has no default branch to check out')
  return branch
}

function planCheckout(full: string, sha: string): { refspec: string; local: string[]; checkout: string } {
  if (full.startsWith('refs/heads/')) {
    const branch = full.slice('refs/heads/'.length)
    const remote = `refs/remotes/origin/${branch}`
    return { refspec: `+${sha}:${remote}`, local: ['-B', branch], checkout: remote }
  }
  if (full.startsWith('refs/pull/')) {
    const remote = `refs/remotes/pull/${full.slice('refs/pull/'.length)}`
    return { refspec: `+${sha}:${remote}`, local: [], checkout: remote }
  }
  if (full.startsWith('refs/tags/')) return { refspec: `+${full}:${full}`, local: [], checkout: full }
  return { refspec: sha || full, local: [], checkout: sha || 'FETCH_HEAD' }
}

async function setSparse(ports: StandInPorts, folder: string): Promise<void> {
  const patterns = ports.input('sparse-checkout')
  if (patterns === '') return
  const mode = ports.flag('sparse-checkout-cone-mode') ? '--cone' : '--no-cone'
  const list = patterns.split(/\r?\n/).filter(line => line !== '')
  await git(ports, folder, ['sparse-checkout', 'set', mode, '--end-of-options', ...list])
}

/** In a file of its own that `.git/config` includes, so that no copy of the folder carries the token. */
async function persist(ports: StandInPorts, folder: string, header: string): Promise<void> {
  const file = join(ports.folders.temporary, `git-credentials-${randomUUID()}.config`)
  const section = `${ports.context('server_url')}/`
  writeFileSync(file, `[http "${section}"]\n\textraheader = ${header}\n`, { mode: 0o600 })
  await git(ports, folder, ['config', '--local', `includeIf.gitdir:${join(folder, '.git')}.path`, file])
  ports.saveState('folder', folder)
  ports.saveState('credentials', file)
}

/** A git setting by environment: no argument list shows it. */
function withConfig(key: string, value: string): Record<string, string> {
  return { GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: key, GIT_CONFIG_VALUE_0: value }
}

async function git(
  ports: StandInPorts,
  folder: string,
  args: readonly string[],
  mayFail = false,
  env: Readonly<Record<string, string>> = {},
  quiet = false,
): Promise<{ exitCode: number | null; output: string }> {
  ports.log(`[command]git ${args.join(' ')}`)
  const end = await ports.run('git', args, { cwd: folder, env: { ...identity, ...env }, quiet })
  if (end.exitCode !== 0 && !mayFail)
    throw new Error(`git ${args[0] ?? ''} failed with exit code ${end.exitCode ?? 'none: it was stopped'}`)
  return end
}

const identity = { GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C.UTF-8' }
