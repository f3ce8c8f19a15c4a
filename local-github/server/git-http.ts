/** Git over HTTP: git's own http-backend behind our tokens, with branch rules applied by an update hook. */
import { spawn } from 'node:child_process'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import type { Repository } from '../model.ts'
import { hasRole, hasScope, roleOf } from './access.ts'
import type { Actor } from './context.ts'
import { type Core, zeroSha } from './core.ts'
import type { GitAnswer } from './git-answer.ts'
import { gitEnvironment } from './git.ts'
import type { RefUpdates } from './ref-updates.ts'
import { Refusal } from './reply.ts'
import { authenticate } from './tokens.ts'
import { type RefCommand, readCommands } from './receive-pack.ts'

const pathPattern = /^\/([^/]+)\/([^/]+?)(?:\.git)?\/(info\/refs|git-upload-pack|git-receive-pack)$/

export interface GitCall {
  /** `git-upload-pack` or `git-receive-pack`. */
  readonly service: string
  readonly repository: string
  readonly endpoint: string
}

export function matchGit(path: string, url: URL): GitCall | null {
  const [, owner, name, endpoint] = pathPattern.exec(path) ?? []
  if (owner === undefined || name === undefined || endpoint === undefined) return null
  const service = endpoint === 'info/refs' ? (url.searchParams.get('service') ?? '') : endpoint
  if (service !== 'git-upload-pack' && service !== 'git-receive-pack') return null
  return { service, repository: `${owner}/${name}`, endpoint }
}

export interface GitHttp {
  serve(call: GitCall, request: IncomingMessage, response: GitAnswer): Promise<void>
  /** Ends the children that still run. */
  close(): void
}

