/** Environments: who may deploy from where, and who has to agree first. */
import type { LocalGitHub } from '../local-github.ts'
import type { Environment, Job, WorkflowRun } from '../model.ts'
import { unlessCancelled } from './cancellation-source.ts'
import { matchesPatterns } from './event-filters.ts'
import type { Cancellation } from './job-plan.ts'
import { shortRef } from './trigger.ts'

export interface EnvironmentGates {
  /** Makes the environment when there is none, as GitHub does. Null when its branch rules allow the ref, else why not. */
  findRefusal(run: WorkflowRun, name: string, ref: string): string | null
  needsWaiting(run: WorkflowRun, name: string): boolean
  /** Waits for the timer and for a reviewer. */
  wait(run: WorkflowRun, job: Job, name: string, cancellation: Cancellation): Promise<GateVerdict>
  /** A review was written to the record. */
  reviewed(pendingDeploymentId: number): void
}

export type GateVerdict = { readonly passed: true } | { readonly passed: false; readonly reason: string | null }

export function createEnvironmentGates(
  github: LocalGitHub,
  after: (milliseconds: number, callback: () => void) => () => void,
): EnvironmentGates {
  const { store } = github
  const reviews = new Map<number, () => void>()
  const time = (): string => new Date(github.now()).toISOString().replace(/\.\d+Z$/, 'Z')

  const open = (repositoryId: number, name: string): Environment => {
    const same = (other: Environment): boolean =>
      other.repositoryId === repositoryId && other.name.toLowerCase() === name.toLowerCase()
    const found = store.environments.find(same)
    if (found) return found
    return store.environments.insert({
      repositoryId,
      name,
      reviewers: [],
      preventSelfReview: false,
      waitTimer: 0,
      branchPolicies: null,
      createdAt: time(),
      updatedAt: time(),
    })
  }

  const review = async (run: WorkflowRun, job: Job, environment: Environment, cancellation: Cancellation) => {
    const pending = store.pendingDeployments.insert({
      repositoryId: run.repositoryId,
      runId: run.id,
      jobId: job.id,
      environment: environment.name,
      reviewers: environment.reviewers,
      state: 'waiting',
      createdAt: time(),
    })
    github.changed()
    await unlessCancelled(new Promise<void>(resolve => reviews.set(pending.id, resolve)), cancellation)
    reviews.delete(pending.id)
    const answer = store.pendingDeployments.get(pending.id)
    if (!answer || answer.state === 'waiting') {
      store.pendingDeployments.delete(pending.id)
      return { passed: false, reason: null } as const
    }
    if (answer.state === 'approved') return { passed: true } as const
    const comment = answer.comment ? `: ${answer.comment}` : '.'
    return {
      passed: false,
      reason: `${answer.reviewedBy ?? 'A reviewer'} rejected ${environment.name}${comment}`,
    } as const
  }

  return {
    findRefusal: (run, name, ref) => {
      const { branchPolicies } = open(run.repositoryId, name)
      const names = [shortRef(ref), ref]
      if (branchPolicies === null || names.some(candidate => matchesPatterns(branchPolicies, candidate))) return null
      return `Branch "${shortRef(ref)}" is not allowed to deploy to ${name} due to environment protection rules.`
    },
    needsWaiting: (run, name) => {
      const environment = open(run.repositoryId, name)
      return environment.reviewers.length > 0 || environment.waitTimer > 0
    },
    wait: async (run, job, name, cancellation) => {
      const environment = open(run.repositoryId, name)
      if (environment.waitTimer > 0) {
        const { promise, resolve } = Promise.withResolvers<void>()
        const stop = after(environment.waitTimer * 60_000, resolve)
        await unlessCancelled(promise, cancellation)
        stop()
      }
      if (cancellation.requested) return { passed: false, reason: null }
      return environment.reviewers.length > 0 ? review(run, job, environment, cancellation) : { passed: true }
    },
    reviewed: id => reviews.get(id)?.(),
  }
}
