/** What a job must be granted for a call, by method and path; the first that matches counts. */
const NEEDS: readonly (readonly [RegExp, string])[] = [
  // Only issues themselves: their comments and labels are those of pull requests, too.
  [/^GET \S*\/issues$/, 'issues: read'],
  [/^POST \S*\/issues$|^PATCH \S*\/issues\/\{issue_number\}$/, 'issues: write'],
  [/^GET \S*\/(?:issues|pulls)\b|^GET \S*\/commits\/\S+\/pulls$/, 'pull-requests: read'],
  [/^\S+ \S*\/(?:issues|pulls)\b/, 'pull-requests: write'],
  [/^GET \S*\/commits\/\S+\/status(?:es)?$/, 'statuses: read'],
  [/^\S+ \S*\/statuses\/\{sha\}$/, 'statuses: write'],
  [/^GET \S*\/check-(?:runs|suites)\b/, 'checks: read'],
  [/^\S+ \S*\/check-(?:runs|suites)\b/, 'checks: write'],
  [/^GET \S*\/deployments\b/, 'deployments: read'],
  [/^\S+ \S*\/deployments\b/, 'deployments: write'],
  [/^GET \S*\/(?:actions|environments)\b/, 'actions: read'],
  [/^\S+ \S*\/actions\b/, 'actions: write'],
  [/^GET \S*\/(?:git|contents|commits|compare|branches)\b/, 'contents: read'],
  [/^\S+ \S*\/(?:git|contents|merges)\b/, 'contents: write'],
  [/^mutation createCommitOnBranch$/, 'contents: write'],
]

export interface Call {
  /** `POST /repos/{owner}/{repo}/…` with its placeholders, or `mutation <name>`. */
  readonly route: string
  /** It is part of a write, so that the right to read would not be enough. */
  readonly writes: boolean
}

/**
 * The line for `permissions:` in a workflow that a call needs.
 * @param accepted GitHub's header `x-accepted-github-permissions`, for routes that we do not know
 */
export function permissionFor({ route, writes }: Call, accepted?: string): string | undefined {
  const known = NEEDS.find(([pattern]) => pattern.test(route))?.[1] ?? acceptedPermission(accepted)
  return writes ? known?.replace(/: read$/, ': write') : known
}

function acceptedPermission(accepted = ''): string | undefined {
  const match = /^\s*([a-z_]+)=(read|write)/.exec(accepted)
  return match === null ? undefined : `${match[1]?.replaceAll('_', '-')}: ${match[2]}`
}
