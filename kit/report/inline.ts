import { makeVisible } from './visible.ts'

const BREAK = '&#8203;'

function oneLine(untrusted: string): string {
  return makeVisible(untrusted).replace(/\s+/g, ' ').trim()
}

/** Mentions, issue references and bare links stay text: a zero-width entity parts them, so nobody is notified. */
function unlink(text: string): string {
  return text
    .replace(/@(?=[A-Za-z0-9_-])/g, `@${BREAK}`)
    .replace(/(?<!&)#(?=\d)/g, `#${BREAK}`)
    .replace(/(?<![A-Za-z0-9])(GH)-(?=\d)/gi, `$1${BREAK}-`)
    .replace(/:\/\//g, `:${BREAK}//`)
    .replace(/(?<![A-Za-z0-9])(www)\./gi, `$1${BREAK}.`)
}

/**
 * Untrusted text for running Markdown: one line, inert. No structure, HTML, link, mention, reference or mathematics comes
 * of it. Safe in a table cell too.
 */
export function text(untrusted: string): string {
  const escaped = oneLine(untrusted)
    .replace(/[&<>]/g, character => (character === '&' ? '&amp;' : character === '<' ? '&lt;' : '&gt;'))
    .replace(/[\\`*[\]~$!]/g, '\\$&')
    .replace(/(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g, '\\_')
    .replace(/\|/g, '&#124;')
    .replace(/^([-+=#])/, '\\$1')
    .replace(/^(\d+)([.)])/, '$1\\$2')
  return unlink(escaped)
}

/** Untrusted text for an HTML context (`<summary>`): one line, every character of markup as an entity. Inert in Markdown too. */
export function html(untrusted: string): string {
  const escaped = oneLine(untrusted).replace(/[&<>"'\\`*_[\]~$!|]/g, character => {
    if (character === '&') return '&amp;'
    if (character === '<') return '&lt;'
    if (character === '>') return '&gt;'
    return `&#${character.charCodeAt(0)};`
  })
  return unlink(escaped)
}

/** Untrusted text as inline code, on one line. Safe in a table cell too. */
export function code(untrusted: string): string {
  const line = makeVisible(untrusted).replace(/\n/g, ' ')
  if (/^[^`|\s](?:[^`|]*[^`|\s])?$/.test(line)) return `\`${line}\``
  return htmlCode(untrusted)
}

/** Untrusted text as inline code for an HTML context (`<summary>`). */
export function htmlCode(untrusted: string): string {
  const line = makeVisible(untrusted).replace(/[\n\t]/g, ' ')
  const escaped = line.replace(/[^A-Za-z0-9 ./:@,()+-]/gu, character => `&#${character.codePointAt(0) ?? 0};`)
  return `<code>${unlink(escaped)}</code>`
}

/**
 * A link; `label` is untrusted text.
 * @param url http or https; another scheme, or no URL at all, gives the label alone
 */
export function link(label: string, url: string): string {
  const target = linkTarget(url)
  return target === undefined ? text(label) : `[${text(label)}](${target})`
}

function linkTarget(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined
  const parsed = new URL(url)
  if (parsed.protocol !== 'https:' && parsed.protocol !== 'http:') return undefined
  return parsed.href.replace(/[()<>\\|`*_[\]]/g, character => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
}
