import { posix } from 'node:path'

/**
 * The rules of a `.dockerignore`: https://docs.docker.com/build/concepts/context/#dockerignore-files. The last rule that
 * matches a path, or a folder that it lies in, decides.
 * @returns whether the path, with `/` and relative to the context, is left out
 * @throws Error for a pattern that is none
 */
export function readIgnoreFile(text: string): (path: string) => boolean {
  const rules = text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .filter(line => !line.startsWith('#'))
    .map(line => line.trim())
    .filter(line => line !== '')
    .map(readRule)
  return path => {
    const parts = path.split('/')
    const places = parts.map((_, index) => parts.slice(0, index + 1).join('/'))
    let isIgnored = false
    for (const { pattern, brings } of rules)
      if (isIgnored === brings && places.some(place => pattern.test(place))) isIgnored = !brings
    return isIgnored
  }
}

function readRule(line: string): { pattern: RegExp; brings: boolean } {
  const brings = line.startsWith('!')
  const written = (brings ? line.slice(1) : line).trim()
  if (written === '') throw new Error('.dockerignore: illegal exclusion pattern: "!"')
  const clean = posix.normalize(written).replace(/^\/+/, '').replace(/\/+$/, '')
  return { pattern: new RegExp(`^${toExpression(clean, line)}$`, 's'), brings }
}

function toExpression(pattern: string, line: string): string {
  let expression = ''
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at] ?? ''
    if (pattern.startsWith('**', at)) {
      at++
      // `**/` is any number of folders, also none.
      if (pattern[at + 1] === '/') {
        at++
        expression += '(?:.*/)?'
      } else expression += '.*'
    } else if (character === '*') expression += '[^/]*'
    else if (character === '?') expression += '[^/]'
    else if (character === '[') {
      const end = pattern.indexOf(']', at + 2)
      if (end === -1) throw new Error(`.dockerignore: "${line}" has a "[" without "]"`)
      const [, not, set = ''] = /^(\^?)(.*)$/s.exec(pattern.slice(at + 1, end)) ?? []
      expression += `[${not}${set.replace(/[\\[\]^]/g, '\\$&')}]`
      at = end
    } else {
      if (character === '\\') at++
      expression += (pattern[at] ?? '\\').replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
    }
  }
  return expression
}
