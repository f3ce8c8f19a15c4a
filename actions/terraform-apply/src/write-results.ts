import type { Ports } from '#kit/ports'
import type { Hider } from '#kit/terraform/hide'
import type { RootOutput } from '#kit/terraform/terraform'
import { RESULT_FOLDER } from './post.ts'
import { inventoryOf, openOutputs, outputSecrets } from './result.ts'

interface ResultFiles {
  readonly 'terraform-outputs': string
  readonly inventory: string
}

type ResultPorts = Pick<Ports, 'files' | 'log' | 'state'>

/** Writes the outputs of the one root that was applied, and its inventory. */
export async function writeResults(
  outputs: readonly RootOutput[],
  hider: Pick<Hider, 'isTainted'>,
  ports: ResultPorts,
): Promise<ResultFiles> {
  const { json, inventory } = openResults(outputs, hider, '', ports)
  return writeFiles(json, inventory, ports)
}

export interface OutputsOfRoot {
  readonly root: string
  readonly outputs: readonly RootOutput[]
  readonly hider: Pick<Hider, 'isTainted'>
}

/** Writes the outputs of several roots, by root, and their inventories one below the other. */
export async function writeAllResults(roots: readonly OutputsOfRoot[], ports: ResultPorts): Promise<ResultFiles> {
  const opened = roots.map(({ root, outputs, hider }) => ({
    root,
    ...openResults(outputs, hider, ` of ${root}`, ports),
  }))
  const members = opened.map(({ root, json }) => `${JSON.stringify(root)}: ${json.trimEnd()}`)
  const inventories = opened.filter(({ inventory }) => inventory !== '')
  return writeFiles(
    members.length === 0 ? '{}\n' : `{\n${members.join(',\n')}\n}\n`,
    // Ansible puts sections of the same name together.
    inventories.map(({ inventory }) => inventory).join('\n'),
    ports,
  )
}

function openResults(
  outputs: readonly RootOutput[],
  { isTainted }: Pick<Hider, 'isTainted'>,
  ofRoot: string,
  { log }: Pick<Ports, 'log'>,
): { readonly json: string; readonly inventory: string } {
  for (const value of outputSecrets(outputs)) log.secret(value)
  const { json, left } = openOutputs(outputs, isTainted)
  if (left.length > 0)
    log.warning(`Left out of "terraform-outputs"${ofRoot}, since they hold a sensitive value: ${left.join(', ')}`)
  const inventory = inventoryOf(outputs, isTainted)
  if ('text' in inventory) return { json, inventory: inventory.text }
  if (inventory.missing !== 'no output')
    log.warning(`The output inventory_ini${ofRoot} is ${inventory.missing}, so no inventory was written`)
  return { json, inventory: '' }
}

async function writeFiles(json: string, inventory: string, { files, state }: ResultPorts): Promise<ResultFiles> {
  const folder = await files.temporaryFolder('slipway-outputs')
  state.save(RESULT_FOLDER, folder)
  const path = `${folder}/outputs.json`
  await files.write(path, json)
  if (inventory === '') return { 'terraform-outputs': path, inventory: '' }
  await files.write(`${folder}/inventory.ini`, inventory)
  return { 'terraform-outputs': path, inventory: `${folder}/inventory.ini` }
}
