import { describe, expect, it } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { main as apply } from '../../actions/terraform-apply/src/main.ts'
import { main as plan, post } from '../../actions/terraform-plan/src/main.ts'
import { onlyRoot } from '../../actions/terraform-plan/src/roots.ts'
import { contractOf } from '../../kit/terraform/contract-facts.ts'
import { createHider } from '../../kit/terraform/hide.ts'
import { makePlan } from '../../kit/terraform/make-plan.ts'
import { parsePlan } from '../../kit/terraform/plan.ts'
import { startSession } from '../../kit/terraform/session.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { applyInputs, commitRoot, KEY, makeRealWorld, planInputs, type RealWorld } from './terraform-world.ts'

const root = (secret: string, extra = '') => `
variable "token" {
  type      = string
  sensitive = true
  default   = ${JSON.stringify(secret)}
}

resource "terraform_data" "holder" {
  input = { token = var.token, size = 2 }
}

output "inventory_ini" {
  value = "[app]\\n10.0.0.1"
}

output "token" {
  value     = var.token
  sensitive = true
}
${extra}`

async function planned(key = KEY) {
  const world = await makeRealWorld(temporaryFolder())
  commitRoot(world, { 'infra/main.tf': root('the-first-token') })
  const outputs = await plan(planInputs({ 'plan-key': key }), world.ports)
  world.download(outputs['plan-results'])
  return { world, outputs }
}

/** Creates, replaces, moves, forgets and destroys, with a provisioner and what only the apply tells. */
const CHANGED = `
variable "token" {
  type      = string
  sensitive = true
  default   = "the-second-token"
}

resource "terraform_data" "renamed" {
  input            = { token = var.token, size = 3 }
  triggers_replace = [2]
  provisioner "local-exec" {
    command = "true"
  }
}

moved {
  from = terraform_data.holder
  to   = terraform_data.renamed
}

resource "terraform_data" "many" {
  for_each = toset(["b", "a", "c"])
  input    = { id = terraform_data.renamed.id, name = each.key }
}

output "token" {
  value     = var.token
  sensitive = true
}

output "ids" {
  value = { for name, one in terraform_data.many : name => one.id }
}
`

/** As somebody does who does not ask us. */
async function terraform({ workspace, ports }: RealWorld, ...args: string[]): Promise<void> {
  await ports.exec.run({ file: 'terraform', args, cwd: join(workspace, 'infra') })
}

/** What runs before anything is reviewed. */
async function applyFirst(world: RealWorld, binary = 'terraform'): Promise<void> {
  const inputs = { 'plan-key': KEY, binary }
  world.download((await plan(planInputs(inputs), world.ports))['plan-results'])
  await apply(applyInputs(inputs), world.merged('0'.repeat(40)).ports)
}

const stateOf = (workspace: string) => readFileSync(join(workspace, 'infra/terraform.tfstate'), 'utf8')

