/** Merging without a working tree: what GitHub does for the test merge and for its three ways to merge. */
import type { CommitInfo, GitRepository, Identity } from './git.ts'
import { webFlow } from './git.ts'

/** The tree of the two merged, or null on conflict. */
export async function mergeTrees(git: GitRepository, ours: string, theirs: string): Promise<string | null> {
  const merged = await git.try([
    'merge-tree',
    '--write-tree',
    '--no-messages',
    '--allow-unrelated-histories',
    ours,
    theirs,
  ])
  const tree = merged.stdout.toString().split('\n')[0] ?? ''
  if (merged.status === 0) return tree
  if (merged.status === 1) return null
  throw new Error(`git merge-tree failed (git 2.38 or newer is needed): ${merged.stderr.trim()}`)
}

export interface MergeInput {
  /** Tip of the base branch. */
  readonly base: string
  readonly head: string
  readonly message: string
  readonly author: Identity
  /** ISO 8601. */
  readonly date: string
}

/** A commit with two parents, or null on conflict. */
export async function mergeCommit(git: GitRepository, input: MergeInput): Promise<string | null> {
  const tree = await mergeTrees(git, input.base, input.head)
  if (tree === null) return null
  return git.commitTree({ ...input, tree, parents: [input.base, input.head] })
}

/** All changes of the head in one commit on the base, or null on conflict. */
export async function squashCommit(git: GitRepository, input: MergeInput): Promise<string | null> {
  const tree = await mergeTrees(git, input.base, input.head)
  if (tree === null) return null
  return git.commitTree({ ...input, tree, parents: [input.base] })
}

/** Each commit of the head again on the base, or null on conflict. Merge commits are left out, as GitHub does. */
export async function rebaseCommits(
  git: GitRepository,
  input: Pick<MergeInput, 'base' | 'head' | 'date'> & { committer: Identity },
): Promise<string | null> {
  const commits = await git.log(['--reverse', '--topo-order', '--no-merges', `${input.base}..${input.head}`, '--'])
  let onto = input.base
  for (const commit of commits) {
    const tree = await treeOnto(git, commit, onto, input.date)
    if (tree === null) return null
    onto = await git.commitTree({
      tree,
      parents: [onto],
      message: commit.message,
      author: commit.author,
      committer: input.committer,
      date: input.date,
    })
  }
  return onto
}

/**
 * A three-way merge whose base is the commit's parent. `merge-tree --merge-base` says that only since git 2.40; a
 * throw-away commit of the target's tree on the commit's parent says it to any git that has `--write-tree`.
 */
async function treeOnto(git: GitRepository, commit: CommitInfo, onto: string, date: string): Promise<string | null> {
  const { tree } = await git.commit(onto)
  const target = await git.commitTree({
    tree,
    parents: commit.parents.slice(0, 1),
    message: 'target',
    author: webFlow,
    date,
  })
  return mergeTrees(git, target, commit.sha)
}
