import { ActionError, CommandError } from '#kit/errors'
import type { Ports, Tool } from '#kit/ports'
import type { Diagnostic } from '#kit/terraform/events'
import { openFolder, type OpenedRoot, type RootPorts } from '#kit/terraform/find-root'
import type { ModuleGraph } from '#kit/terraform/module-graph'
import { isUnfetchedProvider, openRoot, TerraformError } from '#kit/terraform/terraform'
import { located } from './diagnostics.ts'
import { formatProblems } from './format.ts'
import type { Inputs } from './inputs.ts'
import type { Selected } from './selection.ts'
import { hasPlugins, initLinter, lint, lintConfiguration, type Linter } from './tflint.ts'
import { readTests, type TestRun } from './tests.ts'

/** What became of a root, or of a module that was checked by itself. Files are from the top of the repository. */
export interface Checked extends Selected {
  /** `undefined` when none could be had. */
  readonly tool: Tool | undefined
  readonly diagnostics: readonly Diagnostic[]
  readonly unformatted: readonly Diagnostic[]
  readonly tests: readonly TestRun[]
  /** Why it could not be checked to the end. */
  readonly failure: Failure | undefined
}

export interface Failure {
  readonly message: string
  readonly hint: string | undefined
}

/** Checks folders one after another: two that install into one cache of providers at once would break it. */
export async function checkAll(
  selected: readonly Selected[],
  inputs: Inputs,
  graph: ModuleGraph,
  ports: RootPorts,
): Promise<readonly Checked[]> {
  const cache = await ports.files.temporaryFolder('slipway-providers')
  const targets = inputs['format-check'] ? formatTargets(selected, graph) : new Map<string, readonly string[]>()
  const shared = {
    inputs,
    graph,
    ports: { ...ports, tools: rememberTools(ports.tools) },
    cache,
    linted: new Set<string>(),
  }
  const checked: Checked[] = []
  try {
    for (const one of selected) checked.push(await check(one, targets.get(one.folder) ?? [], shared))
  } finally {
    await ports.files.remove(cache)
  }
  return checked
}

interface Shared {
  readonly inputs: Inputs
  readonly graph: ModuleGraph
  readonly ports: RootPorts
  /** Folder that the roots share their providers in. */
  readonly cache: string
  /** Configurations of tflint whose plugins are there. */
  readonly linted: Set<string>
}

async function check(one: Selected, targets: readonly string[], shared: Shared): Promise<Checked> {
  const { inputs, ports } = shared
  const folder = absolute(one.folder, ports)
  const diagnostics: Diagnostic[] = []
  const unformatted: Diagnostic[] = []
  const tests: TestRun[] = []
  let tool: Tool | undefined
  const add = (found: readonly Diagnostic[]) => diagnostics.push(...found.map(each => located(each, one.folder)))
  const failure = await failureOf(async () => {
    const opened = await openFolder(folder, inputs, ports, providerCache(shared))
    tool = opened.tool
    for (const target of targets) unformatted.push(...(await format(target, opened.tool, ports)))
    await keepingLockFile(folder, ports, async () => {
      const stopped = await initProblems(opened, one, ports)
      add(stopped ?? (await opened.terraform.validate()).diagnostics)
      if (stopped !== undefined) return
      if (inputs.tflint === 'auto') add(await lintFolder(folder, shared))
      if (!inputs.test || shared.graph.folders.get(one.folder)?.hasTests !== true) return
      const report = await runTests(opened, one, ports)
      add(report.diagnostics)
      tests.push(...report.runs)
    })
  })
  return { ...one, tool, diagnostics, unformatted, tests, failure }
}

/** What a user can act on is told of this folder, and the others are checked all the same. */
async function failureOf(work: () => Promise<void>): Promise<Failure | undefined> {
  try {
    await work()
    return undefined
  } catch (error) {
    if (!(error instanceof ActionError)) throw error
    if (!(error instanceof CommandError)) return error
    if (error.cancelled) throw error
    return { message: `${error.message}\n${error.stderr}`.trimEnd(), hint: error.hint }
  }
}

/**
 * A provider that one root has fetched is there for the next. Without a lock file Terraform takes nothing from the cache
 * unless it may write an incomplete one, which is put right afterwards:
 * https://developer.hashicorp.com/terraform/cli/config/config-file#allowing-the-provider-plugin-cache-to-break-the-dependency-lock-file
 */
