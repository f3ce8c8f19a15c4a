/** What a handler answers, and what it throws when GitHub would refuse. */
import type { OutgoingHttpHeaders } from 'node:http'

export interface Reply {
  readonly status: number
  readonly headers: OutgoingHttpHeaders
  /** JSON value, bytes, or nothing. */
  readonly body: { readonly json: unknown } | { readonly bytes: Uint8Array } | null
}

export const json = (status: number, value: unknown, headers: OutgoingHttpHeaders = {}): Reply => ({
  status,
  headers,
  body: { json: value },
})

export const noContent = (status: 204 | 205 = 204): Reply => ({ status, headers: {}, body: null })

export const redirect = (status: 301 | 302 | 307, location: string): Reply => ({
  status,
  headers: { location },
  body: null,
})

export const bytes = (contentType: string, content: Uint8Array, headers: OutgoingHttpHeaders = {}): Reply => ({
  status: 200,
  headers: { 'content-type': contentType, ...headers },
  body: { bytes: content },
})

export interface FieldError {
  readonly resource: string
  readonly code: 'missing' | 'missing_field' | 'invalid' | 'already_exists' | 'unprocessable' | 'custom'
  readonly field?: string
  readonly message?: string
}

/** An answer in GitHub's error shape; thrown by handlers, turned into the answer by the router. */
export class Refusal extends Error {
  readonly status: number
  readonly errors: readonly (FieldError | string)[] | null
  readonly headers: OutgoingHttpHeaders

  constructor(
    status: number,
    message: string,
    errors: readonly (FieldError | string)[] | null = null,
    headers: OutgoingHttpHeaders = {},
  ) {
    super(message)
    this.status = status
    this.errors = errors
    this.headers = headers
  }
}

/** A branch rule forbids the change. Which status says so depends on the route. */
export class RuleRefusal extends Refusal {
  constructor(rule: string) {
    super(422, `Repository rule violations found\n\n${rule}\n\n`)
  }
}

export const notFound = (message = 'Not Found'): Refusal => new Refusal(404, message)
export const forbidden = (message: string, headers: OutgoingHttpHeaders = {}): Refusal =>
  new Refusal(403, message, null, headers)
export const conflict = (message: string): Refusal => new Refusal(409, message)
export const unprocessable = (message: string, errors: readonly (FieldError | string)[] | null = null): Refusal =>
  new Refusal(422, message, errors)
/** GitHub's usual `Validation Failed` with one field's fault. */
export const invalidField = (
  resource: string,
  field: string,
  code: FieldError['code'] = 'invalid',
  message?: string,
): Refusal => unprocessable('Validation Failed', [{ resource, code, field, ...(message ? { message } : {}) }])
