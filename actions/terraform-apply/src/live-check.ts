import { CommandError, reasonOf, type ActionError } from '#kit/errors'
import type { Check, Ports } from '#kit/ports'
import { LIMITS } from '#kit/report/limits'
import { OPEN_CHECK } from './post.ts'
import type { Progress } from './progress.ts'
import { answerOf, applyReport, type ReportFacts } from './report.ts'

/** An update is a request, and GitHub gives the token of a job 1,000 of them an hour. */
const UPDATE_MILLISECONDS = 10_000

export type LiveCheckPorts = Pick<Ports, 'checks' | 'clock' | 'log' | 'state'>

/** The check run of an apply: how far it is while it runs, then how it ended. It never fails the apply. */
export interface LiveCheck {
  /** Says how far it is, unless that was said a moment ago or is being said. */
  note(title: string): void
  complete(progress: Progress, failure: ActionError | undefined, facts: ReportFacts): Promise<void>
}

/** Begins the check. When it cannot be written, that is said once, and no more is tried. */
export async function startCheck(
  facts: Pick<Check, 'sha' | 'name' | 'externalId'>,
  ports: LiveCheckPorts,
): Promise<LiveCheck> {
  let silent = false
  let last = ports.clock.now()
  let saying: Promise<void> | undefined
  const attempt = async (write: () => Promise<unknown>) => {
    if (silent) return
    try {
      await write()
    } catch (error) {
      silent = true
      ports.log.warning(
        `The check run "${facts.name}" cannot be written, the apply goes on without it: ${reasonOf(error)}`,
      )
    }
  }
  const say = (title: string) =>
    attempt(() => ports.checks.progress({ ...facts, title, summary: 'The log of the run shows each object.' }))
  ports.state.save(OPEN_CHECK, 'yes')
  await say('begins')
  if (silent) ports.state.save(OPEN_CHECK, '')
  return {
    note(title) {
      if (saying !== undefined || ports.clock.now() - last < UPDATE_MILLISECONDS) return
      last = ports.clock.now()
      saying = say(title).finally(() => (saying = undefined))
    },
    async complete(progress, failure, report) {
      await saying
      const cancelled = failure instanceof CommandError && failure.cancelled
      await attempt(() =>
        ports.checks.complete({
          ...facts,
          conclusion: failure === undefined ? 'success' : cancelled ? 'cancelled' : 'failure',
          title: answerOf(progress, failure),
          summary: applyReport(progress, failure, report, LIMITS.checkOutputBytes),
        }),
      )
      ports.state.save(OPEN_CHECK, '')
    },
  }
}
