/** Scopes of job tokens: what `permissions` means, and that a called workflow can only keep or lower them. */
import { MappingToken, StringToken, type TemplateToken } from '@actions/workflow-parser/templates/tokens/index'

export type Access = 'none' | 'read' | 'write'
export type Permissions = Record<string, Access>

const scopes = [
  'actions',
  'artifact-metadata',
  'attestations',
  'checks',
  'contents',
  'deployments',
  'discussions',
  'id-token',
  'issues',
  'models',
  'packages',
  'pages',
  'pull-requests',
  'repository-projects',
  'security-events',
  'statuses',
]

const rank: Record<Access, number> = { none: 0, read: 1, write: 2 }

/** Of a repository whose settings give workflows read access: contents and packages. */
export const defaultPermissions: Permissions = fill({ contents: 'read', packages: 'read' })

/** Scopes that a mapping does not name are none. */
export function readPermissions(token: TemplateToken): Permissions {
  if (token instanceof StringToken) {
    const access = token.value === 'write-all' ? 'write' : 'read'
    const all = Object.fromEntries(scopes.map(scope => [scope, access])) as Permissions
    return { ...all, 'id-token': access === 'write' ? 'write' : 'none', models: 'read' }
  }
  const named: Permissions = {}
  if (token instanceof MappingToken) {
    for (const { key, value } of token) named[key.toString()] = accessOf(value.toString())
  }
  return fill(named)
}

const accessOf = (text: string): Access => (text === 'write' || text === 'read' ? text : 'none')

function fill(named: Permissions): Permissions {
  return { ...Object.fromEntries(scopes.map(scope => [scope, 'none' as const])), ...named }
}

/** The first scope for which more is asked than is allowed. */
export function findExcess(
  requested: Permissions,
  allowed: Permissions,
): { scope: string; requested: Access; allowed: Access } | null {
  for (const [scope, access] of Object.entries(requested)) {
    const limit = allowed[scope] ?? 'none'
    if (rank[access] > rank[limit]) return { scope, requested: access, allowed: limit }
  }
  return null
}

/** What a pull request from a fork or by Dependabot leaves of it: nothing is written, and nobody is vouched for. */
export function readOnly(permissions: Permissions): Permissions {
  const lowered = Object.entries(permissions).map(([scope, access]) => [scope, access === 'write' ? 'read' : access])
  return { ...(Object.fromEntries(lowered) as Permissions), 'id-token': 'none' }
}

/** As a token carries them and a log shows them: what is granted, and the metadata that every token may read. */
export function grantedScopes(permissions: Permissions): Permissions {
  const granted = Object.entries(permissions).filter(([, access]) => access !== 'none')
  return { ...Object.fromEntries(granted), metadata: 'read' }
}
