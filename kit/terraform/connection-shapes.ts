import { createLiteralSearch } from '../literal-search.ts'
import { anyCase, type Span } from '../secret-shapes.ts'

/** Each with the value in its first group. */
const SHAPES: readonly RegExp[] = [
  // https://learn.microsoft.com/dotnet/framework/data/adonet/connection-string-syntax, and those of Azure storage and buses.
  /(?:^|[;"'\s])(?:password|pwd|accountkey|sharedaccesskey|sharedaccesssignature)\s*=\s*("[^"]*"|'[^']*'|[^;"'\s]+)(?=\s*(?:;|"|'|$))/gi,
  // https://httpd.apache.org/docs/2.4/misc/password_encryptions.html
  /((?:\$apr1\$|\$2[aby]\$|\{SHA\})[A-Za-z0-9./$+=]{16,})/g,
  // https://docs.docker.com/reference/cli/docker/login/#credential-stores
  /\\?"(?:auth|password|identitytoken|registrytoken)\\?"\s*:\s*\\?"([^"\\]+)/g,
]
/** How each shape begins, or what it has besides. */
const HINTS = createLiteralSearch([
  ...['pas', 'pwd', 'acc', 'sha'].flatMap(anyCase),
  ...['$apr1$', '$2y$', '$2a$', '$2b$', '{SHA}', 'auths'],
])

/** Where a text has a password in a connection string, a hash of a password file, or a login to a registry. */
export function findConnectionShapes(text: string): Span[] {
  if (!HINTS.test(text)) return []
  const shapes = text.includes('auths') ? SHAPES : SHAPES.slice(0, -1)
  return shapes.flatMap(shape =>
    [...text.matchAll(shape)].map((match): Span => {
      const value = match[1] ?? ''
      const start = match.index + match[0].lastIndexOf(value)
      return [start, start + value.length]
    }),
  )
}
