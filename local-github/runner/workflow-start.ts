/** Which workflows an event starts. */
import { data } from '@actions/expressions'
import type { LocalGitHub, RepositoryEvent } from '../local-github.ts'
import type { WorkflowRun } from '../model.ts'
import type { Activity } from './activity.ts'
import { findChangedPaths } from './changed-paths.ts'
import { startsWorkflow } from './event-filters.ts'
import { child, filteredRef, headMessage, readTrigger, shortRef, text, type Trigger } from './trigger.ts'
import type { WorkflowCatalog } from './workflow-catalog.ts'
import { parseWorkflowFile, WorkflowFileError, type WorkflowDefinition } from './workflow-file.ts'
import { InputValueError, readDispatchInputs } from './workflow-inputs.ts'

export interface RunRequest {
  readonly trigger: Trigger
  readonly path: string
  readonly name: string
  readonly inputs: data.Dictionary
  /** It cannot start, for this reason; the run shows it. */
  readonly problem?: string
}

export type StartRun = (request: RunRequest) => void

export interface WorkflowStarter {
  onEvent(event: RepositoryEvent): Promise<void>
  runSchedule(repository: string, path: string): Promise<void>
  /** Starts what `workflow_run` asks for. */
  onRunChange(run: WorkflowRun, action: string, trigger: Trigger): void
}

/** Workflow files of these come from the default branch, whatever the event is about. */
const defaultBranchEvents = new Set([
  'pull_request_target',
  'issue_comment',
  'issues',
  'workflow_run',
  'schedule',
  'delete',
])
const startedByJobTokens = new Set(['workflow_dispatch', 'repository_dispatch'])
/** A file that cannot be read shows as a failed run where somebody will look for it. */
const showsBrokenFiles = new Set(['push', 'pull_request', 'workflow_dispatch'])
/** Runs that start runs that start runs: GitHub stops there. */
const maxChain = 3

