import { ActionError } from '../errors.ts'
import { GraphqlError, STALE_HEAD } from '../graphql-answer.ts'
import { Unusable } from '../inputs.ts'
import type { BranchHead, Clock, CommitChange, CommitIntent, Commits, Random } from '../ports.ts'
import { LIMITS } from '../report/limits.ts'
import { repositoryPath } from '../repository-path.ts'
import { refuseNewSecret } from '../scrub-file.ts'
import type { GitHubClient } from './github-client.ts'
import type { Place } from './github-comments.ts'
import { githubFileReader } from './github-files.ts'

const HEAD = 'GET /repos/{owner}/{repo}/git/ref/{ref}'
const LOG = 'GET /repos/{owner}/{repo}/commits'
const MUTATION = `mutation createCommitOnBranch($input: CreateCommitOnBranchInput!) {
  createCommitOnBranch(input: $input) { commit { oid } }
}`
const TRAILER = 'Slipway-Intent'
/** A lost race costs no try: somebody else's commit went through, so the branch moves on. */
const DEADLINE_MILLISECONDS = 5 * 60_000
const FIRST_PAUSE_MILLISECONDS = 250
const LONGEST_PAUSE_MILLISECONDS = 8_000
const MOST_PAGES_BACK = 3

interface Created {
  readonly createCommitOnBranch: { readonly commit: { readonly oid: string } | null } | null
}

/**
 * Commits through GraphQL on the head that was read: verified, never forced. Another writer's commit in between means
 * reading again and applying the intent again. After a lost answer the branch is searched for the intent's trailer.
 */
export function githubCommits(
  client: GitHubClient,
  place: Place,
  { clock, random }: { readonly clock: Clock; readonly random: Random },
): Commits {
  return {
    async commit(intent) {
      const start = clock.now()
      let races = 0
      while (clock.now() - start < DEADLINE_MILLISECONDS) {
        const { sha } = (await client.request(HEAD, { ...place, ref: `heads/${intent.branch}` })).object
        const head: BranchHead = { sha, readBytes: githubFileReader(client, place, sha) }
        const change = await intent.change(head)
        if (change === undefined) return { sha, outcome: 'nothing' }
        const input = await inputOf(intent, change, head, place, client)
        let isUnclear = false
        try {
          const made = await client.mutateOnce<Created, Created>(
            'createCommitOnBranch',
            MUTATION,
            { input },
            reader => {
              isUnclear = true
              return findIntent(reader, place, intent, sha)
            },
          )
          const oid = made.createCommitOnBranch?.commit?.oid
          if (oid === undefined) throw new ActionError(`GitHub made no commit on ${intent.branch} and gave no reason`)
          return { sha: oid, outcome: 'created' }
        } catch (error) {
          if (!isLostRace(error)) throw error
          // The one that was first may be ours: an attempt that was given up can still have been carried out.
          const ours = isUnclear && (await findIntent(client, place, intent, sha))?.createCommitOnBranch?.commit?.oid
          if (ours) return { sha: ours, outcome: 'created' }
          const pause = Math.min(FIRST_PAUSE_MILLISECONDS * 2 ** Math.min(races, 10), LONGEST_PAUSE_MILLISECONDS)
          races += 1
          // Wide jitter parts writers that lost the same race.
          await clock.sleep(pause * (0.1 + 0.9 * random.next()))
        }
      }
      throw new ActionError(`${races} times another commit reached ${intent.branch} first; nothing was written`, {
        hint: 'Run the job again, or let fewer jobs write to this branch at once ("concurrency:")',
      })
    },
  }
}

async function inputOf(
  intent: CommitIntent,
  change: CommitChange,
  head: BranchHead,
  place: Place,
  client: GitHubClient,
) {
  const additions: { readonly path: string; readonly contents: string }[] = []
  for (const { path, content } of change.additions) {
    const bytes = Buffer.from(content)
    // Read again, not kept from the edit, which may have changed the bytes that it was given.
    await refuseNewSecret(insideRepository(path), bytes, () => head.readBytes(path), client.scrub)
    additions.push({ path, contents: bytes.toString('base64') })
  }
  const trailer = `${TRAILER}: ${encodeURIComponent(client.scrub(intent.idempotencyKey))}`
  return {
    branch: { repositoryNameWithOwner: `${place.owner}/${place.repo}`, branchName: intent.branch },
    expectedHeadOid: head.sha,
    message: {
      headline: client.scrub(change.headline),
      body: change.body === undefined ? trailer : `${client.scrub(change.body)}\n\n${trailer}`,
    },
    fileChanges: {
      additions,
      deletions: (change.deletions ?? []).map(path => ({ path: insideRepository(path) })),
    },
  }
}

/** What a change asks for goes to GitHub as it is, so it must be normal already. */
function insideRepository(path: string): string {
  try {
    if (repositoryPath(path) === path) return path
  } catch (error) {
    if (!(error instanceof Unusable)) throw error
    throw new ActionError(`${JSON.stringify(path)} cannot be committed: ${error.message}`, { hint: error.fix })
  }
  throw new ActionError(`${JSON.stringify(path)} cannot be committed: it is no path inside of the repository`)
}

function isLostRace(error: unknown): boolean {
  return error instanceof GraphqlError && error.types.includes(STALE_HEAD)
}

/** Our commit among those that the branch got since `before`. */
async function findIntent(
  reader: GitHubClient,
  place: Place,
  intent: CommitIntent,
  before: string,
): Promise<Created | undefined> {
  const trailer = `${TRAILER}: ${encodeURIComponent(reader.scrub(intent.idempotencyKey))}`
  let pages = 0
  for await (const commits of reader.pages(LOG, { ...place, sha: intent.branch, per_page: LIMITS.pageSize })) {
    for (const { sha, commit } of commits) {
      if (sha === before) return undefined
      if (commit.message.split('\n').includes(trailer)) return { createCommitOnBranch: { commit: { oid: sha } } }
    }
    pages += 1
    if (pages === MOST_PAGES_BACK) return undefined
  }
  return undefined
}
