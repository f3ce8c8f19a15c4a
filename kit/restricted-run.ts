import { ApiError, reasonOf } from './errors.ts'
import type { RunContext } from './ports.ts'

/** Facts by which a run is known to have less than others of its workflow. */
export type RunOrigin = Pick<RunContext, 'actor' | 'pullRequest'>

/**
 * What GitHub withholds from a run, and what to do about it; `undefined` for a run that gets all it is granted.
 * @see https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#workflows-in-forked-repositories
 * @see https://docs.github.com/en/code-security/reference/supply-chain-security/troubleshoot-dependabot/dependabot-on-actions
 */
export function restrictionOf({ actor, pullRequest }: RunOrigin): string | undefined {
  if (pullRequest?.fork === true)
    return (
      'This run is for a pull request of a fork: GitHub gives it no secrets, no identity, and a token that only reads. ' +
      'Push the branch into this repository, and open a pull request from there.'
    )
  if (actor === 'dependabot[bot]')
    return (
      'This run was started by Dependabot: GitHub gives it Dependabot’s secrets in place of the repository’s. ' +
      'Store what it needs as secrets of Dependabot too, or push a commit of your own to its branch.'
    )
  return undefined
}

/** As `reasonOf`, where it is known that the workflow's own grants do not reach the run. */
export function reasonIn(run: RunOrigin, thrown: unknown): string {
  const isWithheld = run.pullRequest?.fork === true && thrown instanceof ApiError && thrown.status === 403
  return isWithheld ? `${thrown.message}. ${restrictionOf(run)}` : reasonOf(thrown)
}