export function createWorkflowStarter(
  github: LocalGitHub,
  catalog: WorkflowCatalog,
  activity: Activity,
  start: StartRun,
  onProblem: (problem: unknown) => void,
): WorkflowStarter {
  const { store } = github
  const noInputs = (): data.Dictionary => new data.Dictionary()

  const onEvent = async (event: RepositoryEvent): Promise<void> => {
    const repository = store.repositories.get(event.repositoryId)
    if (!repository || /^0*$/.test(event.sha)) return
    // GitHub runs nothing in a fork until its owner says so; its pull requests run in the repository it came from.
    if (repository.forkOf !== undefined) return
    if (event.byJobToken && !startedByJobTokens.has(event.name)) return
    // A tag that holds a message of its own is named by its commit.
    const named = defaultBranchEvents.has(event.name) ? `refs/heads/${repository.defaultBranch}` : event.sha
    const sha = await catalog.git(repository.id).commitOf(named)
    if (sha === null) return
    const actor = store.accounts.get(event.actorId)
    const trigger = readTrigger({ ...event, sha }, repository, actor)
    const onDefaultBranch = event.name === 'push' && event.ref === `refs/heads/${repository.defaultBranch}`
    let changed: Promise<string[] | null> | undefined
    const changedPaths = (): Promise<string[] | null> =>
      (changed ??= findChangedPaths(catalog.git(repository.id), trigger))
    const message = trigger.baseRef === '' ? headMessage(event) : await messageOf(repository.id, trigger.headSha)

    for (const path of await catalog.list(repository.id, sha)) {
      if (event.name === 'workflow_dispatch' && !isDispatched(event, path)) continue
      const definition = await read(trigger, path)
      if (!definition) continue
      if (onDefaultBranch) catalog.register(repository.id, path, definition.name)
      if (isDisabled(repository.id, path)) continue
      const starts = await startsWorkflow(definition.events, {
        name: event.name,
        action: event.action,
        ref: filteredRef(trigger),
        headMessage: message,
        changedPaths,
        workflowName: text(child(event.payload, 'workflow'), 'name'),
      })
      if (!starts) continue
      if (event.name === 'workflow_dispatch') dispatch(trigger, definition)
      else start({ trigger, path, name: definition.name, inputs: noInputs() })
    }
  }

  const messageOf = async (repositoryId: number, sha: string): Promise<string> => {
    const shown = await catalog.git(repositoryId).try(['log', '-1', '--format=%B', sha, '--'])
    return shown.stdout.toString()
  }

  const isDisabled = (repositoryId: number, path: string): boolean =>
    store.workflows.find(file => file.repositoryId === repositoryId && file.path === path)?.state ===
    'disabled_manually'

  /** Null for a file that is not valid; where that is worth showing, a failed run says why. */
  const read = async (trigger: Trigger, path: string): Promise<WorkflowDefinition | null> => {
    const content = await catalog.readFile(trigger.repositoryId, trigger.sha, path)
    if (content === null) return null
    try {
      return parseWorkflowFile(path, content)
    } catch (error) {
      if (!(error instanceof WorkflowFileError)) throw error
      if (showsBrokenFiles.has(trigger.event) && !isDisabled(trigger.repositoryId, path)) {
        start({ trigger, path, name: path, inputs: noInputs() })
      }
      return null
    }
  }

  const dispatch = (trigger: Trigger, definition: WorkflowDefinition): void => {
    const { path, name, dispatchInputs } = definition
    try {
      const given = readDispatchInputs(dispatchInputs, child(trigger.payload, 'inputs'))
      const payload = { ...trigger.payload, inputs: given.eventInputs }
      start({ trigger: { ...trigger, payload }, path, name, inputs: given.inputs })
    } catch (error) {
      if (!(error instanceof InputValueError)) throw error
      start({ trigger, path, name, inputs: noInputs(), problem: error.message })
    }
  }

  return {
    onEvent,
    runSchedule: async (name, path) => {
      const repository = catalog.findRepository(name)
      if (!repository) throw new Error(`There is no repository ${name}.`)
      const ref = `refs/heads/${repository.defaultBranch}`
      const sha = await catalog.git(repository.id).commitOf(ref)
      const content = sha && (await catalog.readFile(repository.id, sha, path))
      if (!sha || !content) throw new Error(`There is no ${path} on ${repository.defaultBranch} of ${name}.`)
      const definition = parseWorkflowFile(path, content)
      const cron = definition.events.schedule?.[0]?.cron
      if (cron === undefined) throw new Error(`${path} of ${name} has no \`on: schedule\`.`)
      const event: RepositoryEvent = {
        repositoryId: repository.id,
        name: 'schedule',
        action: '',
        payload: { schedule: cron, workflow: path, repository: { id: repository.id, full_name: repository.fullName } },
        ref,
        sha,
        actorId: repository.ownerId,
        byJobToken: false,
      }
      start({ trigger: readTrigger(event, repository, undefined), path, name: definition.name, inputs: noInputs() })
    },
    onRunChange: (run, action, trigger) => {
      const chain = Number(trigger.payload['chain'] ?? 0)
      const repository = store.repositories.get(run.repositoryId)
      if (!repository || chain >= maxChain) return
      const { id, name, path, status, conclusion, event, headBranch, headSha } = run
      const payload = {
        action,
        chain: chain + 1,
        workflow: { id: run.workflowId, name, path },
        workflow_run: {
          id,
          name,
          path,
          status,
          conclusion,
          event,
          head_branch: headBranch,
          head_sha: headSha,
          run_number: run.runNumber,
          run_attempt: run.attempt,
          display_title: run.displayTitle,
          html_url: `${github.url}/${repository.fullName}/actions/runs/${id}`,
          pull_requests: run.pullRequestNumbers.map(number => ({ number })),
        },
        repository: trigger.payload['repository'] ?? { id: repository.id, full_name: repository.fullName },
        sender: trigger.payload['sender'] ?? null,
      }
      const work = activity.begin()
      onEvent({
        repositoryId: repository.id,
        name: 'workflow_run',
        action,
        payload,
        ref: `refs/heads/${repository.defaultBranch}`,
        sha: headSha,
        actorId: run.actorId,
        byJobToken: false,
      })
        .catch(onProblem)
        .finally(() => work.end())
    },
  }
}

function isDispatched(event: RepositoryEvent, path: string): boolean {
  const workflow = text(event.payload, 'workflow')
  return workflow === path || shortRef(path) === workflow || path.endsWith(`/${workflow}`)
}
