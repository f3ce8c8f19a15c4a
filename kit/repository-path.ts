import { Unusable } from './inputs.ts'

/**
 * A path for a commit, from the top of the repository (rule R22).
 * @throws Unusable when it leads outside, into git's own folder, or to workflows, which the token of a job may never write
 */
export function repositoryPath(path: string): string {
  const parts: string[] = []
  if (path.startsWith('/') || path.includes('\\') || path.includes('\0'))
    throw new Unusable('it is no path inside of the repository', 'Give a path from the top of the repository')
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part === '..') {
      if (parts.pop() === undefined)
        throw new Unusable('it leads out of the repository', 'Give a path inside of the repository')
    } else parts.push(part)
  }
  if (parts.length === 0) throw new Unusable('it names no file', 'Give the path of a file')
  // File systems that ignore case, trailing dots and spaces, or know short names, see `.git` in these too.
  if (parts.some(part => /^(?:\.git[. ]*|git~\d+)$/i.test(part)))
    throw new Unusable("it leads into git's own folder", 'Give the path of a file that git tracks')
  if (/^\.github$/i.test(parts[0] ?? '') && /^workflows$/i.test(parts[1] ?? ''))
    throw new Unusable(
      'it leads to workflows, which the token of a job may not write',
      'Keep the values in a file outside of .github/workflows',
    )
  return parts.join('/')
}
