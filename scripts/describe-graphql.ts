/**
 * Makes local-github/server/description/github.graphql: of GitHub's public GraphQL schema the fields that the local
 * GitHub answers. The whole schema takes a third of a second to build, in every process that asks for its viewer.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type DefinitionNode, Kind, parse, print, visit } from 'graphql'
import { schema } from '@octokit/graphql-schema'

const selection: Readonly<Record<string, string>> = {
  Query: 'id viewer repository node rateLimit',
  Mutation: 'createCommitOnBranch minimizeComment unminimizeComment updateRefs',
  RateLimit: 'cost limit remaining resetAt used',
  Node: 'id',
  Actor: 'login url',
  RepositoryOwner: 'id login url',
  Minimizable: 'isMinimized minimizedReason viewerCanMinimize',
  Comment: 'id body createdAt updatedAt author viewerDidAuthor',
  GitObject: 'id oid abbreviatedOid commitUrl repository',
  User: 'id databaseId login name email url',
  Bot: 'id databaseId login url',
  Organization: 'id databaseId login name url',
  Repository:
    'id databaseId name nameWithOwner owner description url isPrivate isFork createdAt pushedAt defaultBranchRef ref object pullRequest issue',
  Ref: 'id name prefix target repository',
  Commit:
    'id oid abbreviatedOid commitUrl repository url message messageHeadline messageBody committedDate authoredDate tree',
  Tree: 'id oid abbreviatedOid commitUrl repository entries',
  TreeEntry: 'name path mode type oid object',
  Blob: 'id oid abbreviatedOid commitUrl repository text byteSize isBinary isTruncated',
  Tag: 'id oid abbreviatedOid commitUrl repository name message target',
  PullRequest:
    'id databaseId number title body state url isDraft merged mergedAt mergeable mergeCommit baseRefName baseRefOid headRefName headRefOid isCrossRepository author createdAt updatedAt viewerDidAuthor',
  Issue: 'id databaseId number title body state url author createdAt updatedAt viewerDidAuthor',
  IssueComment:
    'id databaseId body url createdAt updatedAt author viewerDidAuthor isMinimized minimizedReason viewerCanMinimize',
  CreateCommitOnBranchPayload: 'clientMutationId commit ref',
  MinimizeCommentPayload: 'clientMutationId minimizedComment',
  UpdateRefsPayload: 'clientMutationId',
  UnminimizeCommentPayload: 'clientMutationId unminimizedComment',
}

const definitions = new Map<string, DefinitionNode>()
for (const definition of parse(schema.idl).definitions) {
  if ('name' in definition && definition.name) definitions.set(definition.name.value, definition)
}

const kept = new Map<string, DefinitionNode>()

function keep(name: string): void {
  if (kept.has(name)) return
  const definition = definitions.get(name)
  if (!definition) return
  const made = narrow(name, definition)
  kept.set(name, made)
  visit(made, { NamedType: node => keep(node.name.value) })
}

function narrow(name: string, definition: DefinitionNode): DefinitionNode {
  if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION && definition.kind !== Kind.INTERFACE_TYPE_DEFINITION) {
    return definition
  }
  const wanted = selection[name]?.split(' ')
  if (!wanted) throw new Error(`${name} is reached but nothing of it is selected`)
  const fields = wanted.map(field => {
    const found = definition.fields?.find(candidate => candidate.name.value === field)
    if (!found) throw new Error(`GitHub's ${name} has no field ${field}`)
    return found
  })
  return {
    ...definition,
    fields,
    interfaces: definition.interfaces?.filter(({ name: one }) => selection[one.value]) ?? [],
  }
}

for (const name of Object.keys(selection)) keep(name)
const bare = [...kept.values()].map(definition =>
  visit(definition, {
    enter: node => ('description' in node && node.description ? { ...node, description: undefined } : undefined),
    Directive: () => null,
  }),
)
const target = join(import.meta.dirname, '../local-github/server/description/github.graphql')
writeFileSync(target, `${bare.map(definition => print(definition)).join('\n\n')}\n`)
