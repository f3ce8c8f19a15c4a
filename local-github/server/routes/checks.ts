import type { CheckRun, CheckSuite } from '../../model.ts'
import { checkRunChanges } from '../check-input.ts'
import { defineRoutes } from '../context.ts'
import type { Context } from '../context.ts'
import { forbidden, json, notFound, unprocessable } from '../reply.ts'
import { textOf } from '../request-body.ts'
import { annotationShape, checkRunShape, checkSuiteShape, runsOfSuite } from '../shapes/check.ts'

const runs = '/repos/{owner}/{repo}/check-runs'
const oneRun = `${runs}/{check_run_id}`
const suites = '/repos/{owner}/{repo}/check-suites'

export const checkRoutes = defineRoutes({
  [`POST ${runs}`]: {
    needs: 'checks:write',
    handle: async context => {
      const run = await createRun(context)
      tell(context, run.status === 'completed' ? 'completed' : 'created', run)
      const made = checkRunShape(context.core, context.repo, run)
      return json(201, made, { location: made.url })
    },
  },
  [`GET ${oneRun}`]: {
    needs: 'checks:read',
    handle: context => json(200, checkRunShape(context.core, context.repo, runIn(context))),
  },
  [`PATCH ${oneRun}`]: {
    needs: 'checks:write',
    handle: context => {
      const { core, repo, body } = context
      const slug = appOf(context)
      const run = runIn(context)
      if (core.store.checkSuites.get(run.suiteId)?.appSlug !== slug) {
        throw forbidden(
          'Invalid app_id `' + slug + '` - check run can only be modified by the GitHub App that created it.',
        )
      }
      const updated = core.store.checkRuns.update(run.id, checkRunChanges(body, run.annotations, core.timestamp()))
      if (updated.status === 'completed' && run.status !== 'completed') tell(context, 'completed', updated)
      return json(200, checkRunShape(core, repo, updated))
    },
  },
  [`GET ${oneRun}/annotations`]: {
    needs: 'checks:read',
    handle: context => {
      const run = runIn(context)
      return context.list(run.annotations, one => annotationShape(context.core, context.repo, run, one))
    },
  },
  'GET /repos/{owner}/{repo}/commits/{ref}/check-runs': {
    needs: 'checks:read',
    handle: async context => {
      const sha = await shaOf(context)
      const found = context.core.store.checkRuns.filter(
        run => run.repositoryId === context.repo.id && run.headSha === sha,
      )
      return listRuns(context, found)
    },
  },
  'GET /repos/{owner}/{repo}/commits/{ref}/check-suites': {
    needs: 'checks:read',
    handle: async context => {
      const { core, repo, query } = context
      const sha = await shaOf(context)
      const name = query.get('check_name')
      const found = core.store.checkSuites
        .filter(suite => suite.repositoryId === repo.id && suite.headSha === sha)
        .filter(suite => isOfApp(context, suite))
        .filter(suite => name === null || runsOfSuite(core, suite).some(run => run.name === name))
      return context.listIn('check_suites', found, suite => checkSuiteShape(core, repo, suite))
    },
  },
  [`POST ${suites}`]: {
    needs: 'checks:write',
    handle: async context => {
      const { core, repo, body } = context
      const slug = appOf(context)
      const sha = await commitIn(context, textOf(body, 'head_sha') ?? '')
      const known = suiteOf(context, sha, slug)
      const suite = known ?? (await createSuite(context, sha, slug))
      return json(known ? 200 : 201, await checkSuiteShape(core, repo, suite))
    },
  },
  [`GET ${suites}/{check_suite_id}`]: {
    needs: 'checks:read',
    handle: async context => json(200, await checkSuiteShape(context.core, context.repo, suiteIn(context))),
  },
  [`GET ${suites}/{check_suite_id}/check-runs`]: {
    needs: 'checks:read',
    handle: context => listRuns(context, runsOfSuite(context.core, suiteIn(context))),
  },
})

