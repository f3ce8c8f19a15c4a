/** The workflow files of a repository as the API lists them: those of its default branch, and those that ran. */
import { basename } from 'node:path'
import { parse } from 'yaml'
import type { Repository, WorkflowFile } from '../model.ts'
import type { Core } from './core.ts'
import { notFound } from './reply.ts'

const folder = '.github/workflows/'

/** Text of the file at a commit; null when it is not there. */
export async function readWorkflow(
  core: Core,
  repository: Repository,
  sha: string,
  path: string,
): Promise<string | null> {
  const found = await core.git(repository.id).try(['cat-file', 'blob', `${sha}:${path}`])
  return found.status === 0 ? found.stdout.toString() : null
}

/** What the file holds as data; null where it is no YAML, which the runner then tells of. */
function parseWorkflow(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}

/** Whether `on:` names the event, in any of its three forms. */
export function hasTrigger(text: string, event: string): boolean {
  const on = parseWorkflow(text)?.['on']
  if (typeof on === 'string') return on === event
  if (Array.isArray(on)) return on.includes(event)
  return typeof on === 'object' && on !== null && event in on
}

async function ensureWorkflow(core: Core, repository: Repository, sha: string, path: string): Promise<void> {
  const text = await readWorkflow(core, repository, sha, path)
  const name = text === null ? undefined : parseWorkflow(text)?.['name']
  const shown = typeof name === 'string' ? name : path
  const known = core.store.workflows.find(file => file.repositoryId === repository.id && file.path === path)
  if (!known) {
    core.store.workflows.insert({
      repositoryId: repository.id,
      path,
      name: shown,
      state: 'active',
      createdAt: core.timestamp(),
    })
  } else if (known.name !== shown) core.store.workflows.update(known.id, { name: shown })
}

export async function listWorkflows(core: Core, repository: Repository): Promise<WorkflowFile[]> {
  const git = core.git(repository.id)
  const sha = await git.readRef(`refs/heads/${repository.defaultBranch}`)
  if (sha !== null) {
    const listed = await git.text(['ls-tree', '--name-only', '-z', sha, folder])
    const paths = listed.split('\0').filter(path => /\.ya?ml$/.test(path))
    for (const path of paths) await ensureWorkflow(core, repository, sha, path)
  }
  return core.store.workflows.filter(file => file.repositoryId === repository.id)
}

/** By number, or by file name as most callers do. */
export async function findWorkflow(core: Core, repository: Repository, wanted: string): Promise<WorkflowFile> {
  const files = await listWorkflows(core, repository)
  const found = /^\d+$/.test(wanted)
    ? files.find(file => file.id === Number(wanted))
    : files.find(file => basename(file.path) === wanted || file.path === wanted)
  if (!found) throw notFound()
  return found
}
