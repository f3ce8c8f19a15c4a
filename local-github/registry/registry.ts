/** A registry of container images on this machine, after the OCI distribution specification 1.1. */
import { createHash, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import { isLocalHost } from '../server/http-message.ts'
import { closeServer, listenOnLoopback } from '../server/loopback.ts'
import { openBlobUploads } from './blob-uploads.ts'
import { openContentStore } from './content-store.ts'
import { createEndpoints, sendAnswer } from './endpoints.ts'
import { RegistryRefusal } from './registry-refusal.ts'

export interface RegistryOptions {
  /** Made when it is not there; a registry that starts on a used one goes on where the last stopped. */
  readonly folder: string
  /** Default: any free one. */
  readonly port?: number
  /** Who may read and write; anybody on this machine when left out. */
  readonly login?: { readonly user: string; readonly password: string }
  readonly limits?: Partial<RegistryLimits>
}

export interface RegistryLimits {
  readonly blobBytes: number
  readonly manifestBytes: number
  /** Unfinished at one time. */
  readonly openUploads: number
}

export interface Registry {
  /** `127.0.0.1:<port>`: what references of images begin with. */
  readonly address: string
  /** `http://127.0.0.1:<port>`. */
  readonly url: string
  close(): Promise<void>
}

const defaultLimits: RegistryLimits = {
  blobBytes: 2 * 1024 ** 3,
  // Of the specification: clients may expect at least this much.
  manifestBytes: 4 * 1024 ** 2,
  openUploads: 1000,
}

/** @throws when the port is taken */
export async function startRegistry(options: RegistryOptions): Promise<Registry> {
  const limits = { ...defaultLimits, ...options.limits }
  const endpoints = createEndpoints({
    store: openContentStore(options.folder),
    uploads: openBlobUploads(join(options.folder, 'uploads'), limits, Date.now),
    manifestBytes: limits.manifestBytes,
  })
  const isAllowed = readLogin(options.login)
  const server = createServer((request, response) => void answer(request, response))
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    response.setHeader('docker-distribution-api-version', 'registry/2.0')
    try {
      if (!isLocalHost(request.headers.host))
        throw new RegistryRefusal(403, 'DENIED', 'this registry answers to names of this machine only')
      if (!isAllowed(request.headers.authorization))
        throw new RegistryRefusal(401, 'UNAUTHORIZED', 'authentication required', {
          headers: { 'www-authenticate': 'Basic realm="local registry"' },
        })
      await sendAnswer(response, await endpoints(request), request.method === 'HEAD')
    } catch (error) {
      refuse(request, response, error)
    }
  }
  const address = `127.0.0.1:${await listenOnLoopback(server, options.port ?? 0)}`
  return { address, url: `http://${address}`, close: () => closeServer(server) }
}

function refuse(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  if (response.headersSent || (request.destroyed && !request.complete)) {
    // The client is gone, or was told a length that no longer comes.
    response.destroy()
    return
  }
  const message = error instanceof Error ? error.message : String(error)
  const status = error instanceof RegistryRefusal ? error.status : 500
  // The specification has no code for a defect of the registry; `UNKNOWN` is what registries say.
  const body =
    error instanceof RegistryRefusal ? error.body : JSON.stringify({ errors: [{ code: 'UNKNOWN', message }] })
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    ...(error instanceof RegistryRefusal ? error.headers : {}),
  })
  response.end(request.method === 'HEAD' ? undefined : body)
  // A client reads no answer before it has sent everything.
  request.resume()
}

/** Hashes are compared, so that neither length nor first difference can be measured. */
function readLogin(login: RegistryOptions['login']): (authorization: string | undefined) => boolean {
  if (login === undefined) return () => true
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest()
  const expected = hash(`${login.user}:${login.password}`)
  return authorization => {
    const [, encoded] = /^Basic +([A-Za-z0-9+/]+=*)$/i.exec(authorization ?? '') ?? []
    return encoded !== undefined && timingSafeEqual(hash(Buffer.from(encoded, 'base64').toString('utf8')), expected)
  }
}