describe('R37: what was reviewed is applied, by a real terraform', () => {
  it('from the sealed plan, once', async () => {
    const { world, outputs } = await planned()
    expect(outputs).toMatchObject({ 'to-add': '1', 'has-changes': 'true' })
    expect(world.comments.written[0]?.body).toContain('+ input.token = (sensitive)')

    const merge = world.merged()
    const done = await apply(applyInputs({ 'plan-key': KEY }), merge.ports)
    expect(stateOf(world.workspace)).toContain('the-first-token')
    expect(readFileSync(done.inventory, 'utf8')).toBe('[app]\n10.0.0.1\n')
    expect(JSON.parse(readFileSync(done['terraform-outputs'], 'utf8'))).toEqual({ inventory_ini: '[app]\n10.0.0.1' })
    expect(merge.log.lines).toContain('[1/1] terraform_data.holder created after 0 s')
    expect(merge.summary.text()).toMatch(/^✅ \*\*shop\/infra\*\*: applied, added 1/)

    await expect(apply(applyInputs({ 'plan-key': KEY }), world.merged().ports)).rejects.toThrow('was applied already')
    const empty = await plan(planInputs(), world.merged().ports)
    expect(empty['has-changes']).toBe('false')
  })

  it('or planned again when the state was changed since, as long as it does the same', async () => {
    const world = await makeRealWorld(temporaryFolder())
    commitRoot(world, { 'infra/main.tf': root('the-first-token') })
    await applyFirst(world)
    commitRoot(world, { 'infra/main.tf': root('the-first-token', 'resource "terraform_data" "more" {}\n') })
    world.download((await plan(planInputs({ 'plan-key': KEY }), world.ports))['plan-results'])
    await terraform(world, 'apply', '-auto-approve', '-replace=terraform_data.holder', '-target=terraform_data.holder')
    const merge = world.merged('e'.repeat(40))
    await apply(applyInputs({ 'plan-key': KEY }), merge.ports)
    expect(merge.log.lines).toContain('the plan is stale: the state was changed after it was made; planning again')
    expect(merge.summary.text()).toContain('The state was changed after the plan, so this is a fresh one')
    expect(stateOf(world.workspace)).toContain('"name": "more"')
  })

  it('and refused when a byte of it was changed, when the files were, and when another key sealed it', async () => {
    const { world } = await planned()
    const sealed = join(world.workspace, 'plan-results', 'infra.sealed')
    const bytes = readFileSync(sealed)
    bytes[bytes.length - 5]! ^= 1
    writeFileSync(sealed, bytes)
    await expect(apply(applyInputs({ 'plan-key': KEY }), world.merged().ports)).rejects.toThrow(
      'was changed after it was sealed',
    )
    bytes[bytes.length - 5]! ^= 1
    writeFileSync(sealed, bytes)
    await expect(apply(applyInputs({ 'plan-key': `${KEY}2` }), world.merged().ports)).rejects.toThrow('another key')
    commitRoot(world, { 'infra/main.tf': root('a-changed-token') })
    const changed = world.merged()
    await expect(apply(applyInputs({ 'plan-key': KEY }), changed.ports)).rejects.toThrow(
      'the plan does not do what was reviewed\n~ create output.token: value\n~ create terraform_data.holder: input.token',
    )
    expect(changed.summary.text()).not.toContain('a-changed-token')
    expect(existsSync(join(world.workspace, 'infra/terraform.tfstate'))).toBe(false)
  })

  it('or planned again without a key, and applied when it does what the record says', async () => {
    const world = await makeRealWorld(temporaryFolder())
    commitRoot(world, { 'infra/main.tf': 'resource "terraform_data" "open" {\n  input = "shown"\n}\n' })
    world.download((await plan(planInputs(), world.ports))['plan-results'])
    expect(readdirSync(join(world.workspace, 'plan-results'))).toEqual(['infra.json'])
    const merge = world.merged()
    await apply(applyInputs(), merge.ports)
    expect(merge.summary.text()).toContain('This is a fresh plan, and it does what was reviewed')
    expect(stateOf(world.workspace)).toContain('"shown"')
  })

  it('and refused without a key when a sensitive value changes', async () => {
    const { world } = await planned('')
    const error = apply(applyInputs(), world.merged().ports)
    await expect(error).rejects.toThrow(
      'without "plan-key" nobody can tell whether they are the reviewed ones: terraform_data.holder: input.token, output.token',
    )
    expect(existsSync(join(world.workspace, 'infra/terraform.tfstate'))).toBe(false)
  })
})

describe('R37: planning again', () => {
  /** More, and with OpenTofu, in a nightly run. */
  const ROUNDS = Number(process.env['SLIPWAY_REPLAN_ROUNDS'] ?? '100')
  const BINARY = process.env['SLIPWAY_TEST_BINARY'] ?? 'terraform'

  it(`gives the same contract ${ROUNDS} times of ${ROUNDS}, by ${BINARY}`, async () => {
    const world = await makeRealWorld(temporaryFolder())
    commitRoot(world, { 'infra/main.tf': root('the-first-token') })
    await applyFirst(world, BINARY)
    commitRoot(world, { 'infra/main.tf': CHANGED })
    const given = planInputs({ 'plan-key': KEY, binary: BINARY })
    const contracts = new Set<string>()
    contracts.add((await plan(given, world.ports)).contract)
    const inputs = onlyRoot(given)
    const session = await startSession(inputs, world.ports)
    const folder = await world.ports.files.temporaryFolder('again')
    for (let round = 1; round < ROUNDS; round++) {
      const { planFile, json } = await makePlan(session, inputs, folder, world.ports)
      const made = { session, planFile }
      const read = parsePlan(json, 'plan')
      contracts.add((await contractOf(inputs, { plan: read, hider: createHider(read, []) }, made, world.ports)).digest)
    }
    expect(contracts.size).toBe(1)
  })
})

