/** GraphQL's `updateRefs`: several refs at once, each only if it is where the caller believes it to be. */
import { GraphQLError } from 'graphql'
import { authorizeRepository, authorizeRoute } from './access.ts'
import type { Actor } from './context.ts'
import { type Core, RefRace, zeroSha } from './core.ts'
import { RuleRefusal } from './reply.ts'
import { readNodeId } from './shapes/node-id.ts'

export interface UpdateRefsInput {
  readonly repositoryId: string
  readonly refUpdates: readonly {
    readonly name: string
    readonly afterOid: string
    readonly beforeOid?: string | null
    readonly force?: boolean | null
  }[]
  readonly clientMutationId?: string | null
}

const failure = (type: string, message: string): GraphQLError => new GraphQLError(message, { extensions: { type } })

/** The zero SHA as `beforeOid`: must not exist; as `afterOid`: deletes. */
export async function updateRefs(core: Core, actor: Actor, input: UpdateRefsInput): Promise<void> {
  const id = readNodeId(input.repositoryId)
  const repository = authorizeRepository(core.store.repositories.get(Number(id?.id)), actor)
  authorizeRoute({ needs: 'contents:write' }, 'POST', repository, actor)
  const git = core.git(repository.id)
  for (const { name, afterOid } of input.refUpdates) {
    const named = /^refs\/(heads|tags)\/./.test(name) && (await git.try(['check-ref-format', name])).status === 0
    if (!named) throw failure('UNPROCESSABLE', `Reference name "${name}" is not valid: write it in full.`)
    const there = afterOid === zeroSha || (await git.try(['cat-file', '-e', afterOid])).status === 0
    if (!there) throw failure('UNPROCESSABLE', `Object "${afterOid}" does not exist.`)
  }
  const changes = input.refUpdates.map(({ name, afterOid, beforeOid, force }) => ({
    ref: name,
    to: afterOid === zeroSha ? null : afterOid,
    ...(beforeOid ? { from: beforeOid } : {}),
    force: force ?? false,
  }))
  try {
    await core.updateRefs(repository, changes, actor)
  } catch (error) {
    if (error instanceof RefRace) throw failure('STALE_DATA', `Reference cannot be updated: ${error.message}`)
    if (error instanceof RuleRefusal) throw failure('BRANCH_PROTECTION_RULE_VIOLATION', error.message)
    throw error
  }
}
