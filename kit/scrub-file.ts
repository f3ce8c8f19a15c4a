import { ActionError } from './errors.ts'
import type { Scrub } from './scrub.ts'

const NOTHING = new Uint8Array()

/**
 * A secret that a change brings into a file is not blanked, which would break the file, but refused. What the file held
 * before is in git already, and no reason to leave it as it is.
 * @param readOld the file before the change, `undefined` when there was none; asked only when there is something to compare
 */
export async function refuseNewSecret(
  path: string,
  bytes: Uint8Array,
  readOld: () => Promise<Uint8Array | undefined>,
  scrub: Scrub,
): Promise<void> {
  const adds = (before: Uint8Array) =>
    // A byte that is no UTF-8 must not hide what stands beside it.
    (['utf8', 'latin1'] as const).some(encoding =>
      scrub.addsSecret(Buffer.from(before).toString(encoding), Buffer.from(bytes).toString(encoding)),
    )
  if (!adds(NOTHING) || !adds((await readOld()) ?? NOTHING)) return
  throw new ActionError(`${path} was not committed: its new content holds what looks like a secret`, {
    hint: 'Keep the secret out of the file, or out of what Slipway writes into it',
  })
}
