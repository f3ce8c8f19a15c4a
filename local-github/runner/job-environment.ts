import { mkdirSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { data } from '@actions/expressions'
import type { LocalGitHub } from '../local-github.ts'
import type { JobPlan } from './job-plan.ts'

/** Where a job works. All of it but the tool cache is the job's own and goes away with it. */
export interface JobFolders {
  readonly root: string
  readonly workspace: string
  readonly temporary: string
  readonly actions: string
  readonly home: string
  readonly toolCache: string
  readonly eventFile: string
}

/** Nothing listens on the discard port: a cloud's tool that has no stand-in fails at once and reaches nobody. */
const closedEndpoint = 'http://127.0.0.1:9'

export function makeFolders(github: LocalGitHub, plan: JobPlan): JobFolders {
  const root = join(github.stateFolder, 'work', String(plan.job.id))
  const name = github.store.repositories.get(plan.run.repositoryId)?.name ?? 'repository'
  const folders: JobFolders = {
    root,
    workspace: join(root, name, name),
    temporary: join(root, '_temp'),
    actions: join(root, '_actions'),
    home: join(root, '_home'),
    toolCache: join(github.stateFolder, 'tool-cache'),
    eventFile: join(root, '_temp', '_github_workflow', 'event.json'),
  }
  for (const folder of [folders.workspace, folders.actions, folders.home, folders.toolCache])
    mkdirSync(folder, { recursive: true })
  mkdirSync(join(folders.temporary, '_github_workflow'), { recursive: true })
  mkdirSync(join(folders.temporary, '_runner_file_commands'))
  writeFileSync(folders.eventFile, JSON.stringify(plan.run.payload, null, 2))
  writeFileSync(join(folders.home, '.gitconfig'), '')
  return folders
}

/**
 * What every process of a job starts from: a list of what is let in, never the environment of the person who runs this. Home, git
 * and clouds are the job's own.
 */
export function baseEnvironment(
  folders: JobFolders,
  options: { readonly path: string; readonly env: Readonly<Record<string, string>> },
): Record<string, string> {
  return {
    HOME: folders.home,
    LANG: 'C.UTF-8',
    PATH: options.path,
    SHELL: '/bin/bash',
    TMPDIR: folders.temporary,
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    XDG_CACHE_HOME: join(folders.home, '.cache'),
    XDG_CONFIG_HOME: join(folders.home, '.config'),
    GIT_CONFIG_GLOBAL: join(folders.home, '.gitconfig'),
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    AWS_ACCESS_KEY_ID: 'local-github',
    AWS_SECRET_ACCESS_KEY: 'local-github',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_ENDPOINT_URL: closedEndpoint,
    ...options.env,
  }
}

/** Keys of the `github` context that steps also get as `GITHUB_…`. */
const exportedKeys = new Set(
  `action action_path action_ref action_repository actor actor_id api_url base_ref env event_name event_path graphql_url head_ref job
  output path ref ref_name ref_protected ref_type repository repository_id repository_owner repository_owner_id retention_days
  run_attempt run_id run_number server_url sha state step_summary triggering_actor workflow workflow_ref workflow_sha
  workspace`.split(/\s+/),
)

export function githubVariables(github: data.Dictionary): Record<string, string> {
  return Object.fromEntries(
    github
      .pairs()
      .filter(pair => exportedKeys.has(pair.key.toLowerCase()) && pair.value.primitive)
      .map(pair => [`GITHUB_${pair.key.toUpperCase()}`, pair.value.coerceString()]),
  )
}

const architectures: Readonly<Record<string, string>> = { x64: 'X64', arm64: 'ARM64', arm: 'ARM', ia32: 'X86' }

/** The `runner` context; its variables are the same in capitals. */
export function runnerContext(folders: JobFolders, runnerName: string): Record<string, string> {
  return {
    arch: architectures[process.arch] ?? 'X64',
    environment: 'self-hosted',
    name: runnerName,
    os: process.platform === 'darwin' ? 'macOS' : 'Linux',
    temp: folders.temporary,
    tool_cache: folders.toolCache,
    workspace: join(folders.workspace, '..'),
  }
}

export function runnerVariables(runner: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(runner).map(([key, value]) => [`RUNNER_${key.toUpperCase()}`, value]))
}

/** `folders` come before what is in `path` already, the newest first. */
export function prependPath(folders: readonly string[], path: string): string {
  return [...folders.toReversed(), path].filter(Boolean).join(delimiter)
}

/** `dictionary` with some keys replaced; the engine's own `add` keeps the first value of a key. */
export function withKeys(
  dictionary: data.Dictionary,
  keys: Readonly<Record<string, data.ExpressionData>>,
): data.Dictionary {
  const result = new data.Dictionary()
  for (const [key, value] of Object.entries(keys)) result.add(key, value)
  for (const { key, value } of dictionary.pairs()) result.add(key, value)
  return result
}

/** A text in the `github` context; empty when there is none. */
export function contextText(contexts: data.Dictionary, context: string, key: string): string {
  const dictionary = contexts.get(context)
  const value = dictionary instanceof data.Dictionary ? dictionary.get(key) : undefined
  return value?.primitive ? value.coerceString() : ''
}
