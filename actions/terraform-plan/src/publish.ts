import { ActionError } from '#kit/errors'
import type { Ports } from '#kit/ports'
import { reasonIn } from '#kit/restricted-run'
import type { Inputs } from './inputs.ts'
import type { Report } from './report-frame.ts'

type PublishInputs = Pick<Inputs, 'comment' | 'on-comment-failure'>
type PublishPorts = Pick<Ports, 'comments' | 'log' | 'run' | 'summary'>

/** Writes a report into the step's summary. */
export async function summarise(report: Report, { summary }: Pick<Ports, 'summary'>): Promise<void> {
  await summary.write(report.summary(await summary.remaining()))
}

/** Writes a report as the comment of this key; returns its address, empty when there is none. */
export async function comment(
  report: Report,
  key: string,
  inputs: PublishInputs,
  ports: PublishPorts,
): Promise<string> {
  const { pullRequest } = ports.run
  if (inputs.comment === 'none' || pullRequest === undefined) return ''
  let parts = 1
  try {
    const written = await ports.comments.upsert({
      issueNumber: pullRequest.number,
      action: 'terraform-plan',
      key,
      body: budget => {
        const bodies = report.comments(budget)
        parts = bodies.length
        return bodies
      },
      mode: inputs.comment,
    })
    return written.url
  } catch (error) {
    // Half of a list of what is destroyed would look like all of it.
    const isPartial = parts > 1
    if (isPartial || inputs['on-comment-failure'] === 'fail' || !(error instanceof ActionError)) throw error
    ports.log.warning(`The comment could not be written, the step's summary has it: ${reasonIn(ports.run, error)}`)
    return ''
  }
}
