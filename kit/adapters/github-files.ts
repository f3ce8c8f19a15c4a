import { ActionError } from '../errors.ts'
import type { CommittedFolder } from '../ports.ts'
import type { GitHubClient } from './github-client.ts'
import type { Place } from './github-comments.ts'

const TREE = 'GET /repos/{owner}/{repo}/git/trees/{tree_sha}'
const BLOB = 'GET /repos/{owner}/{repo}/git/blobs/{file_sha}'

const KINDS: Readonly<Record<string, string>> = {
  '120000': 'a link',
  '100755': 'a program (its executable bit is set)',
  '160000': 'a submodule',
  '040000': 'a folder',
}

/** Trees at a commit, each read once. `find` gives the one of a folder, by its steps from the top; `undefined` when it is not there. */
function treesAt(client: GitHubClient, place: Place, commit: string) {
  const trees = new Map<string, Promise<readonly { path?: string; mode?: string; sha?: string | null }[]>>()
  const entriesOf = (tree: string) => {
    const known =
      trees.get(tree) ?? client.request(TREE, { ...place, tree_sha: tree }).then(({ tree: entries }) => entries)
    trees.set(tree, known)
    return known
  }
  const find = async (folders: readonly string[], path: string): Promise<string | undefined> => {
    let tree = commit
    for (const folder of folders) {
      const found = (await entriesOf(tree)).find(entry => entry.path === folder)
      if (found === undefined) return undefined
      if (found.mode !== '040000' || !found.sha) throw notOrdinary(path, folder, found.mode)
      tree = found.sha
    }
    return tree
  }
  return { entriesOf, find }
}

/**
 * Reads ordinary files at a commit, byte for byte; `undefined` for what is not there. Goes through git's trees, because the
 * route for contents follows links and tells no modes.
 */
export function githubFileReader(
  client: GitHubClient,
  place: Place,
  sha: string,
): (path: string) => Promise<Uint8Array | undefined> {
  const { entriesOf, find } = treesAt(client, place, sha)
  return async path => {
    const folders = path.split('/')
    const name = folders.pop()
    const tree = await find(folders, path)
    const file = tree === undefined ? undefined : (await entriesOf(tree)).find(entry => entry.path === name)
    if (file === undefined) return undefined
    if (file.mode !== '100644' || !file.sha) throw notOrdinary(path, path, file.mode)
    return readBlob(client, place, file.sha)
  }
}

async function readBlob(client: GitHubClient, place: Place, sha: string): Promise<Uint8Array> {
  const { content } = await client.request(BLOB, { ...place, file_sha: sha })
  return new Uint8Array(Buffer.from(content, 'base64'))
}

/** Enough for policies; each file is a request. */
const MOST_FILES = 200

/** A folder at a commit, by git's trees; `undefined` when it is not there. */
export async function readCommittedFolder(
  client: GitHubClient,
  place: Place,
  sha: string,
  path: string,
): Promise<CommittedFolder | undefined> {
  const tree = await treesAt(client, place, sha).find(path.split('/'), path)
  if (tree === undefined) return undefined
  return {
    id: tree,
    async readFiles() {
      const { tree: entries, truncated } = await client.request(TREE, { ...place, tree_sha: tree, recursive: '1' })
      const files = entries.filter(({ mode }) => mode !== '040000')
      if (truncated || files.length > MOST_FILES)
        throw new ActionError(`${path} holds more than ${MOST_FILES} files`, { hint: 'Name a smaller folder' })
      const contents = new Map<string, Uint8Array>()
      for (const { path: name = '', mode, sha: blob } of files) {
        if (mode !== '100644' || !blob) throw notOrdinary(`${path}/${name}`, name, mode)
        contents.set(name, await readBlob(client, place, blob))
      }
      return contents
    },
  }
}

function notOrdinary(path: string, part: string, mode = ''): ActionError {
  return new ActionError(`${path} cannot be used through the API: ${part} is ${KINDS[mode] ?? 'no ordinary file'}`, {
    hint: 'Give the path of an ordinary file',
  })
}
