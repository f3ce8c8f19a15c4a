import type { WorkflowFile } from '../../model.ts'
import { defineRoutes } from '../context.ts'
import type { Context } from '../context.ts'
import { json, noContent, unprocessable } from '../reply.ts'
import { objectOf, textOf } from '../request-body.ts'
import { workflowShape } from '../shapes/run.ts'
import { findWorkflow, hasTrigger, listWorkflows, readWorkflow } from '../workflow-files.ts'
import { listRuns } from './workflow-runs.ts'

const all = '/repos/{owner}/{repo}/actions/workflows'
const one = `${all}/{workflow_id}`

export const workflowRoutes = defineRoutes({
  [`GET ${all}`]: {
    needs: 'actions:read',
    handle: async context =>
      context.listIn('workflows', await listWorkflows(context.core, context.repo), workflow =>
        workflowShape(context.core, context.repo, workflow),
      ),
  },
  [`GET ${one}`]: {
    needs: 'actions:read',
    handle: async context => json(200, workflowShape(context.core, context.repo, await workflowIn(context))),
  },
  [`GET ${one}/runs`]: {
    needs: 'actions:read',
    handle: async context => {
      const { id } = await workflowIn(context)
      return listRuns(context, run => run.workflowId === id)
    },
  },
  [`PUT ${one}/enable`]: { needs: 'actions:write', handle: context => setState(context, 'active') },
  [`PUT ${one}/disable`]: { needs: 'actions:write', handle: context => setState(context, 'disabled_manually') },
  [`POST ${one}/dispatches`]: {
    needs: 'actions:write',
    handle: async context => {
      await dispatch(context, await workflowIn(context))
      return noContent()
    },
  },
  'POST /repos/{owner}/{repo}/dispatches': {
    needs: 'contents:write',
    handle: async context => {
      const { core, repo, body } = context
      const ref = `refs/heads/${repo.defaultBranch}`
      const sha = await core.git(repo.id).readRef(ref)
      const payload = { branch: repo.defaultBranch, client_payload: objectOf(body, 'client_payload') ?? {} }
      const action = textOf(body, 'event_type') ?? ''
      if (sha !== null) context.emit({ name: 'repository_dispatch', action, payload, ref, sha })
      return noContent()
    },
  },
})

const workflowIn = (context: Context): Promise<WorkflowFile> =>
  findWorkflow(context.core, context.repo, context.param('workflow_id'))

async function setState(context: Context, state: WorkflowFile['state']) {
  context.core.store.workflows.update((await workflowIn(context)).id, { state })
  return noContent()
}

const mostInputs = 25

/** The file of the given ref decides. */
async function dispatch(context: Context, workflow: WorkflowFile): Promise<void> {
  const { core, repo, body } = context
  const ref = textOf(body, 'ref') ?? ''
  const inputs = objectOf(body, 'inputs') ?? {}
  const git = core.git(repo.id)
  const short = ref.replace(/^refs\/(heads|tags)\//, '')
  const full = ref.startsWith('refs/')
    ? ref
    : (await git.readRef(`refs/heads/${short}`)) === null
      ? `refs/tags/${short}`
      : `refs/heads/${short}`
  const sha = (await git.readRef(full)) === null ? null : await git.commitOf(full)
  if (sha === null) throw unprocessable(`No ref found for: ${ref}`)
  if (workflow.state !== 'active') throw unprocessable('Cannot trigger a "workflow_dispatch" on a disabled workflow')
  const text = await readWorkflow(core, repo, sha, workflow.path)
  if (text === null || !hasTrigger(text, 'workflow_dispatch')) {
    throw unprocessable("Workflow does not have 'workflow_dispatch' trigger")
  }
  if (Object.keys(inputs).length > mostInputs) throw unprocessable(`You can give at most ${mostInputs} inputs`)
  await checkInputs(workflow.path, text, inputs)
  context.emit({
    name: 'workflow_dispatch',
    action: '',
    payload: { inputs, ref: full, workflow: workflow.path },
    ref: full,
    sha,
  })
}

/**
 * Refuses by 422 what could not start: a file that is not valid, and inputs that it does not declare or allow. The runner's
 * reading of the file decides, so that the two never differ; it is loaded when it is first needed.
 */
async function checkInputs(path: string, text: string, inputs: Readonly<Record<string, unknown>>): Promise<void> {
  const { findDispatchProblem } = await import('../../runner/dispatch-check.ts')
  const problem = findDispatchProblem(path, text, inputs)
  if (problem !== null) throw unprocessable(problem)
}