export function createGitHttp(core: Core, refs: RefUpdates): GitHttp {
  const children = new Set<AbortController>()

  const runBackend = async (
    call: GitCall,
    repository: Repository,
    request: IncomingMessage,
    response: GitAnswer,
    input: NodeJS.ReadableStream,
    environment: Record<string, string>,
  ): Promise<void> => {
    const aborter = new AbortController()
    children.add(aborter)
    try {
      await cgi(call, core.gitFolder(repository.id), request, response, input, environment, aborter)
    } finally {
      children.delete(aborter)
    }
  }

  const receive = async (
    call: GitCall,
    repository: Repository,
    actor: Actor,
    request: IncomingMessage,
    response: GitAnswer,
  ): Promise<void> => {
    await mkdir(join(core.stateFolder, 'incoming'), { recursive: true })
    const folder = await mkdtemp(join(core.stateFolder, 'incoming', 'push-'))
    const pack = join(folder, 'request')
    try {
      const gzipped = request.headers['content-encoding'] === 'gzip'
      await pipeline(gzipped ? request.pipe(createGunzip()) : request, createWriteStream(pack))
      const commands = readCommands(await readStart(pack))
      await refs.around(repository, actor, async () => {
        const environment = await hookEnvironment(refs, folder, repository, actor, commands)
        await runBackend(call, repository, request, response, createReadStream(pack), environment)
      })
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
    response.end()
  }

  return {
    close: () => {
      for (const child of children) child.abort()
    },
    serve: async (call, request, response) => {
      const { repository, actor } = authorize(core, call, request)
      if (call.endpoint === 'git-receive-pack' && actor) {
        await receive(call, repository, actor, request, response)
        return
      }
      await runBackend(call, repository, request, response, request, {})
      response.end()
    },
  }
}

function authorize(
  core: Core,
  call: GitCall,
  request: IncomingMessage,
): { repository: Repository; actor: Actor | null } {
  const challenge = { 'www-authenticate': 'Basic realm="GitHub"' }
  let actor: Actor | null
  try {
    actor = authenticate(core.store, request.headers, core.now())
  } catch {
    throw new Refusal(401, 'Invalid username or token.', null, challenge)
  }
  const repository = core.repository(call.repository)
  const role = repository ? roleOf(repository, actor) : 'none'
  if (!repository || role === 'none') {
    if (actor === null) throw new Refusal(401, 'Repository not found.', null, challenge)
    throw new Refusal(404, 'Repository not found.')
  }
  const pushes = call.service === 'git-receive-pack'
  if (actor === null) {
    if (pushes) throw new Refusal(401, 'Authentication is required to push.', null, challenge)
    return { repository, actor }
  }
  const { token, account } = actor
  const ofToken = token.repositoryId === undefined || token.repositoryId === repository.id
  const scoped = token.kind === 'user' && token.permissions === undefined
  const scope = pushes ? 'contents:write' : 'contents:read'
  const granted = scoped || (ofToken && hasScope(token.permissions ?? {}, scope))
  const readsPublic = !pushes && !repository.private
  if (!(granted && (!pushes || hasRole(role, 'write'))) && !readsPublic) {
    throw new Refusal(403, `Permission to ${repository.fullName}.git denied to ${account.login}.`)
  }
  return { repository, actor }
}

const commandsLimitBytes = 1024 * 1024

async function readStart(path: string): Promise<Buffer> {
  const handle = await open(path)
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(commandsLimitBytes), 0, commandsLimitBytes, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}

/**
 * git runs the hook for each ref when the pushed objects are there. What it may refuse was decided before: the file
 * names refs with `always` or `forced`, and the hook itself finds out whether an update is forced.
 */
const updateHook = `#!/bin/sh
while IFS="$(printf '\\t')" read -r ref when message; do
  [ "$ref" = "$1" ] || continue
  if [ "$when" = forced ] && git merge-base --is-ancestor "$2" "$3"; then continue; fi
  printf 'error: GH006: Protected branch update failed for %s.\\n\\n- %s\\n' "$1" "$message" >&2
  exit 1
done <"$LOCAL_GITHUB_REFUSALS"
exit 0
`

async function hookEnvironment(
  refs: RefUpdates,
  folder: string,
  repository: Repository,
  actor: Actor,
  commands: readonly RefCommand[],
): Promise<Record<string, string>> {
  const lines: string[] = []
  for (const { ref, before, after } of commands) {
    const update = { repository, ref, before, after, actor: actor.account, token: actor.token }
    const always = await refs.refusalOf({ ...update, forced: false })
    const forced = before === zeroSha || after === zeroSha ? null : await refs.refusalOf({ ...update, forced: true })
    // The first line that fits speaks: that an update is forced says more than what else is missing.
    if (forced !== null && forced !== always) lines.push(`${ref}\tforced\t${forced.replaceAll('\n', ' ')}`)
    if (always !== null) lines.push(`${ref}\talways\t${always.replaceAll('\n', ' ')}`)
  }
  if (lines.length === 0) return {}
  const refusals = join(folder, 'refusals')
  await writeFile(refusals, `${lines.join('\n')}\n`)
  await writeFile(join(folder, 'update'), updateHook, { mode: 0o700 })
  return {
    LOCAL_GITHUB_REFUSALS: refusals,
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'core.hooksPath',
    GIT_CONFIG_VALUE_0: folder,
  }
}

/** Runs http-backend and streams its answer; the caller ends the response. */
function cgi(
  call: GitCall,
  folder: string,
  request: IncomingMessage,
  response: GitAnswer,
  input: NodeJS.ReadableStream,
  environment: Record<string, string>,
  aborter: AbortController,
): Promise<void> {
  const encoding = call.endpoint === 'git-receive-pack' ? undefined : request.headers['content-encoding']
  const protocol = request.headers['git-protocol']
  const child = spawn('git', ['http-backend'], {
    signal: aborter.signal,
    killSignal: 'SIGTERM',
    env: {
      ...gitEnvironment(),
      GIT_PROJECT_ROOT: folder,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: `/${call.endpoint}`,
      QUERY_STRING: call.endpoint === 'info/refs' ? `service=${call.service}` : '',
      REQUEST_METHOD: request.method ?? 'GET',
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      REMOTE_USER: 'git',
      REMOTE_ADDR: '127.0.0.1',
      ...(encoding === undefined ? {} : { HTTP_CONTENT_ENCODING: encoding }),
      ...(typeof protocol === 'string' ? { GIT_PROTOCOL: protocol, HTTP_GIT_PROTOCOL: protocol } : {}),
      ...environment,
    },
  })
  const leave = (): void => {
    // Once the input of a push is complete, a client that leaves does not undo it.
    if (call.endpoint !== 'git-receive-pack') aborter.abort()
  }
  response.once('close', leave)
  child.stdin.on('error', () => {
    // The backend may answer before it has read everything.
  })
  input.on('error', () => child.stdin.destroy())
  input.pipe(child.stdin)
  return new Promise((resolve, reject) => {
    let head: Buffer | null = Buffer.alloc(0)
    child.stdout.on('data', (chunk: Buffer) => {
      if (head === null) {
        if (!response.write(chunk)) pauseUntilDrained(child.stdout, response)
        return
      }
      head = Buffer.concat([head, chunk])
      const end = head.indexOf('\r\n\r\n')
      if (end < 0) return
      writeHead(response, head.subarray(0, end).toString())
      response.write(head.subarray(end + 4))
      head = null
    })
    child.on('error', error => {
      if (error.name === 'AbortError') return
      reject(error)
    })
    child.on('close', () => {
      response.off('close', leave)
      if (head !== null && !response.headersSent) response.writeHead(500)
      resolve()
    })
  })
}

function pauseUntilDrained(output: NodeJS.ReadableStream, response: GitAnswer): void {
  if (response.destroyed) return
  output.pause()
  const resume = (): void => {
    response.off('drain', resume)
    response.off('close', resume)
    output.resume()
  }
  response.once('drain', resume)
  response.once('close', resume)
}

function writeHead(response: GitAnswer, head: string): void {
  let status = 200
  const headers: Record<string, string> = {}
  for (const line of head.split('\r\n')) {
    const [name = '', ...rest] = line.split(':')
    const value = rest.join(':').trim()
    if (name.toLowerCase() === 'status') status = Number.parseInt(value, 10)
    else headers[name.toLowerCase()] = value
  }
  response.writeHead(status, headers)
}
