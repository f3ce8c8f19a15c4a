/** Hides secrets in what a job says, in the spellings that GitHub's runner knows, and in no others (security-and-testing A5). */
export class Masks {
  readonly #needles = new Set<string>()

  /** The value whole, each of its lines, and the encodings of both. An empty value hides nothing. */
  add(value: string): void {
    const lines = /[\r\n]/.test(value) ? value.split(/\r\n|\r|\n/).map(line => line.trim()) : []
    for (const text of [value, ...lines]) {
      if (text.trim() === '') continue
      for (const needle of [text, ...encode(text)]) if (needle !== '') this.#needles.add(needle)
    }
  }

  apply(text: string): string {
    const ranges = this.#find(text)
    let result = ''
    let position = 0
    for (const [start, end] of ranges) {
      result += `${text.slice(position, start)}***`
      position = end
    }
    return result + text.slice(position)
  }

  hides(text: string): boolean {
    return [...this.#needles].some(needle => text.includes(needle))
  }

  /** Overlapping and touching finds are one. */
  #find(text: string): [start: number, end: number][] {
    const found: [number, number][] = []
    for (const needle of this.#needles) {
      for (let at = text.indexOf(needle); at >= 0; at = text.indexOf(needle, at + 1))
        found.push([at, at + needle.length])
    }
    found.sort((a, b) => a[0] - b[0])
    const merged: [number, number][] = []
    for (const [start, end] of found) {
      const last = merged.at(-1)
      if (last && start <= last[1]) last[1] = Math.max(last[1], end)
      else merged.push([start, end])
    }
    return merged
  }
}

function encode(value: string): string[] {
  const bytes = Buffer.from(value)
  return [
    ...[0, 1, 2].filter(offset => bytes.length > offset).map(offset => bytes.subarray(offset).toString('base64')),
    value.replaceAll('"', '\\"'),
    value.replaceAll("'", "''"),
    JSON.stringify(value).slice(1, -1),
    encodeUri(value),
    encodeXml(value),
    trimQuotes(value),
    ...splitAtAmpersand(value),
  ]
}

/** RFC 3986: unlike `encodeURIComponent`, these five are escaped too. */
function encodeUri(value: string): string {
  return encodeURIComponent(value.toWellFormed()).replace(
    /[!'()*]/g,
    character => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

const xmlEntities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
}

function encodeXml(value: string): string {
  return value.replace(/[&<>"']/g, character => xmlEntities[character] ?? character)
}

function trimQuotes(value: string): string {
  return value.length > 8 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : ''
}

/** PowerShell prints an error in two parts around `&`; parts too short to be telling stay. */
function splitAtAmpersand(value: string): string[] {
  if (!value.includes('&')) return []
  const plus = value.indexOf('&+')
  const before = plus >= 0 ? value.slice(0, plus + 2) : value.slice(0, value.lastIndexOf('&'))
  const after = plus >= 0 ? value.slice(plus + 2) : value.slice(value.lastIndexOf('&') + 1)
  return [before, after].filter(part => part.length >= 6)
}
