import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { RunnerRequest } from '../../local-github.ts'
import type { Job, WorkflowRun } from '../../model.ts'
import { defineRoutes } from '../context.ts'
import type { Context, Routes } from '../context.ts'
import type { Downloads } from '../downloads.ts'
import { sameName } from '../issue-records.ts'
import { conflict, forbidden, json, noContent, notFound, redirect } from '../reply.ts'
import type { Reply } from '../reply.ts'
import { jobLogFile, zipLogs } from '../run-logs.ts'
import { jobShape, runShape } from '../shapes/run.ts'

const actions = '/repos/{owner}/{repo}/actions'
const one = `${actions}/runs/{run_id}`
const attempt = `${one}/attempts/{attempt_number}`
const job = `${actions}/jobs/{job_id}`

export const workflowRunRoutes = (downloads: Downloads): Routes =>
  defineRoutes({
    [`GET ${actions}/runs`]: { needs: 'actions:read', handle: context => listRuns(context, () => true) },
    [`GET ${one}`]: {
      needs: 'actions:read',
      handle: async context => json(200, await shape(context, runIn(context))),
    },
    [`DELETE ${one}`]: {
      needs: 'actions:write',
      handle: context => {
        const run = runIn(context)
        if (run.status !== 'completed') throw forbidden('Could not delete the workflow run: it has not ended.')
        deleteRun(context, run)
        return noContent()
      },
    },
    [`GET ${attempt}`]: {
      needs: 'actions:read',
      handle: async context => json(200, await shape(context, attemptIn(context))),
    },
    [`POST ${one}/cancel`]: { needs: 'actions:write', handle: context => cancel(context, false) },
    [`POST ${one}/force-cancel`]: { needs: 'actions:write', handle: context => cancel(context, true) },
    [`POST ${one}/rerun`]: { needs: 'actions:write', handle: context => rerun(context, runIn(context), false) },
    [`POST ${one}/rerun-failed-jobs`]: {
      needs: 'actions:write',
      handle: context => rerun(context, runIn(context), true),
    },
    [`GET ${one}/jobs`]: {
      needs: 'actions:read',
      handle: context => {
        const run = runIn(context)
        const all = context.query.get('filter') === 'all'
        const jobs = jobsOf(context, run).filter(found => all || found.attempt === run.attempt)
        return context.listIn('jobs', jobs, found => jobShape(context.core, context.repo, found))
      },
    },
    [`GET ${attempt}/jobs`]: {
      needs: 'actions:read',
      handle: context => {
        const { id, attempt: number } = attemptIn(context)
        const jobs = context.core.store.jobs.filter(found => found.runId === id && found.attempt === number)
        return context.listIn('jobs', jobs, found => jobShape(context.core, context.repo, found))
      },
    },
    [`GET ${one}/logs`]: {
      needs: 'actions:read',
      handle: context => redirectToLogs(context, downloads, runIn(context)),
    },
    [`DELETE ${one}/logs`]: {
      needs: 'actions:write',
      handle: context => {
        const run = runIn(context)
        if (run.status !== 'completed')
          throw forbidden('Could not delete the logs of a workflow run that has not ended.')
        for (const { id } of jobsOf(context, run)) deleteLogs(context, id)
        return noContent()
      },
    },
    [`GET ${attempt}/logs`]: {
      needs: 'actions:read',
      handle: context => redirectToLogs(context, downloads, attemptIn(context)),
    },
    [`GET ${job}`]: {
      needs: 'actions:read',
      handle: context => json(200, jobShape(context.core, context.repo, jobIn(context))),
    },
    [`GET ${job}/logs`]: {
      needs: 'actions:read',
      handle: context => {
        const found = jobIn(context)
        const path = jobLogFile(context.core.stateFolder, found.id)
        if (!existsSync(path)) throw notFound()
        const contentType = 'text/plain; charset=utf-8'
        return redirect(302, downloads.link({ contentType, fileName: `${found.id}.txt`, content: { file: path } }))
      },
    },
  })

const shape = (context: Context, run: WorkflowRun) =>
  runShape(context.core, context.repo, run, context.query.get('exclude_pull_requests') !== 'true')

function runIn(context: Context): WorkflowRun {
  const run = context.core.store.runs.get(context.id('run_id'))
  if (run?.repositoryId !== context.repo.id) throw notFound()
  return run
}

/** Only the newest attempt of a run has a record; an earlier one is known by its jobs. */
function attemptIn(context: Context): WorkflowRun {
  const run = runIn(context)
  const number = context.id('attempt_number')
  if (number === run.attempt) return run
  const jobs = jobsOf(context, run).filter(found => found.attempt === number)
  const [first] = jobs
  if (!first) throw notFound()
  const failed = jobs.find(found => found.conclusion === 'failure' || found.conclusion === 'timed_out')
  const cancelled = jobs.some(found => found.conclusion === 'cancelled')
  return {
    ...run,
    attempt: number,
    status: 'completed',
    conclusion: failed ? 'failure' : cancelled ? 'cancelled' : 'success',
    startedAt: first.createdAt,
    updatedAt: jobs.at(-1)?.completedAt ?? run.updatedAt,
  }
}

