/** GraphQL's `createCommitOnBranch`: one commit, only if the branch is where the caller believes it to be. */
import { GraphQLError } from 'graphql'
import type { Repository } from '../model.ts'
import { authorizeRepository, authorizeRoute } from './access.ts'
import type { Actor } from './context.ts'
import { type Core, RefRace } from './core.ts'
import { identityOf } from './git-identity.ts'
import { Refusal, RuleRefusal } from './reply.ts'
import { readNodeId } from './shapes/node-id.ts'
import { editTree } from './tree-edit.ts'

export interface CommitOnBranchInput {
  readonly branch: {
    readonly id?: string | null
    readonly repositoryNameWithOwner?: string | null
    readonly branchName?: string | null
  }
  readonly message: { readonly headline: string; readonly body?: string | null }
  readonly expectedHeadOid: string
  readonly fileChanges?: {
    readonly additions?: readonly { readonly path: string; readonly contents: string }[] | null
    readonly deletions?: readonly { readonly path: string }[] | null
  } | null
  readonly clientMutationId?: string | null
}

export async function commitOnBranch(
  core: Core,
  actor: Actor,
  input: CommitOnBranchInput,
): Promise<{ repository: Repository; commit: string; ref: string }> {
  const { repository, branch } = branchOf(core, actor, input.branch)
  authorizeRoute({ needs: 'contents:write' }, 'POST', repository, actor)
  const ref = `refs/heads/${branch}`
  const git = core.git(repository.id)
  const head = await git.readRef(ref)
  if (head === null) throw failure('NOT_FOUND', `No branch "${branch}" in ${repository.fullName}.`)
  if (head !== input.expectedHeadOid) throw stale(input.expectedHeadOid)
  const tree = await editTree(git, {
    base: head,
    additions: (input.fileChanges?.additions ?? []).map(({ path, contents }) => ({
      path,
      content: decode(path, contents),
    })),
    deletions: (input.fileChanges?.deletions ?? []).map(({ path }) => path),
  })
  const { headline, body } = input.message
  const commit = await git.commitTree({
    tree,
    parents: [head],
    message: body ? `${headline}\n\n${body}` : headline,
    author: identityOf(actor.account),
    date: core.timestamp(),
  })
  try {
    await core.updateRef(repository, { ref, to: commit, from: head }, actor)
  } catch (error) {
    if (error instanceof RefRace) throw stale(input.expectedHeadOid)
    if (error instanceof RuleRefusal) throw failure('BRANCH_PROTECTION_RULE_VIOLATION', error.message)
    throw error
  }
  return { repository, commit, ref }
}

function branchOf(
  core: Core,
  actor: Actor,
  branch: CommitOnBranchInput['branch'],
): { repository: Repository; branch: string } {
  if (branch.id) {
    const [repositoryId = '', ...name] = readNodeId(branch.id)?.id.split(' ') ?? []
    const repository = authorizeRepository(core.store.repositories.get(Number(repositoryId)), actor)
    return { repository, branch: name.join(' ').replace(/^refs\/heads\//, '') }
  }
  if (!branch.repositoryNameWithOwner || !branch.branchName) {
    throw failure('UNPROCESSABLE', 'branch: give its id, or both repositoryNameWithOwner and branchName.')
  }
  const found = core.repository(branch.repositoryNameWithOwner)
  try {
    return {
      repository: authorizeRepository(found, actor),
      branch: branch.branchName.replace(/^refs\/heads\//, ''),
    }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    throw failure('NOT_FOUND', `Could not resolve to a Repository with the name '${branch.repositoryNameWithOwner}'.`)
  }
}

function decode(path: string, contents: string): Uint8Array {
  if (!/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(contents)) {
    throw failure('UNPROCESSABLE', `The contents of ${path} are not Base64.`)
  }
  return Buffer.from(contents, 'base64')
}

const failure = (type: string, message: string): GraphQLError => new GraphQLError(message, { extensions: { type } })

const stale = (expected: string): GraphQLError =>
  failure('STALE_DATA', `Expected branch to point to "${expected}" but it did not.  Pull and try again.`)
