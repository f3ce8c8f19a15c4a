import type { LocalGitHub } from '../local-github/local-github.ts'
import type { Repository, WorkflowRun } from '../local-github/model.ts'
import type { GitHubApi } from './github-api.ts'
import { ROOT, type WorkingCopy } from './repositories.ts'
import type { Chapter } from './telling.ts'

export interface Stage {
  readonly github: LocalGitHub
  readonly shop: Repository
  readonly copy: WorkingCopy
  readonly mira: GitHubApi
  readonly jonas: GitHubApi
  /** Resolves when no job runs and none is about to. */
  readonly idle: () => Promise<void>
  readonly print: (line: string) => void
  readonly signal: AbortSignal
  /** What answers for terraform, in words. */
  readonly terraform: string
  /** Why apply cannot be run; `undefined` when it can. */
  readonly noApply: string | undefined
}

interface PullRequest {
  readonly number: number
}

const SHOP = '/repos/acme/shop'

type Told = Pick<Chapter, 'result' | 'isAsTold' | 'address'>

/** A change of infrastructure from its first mistake to what it made. */
export async function playStory(stage: Stage): Promise<Chapter[]> {
  const chapters: Chapter[] = []
  const chapter = async (what: string, by: string, act: () => Promise<Told>) => {
    stage.signal.throwIfAborted()
    stage.print(`\n${chapters.length + 1}. ${what} (${by})`)
    const began = stage.github.now()
    const told = await act()
    chapters.push({ what, by, seconds: (stage.github.now() - began) / 1000, ...told })
  }
  const { copy, terraform } = stage

  await chapter('Mira pushes a mistake to infra_features', terraform, async () => {
    await copy.git('switch', '--quiet', '--create', 'infra_features')
    await copy.edit(`${ROOT}/terraform.tfvars`, 'app        = {', 'app = {')
    await copy.edit(`${ROOT}/main.tf`, 'module.network.vpc_id', 'module.network.id')
    const run = await pushed(stage, 'infra_features', 'Give the servers their network')
    return { ...ending(run, 'failure'), address: addressOf(stage, run) }
  })
  await chapter('Mira pushes the fix', terraform, async () => {
    await copy.git('checkout', '--quiet', 'main', '--', `${ROOT}/terraform.tfvars`, `${ROOT}/main.tf`)
    await copy.edit(`${ROOT}/terraform.tfvars`, 'root_volume_gib = 40', 'root_volume_gib = 60')
    const run = await pushed(stage, 'infra_features', 'Name the network by its id, and give the metrics more room')
    return { ...ending(run, 'success'), address: addressOf(stage, run) }
  })
  let number = 0
  const pullAddress = () => `${stage.github.url}/acme/shop/pull/${number}`
  await chapter('Mira opens a pull request to infra_main', `${terraform}, embedded prices`, async () => {
    const pull = await stage.mira.call<PullRequest>('POST', `${SHOP}/pulls`, {
      title: 'Bring up the development environment',
      head: 'infra_features',
      base: 'infra_main',
      body: 'The network, the first two servers and their names.\n\n- [x] validated\n- [ ] reviewed',
    })
    number = pull.number
    const run = await runOf(stage, 'pull_request')
    const asked = { words: '2 comments', holds: commentsOf(stage, number).length === 2 }
    return { ...ending(run, 'success', asked), address: pullAddress() }
  })
  await chapter('Mira pushes again, and the comments follow', `${terraform}, embedded prices`, async () => {
    await copy.edit(`${ROOT}/terraform.tfvars`, '"t3.small"', '"t3.medium"')
    const before = commentsOf(stage, number)
    const run = await pushed(stage, 'infra_features', 'Give the application more memory', 'pull_request')
    const isSame = before.join() === commentsOf(stage, number).join()
    const asked = { words: 'the same 2 comments', holds: isSame }
    return { ...ending(run, 'success', asked), address: pullAddress() }
  })
  await chapter(
    'Jonas reviews and merges',
    stage.noApply === undefined ? `${terraform}, moto as AWS` : 'apply not run',
    async () => {
      if (stage.noApply !== undefined)
        await stage.jonas.call('PUT', `${SHOP}/actions/workflows/terraform-apply.yml/disable`)
      await stage.jonas.call('POST', `${SHOP}/pulls/${number}/reviews`, {
        event: 'APPROVE',
        body: 'Prices and plan are what we agreed on.',
      })
      await stage.jonas.call('PUT', `${SHOP}/pulls/${number}/merge`, { merge_method: 'merge' })
      if (stage.noApply !== undefined) {
        stage.print(`  ○ apply: not run, since ${stage.noApply}`)
        return { result: 'merged', isAsTold: true, address: pullAddress() }
      }
      const run = await runOf(stage, 'push')
      return { ...ending(run, 'success', { words: 'merged and applied', holds: true }), address: addressOf(stage, run) }
    },
  )
  return chapters
}

async function pushed(stage: Stage, branch: string, message: string, event = 'push'): Promise<WorkflowRun> {
  await stage.copy.commit(message)
  await stage.copy.git('push', '--quiet', 'origin', branch)
  return runOf(stage, event)
}

/** The newest run of the shop that the event started, when all is quiet again. */
async function runOf(stage: Stage, event: string): Promise<WorkflowRun> {
  await Promise.race([stage.idle(), aborted(stage.signal)])
  const run = stage.github.store.runs.filter(run => run.repositoryId === stage.shop.id && run.event === event).at(-1)
  if (!run) throw new Error(`no workflow of the shop was started by ${event}`)
  if (run.startupError !== undefined) throw new Error(`${run.path} did not start: ${run.startupError}`)
  return run
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}

function addressOf(stage: Stage, run: WorkflowRun): string {
  return `${stage.github.url}/acme/shop/actions/runs/${run.id}`
}

/** How a chapter ended, beside how the story tells it. */
function ending(
  run: WorkflowRun,
  expected: 'success' | 'failure',
  also?: { words: string; holds: boolean },
): Omit<Told, 'address'> {
  const colour = run.conclusion === 'success' ? 'green' : `red (${run.conclusion})`
  if (run.conclusion !== expected) return { result: `${colour}, not as the story goes`, isAsTold: false }
  if (expected === 'failure') return { result: 'red, as it should be', isAsTold: true }
  if (!also) return { result: colour, isAsTold: true }
  return { result: `${colour}, ${also.holds ? '' : 'but not '}${also.words}`, isAsTold: also.holds }
}

/** Their ids. */
function commentsOf(stage: Stage, number: number): number[] {
  return stage.github.store.comments.filter(comment => comment.issueNumber === number).map(comment => comment.id)
}
