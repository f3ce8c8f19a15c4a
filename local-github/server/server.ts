/** A GitHub on this machine: one port for REST, GraphQL, git and the pages, one folder for all that it knows. */
import { mkdirSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import type { Fault, LocalGitHub } from '../local-github.ts'
import { createCore } from './assembly.ts'
import type { Limits } from './core.ts'
import { planFaults } from './faults.ts'
import { closeServer, listenOnLoopback } from './loopback.ts'
import { clearLeftovers, recoverPullRequests } from './recovery.ts'
import { createSite } from './site.ts'
import { lockState } from './state-lock.ts'
import { openStore } from './store.ts'

export interface ServerOptions {
  /** Made when it is not there; a server that starts on a used one goes on where the last stopped. */
  readonly stateFolder: string
  /** Default: any free one. */
  readonly port?: number
  /** Milliseconds since 1970. */
  readonly now?: () => number
  readonly limits?: Limits
  readonly faults?: readonly Fault[]
}

export async function startServer(options: ServerOptions): Promise<LocalGitHub> {
  const { stateFolder } = options
  mkdirSync(stateFolder, { recursive: true, mode: 0o700 })
  const lock = lockState(stateFolder)
  const server = createServer({ requestTimeout: 0 })
  try {
    const url = `http://127.0.0.1:${await listenOnLoopback(server, options.port ?? 0)}`
    const changes = createChanges()
    const { store, close: closeStore } = openStore(join(stateFolder, 'records.jsonl'), changes.announce)
    if (lock.leftOpen) clearLeftovers(stateFolder, store)
    const faults = planFaults(options.faults)
    const now = options.now ?? Date.now
    const { core, internals } = createCore({
      url,
      stateFolder,
      store,
      now,
      limits: options.limits ?? 'github.com',
      faults,
      changes,
      close: async () => {
        internals.gitHttp.close()
        await closeServer(server)
        await internals.settled()
        closeStore()
        lock.release()
      },
    })
    const site = createSite(core, internals)
    if (lock.leftOpen) await recoverPullRequests(core)
    server.on('request', (request: IncomingMessage, response: ServerResponse) => void site(request, response))
    return core
  } catch (error) {
    server.close()
    lock.release()
    throw error
  }
}

export interface Changes {
  announce(): void
  listen(listener: () => void): () => void
}

/** Many records change at once; listeners hear of them once. */
function createChanges(): Changes {
  const listeners = new Set<() => void>()
  let announced = false
  return {
    announce: () => {
      if (announced || listeners.size === 0) return
      announced = true
      setImmediate(() => {
        announced = false
        for (const listener of listeners) listener()
      })
    },
    listen: listener => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
