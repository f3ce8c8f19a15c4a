import { CommandError } from '../errors.ts'
import type { Ports } from '../ports.ts'
import { readConfiguration, type ConfiguredResource } from './plan-configuration.ts'
import { makeContract, runsProvisioners, type Contract, type ContractFacts } from './contract.ts'
import type { Extent } from './extent.ts'
import type { Hider } from './hide.ts'
import type { IgnorePath } from './ignore-paths.ts'
import { isObject, jsonOrNothing, member, type Json } from './json.ts'
import type { Plan } from './plan.ts'
import { configurationOf, lineageOf } from './plan-file.ts'
import { readSources } from './plan-sources.ts'
import { normalRoot, rootPath } from './root.ts'
import type { Session } from './session.ts'

export interface ContractInputs extends Extent {
  readonly roots: string
  readonly 'working-directory': string
  readonly workspace: string
  readonly 'plan-key': string | undefined
  readonly 'ignore-paths': readonly IgnorePath[]
}

export interface ReadPlan {
  /** As Terraform wrote it: with a key its marks alone decide, which are the same in every run. */
  readonly plan: Plan
  /** Of this plan: without a key all that it hides is left out. */
  readonly hider: Hider
}

/**
 * The contract of a plan that was made here, or of one that came as JSON, of which only root and workspace are known.
 * @param made the session and file of the plan
 */
export async function contractOf(
  inputs: ContractInputs,
  { plan, hider }: ReadPlan,
  made: { readonly session: Session; readonly planFile: string } | undefined,
  ports: Pick<Ports, 'exec' | 'files'>,
): Promise<Contract> {
  const root = rootPath(inputs)
  const planBytes = made === undefined ? undefined : await ports.files.readBytes(made.planFile)
  const configuration = planBytes && (await configurationOf(planBytes))
  const facts: ContractFacts = {
    root,
    workspace: inputs.workspace,
    ignorePaths: inputs['ignore-paths'],
    lockFileDigest: made?.session.lockFileDigest,
    backend: made === undefined ? null : await backendOf(made.session.folder, ports.files),
    lineage: planBytes && (await lineageOf(planBytes)),
    sources: configuration && readSources(configuration),
    extent: { targets: inputs.targets, destroy: inputs.destroy, preRun: inputs['pre-run'] },
    trees: made === undefined ? {} : await treesOf(plan, inputs, ports.exec),
  }
  const planKey = inputs['plan-key']
  return makeContract(planKey === undefined ? hider.plan : plan, facts, { planKey, isTainted: hider.isTainted })
}

/**
 * Settings that say where a state is. The others say who may open it, which differs between a job that plans and one that
 * applies, and may be secret: they are left out.
 */
const PLACES = new Set([
  ...['address', 'bucket', 'container_name', 'endpoint', 'endpoints', 'environment', 'host', 'hostname'],
  ...['key', 'namespace', 'organization', 'path', 'prefix', 'project', 'region', 'resource_group_name', 'schema_name'],
  ...['secret_suffix', 'storage_account_name', 'subscription_id', 'tenant_id', 'workspace_dir', 'workspace_key_prefix'],
  ...['workspaces'],
])

/** Type and place of the backend, as `init` left them: `.terraform/terraform.tfstate`. */
async function backendOf(folder: string, files: Ports['files']): Promise<Json> {
  const path = `${folder}/.terraform/terraform.tfstate`
  if (!(await files.exists(path))) return { type: 'local' }
  const backend = member(jsonOrNothing(await files.readText(path)), 'backend')
  const settings = member(backend, 'config')
  const places = Object.entries(isObject(settings) ? settings : {}).filter(
    ([name, value]) => PLACES.has(name) && value !== null,
  )
  return {
    type: member(backend, 'type') ?? null,
    ...Object.fromEntries(
      places.map(([name, value]) => [name, typeof value === 'string' ? withoutUser(value) : value]),
    ),
  }
}

/** An address can hold a password, and in its query a key. */
function withoutUser(value: string): string {
  if (!URL.canParse(value)) return value
  const url = new URL(value)
  if (url.host === '') return value
  return `${url.protocol}//${url.host}${url.pathname}`
}

const WORKFLOWS = ['.github/workflows', '.github/actions']

/**
 * Trees of what is run and stands in no plan: the workflows, the script of `pre-run`, and the modules that have provisioners or
 * `external` data sources. A folder that is not there, or no repository, is an empty text.
 */
async function treesOf(plan: Plan, inputs: ContractInputs, exec: Ports['exec']): Promise<Record<string, string>> {
  const root = rootPath(inputs)
  const { externals, resource } = readConfiguration(plan)
  const running = [...externals, ...plan.changes.filter(runsProvisioners).map(({ address }) => resource(address))]
  const folders = running.filter(isProgram).flatMap(({ folder }) => (folder === undefined ? [] : [folder]))
  const modules = folders.map(folder => normalRoot(`${root}/${folder}`))
  const trees: Record<string, string> = {}
  const script = inputs['pre-run']
  const scripts = script === '' ? [] : [inputs['working-directory'], root].map(from => normalRoot(`${from}/${script}`))
  for (const folder of [...new Set([...WORKFLOWS, ...scripts, ...modules])].sort())
    trees[folder] = await treeOf(folder, exec)
  return trees
}

function isProgram(found: ConfiguredResource | undefined): found is ConfiguredResource {
  return found !== undefined && (found.provisioners !== undefined || found.isExternal)
}

async function treeOf(folder: string, exec: Ports['exec']): Promise<string> {
  try {
    const { exitCode, stdout } = await exec.run({
      file: 'git',
      args: ['rev-parse', '--verify', '--quiet', folder === '.' ? 'HEAD^{tree}' : `HEAD:${folder}`],
      okExitCodes: [0, 1, 128],
    })
    return exitCode === 0 ? stdout.trim() : ''
  } catch (error) {
    if (error instanceof CommandError && !error.cancelled) return ''
    throw error
  }
}
