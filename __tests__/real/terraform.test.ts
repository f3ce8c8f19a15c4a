import { describe, expect, it } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { main as apply } from '../../actions/terraform-apply/src/main.ts'
import { main as plan, post } from '../../actions/terraform-plan/src/main.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { applyInputs, commitRoot, KEY, makeRealWorld, planInputs } from './terraform-world.ts'

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

    const again = world.merged()
    await expect(apply(applyInputs({ 'plan-key': KEY }), again.ports)).rejects.toThrow('the reviewed plan is stale')
    const empty = await plan(planInputs(), world.merged().ports)
    expect(empty['has-changes']).toBe('false')
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
    await expect(apply(applyInputs({ 'plan-key': KEY }), world.merged().ports)).rejects.toThrow('the base branch moved')
    expect(existsSync(join(world.workspace, 'infra/terraform.tfstate'))).toBe(false)
  })

  it('or planned again without a key, which compares what it does', async () => {
    const { world } = await planned('')
    expect(readdirSync(join(world.workspace, 'plan-results'))).toEqual(['infra.json'])
    const merge = world.merged()
    await apply(applyInputs(), merge.ports)
    expect(merge.log.warnings.join()).toContain('it does the same as the reviewed one')
    expect(stateOf(world.workspace)).toContain('the-first-token')
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

    await apply(applyInputs(script), world.merged().ports)
    const merge = world.merged()
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