function providerCache({ cache, ports }: Shared): Record<string, string> {
  if (ports.environment.get('TF_PLUGIN_CACHE_DIR') !== undefined) return {}
  return { TF_PLUGIN_CACHE_DIR: cache, TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE: 'true' }
}

/** Leaves the lock file as it was found, or absent. */
async function keepingLockFile(folder: string, { files }: RootPorts, work: () => Promise<void>): Promise<void> {
  const path = `${folder}/.terraform.lock.hcl`
  const before = (await files.exists(path)) ? await files.readText(path) : undefined
  try {
    await work()
  } finally {
    if (before === undefined) await files.remove(path)
    else if ((await files.readText(path)) !== before) await files.write(path, before, 0o644)
  }
}

/** What init says against the configuration itself; `undefined` when it went well. */
async function initProblems(
  { terraform }: OpenedRoot,
  { folder }: Selected,
  { log }: RootPorts,
): Promise<readonly Diagnostic[] | undefined> {
  try {
    await log.group(`init ${folder}`, () => terraform.init(false))
    return undefined
  } catch (error) {
    if (!(error instanceof TerraformError) || error.diagnostics.length === 0) throw error
    if (error.diagnostics.some(isUnfetchedProvider)) throw error
    return error.diagnostics
  }
}

async function format(target: string, tool: Tool, ports: RootPorts): Promise<readonly Diagnostic[]> {
  const terraform = openRoot({ tool, folder: absolute(target, ports), environment: {} }, ports)
  return formatProblems(await terraform.formatDifference(), tool.name).map(each => located(each, target))
}

/** Where each folder's program looks at the format: at its own and its modules' folders, each once, with all below. */
function formatTargets(selected: readonly Selected[], graph: ModuleGraph): ReadonlyMap<string, readonly string[]> {
  const covered = new Map<string, string>()
  for (const { folder } of selected)
    for (const part of [folder, ...graph.usedBy(folder)])
      if (graph.folders.has(part) && !covered.has(part)) covered.set(part, folder)
  const isBelowAnother = (part: string) =>
    [...covered.keys()].some(other => other !== part && (other === '.' || part.startsWith(`${other}/`)))
  const targets = new Map<string, readonly string[]>()
  for (const [part, by] of covered) if (!isBelowAnother(part)) targets.set(by, [...(targets.get(by) ?? []), part])
  return targets
}

async function lintFolder(folder: string, { inputs, ports, linted }: Shared): Promise<readonly Diagnostic[]> {
  const configuration = await lintConfiguration(folder, ports.files)
  if (configuration === undefined) return []
  const tool = await ports.tools.find('tflint', { range: inputs['tflint-version'] })
  const linter: Linter = { tool, exec: ports.exec }
  if (!linted.has(configuration) && hasPlugins(await ports.files.readText(configuration)))
    await ports.log.group('tflint --init', () => initLinter(linter, configuration, folder))
  linted.add(configuration)
  return lint(linter, configuration, folder)
}

async function runTests({ terraform, tool }: OpenedRoot, { folder }: Selected, { log }: RootPorts) {
  const lines: string[] = []
  const { exitCode, stderr } = await log.group(`test ${folder}`, () => terraform.test(line => lines.push(line)))
  const report = readTests(lines)
  if (exitCode !== 0 && !report.diagnostics.some(({ severity }) => severity === 'error'))
    throw new ActionError(`${tool.name} test could not run: ${(stderr || lines.join('\n')).trim()}`, {
      hint: `Tests need ${tool.name} 1.6 or newer; ${tool.version} ran`,
    })
  return report
}

function absolute(folder: string, { files }: RootPorts): string {
  return folder === '.' ? files.workspace : `${files.workspace}/${folder}`
}

/** Many roots ask for the same version, and each search starts a program. */
function rememberTools(tools: Ports['tools']): Ports['tools'] {
  const known = new Map<string, Promise<Tool>>()
  return {
    find(tool, options) {
      const key = JSON.stringify([tool, options])
      const found = known.get(key) ?? tools.find(tool, options)
      known.set(key, found)
      return found
    },
  }
}
