import type { Outputs } from '#kit/action'
import { GateError, withOutputs } from '#kit/errors'
import type { Ports } from '#kit/ports'
import { subjectOf } from '#kit/report/headline'
import { toolText } from '#kit/terraform/tool-text'
import { ownerOf, readFolders } from '#kit/terraform/folders'
import { moduleGraph, type ModuleGraph } from '#kit/terraform/module-graph'
import { rootName, rootPath } from '#kit/terraform/root'
import { checkAll, type Checked } from './check.ts'
import { annotationText, diagnosticsJson, merged, placeOf, type Finding } from './diagnostics.ts'
import type { Inputs, outputs } from './inputs.ts'
import { answerText, validationReport, type Outcome } from './report.ts'
import { select, type Selection } from './selection.ts'

export async function main(given: Inputs, host: Ports): Promise<Outputs<typeof outputs>> {
  const { inputs, ports } = await fromTheTop(given, host)
  const graph = moduleGraph(await readFolders(ports.files, inputs.binary))
  const changed = inputs['changed-only'] ? await changedFiles(ports) : undefined
  const selection = select(inputs, graph, changed)
  tellSelection(selection, changed !== undefined, ports)
  const checked = await checkAll(selection.selected, inputs, graph, ports)
  const findings = findingsOf(checked, graph)
  const outcome: Outcome = { ...selection, checked, findings, onlyChanged: changed !== undefined }
  annotate(outcome, ports)
  await ports.summary.write(validationReport(outcome, factsOf(outcome, ports), await ports.summary.remaining()))
  const known = {
    valid: String(!isBad(outcome)),
    diagnostics: diagnosticsJson(findings),
    roots: JSON.stringify(rootsFrom(selection, inputs['working-directory'])),
  }
  if (isBad(outcome)) throw withOutputs(refusal(outcome), known)
  ports.log.notice(answerText(outcome))
  return known
}

/** Everything is told from the workspace; on a terminal the folder may be elsewhere, and is then the top itself. */
async function fromTheTop(inputs: Inputs, ports: Ports): Promise<{ inputs: Inputs; ports: Ports }> {
  const { files } = ports
  const folder = await files.resolve('working-directory', '.', inputs['working-directory'])
  if (folder === files.workspace || folder.startsWith(`${files.workspace}/`)) return { inputs, ports }
  return {
    inputs: { ...inputs, 'working-directory': '.' },
    ports: { ...ports, files: { ...files, workspace: folder } },
  }
}

/** Names of the files that the pull request changes; `undefined` when everything has to be checked. */
async function changedFiles({ run, repository, log }: Ports): Promise<readonly string[] | undefined> {
  if (run.pullRequest === undefined) {
    // A push after one that failed would hide what the first one broke.
    log.notice('This run is of no pull request, so everything is checked, changed or not')
    return undefined
  }
  const { baseSha, headSha } = run.pullRequest
  const changed = await repository.changedFiles(baseSha, headSha)
  if (changed === undefined) log.notice('GitHub does not list all files of so large a change, so everything is checked')
  return changed
}

function tellSelection({ selected, dependent }: Selection, onlyChanged: boolean, { log }: Ports): void {
  for (const { folder, kind, reasons } of selected)
    log.info(`${kind} ${folder}${onlyChanged ? `: ${reasons.join('; ')}` : ''}`)
  for (const module of dependent)
    log.info(`${module} is used by no root and takes its providers from a caller, so it cannot be checked by itself`)
}

function findingsOf(checked: readonly Checked[], graph: ModuleGraph): readonly Finding[] {
  const folders = new Set(graph.folders.keys())
  const parts = checked.map(({ folder }) => ({ folder, parts: new Set([folder, ...graph.usedBy(folder)]) }))
  const rootsOf = (file: string, by: string) => {
    const owner = ownerOf(file, folders)
    if (owner === undefined) return [by]
    return parts.filter(one => one.parts.has(owner)).map(one => one.folder)
  }
  return merged([
    ...checked.flatMap(({ folder, diagnostics }) => diagnostics.map(diagnostic => ({ root: folder, diagnostic }))),
    ...checked.flatMap(({ folder, unformatted }) =>
      unformatted.flatMap(diagnostic =>
        rootsOf(diagnostic.range?.file ?? '', folder).map(root => ({ root, diagnostic })),
      ),
    ),
  ])
}

function annotate({ findings, checked }: Outcome, { log }: Ports): void {
  for (const finding of findings) {
    if (finding.severity === 'error') log.error(annotationText(finding), placeOf(finding))
    else log.warning(annotationText(finding), placeOf(finding))
  }
  // The only one is the failure of the step.
  if (checked.length > 1)
    for (const { folder, failure } of checked)
      if (failure !== undefined) log.error(`${folder} could not be checked: ${failure.message}`)
}

function factsOf({ checked }: Outcome, { run }: Ports) {
  const [only] = checked.length === 1 ? checked : []
  const tools = checked.flatMap(({ tool }) => (tool === undefined ? [] : [toolText(tool)]))
  return {
    subject: subjectOf(run.repository, only === undefined ? [] : [rootName(only.folder)], 'root'),
    sha: run.sha,
    runNumber: run.runNumber,
    tools: [...new Set(tools)].sort(),
  }
}

function isBad({ checked, findings }: Outcome): boolean {
  return findings.some(({ severity }) => severity === 'error') || checked.some(({ failure }) => failure !== undefined)
}

function refusal(outcome: Outcome): GateError {
  const failed = outcome.checked.find(({ failure }) => failure !== undefined)
  const [only] = outcome.checked.length === 1 ? outcome.checked : []
  if (only?.failure !== undefined)
    return new GateError(`${only.folder} could not be checked: ${only.failure.message}`, {
      verdict: 'invalid',
      ...(only.failure.hint === undefined ? {} : { hint: only.failure.hint }),
    })
  return new GateError(`${only === undefined ? '' : `${only.folder} is not valid: `}${answerText(outcome)}`, {
    verdict: failed === undefined ? 'fail' : 'invalid',
    hint: 'Each problem is marked at its line and explained in the summary of the run.',
  })
}

/** As the input `roots` takes them. */
function rootsFrom({ selected }: Selection, workingDirectory: string): readonly string[] {
  const top = rootPath({ roots: '.', 'working-directory': workingDirectory })
  return selected
    .filter(({ kind }) => kind === 'root')
    .map(({ folder }) => (top === '.' ? folder : folder === top ? '.' : relativeTo(top, folder)))
}

function relativeTo(top: string, folder: string): string {
  return folder.startsWith(`${top}/`) ? folder.slice(top.length + 1) : `${'../'.repeat(top.split('/').length)}${folder}`
}
