import { randomUUID } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, readlink, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { ActionError, InputError } from '../errors.ts'
import type { Files, WalkedFile } from '../ports.ts'

export interface FilesSettings {
  readonly workspace: string
  /** The job's temporary folder; outputs of earlier steps lie there, so inputs may point into it. */
  readonly temporary: string
  /** False on a terminal, where the user may name any file. */
  readonly confined: boolean
}

export function systemFiles(settings: FilesSettings): Files {
  const roots = [settings.workspace, settings.temporary]
  const requireInside = async (input: string, path: string, absolute: string): Promise<void> => {
    if (!roots.some(root => isInside(root, absolute))) throw outside(input, path)
    const real = await realpathOfExisting(absolute).catch(unusablePath(input, path))
    const realRoots = await Promise.all(roots.map(realpathOfExisting))
    if (!realRoots.some(root => isInside(root, real))) throw outside(input, path)
  }
  return {
    workspace: settings.workspace,
    async temporaryFolder(prefix) {
      await mkdir(settings.temporary, { recursive: true })
      return mkdtemp(join(settings.temporary, `${prefix}-`))
    },
    async resolve(input, path, workingDirectory = '.') {
      if (path.includes('\0')) throw outside(input, path)
      const folder = resolve(settings.workspace, workingDirectory)
      const absolute = resolve(folder, path)
      if (!settings.confined) return absolute
      // By itself first: a folder that leads out is not the fault of what is looked for in it.
      await requireInside('working-directory', workingDirectory, folder)
      await requireInside(input, path, absolute)
      return absolute
    },
    exists: async path => existsSync(path),
    readText: path => readFile(path, 'utf8').catch(unreadable(path)),
    readBytes: async path => new Uint8Array(await readFile(path).catch(unreadable(path))),
    readChunks: readInPieces,
    size: async path => (await stat(path)).size,
    list: async folder => (await readdir(folder)).sort(),
    walk,
    async write(path, content, mode = 0o600) {
      await mkdir(dirname(path), { recursive: true })
      const unfinished = `${path}.${randomUUID()}.part`
      try {
        await writeFile(unfinished, content, { mode, flag: 'wx' })
        await rename(unfinished, path)
      } catch (error) {
        await rm(unfinished, { force: true })
        throw error
      }
    },
    remove: path => rm(path, { recursive: true, force: true }),
  }
}

const PIECE_BYTES = 1024 * 1024

async function* readInPieces(path: string): AsyncGenerator<Uint8Array> {
  const stream = createReadStream(path, { highWaterMark: PIECE_BYTES })
  try {
    for await (const piece of stream) yield piece as Uint8Array
  } catch (error) {
    unreadable(path)(error as NodeJS.ErrnoException)
  } finally {
    stream.destroy()
  }
}

async function walk(top: string, enters: (name: string) => boolean): Promise<WalkedFile[]> {
  const found: WalkedFile[] = []
  const realTop = await realpath(top)
  const pathOf = (absolute: string, from: string) => relative(from, absolute).split(sep).join('/')
  const visit = async (folder: string): Promise<void> => {
    for (const entry of await readdir(folder, { withFileTypes: true }).catch(unreadable(folder))) {
      const absolute = join(folder, entry.name)
      const path = pathOf(absolute, top)
      if (entry.isDirectory() && enters(entry.name)) await visit(absolute)
      if (entry.isFile()) found.push({ path, target: path })
      if (!entry.isSymbolicLink()) continue
      const target = await realpath(absolute).catch(() => undefined)
      if (target === undefined || !isInside(realTop, target)) found.push({ path, target: undefined })
      else if ((await stat(target)).isFile()) found.push({ path, target: pathOf(target, realTop) })
    }
  }
  await visit(top)
  return found
}

function isInside(root: string, path: string): boolean {
  const way = relative(root, path)
  return way === '' || (!isAbsolute(way) && way !== '..' && !way.startsWith(`..${sep}`))
}

/** The real path of what exists of `path`, with the rest appended; links are followed, also one that leads nowhere. */
async function realpathOfExisting(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch (error) {
    const parent = dirname(path)
    const { code } = error as NodeJS.ErrnoException
    if ((code !== 'ENOENT' && code !== 'ENOTDIR') || parent === path) throw error
    const target = await readlink(path).catch(() => undefined)
    if (target !== undefined) return realpathOfExisting(resolve(parent, target))
    return join(await realpathOfExisting(parent), relative(parent, path))
  }
}

const UNUSABLE: Readonly<Record<string, string>> = {
  ENAMETOOLONG: 'it is longer than a path may be',
  ELOOP: 'its links lead in a circle',
  EACCES: 'this user may not look into a folder of it',
}

function unusablePath(input: string, path: string): (error: NodeJS.ErrnoException) => never {
  return error => {
    const problem = UNUSABLE[error.code ?? '']
    if (problem === undefined) throw error
    throw new InputError([
      { input, value: path, problem, fix: 'Give the path of a file or folder, and not its content' },
    ])
  }
}

const UNREADABLE: Readonly<Record<string, string>> = {
  EISDIR: 'it is a folder',
  EACCES: 'this user may not',
  ENOENT: 'it is not there',
}

/** A path that the user named can be anything; that is no bug of ours. */
function unreadable(path: string): (error: NodeJS.ErrnoException) => never {
  return error => {
    const problem = UNREADABLE[error.code ?? '']
    if (problem === undefined) throw error
    throw new ActionError(`${path} cannot be read: ${problem}`, {
      hint: 'Give the path of a file that this job may read',
    })
  }
}

function outside(input: string, path: string): InputError {
  return new InputError([
    {
      input,
      value: path,
      problem: 'it leads out of the workspace',
      fix: 'Give a path inside the repository, relative to "working-directory"',
    },
  ])
}