function jobIn(context: Context): Job {
  const found = context.core.store.jobs.get(context.id('job_id'))
  if (found?.repositoryId !== context.repo.id) throw notFound()
  return found
}

const jobsOf = (context: Context, run: WorkflowRun): Job[] =>
  context.core.store.jobs.filter(found => found.runId === run.id)

/** Newest first, by the filters of the query. */
export function listRuns(context: Context, belongs: (run: WorkflowRun) => boolean): Promise<Reply> {
  const { core, repo, query } = context
  const matches = (name: string, ...values: (string | null)[]): boolean => {
    const wanted = query.get(name)
    return wanted === null || values.includes(wanted)
  }
  const actor = query.get('actor')
  const found = core.store.runs
    .filter(run => run.repositoryId === repo.id && belongs(run))
    .filter(run => matches('branch', run.headBranch))
    .filter(run => matches('event', run.event))
    .filter(run => matches('status', run.status, run.conclusion))
    .filter(run => matches('head_sha', run.headSha))
    .filter(run => matches('check_suite_id', String(run.checkSuiteId)))
    .filter(run => actor === null || sameName(core.store.accounts.get(run.actorId)?.login ?? '', actor))
    .filter(run => isWithin(run.createdAt, query.get('created')))
    .reverse()
  return context.listIn('workflow_runs', found, run => shape(context, run))
}

/** GitHub's search syntax for dates: `2026-01-01`, `>=…`, `<…`, `a..b`, with or without a time. Pure. */
export function isWithin(time: string, range: string | null): boolean {
  if (range === null || range === '') return true
  const at = Date.parse(time)
  const [from = '', to] = range.split('..')
  if (to !== undefined) {
    return (from === '*' || at >= Date.parse(from)) && (to === '*' || at <= endOf(to))
  }
  const [, operator = '', limit = ''] = /^(>=|<=|>|<)?(.*)$/.exec(range) ?? []
  if (operator === '>=') return at >= Date.parse(limit)
  if (operator === '>') return at > endOf(limit)
  if (operator === '<=') return at <= endOf(limit)
  if (operator === '<') return at < Date.parse(limit)
  return at >= Date.parse(limit) && at <= endOf(limit)
}

const dayMilliseconds = 86_400_000

/** A date without a time means its whole day. */
const endOf = (limit: string): number =>
  Date.parse(limit) + (/^\d{4}-\d{2}-\d{2}$/.test(limit) ? dayMilliseconds - 1 : 0)

function cancel(context: Context, force: boolean): Reply {
  const run = runIn(context)
  if (run.status === 'completed') throw conflict('Cannot cancel a workflow run that is completed.')
  return accepted(context, { kind: 'cancel', runId: run.id, force }, 202)
}

function rerun(context: Context, run: WorkflowRun, failedOnly: boolean): Reply {
  if (run.status !== 'completed') throw forbidden('This workflow is already running')
  if (run.attempt > 50) throw forbidden('Unable to retry this workflow run because it was run 50 times already')
  return accepted(context, { kind: 'rerun', runId: run.id, failedOnly, actorId: context.actor.id }, 201)
}

function accepted(context: Context, request: RunnerRequest, status: 201 | 202): Reply {
  context.core.request(request)
  return json(status, {})
}

async function redirectToLogs(context: Context, downloads: Downloads, run: WorkflowRun): Promise<Reply> {
  const jobs = jobsOf(context, run).filter(found => found.attempt === run.attempt)
  const content = { bytes: await zipLogs(context.core.stateFolder, jobs) }
  const fileName = `logs_${run.id}.zip`
  return redirect(302, downloads.link({ contentType: 'application/zip', fileName, content }))
}

function deleteLogs({ core: { stateFolder } }: Context, jobId: number): void {
  rmSync(jobLogFile(stateFolder, jobId), { force: true })
  rmSync(join(stateFolder, 'logs', String(jobId)), { recursive: true, force: true })
}

function deleteRun(context: Context, run: WorkflowRun): void {
  const { store, stateFolder } = context.core
  for (const { id, checkRunId } of jobsOf(context, run)) {
    deleteLogs(context, id)
    store.checkRuns.delete(checkRunId)
    store.jobs.delete(id)
  }
  for (const artifact of store.artifacts.filter(found => found.runId === run.id)) {
    rmSync(join(stateFolder, artifact.file), { force: true })
    store.artifacts.delete(artifact.id)
  }
  for (const pending of store.pendingDeployments.filter(found => found.runId === run.id)) {
    store.pendingDeployments.delete(pending.id)
  }
  store.checkSuites.delete(run.checkSuiteId)
  store.runs.delete(run.id)
}