/** Only apps write checks; a user's own token may not. */
function appOf(context: Context): string {
  if (context.viaApp === null) throw forbidden('You must authenticate via a GitHub App.')
  return context.viaApp
}

function runIn(context: Context): CheckRun {
  const run = context.core.store.checkRuns.get(context.id('check_run_id'))
  if (run?.repositoryId !== context.repo.id) throw notFound()
  return run
}

function suiteIn(context: Context): CheckSuite {
  const suite = context.core.store.checkSuites.get(context.id('check_suite_id'))
  if (suite?.repositoryId !== context.repo.id) throw notFound()
  return suite
}

async function commitIn(context: Context, wanted: string): Promise<string> {
  const sha = await context.core.git(context.repo.id).commitOf(wanted)
  if (sha === null) throw unprocessable(`No commit found for SHA: ${wanted}`)
  return sha
}

const shaOf = (context: Context): Promise<string> => commitIn(context, context.param('ref'))

/** An app's suite of a commit that it made by the API, not the one of a workflow run. */
function suiteOf(context: Context, sha: string, slug: string): CheckSuite | undefined {
  const { store } = context.core
  const ofRuns = new Set(store.runs.filter(run => run.headSha === sha).map(run => run.checkSuiteId))
  return store.checkSuites.find(
    suite =>
      suite.repositoryId === context.repo.id &&
      suite.headSha === sha &&
      suite.appSlug === slug &&
      !ofRuns.has(suite.id),
  )
}

async function createSuite(context: Context, sha: string, slug: string): Promise<CheckSuite> {
  const { core, repo } = context
  const branches = await core.git(repo.id).refs('refs/heads/')
  const branch = [...branches].find(([, tip]) => tip === sha)?.[0].slice('refs/heads/'.length)
  return core.store.checkSuites.insert({
    repositoryId: repo.id,
    headSha: sha,
    headBranch: branch ?? null,
    appSlug: slug,
    createdAt: core.timestamp(),
  })
}

async function createRun(context: Context): Promise<CheckRun> {
  const { core, repo, body } = context
  const slug = appOf(context)
  const sha = await commitIn(context, textOf(body, 'head_sha') ?? '')
  const now = core.timestamp()
  const changes = checkRunChanges(body, [], now)
  const suite = suiteOf(context, sha, slug) ?? (await createSuite(context, sha, slug))
  return core.store.checkRuns.insert({
    repositoryId: repo.id,
    suiteId: suite.id,
    headSha: sha,
    name: '',
    externalId: null,
    detailsUrl: null,
    status: 'queued',
    conclusion: null,
    startedAt: now,
    completedAt: null,
    title: null,
    summary: null,
    text: null,
    annotations: [],
    ...changes,
  })
}

function isOfApp(context: Context, suite: CheckSuite | undefined): boolean {
  const wanted = context.query.get('app_id')
  if (wanted === null) return true
  const bot = context.core.store.accounts.find(account => account.appSlug === suite?.appSlug)
  return bot !== undefined && String(bot.id) === wanted
}

/** `filter=latest`, the default, keeps the newest run of each name in a suite. */
function listRuns(context: Context, all: readonly CheckRun[]) {
  const { core, repo, query } = context
  const name = query.get('check_name')
  const status = query.get('status')
  const matching = all
    .filter(run => name === null || run.name === name)
    .filter(run => status === null || run.status === status)
    .filter(run => isOfApp(context, core.store.checkSuites.get(run.suiteId)))
  const newest = new Map(matching.map(run => [`${run.suiteId}/${run.name}`, run]))
  const shown = query.get('filter') === 'all' ? matching : [...newest.values()]
  return context.listIn('check_runs', shown, run => checkRunShape(core, repo, run))
}

function tell(context: Context, action: 'created' | 'completed', run: CheckRun): void {
  context.emit({
    name: 'check_run',
    action,
    payload: { check_run: checkRunShape(context.core, context.repo, run) },
    ref: `refs/heads/${context.repo.defaultBranch}`,
    sha: run.headSha,
  })
}
