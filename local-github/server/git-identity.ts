import type { Account } from '../model.ts'
import type { Identity } from './git.ts'

/** As whom GitHub lets an account write commits: its address, or the one that tells nothing about it. */
export const identityOf = (account: Account): Identity => ({
  name: account.name ?? account.login,
  email: account.email ?? `${account.id}+${account.login}@users.noreply.github.com`,
})
