/** The codes of the distribution specification, 1.1, "Error codes". */
export type RegistryCode =
  | 'BLOB_UNKNOWN'
  | 'BLOB_UPLOAD_INVALID'
  | 'BLOB_UPLOAD_UNKNOWN'
  | 'DIGEST_INVALID'
  | 'MANIFEST_BLOB_UNKNOWN'
  | 'MANIFEST_INVALID'
  | 'MANIFEST_UNKNOWN'
  | 'NAME_INVALID'
  | 'NAME_UNKNOWN'
  | 'SIZE_INVALID'
  | 'UNAUTHORIZED'
  | 'DENIED'
  | 'UNSUPPORTED'
  | 'TOOMANYREQUESTS'

/** An answer that says no, in the specification's form. */
export class RegistryRefusal extends Error {
  readonly status: number
  readonly code: RegistryCode
  readonly headers: Readonly<Record<string, string>>
  readonly detail: unknown

  constructor(
    status: number,
    code: RegistryCode,
    message: string,
    more: { readonly headers?: Readonly<Record<string, string>>; readonly detail?: unknown } = {},
  ) {
    super(message)
    this.name = 'RegistryRefusal'
    this.status = status
    this.code = code
    this.headers = more.headers ?? {}
    this.detail = more.detail
  }

  get body(): string {
    const detail = this.detail === undefined ? {} : { detail: this.detail }
    return JSON.stringify({ errors: [{ code: this.code, message: this.message, ...detail }] })
  }
}
