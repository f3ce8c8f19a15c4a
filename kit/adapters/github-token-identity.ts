import type { GitHubClient } from './github-client.ts'

/** Login behind the token; `github-actions[bot]` for a job's own. Asked once. */
export type TokenIdentity = () => Promise<string>

export function tokenIdentity(client: GitHubClient): TokenIdentity {
  let asked: Promise<string> | undefined
  return () => {
    asked ??= client
      .query<{ viewer: { login: string } }>('viewer', 'query viewer { viewer { login } }', {})
      .then(({ viewer }) => viewer.login)
    return asked
  }
}
