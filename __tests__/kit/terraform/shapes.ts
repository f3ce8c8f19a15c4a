import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { ShapeSteps, State } from './make-shape.ts'

export const FIXTURES = join(import.meta.dirname, 'fixtures')

/** Every shape that there is: a folder of `fixtures`. Those made by hand say from what in `hand-made`. */
export function shapeNames(): readonly string[] {
  return readdirSync(FIXTURES, { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .map(({ name }) => name)
    .sort()
}

export function isHandMade(shape: string): boolean {
  return existsSync(join(FIXTURES, shape, 'hand-made'))
}

/** Leaves an object of an earlier, failed replace in the state. */
function depose(state: State): void {
  const [resource] = state.resources
  const [instance] = resource?.instances ?? []
  if (resource === undefined || instance === undefined) throw new Error('the state has no object')
  const id = '00000000-0000-4000-8000-0000000000de'
  resource.instances.push({ ...instance, deposed: '0123abcd', attributes: { ...instance.attributes, id } })
}

/** Puts values in the place of those that are made by chance. */
function fixed(attributes: Readonly<Record<string, unknown>>): (state: State) => void {
  return state => {
    for (const { instances } of state.resources)
      for (const instance of instances) Object.assign(instance.attributes, attributes)
  }
}

const RANDOM_ID = { id: 'AAECAw', b64: 'AAECAw', b64_url: 'AAECAw', b64_std: 'AAECAw==', dec: '66051', hex: '00010203' }

/** What shapes need beside their configuration. */
export const STEPS: Readonly<Record<string, ShapeSteps>> = {
  'replace-tainted': { between: [['taint', 'terraform_data.web']] },
  'replace-tainted-create-first': { between: [['taint', 'terraform_data.web']] },
  'replace-requested': { planArgs: ['-replace=terraform_data.web', '-replace=terraform_data.db'] },
  'delete-deposed': { state: depose },
  'delete-deposed-and-replace': { state: depose },
  'forget-deposed': { state: depose },
  destroy: { planArgs: ['-destroy'] },
  'destroy-nothing': { planArgs: ['-destroy'] },
  'import-generated': { planArgs: ['-generate-config-out=generated.tf'] },
  'precondition-fail': { fails: true },
  'output-precondition-fail': { fails: true },
  errored: { fails: true },
  'errored-at-once': { fails: true },
  'drift-recreate': { removed: ['out/a.txt'] },
  'drift-and-change': { removed: ['out/a.txt'] },
  // The provider reads all of it out of the id again.
  'drift-changed': { state: fixed({ ...RANDOM_ID, hex: 'ffffffff' }) },
  'drift-unseen': { state: fixed({ ...RANDOM_ID, hex: 'ffffffff' }) },
  'refresh-only-changed': { planArgs: ['-refresh-only'], state: fixed({ ...RANDOM_ID, hex: 'ffffffff' }) },
  'null-triggers': { state: fixed({ id: '1' }) },
  'random-keepers': { state: fixed(RANDOM_ID) },
  'random-string-in-place': { state: fixed({ result: 'planted-random-password' }) },
  'drift-only': { removed: ['out/a.txt'] },
  'refresh-only': { planArgs: ['-refresh-only'], removed: ['out/b.txt'] },
  'refresh-only-clean': { planArgs: ['-refresh-only'] },
  'refresh-only-move': { planArgs: ['-refresh-only'] },
  targeted: { planArgs: ['-target=terraform_data.web'] },
  'forget-and-create': { only: 'tofu' },
  'forget-in-config': { only: 'tofu' },
  'forget-in-state': { only: 'tofu' },
  'delete-disabled': { only: 'tofu' },
}
