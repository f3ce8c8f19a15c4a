/** The code of a system error (`ENOENT`). No `instanceof`: under a test runner Node's own errors are of another realm. */
export function codeOf(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('code' in error)) return null
  return typeof error.code === 'string' ? error.code : null
}
