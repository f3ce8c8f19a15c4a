import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { codeOf } from '../../../server/error-code.ts'

/** What the stand-in says to a registry: pushes and pulls of the distribution specification, over plain HTTP on this machine. */
export class RegistryClient {
  readonly #registry: string
  readonly #authorization: string | undefined

  /**
   * @param authorization value of the header; the login that `docker login` left when left out
   * @throws Error for a registry that is not on this machine
   */
  constructor(registry: string, authorization?: string) {
    if (!/^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(registry))
      throw new Error(`${registry} is not on this machine, and the stand-in for docker reaches no other`)
    this.#registry = registry
    this.#authorization = authorization ?? readLogin(registry)
  }

  /** @throws Error when the registry does not accept the login */
  async checkLogin(): Promise<void> {
    await this.#call('GET', '/v2/', [200])
  }

  async hasBlob(repository: string, digest: string): Promise<boolean> {
    return (await this.#call('HEAD', `/v2/${repository}/blobs/${digest}`, [200, 404])).status === 200
  }

  async pushBlob(repository: string, digest: string, bytes: Buffer): Promise<void> {
    const begun = await this.#call('POST', `/v2/${repository}/blobs/uploads/`, [202])
    const location = new URL(begun.headers.get('location') ?? '', `http://${this.#registry}`)
    location.searchParams.set('digest', digest)
    await this.#call('PUT', location.pathname + location.search, [201], { bytes, type: 'application/octet-stream' })
  }

  async pushManifest(repository: string, reference: string, bytes: Buffer, type: string): Promise<void> {
    await this.#call('PUT', `/v2/${repository}/manifests/${reference}`, [201], { bytes, type })
  }

  /** @throws Error when the registry has none */
  async pull(repository: string, kind: 'blobs' | 'manifests', reference: string): Promise<Buffer> {
    const response = await this.#call('GET', `/v2/${repository}/${kind}/${reference}`, [200])
    return Buffer.from(await response.arrayBuffer())
  }

  async #call(
    method: string,
    path: string,
    expected: readonly number[],
    body?: { readonly bytes: Buffer; readonly type: string },
  ): Promise<Response> {
    let response: Response
    try {
      response = await fetch(`http://${this.#registry}${path}`, {
        method,
        // A redirect would carry the login and the bytes off this machine.
        redirect: 'error',
        headers: {
          accept: manifestTypes.join(', '),
          ...(this.#authorization === undefined ? {} : { authorization: this.#authorization }),
          ...(body === undefined ? {} : { 'content-type': body.type }),
        },
        ...(body === undefined ? {} : { body: new Uint8Array(body.bytes) }),
      })
    } catch (error) {
      const cause = (error as { cause?: unknown }).cause
      throw new Error(`the registry ${this.#registry} does not answer: ${codeOf(cause) ?? String(error)}`, {
        cause: error,
      })
    }
    if (expected.includes(response.status)) return response
    const text = await response.text()
    if (response.status === 401)
      throw new Error(
        `unauthorized: the registry ${this.#registry} asks for a login: use "docker login ${this.#registry}"`,
      )
    throw new Error(
      `${method} ${path}: the registry ${this.#registry} answered ${response.status}: ${text.slice(0, 500)}`,
    )
  }
}

const manifestTypes = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
]

/**
 * Where docker keeps logins; `null` where neither variable is set. The system knows a home as well, but that is the developer's,
 * whose logins no step may have.
 */
export function loginFile(): string | null {
  const { DOCKER_CONFIG: folder, HOME: home } = process.env
  if (folder !== undefined && folder !== '') return join(folder, 'config.json')
  return home === undefined || home === '' ? null : join(home, '.docker', 'config.json')
}

export interface LoginFile {
  auths?: Record<string, { auth?: string }>
}

export function readLoginFile(): LoginFile {
  const file = loginFile()
  if (file === null) return {}
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as LoginFile
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return {}
    throw new Error(`${file} is no file of docker's logins`, { cause: error })
  }
}

function readLogin(registry: string): string | undefined {
  const auth = readLoginFile().auths?.[registry]?.auth
  return auth === undefined ? undefined : `Basic ${auth}`
}
