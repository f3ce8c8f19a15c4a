import { code, html, htmlCode, text } from './report/inline.ts'
import { makeVisible } from './report/visible.ts'

export interface SecretForms {
  readonly literals: ReadonlySet<string>
  /** Parts of base64 text that only this value gives, at each of the three offsets. */
  readonly base64: ReadonlySet<string>
}

/** Fewer characters of base64 would be met by chance. */
const LEAST_BASE64_CHARACTERS = 6

/** A value as it looks after the encodings that text commonly goes through, our own Markdown escapes among them. */
export function secretForms(value: string): SecretForms {
  const bytes = Buffer.from(value)
  const json = JSON.stringify(value).slice(1, -1)
  const whole = bytes.toString('base64')
  const uri = encodeURIComponent(value.toWellFormed())
  const literals = new Set([
    value,
    ...jsonForms(json),
    ...jsonForms(json).flatMap(form => jsonForms(JSON.stringify(form).slice(1, -1))),
    ...xmlForms(value),
    ...uriForms(uri),
    ...uriForms(uri.replace(/[!'()*~]/g, character => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)),
    ...uriForms(encodeURI(value.toWellFormed())),
    ...uriForms(new URLSearchParams([['', value]]).toString().slice(1)),
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
    whole,
    bytes.toString('base64url'),
    value.replaceAll('"', '\\"'),
    value.replaceAll("'", "'\\''"),
    makeVisible(value),
    text(value),
    html(value),
    code(value).slice(1, -1),
    htmlCode(value).slice('<code>'.length, -'</code>'.length),
  ])
  if (value.length > 8) literals.add(value.replace(/^["']|["']$/g, ''))
  literals.delete('')
  const base64 = new Set<string>()
  for (const offset of [0, 1, 2]) {
    const core = bytes
      .subarray(offset)
      .toString('base64')
      .slice(0, Math.floor(((bytes.length - offset) * 8) / 6))
    if (core.length < LEAST_BASE64_CHARACTERS) continue
    base64.add(core)
    base64.add(core.replaceAll('+', '-').replaceAll('/', '_'))
  }
  return { literals, base64 }
}

/** Go writes `<`, `>` and `&` in JSON as escapes, and so does Terraform. */
function jsonForms(json: string): string[] {
  const go = json.replace(
    /[<>&\u2028\u2029]/g,
    character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  return [json, go, json.replaceAll('/', '\\/')]
}

function xmlForms(value: string): string[] {
  const named: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' }
  const numbered: Record<string, string> = { ...named, '"': '&#34;', "'": '&#39;' }
  const escape = (by: Record<string, string>) => value.replace(/[&<>"']/g, character => by[character] ?? character)
  return [escape(named), escape(numbered), escape({ ...named, '"': '"', "'": "'" })]
}

function uriForms(uri: string): string[] {
  const lower = uri.replace(/%[0-9A-F]{2}/g, escape => escape.toLowerCase())
  return [uri, lower, uri.replaceAll('%20', '+'), lower.replaceAll('%20', '+')]
}
