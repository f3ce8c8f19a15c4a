import { lstatSync, readdirSync, realpathSync, statSync } from 'node:fs'
import { isAbsolute, join, resolve, sep } from 'node:path'
import { Minimatch } from 'minimatch'

export interface FindOptions {
  readonly followSymbolicLinks: boolean
  /** Files and folders whose name starts with a dot, below the place where the search starts. */
  readonly hidden: boolean
}

export interface Found {
  readonly files: string[]
  /** Where each pattern's search started: the folders before its first wildcard. */
  readonly roots: string[]
}

/**
 * Files for patterns as `hashFiles` and the artifact actions take them: one a line, `#` starts a comment, `!` takes away again, later
 * lines win, and a folder stands for all that is in it.
 */
export function findFiles(patterns: string, folder: string, options: FindOptions): Found {
  const rules = patterns
    .split(/\r?\n/)
    .map(line => line.trim())
    .filter(line => line !== '' && !line.startsWith('#'))
    .map(line => makeRule(line, folder))
  const roots = [...new Set(rules.filter(rule => !rule.excludes).map(rule => rule.root))]
  const files = new Set<string>()
  for (const root of roots) {
    for (const file of walk(root, options)) if (isSelected(file, rules)) files.add(file)
  }
  return { files: [...files].sort(), roots }
}

const matching = { dot: true, nobrace: true, nocomment: true, noext: true, nonegate: true }

interface Rule {
  readonly excludes: boolean
  readonly root: string
  matches(path: string): boolean
}

function makeRule(line: string, folder: string): Rule {
  const excludes = line.startsWith('!')
  const text = excludes ? line.slice(1).trim() : line
  const segments = (isAbsolute(text) ? text : join(folder, text)).split(sep)
  const firstMagic = segments.findIndex(segment => /[*?[]/.test(segment))
  const root = resolve(segments.slice(0, firstMagic < 0 ? undefined : firstMagic).join(sep) || sep)
  const pattern = resolve(segments.join(sep))
  const matcher = new Minimatch(pattern, matching)
  const inside = new Minimatch(`${pattern === sep ? '' : pattern}/**`, matching)
  return { excludes, root, matches: path => matcher.match(path) || inside.match(path) }
}

function isSelected(path: string, rules: readonly Rule[]): boolean {
  let selected = false
  for (const rule of rules) if (rule.excludes === selected && rule.matches(path)) selected = !rule.excludes
  return selected
}

function* walk(path: string, options: FindOptions, above: readonly string[] = []): Generator<string> {
  const stat = (options.followSymbolicLinks ? statSync : lstatSync)(path, { throwIfNoEntry: false })
  if (!stat) return
  if (stat.isFile()) yield path
  if (!stat.isDirectory()) return
  const real = realpathSync(path)
  if (above.includes(real)) return
  for (const name of readdirSync(path).sort()) {
    if (options.hidden || !name.startsWith('.')) yield* walk(join(path, name), options, [...above, real])
  }
}
