import { Minimatch } from 'minimatch'
import { InputError, type InputProblem } from '../errors.ts'
import { lines, Unusable, type Parser } from '../inputs.ts'
import { normalRoot, rootPath } from './root.ts'

/** A line of `roots`: a folder, a pattern of folders, or either behind `!` to leave out what was taken so far. */
export interface RootPattern {
  readonly written: string
  /** Without the `!`, normal, relative to `working-directory`. */
  readonly pattern: string
  readonly isLeftOut: boolean
  /** Names one folder. */
  readonly isLiteral: boolean
}

/** Folders of roots and patterns of them, one per line; none means all that there are. */
export const rootPatterns: Parser<readonly RootPattern[]> = {
  parse(raw) {
    return lines.parse(raw).map(written => {
      const isLeftOut = written.startsWith('!')
      const pattern = written.slice(isLeftOut ? 1 : 0)
      if (pattern === '') throw new Unusable('a "!" leaves nothing out', 'Write it before a folder, as in "!infra/old"')
      if (pattern.startsWith('-')) throw new Unusable('it starts with "-"', 'Write the folder as "./-name"')
      return { written, pattern: normalRoot(pattern), isLeftOut, isLiteral: !/[*?[\]{}()]/.test(pattern) }
    })
  },
}

/**
 * The roots that `patterns` mean, in order; without a line that takes any, all below `workingDirectory`. `*` matches within
 * a folder's name, `**` any folders, `{a,b}` either; the last line that matches a folder counts. A line without a pattern
 * may name any folder with configuration, also a module.
 * @param roots from the top of the repository, as is what is returned
 * @param folders all folders with configuration
 * @throws InputError for a line that matches nothing, and when the lines leave nothing over
 */
export function chooseRoots(
  patterns: readonly RootPattern[],
  workingDirectory: string,
  roots: readonly string[],
  folders: readonly string[],
): readonly string[] {
  const chosen = new Set(takesAny(patterns) ? [] : below(workingDirectory, roots))
  const problems = patterns.flatMap(pattern => {
    const path = pathOf(pattern, workingDirectory)
    const found = matching(pattern, path, pattern.isLiteral || pattern.isLeftOut ? folders : roots)
    for (const root of found) {
      if (pattern.isLeftOut) chosen.delete(root)
      else chosen.add(root)
    }
    return found.length > 0 ? [] : [unmatched(pattern, matching(pattern, path, folders).length > 0)]
  })
  if (problems.length > 0) throw new InputError(problems)
  if (chosen.size === 0 && patterns.length > 0 && takesAny(patterns))
    throw new InputError([
      {
        input: 'roots',
        value: patterns.map(({ written }) => written).join('\n'),
        problem: 'it leaves no root over',
        fix: 'Take out a line that begins with "!"',
      },
    ])
  return [...chosen].sort()
}

/** True when a line names what to take, and not only what to leave out. */
export function takesAny(patterns: readonly RootPattern[]): boolean {
  return patterns.some(({ isLeftOut }) => !isLeftOut)
}

/** Those of `folders` below `workingDirectory` that no line leaves out; for lines that take none. */
export function notLeftOut(
  patterns: readonly RootPattern[],
  workingDirectory: string,
  folders: readonly string[],
): readonly string[] {
  const leftOut = new Set(patterns.flatMap(pattern => matching(pattern, pathOf(pattern, workingDirectory), folders)))
  return below(workingDirectory, folders).filter(folder => !leftOut.has(folder))
}

function below(workingDirectory: string, folders: readonly string[]): readonly string[] {
  const top = rootPath({ roots: '.', 'working-directory': workingDirectory })
  return folders.filter(folder => top === '.' || folder === top || folder.startsWith(`${top}/`))
}

function pathOf({ pattern }: RootPattern, workingDirectory: string): string {
  return rootPath({ roots: pattern, 'working-directory': workingDirectory })
}

function matching({ isLiteral }: RootPattern, path: string, folders: readonly string[]): readonly string[] {
  if (isLiteral) return folders.filter(folder => folder === path)
  const matcher = new Minimatch(path, { nonegate: true, nocomment: true })
  return folders.filter(folder =>
    // The top has no name that a pattern could match, and "infra/**" means infra as well.
    folder === '.' ? /^\*\*?$/.test(path) : matcher.match(folder) || matcher.match(`${folder}/`),
  )
}

function unmatched({ written, isLiteral }: RootPattern, matchesModules: boolean): InputProblem {
  const about = { input: 'roots', value: written }
  if (isLiteral)
    return {
      ...about,
      problem: 'it is not a folder with Terraform configuration',
      fix: 'Name a folder that holds .tf files, relative to "working-directory", and check out the repository before this step',
    }
  if (matchesModules)
    return {
      ...about,
      problem: 'the folders that it matches are modules of others, and no roots',
      fix: 'Name such a folder without a pattern to take it as a root',
    }
  return {
    ...about,
    problem: 'it matches no Terraform root',
    fix: 'Write the pattern relative to "working-directory"; "*" stays within a folder, "**" goes below',
  }
}
