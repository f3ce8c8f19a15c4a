import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { REGISTRY_SECRETS } from './demo-registry.ts'

const run = promisify(execFile)

const LOOK_AGAIN_MILLISECONDS = 500
const IMAGE = /image: (127\.0\.0\.1:\d+)\/(\S*shop-backend):\S+@(sha256:[0-9a-f]{64})/
const REVISION = 'org.opencontainers.image.revision'

/**
 * Answers in the backend's place where nothing can run its image: as slowly as the database would, by the source at the
 * revision that the pushed image names, which is the image that the branch's compose file names.
 */
export class StandInBackend {
  readonly #server: Server
  readonly #gitFolder: string
  #head = ''
  #delayMilliseconds = 0
  #looked = 0
  #looking: Promise<void> | undefined

  private constructor(gitFolder: string) {
    this.#gitFolder = gitFolder
    this.#server = createServer((request, response) => {
      this.#answer(request.url ?? '/', response).catch((error: unknown) => {
        response.writeHead(500, { 'content-type': 'text/plain' })
        response.end(error instanceof Error ? error.message : String(error))
      })
    })
  }

  /** On a free port of this machine. */
  static async start(gitFolder: string): Promise<StandInBackend> {
    const backend = new StandInBackend(gitFolder)
    backend.#server.listen(0, '127.0.0.1')
    await once(backend.#server, 'listening')
    return backend
  }

  /** `127.0.0.1:<port>`. */
  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }

  async #answer(url: string, response: ServerResponse): Promise<void> {
    if (!url.startsWith('/api/items')) {
      response.end('<!doctype html><title>Shop</title>')
      return
    }
    if (Date.now() - this.#looked >= LOOK_AGAIN_MILLISECONDS)
      await (this.#looking ??= this.#look().finally(() => (this.#looking = undefined)))
    await sleep(this.#delayMilliseconds)
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end('[{"id":1,"name":"Lamp","price_cents":4900}]')
  }

  /** What the branch names may have changed. */
  async #look(): Promise<void> {
    const head = await this.#git('rev-parse', 'refs/heads/integration')
    if (head !== this.#head) {
      this.#delayMilliseconds = await this.#delayAt(head)
      this.#head = head
    }
    this.#looked = Date.now()
  }

  async #delayAt(head: string): Promise<number> {
    const [, registry, repository, digest] = IMAGE.exec(await this.#git('show', `${head}:docker-compose.yml`)) ?? []
    if (digest === undefined) return 0
    const url = `http://${registry}/v2/${repository}`
    const manifest = await fetchJson<{ config: { digest: string } }>(`${url}/manifests/${digest}`)
    const image = await fetchJson<{ config: { Labels?: Record<string, string> } }>(
      `${url}/blobs/${manifest.config.digest}`,
    )
    const revision = image.config.Labels?.[REVISION] ?? ''
    const source = await this.#git('show', `${revision}:backend/shop/items.py`)
    const seconds = [...source.matchAll(/pg_sleep\(([\d.]+)\)/g)].map(([, text]) => Number(text))
    return seconds.reduce((sum, each) => sum + each, 0) * 1000
  }

  async #git(...args: string[]): Promise<string> {
    return (await run('git', ['-C', this.#gitFolder, ...args])).stdout.trim()
  }
}

async function fetchJson<T>(url: string): Promise<T> {
  const { REGISTRY_USERNAME: user, REGISTRY_PASSWORD: password } = REGISTRY_SECRETS
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
  const accept = 'application/vnd.oci.image.manifest.v1+json'
  const response = await fetch(url, { headers: { accept, authorization } })
  if (!response.ok) throw new Error(`${url} answered ${response.status}`)
  return (await response.json()) as T
}
