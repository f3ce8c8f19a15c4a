import { ApiError } from '../errors.ts'
import type { GitHubClient } from './github-client.ts'
import type { Place } from './github-comments.ts'

const CONTENTS = 'GET /repos/{owner}/{repo}/contents/{path}'
const BLOB = 'GET /repos/{owner}/{repo}/git/blobs/{file_sha}'

/** Reads files at a commit; `undefined` for what is not there or is no file. */
export function githubFileReader(
  client: GitHubClient,
  place: Place,
  sha: string,
): (path: string) => Promise<string | undefined> {
  return async path => {
    try {
      const found = await client.request(CONTENTS, { ...place, path, ref: sha })
      if (Array.isArray(found) || found.type !== 'file') return undefined
      if (found.encoding === 'base64') return decode(found.content)
      // Over 1 MB the content comes only as a blob.
      return decode((await client.request(BLOB, { ...place, file_sha: found.sha })).content)
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return undefined
      throw error
    }
  }
}

function decode(base64: string): string {
  return Buffer.from(base64, 'base64').toString()
}
