/** A workflow with all that it calls, resolved before anything runs, as GitHub does: what is wrong stops the whole run. */
import type { Repository } from '../model.ts'
import type { JobDefinition } from './job-definition.ts'
import type { JobSource } from './job-plan.ts'
import { defaultPermissions, findExcess, readPermissions, type Permissions } from './permissions.ts'
import { parseWorkflowFile, WorkflowFileError, type WorkflowDefinition } from './workflow-file.ts'
import { callProblems } from './workflow-inputs.ts'

export interface WorkflowTree {
  readonly definition: WorkflowDefinition
  readonly source: JobSource
  /** `owner/name` of the source. */
  readonly repository: string
  /** By job key; of a calling job, the limit of what it calls. */
  readonly permissions: ReadonlyMap<string, Permissions>
  /** By job key. */
  readonly calls: ReadonlyMap<string, WorkflowTree>
}

export interface ReferencedWorkflow {
  readonly path: string
  readonly sha: string
  readonly ref?: string
}

/** Where workflow files come from. */
export interface WorkflowSources {
  findRepository(fullName: string): Repository | null
  repositoryName(repositoryId: number): string
  /** A commit and the full ref it was named by (the SHA itself, when it was named by that). */
  resolve(repositoryId: number, ref: string): Promise<{ sha: string; ref: string } | null>
  readFile(repositoryId: number, sha: string, path: string): Promise<string | null>
}

const maxDepth = 10
const maxCalls = 50

export interface ResolvedWorkflow {
  readonly tree: WorkflowTree
  readonly referenced: ReferencedWorkflow[]
}

/** Throws {@link WorkflowFileError}. */
export async function resolveWorkflow(sources: WorkflowSources, source: JobSource): Promise<ResolvedWorkflow> {
  const referenced: ReferencedWorkflow[] = []
  const content = await sources.readFile(source.repositoryId, source.sha, source.path)
  if (content === null) throw new WorkflowFileError(`There is no ${source.path} at ${source.sha}.`)
  const definition = parseWorkflowFile(source.path, content)
  const tree = await grow({ sources, referenced, source, definition, limit: null, depth: 1 })
  return { tree, referenced }
}

interface Growth {
  readonly sources: WorkflowSources
  readonly referenced: ReferencedWorkflow[]
  readonly source: JobSource
  readonly definition: WorkflowDefinition
  /** What the caller's job may do; null at the top. */
  readonly limit: { readonly permissions: Permissions; readonly caller: string } | null
  readonly depth: number
}

async function grow(growth: Growth): Promise<WorkflowTree> {
  const { sources, source, definition, depth } = growth
  const permissions = decidePermissions(growth)
  const calls = new Map<string, WorkflowTree>()
  for (const job of definition.jobs) {
    if (!job.call) continue
    const where = `${definition.path} ${job.position}`
    const fail = (problem: string): never => {
      throw new WorkflowFileError(
        `The workflow is not valid. ${where}: Error calling workflow '${job.call?.uses ?? ''}'. ${problem}`,
      )
    }
    if (depth >= maxDepth) fail(`Workflows can be nested ${maxDepth} levels deep at most.`)
    const called = await locate(sources, source, job.call.uses, fail)
    const reference = { path: `${called.repository}/${called.source.path}@${called.version}`, sha: called.source.sha }
    growth.referenced.push(
      called.source.ref === called.source.sha ? reference : { ...reference, ref: called.source.ref },
    )
    if (growth.referenced.length > maxCalls) fail(`A run can call ${maxCalls} workflows at most.`)
    const parsed = parseWorkflowFile(called.source.path, called.content)
    if (!parsed.call) return fail('workflow_call key is not defined in the referenced workflow.')
    const problems = callProblems(parsed.call, job.call)
    if (problems.length > 0) fail(problems.join(' '))
    const limit = { permissions: permissions.get(job.key) ?? defaultPermissions, caller: where }
    const inner = { ...growth, source: called.source, definition: parsed, limit, depth: depth + 1 }
    calls.set(job.key, await grow(inner))
  }
  return { definition, source, repository: sources.repositoryName(source.repositoryId), permissions, calls }
}

function decidePermissions({ definition, source, limit, sources }: Growth): Map<string, Permissions> {
  const workflowLevel = definition.permissions && readPermissions(definition.permissions)
  const refuse = (who: string, requested: Permissions): void => {
    const excess = limit && findExcess(requested, limit.permissions)
    if (!excess) return
    const name = `${sources.repositoryName(source.repositoryId)}/${definition.path}@${source.ref}`
    throw new WorkflowFileError(
      `The workflow is not valid. ${limit.caller}: Error calling workflow '${name}'. ${who} is requesting ` +
        `'${excess.scope}: ${excess.requested}', but is only allowed '${excess.scope}: ${excess.allowed}'.`,
    )
  }
  if (workflowLevel) refuse('The workflow', workflowLevel)
  return new Map(
    definition.jobs.map((job: JobDefinition) => {
      const own = job.permissions && readPermissions(job.permissions)
      if (own) refuse(`The nested job '${job.key}'`, own)
      return [job.key, own ?? workflowLevel ?? limit?.permissions ?? defaultPermissions]
    }),
  )
}

interface Located {
  readonly source: JobSource
  readonly repository: string
  /** As the caller wrote it, or the SHA for `./` and `$/`. */
  readonly version: string
  readonly content: string
}

async function locate(
  sources: WorkflowSources,
  from: JobSource,
  uses: string,
  fail: (problem: string) => never,
): Promise<Located> {
  const own = /^(?:\.|\$)\/(\.github\/workflows\/[^/@]+\.ya?ml)$/.exec(uses)
  if (own) {
    const path = own[1] ?? ''
    const content = await sources.readFile(from.repositoryId, from.sha, path)
    if (content === null) return fail(`There is no ${path} at ${from.sha}.`)
    const repository = sources.repositoryName(from.repositoryId)
    return { source: { ...from, path }, repository, version: from.sha, content }
  }
  const remote = /^([^/@\s]+\/[^/@\s]+)\/(\.github\/workflows\/[^/@]+\.ya?ml)@(\S+)$/.exec(uses)
  if (!remote) {
    return fail(
      'Write `./.github/workflows/<file>`, `$/.github/workflows/<file>` or `<owner>/<name>/.github/workflows/<file>@<ref>`.',
    )
  }
  const [, fullName = '', path = '', version = ''] = remote
  const repository = sources.findRepository(fullName)
  const shared = repository && (repository.id === from.repositoryId || repository.actionsShared || !repository.private)
  if (!repository || !shared) return fail(`workflow was not found: there is no repository ${fullName} to use here.`)
  const commit = await sources.resolve(repository.id, version)
  if (!commit) return fail(`workflow was not found: ${fullName} has no ref ${version}.`)
  const content = await sources.readFile(repository.id, commit.sha, path)
  if (content === null) return fail(`workflow was not found: ${fullName} has no ${path} at ${version}.`)
  const source = { repositoryId: repository.id, sha: commit.sha, ref: commit.ref, path }
  return { source, repository: repository.fullName, version, content }
}