describe('less than the whole root, or something before it', () => {
  it('is planned by a real terraform as it was asked for', async () => {
    const world = await makeRealWorld(temporaryFolder())
    commitRoot(world, {
      'infra/main.tf': `
resource "terraform_data" "file" {
  input = file("made.txt")
}

resource "terraform_data" "keyed" {
  for_each = toset(["a b", "c"])
}
`,
      'scripts/make it.sh': 'echo making; echo "$PWD" > made.txt\n',
    })
    const script = { 'pre-run': 'scripts/make it.sh' }
    const part = await plan(planInputs({ ...script, targets: 'terraform_data.keyed["a b"]' }), world.ports)
    expect(part).toMatchObject({ 'to-add': '1' })
    expect(world.log.lines).toContain('making')
    expect(readFileSync(join(world.workspace, 'infra/made.txt'), 'utf8')).toBe(`${join(world.workspace, 'infra')}\n`)

    const whole = await plan(planInputs(script), world.ports)
    world.download(whole['plan-results'])
    await apply(applyInputs(script), world.merged().ports)
    const takenDown = await plan(planInputs({ ...script, destroy: 'true' }), world.ports)
    world.download(takenDown['plan-results'])
    const merge = world.merged('e'.repeat(40))
    const destroyed = await apply(applyInputs({ ...script, destroy: 'true' }), merge.ports)
    expect(destroyed.applied).toBe('true')
    expect(merge.summary.text()).toMatch(/applied, destroyed 3 · `infra`\n\n\*\*This is a destroy plan\*\*/)
  })
})

describe('R10: a real terraform with real secrets', () => {
  it('shows none of them, and a changed one changes the contract only under a key', async () => {
    const contracts: Record<string, string[]> = { [KEY]: [], '': [] }
    for (const key of [KEY, ''])
      for (const secret of ['first-secret-value', 'first-secret-value', 'other-secret-value']) {
        const world = await makeRealWorld(temporaryFolder())
        commitRoot(world, {
          'infra/main.tf': root(
            secret,
            'resource "terraform_data" "copy" {\n  input = "x=${nonsensitive(var.token)}"\n}\n',
          ),
        })
        const outputs = await plan(planInputs({ 'plan-key': key }), world.ports)
        contracts[key]!.push(outputs.contract)
        const results = readdirSync(outputs['plan-results']).map(name =>
          readFileSync(join(outputs['plan-results'], name), 'latin1'),
        )
        const published = [...results, world.comments.written[0]?.body, world.summary.text(), world.log.text()].join()
        expect(published).not.toContain(secret)
        expect(readFileSync(outputs['plan-json'], 'utf8')).toContain(secret)
        await post(name => (name === 'secret-folder' ? join(outputs['plan-json'], '..') : ''), world.ports)
        expect(existsSync(outputs['plan-json'])).toBe(false)
      }
    for (const [first, second] of Object.values(contracts)) expect(first).toBe(second)
    expect(contracts[KEY]![2]).not.toBe(contracts[KEY]![0])
    expect(contracts['']![2]).toBe(contracts['']![0])
  })
})

describe('R26: a cancelled apply', () => {
  it('frees the lock of the state, leaves it readable and no process behind', async () => {
    const world = await makeRealWorld(temporaryFolder())
    const marker = `slipway-cancel-${process.pid}`
    commitRoot(world, {
      'infra/main.tf': `
resource "terraform_data" "quick" {}

resource "terraform_data" "slow" {
  depends_on = [terraform_data.quick]
  provisioner "local-exec" {
    command = "exec -a ${marker} sleep 60"
    interpreter = ["bash", "-c"]
  }
}
`,
    })
    const outputs = await plan(planInputs({ 'plan-key': KEY }), world.ports)
    world.download(outputs['plan-results'])
    const merge = world.merged()
    const running = apply(applyInputs({ 'plan-key': KEY }), merge.ports)
    const ended = running.then(
      () => 'done',
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    )
    while (!merge.log.lines.some(line => line.includes('terraform_data.quick created'))) await sleep(20)
    await waitForProcess(marker)
    expect(existsSync(join(world.workspace, 'infra/.terraform.tfstate.lock.info'))).toBe(true)
    // As the runner does it: a second signal must not reach Terraform, or it would drop everything.
    merge.signals.emit('SIGINT', 'SIGINT')
    merge.signals.emit('SIGTERM', 'SIGTERM')
    expect(await ended).toContain('cancelled')
    expect(existsSync(join(world.workspace, 'infra/.terraform.tfstate.lock.info'))).toBe(false)
    expect(stateOf(world.workspace)).toContain('"name": "quick"')
    expect(processesWith(marker)).toEqual([])
    expect(merge.summary.text()).toMatch(/^❌ .*apply cancelled: added 1, 1 object left/)
  })
})

async function waitForProcess(marker: string): Promise<void> {
  for (let attempt = 0; attempt < 200 && processesWith(marker).length === 0; attempt++) await sleep(25)
  expect(processesWith(marker)).not.toEqual([])
}

function processesWith(marker: string): string[] {
  return execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })
    .split('\n')
    .filter(line => line.startsWith(marker))
}
