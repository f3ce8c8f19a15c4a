export type NodeKind =
  | 'User'
  | 'Bot'
  | 'Organization'
  | 'Repository'
  | 'Issue'
  | 'PullRequest'
  | 'IssueComment'
  | 'PullRequestReview'
  | 'Reaction'
  | 'PullRequestReviewComment'
  | 'Label'
  | 'StatusContext'
  | 'CheckRun'
  | 'CheckSuite'
  | 'Deployment'
  | 'DeploymentStatus'
  | 'Environment'
  | 'Release'
  | 'ReleaseAsset'
  | 'Workflow'
  | 'WorkflowRun'
  | 'Artifact'
  | 'App'
  | 'Commit'
  | 'TimelineEntry'

/** GraphQL's global id: the kind and the number, so that one names a record without a look-up table. */
export function nodeId(kind: NodeKind, id: number | string): string {
  return `${kind}_${Buffer.from(String(id)).toString('base64url')}`
}

export function readNodeId(text: string): { kind: string; id: string } | undefined {
  const match = /^([A-Za-z]+)_([A-Za-z0-9_-]+)$/.exec(text)
  if (!match?.[1] || !match[2]) return undefined
  return { kind: match[1], id: Buffer.from(match[2], 'base64url').toString('utf8') }
}
