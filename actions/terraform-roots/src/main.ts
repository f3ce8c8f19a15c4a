import type { Outputs } from '#kit/action'
import { InputError } from '#kit/errors'
import type { Ports } from '#kit/ports'
import { LIMITS } from '#kit/report/limits'
import { subjectOf } from '#kit/report/headline'
import { artifactName, relativeRoot } from '#kit/terraform/root'
import { selectRoots, type RootSelection } from '#kit/terraform/select-roots'
import type { Inputs, outputs } from './inputs.ts'
import { answerText, emptyComment, rootsReport, type ReportFacts } from './report.ts'

/** The type of comment that a plan is. */
const PLAN_COMMENT = 'terraform-plan'
/** Outputs have limits too, and a reader has seen enough by then. */
const MOST_REASONS = 10

export async function main(
  inputs: Inputs,
  ports: Pick<Ports, 'comments' | 'files' | 'log' | 'pullRequests' | 'run' | 'summary'>,
): Promise<Outputs<typeof outputs>> {
  const { log, run, summary } = ports
  if (inputs['changed-only'] && run.pullRequest === undefined)
    log.notice('This run is of no pull request, so every root is taken, changed or not')
  const selection = await selectRoots(inputs, run.pullRequest?.number, ports)
  refuseMatrix(selection)
  const facts: ReportFacts = {
    subject: subjectOf(run.repository, [inputs['comment-key']], 'roots'),
    sha: run.pullRequest?.headSha ?? run.sha,
    runNumber: run.runNumber,
  }
  for (const { root, reasons } of selection.roots) log.info([root, ...reasons].join('\n  '))
  log.notice(answerText(selection))
  await summary.write(rootsReport(selection, facts, await summary.remaining()))
  const url = selection.roots.length === 0 ? await commentNone(inputs, facts, ports) : ''
  const names = selection.roots.map(({ root }) => relativeRoot(root, inputs['working-directory']))
  const reasons = selection.roots.map(({ reasons }, index) => [names[index], reasons.slice(0, MOST_REASONS)] as const)
  return {
    roots: JSON.stringify(names),
    count: String(names.length),
    reasons: JSON.stringify(Object.fromEntries(reasons)),
    'artifact-pattern': pattern(selection.roots.map(({ root }) => artifactName(root, inputs.workspace))),
    'comment-url': url,
  }
}

function refuseMatrix({ roots, isOfChanges }: RootSelection): void {
  if (roots.length <= LIMITS.matrixJobs) return
  throw new InputError([
    {
      input: 'roots',
      problem: `${roots.length} roots ${isOfChanges ? 'are changed' : 'match'}, and a matrix has ${LIMITS.matrixJobs} jobs at most`,
      fix: 'Name fewer roots, and call the workflow once for each part of them with an environment of its own',
    },
  ])
}

/** A plan that is told of earlier is not what a merge does any more. */
async function commentNone(
  inputs: Inputs,
  facts: ReportFacts,
  { comments, run }: Pick<Ports, 'comments' | 'run'>,
): Promise<string> {
  if (run.pullRequest === undefined || inputs['comment-key'] === '') return ''
  const { url } = await comments.upsert({
    issueNumber: run.pullRequest.number,
    action: PLAN_COMMENT,
    key: inputs['comment-key'],
    body: () => emptyComment(facts),
    mode: 'update',
    onlyUpdate: true,
  })
  return url
}

/** Braces are no pattern around a single name. */
function pattern(names: readonly string[]): string {
  return names.length > 1 ? `{${names.join(',')}}` : names.join('')
}
