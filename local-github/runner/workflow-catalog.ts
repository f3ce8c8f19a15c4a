/** Workflow files in the repositories, and the records that name them. */
import type { LocalGitHub } from '../local-github.ts'
import type { WorkflowFile } from '../model.ts'
import { openGit, type GitRepository } from '../server/git.ts'
import type { WorkflowSources } from './workflow-tree.ts'

export interface WorkflowCatalog extends WorkflowSources {
  git(repositoryId: number): GitRepository
  /** Paths under `.github/workflows/` at a commit. */
  list(repositoryId: number, sha: string): Promise<string[]>
  /** The record of a file, made when there is none; its name is brought up to date. */
  register(repositoryId: number, path: string, name: string): WorkflowFile
}

const filesKept = 500

export function createWorkflowCatalog(github: LocalGitHub): WorkflowCatalog {
  const { store } = github
  const repositories = new Map<number, GitRepository>()
  /** A file of a commit never changes. */
  const files = new Map<string, string | null>()
  const git = (repositoryId: number): GitRepository => {
    const known = repositories.get(repositoryId) ?? openGit(github.gitFolder(repositoryId))
    repositories.set(repositoryId, known)
    return known
  }
  return {
    git,
    list: async (repositoryId, sha) => {
      const listed = await git(repositoryId).try(['ls-tree', '-z', '--name-only', sha, '.github/workflows/'])
      if (listed.status !== 0) return []
      return listed.stdout
        .toString()
        .split('\0')
        .filter(path => /\.ya?ml$/.test(path))
    },
    register: (repositoryId, path, name) => {
      const found = store.workflows.find(file => file.repositoryId === repositoryId && file.path === path)
      if (found) return found.name === name ? found : store.workflows.update(found.id, { name })
      const createdAt = new Date(github.now()).toISOString().replace(/\.\d+Z$/, 'Z')
      return store.workflows.insert({ repositoryId, path, name, state: 'active', createdAt })
    },
    findRepository: fullName => {
      const wanted = fullName.toLowerCase()
      return store.repositories.find(repository => repository.fullName.toLowerCase() === wanted) ?? null
    },
    repositoryName: repositoryId => store.repositories.get(repositoryId)?.fullName ?? '',
    resolve: async (repositoryId, ref) => {
      const repository = git(repositoryId)
      for (const full of [`refs/heads/${ref}`, `refs/tags/${ref}`]) {
        const sha = await repository.commitOf(full)
        if (sha !== null) return { sha, ref: full }
      }
      const sha = await repository.commitOf(ref)
      return sha === null ? null : { sha, ref: ref.startsWith('refs/') ? ref : sha }
    },
    readFile: async (repositoryId, sha, path) => {
      const key = `${repositoryId} ${sha} ${path}`
      const known = files.get(key)
      if (known !== undefined) return known
      const found = await git(repositoryId).try(['cat-file', 'blob', `${sha}:${path}`])
      const content = found.status === 0 ? found.stdout.toString() : null
      if (files.size >= filesKept) files.clear()
      files.set(key, content)
      return content
    },
  }
}
