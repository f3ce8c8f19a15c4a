import type { LocalGitHub } from '../local-github/local-github.ts'
import type { Repository } from '../local-github/model.ts'
import { playApplication } from './application-story.ts'
import type { GitHubApi } from './github-api.ts'
import { playInfrastructure } from './infrastructure-story.ts'
import type { WorkingCopy } from './repositories.ts'
import type { Told } from './runs.ts'
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
  /** What answers for docker, in words. */
  readonly docker: string
  /** Why nothing can be deployed; `undefined` when it can. */
  readonly noDeploy: string | undefined
  /** Status of an answer of the application in production. */
  readonly askProduction: (path: string) => Promise<number>
}

/**
 * Tells one thing that happens, and how it ended.
 * @param act calls `goOn` when what comes next need not wait for its end
 */
export type PlayChapter = (what: string, by: string, act: (goOn: () => void) => Promise<Told>) => Promise<void>

/** From the first mistake in the infrastructure to a release that is taken back. */
export async function playStory(stage: Stage): Promise<Chapter[]> {
  const chapters: Promise<Chapter>[] = []
  const goingOn = new Set<number>()
  const chapter: PlayChapter = async (what, by, act) => {
    stage.signal.throwIfAborted()
    const number = chapters.length + 1
    const meanwhile =
      goingOn.size === 0 ? '' : `, while ${[...goingOn].join(' and ')} ${goingOn.size === 1 ? 'goes' : 'go'} on`
    stage.print(`\n${number}. ${what} (${by})${meanwhile}`)
    goingOn.add(number)
    const began = stage.github.now()
    await new Promise<void>((resolve, reject) => {
      const ended = act(resolve).then(told => {
        goingOn.delete(number)
        return { what, by, seconds: (stage.github.now() - began) / 1000, ...told }
      })
      chapters.push(ended)
      ended.then(() => resolve(), reject)
    })
  }
  await playInfrastructure(stage, chapter)
  await playApplication(stage, chapter)
  return Promise.all(chapters)
}
