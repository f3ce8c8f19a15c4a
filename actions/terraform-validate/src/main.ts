import type { Outputs } from '#kit/action'
import { GateError, withOutputs } from '#kit/errors'
import type { Ports } from '#kit/ports'
import { subjectOf } from '#kit/report/headline'
import type { Diagnostic } from '#kit/terraform/events'
import { rootName, rootPath } from '#kit/terraform/root'
import { findRoot, toolText, type OpenedRoot } from '#kit/terraform/find-root'
import { TerraformError } from '#kit/terraform/terraform'
import { annotationText, diagnosticsJson, placeOf } from './diagnostics.ts'
import { formatProblems } from './format.ts'
import type { Inputs, outputs } from './inputs.ts'
import { answerText, validationReport } from './report.ts'

export async function main(inputs: Inputs, ports: Ports): Promise<Outputs<typeof outputs>> {
  const { terraform, tool } = await findRoot(inputs, ports)
  const unformatted = inputs['format-check'] ? formatProblems(await terraform.formatDifference(), tool.name) : []
  const diagnostics = [...(await validate(terraform, ports)), ...unformatted]
  const root = rootPath(inputs)
  for (const diagnostic of diagnostics) {
    const place = placeOf(diagnostic, root)
    if (diagnostic.severity === 'error') ports.log.error(annotationText(diagnostic), place)
    else ports.log.warning(annotationText(diagnostic), place)
  }
  const answer = answerText(diagnostics, root)
  const subject = subjectOf(ports.run.repository, [rootName(root)], 'root')
  const facts = {
    subject,
    root,
    sha: ports.run.sha,
    runNumber: ports.run.runNumber,
    tool: toolText(tool),
  }
  await ports.summary.write(validationReport(diagnostics, facts, await ports.summary.remaining()))
  const valid = !diagnostics.some(({ severity }) => severity === 'error')
  const known = { valid: String(valid), diagnostics: diagnosticsJson(diagnostics, root) }
  if (!valid)
    throw withOutputs(
      new GateError(`${root} is not valid: ${answer}`, {
        verdict: 'fail',
        hint: 'Each problem is marked at its line and explained in the summary of the run.',
      }),
      known,
    )
  ports.log.notice(`${root}: ${answer}`)
  return known
}

/** Problems that stop `init` (a syntax error, a provider that cannot be had) are problems of the root as well. */
async function validate(terraform: OpenedRoot['terraform'], ports: Pick<Ports, 'log'>): Promise<readonly Diagnostic[]> {
  try {
    await ports.log.group('init', () => terraform.init(false))
  } catch (error) {
    if (!(error instanceof TerraformError) || error.diagnostics.length === 0) throw error
    return error.diagnostics
  }
  return (await terraform.validate()).diagnostics
}
