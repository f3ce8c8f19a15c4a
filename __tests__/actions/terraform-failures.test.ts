import { describe, expect, it } from '@jest/globals'
import { inputs as applySpec } from '../../actions/terraform-apply/src/inputs.ts'
import { main as apply } from '../../actions/terraform-apply/src/main.ts'
import { inputs as planSpec } from '../../actions/terraform-plan/src/inputs.ts'
import { main as plan } from '../../actions/terraform-plan/src/main.ts'
import { explain } from '../../kit/action.ts'
import { ActionError, CommandError } from '../../kit/errors.ts'
import { inputsOf } from '../support/action-inputs.ts'
import { makeWorld, publishedText, type FakeTerraform, type World } from './terraform-plan/fake-terraform.ts'
import { keep, merged } from './terraform-apply/merged.ts'

const planInputs = (values: Record<string, string> = {}) =>
  inputsOf('terraform-plan', planSpec, { roots: 'infra', ...values })
const applyInputs = () => inputsOf('terraform-apply', applySpec, { roots: 'infra', 'plan-results': 'plan-results' })

const diagnostic = (detail: string, code = '  password = var.password') =>
  JSON.stringify({
    type: 'diagnostic',
    diagnostic: {
      severity: 'error',
      summary: 'Login failed',
      detail,
      range: { filename: 'main.tf', start: { line: 7, column: 3 }, end: { line: 7, column: 7 } },
      snippet: { code, values: [{ traversal: 'var.password', statement: 'is "value-in-the-snippet"' }] },
    },
  })

const stateWith = (secret: string) =>
  JSON.stringify({
    values: { root_module: { resources: [{ type: 'x', values: { p: secret }, sensitive_values: { p: true } }] } },
  })

const CONFIGURATION = `
variable "password" {
  default   = "from-the-default"
  sensitive = true
}
variable "region" {}
`

/** All that the user of a failed step can read: what it published, and the error itself. */
async function readOf(world: World, work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof ActionError)) throw new Error(`it did not fail as expected: ${String(error)}`)
  return [publishedText(world), explain(error), ...Object.values(error.outputs)].join('\n')
}

describe('R10: a plan that fails says why without', () => {
  const planEnds = (detail: string, code?: string): NonNullable<FakeTerraform['planEnds']> => ({
    exitCode: 1,
    stdout: diagnostic(detail, code),
  })
  async function said(world: World, values: Record<string, string> = {}): Promise<string> {
    const read = await readOf(world, plan(planInputs(values), world.ports))
    expect(read).toContain('Login failed')
    return read
  }

  it('values of the snippet', async () => {
    expect(await said(makeWorld({ planEnds: planEnds('No.') }))).not.toContain('value-in-the-snippet')
  })

  it('what the state marks', async () => {
    const world = makeWorld({ planEnds: planEnds('app:in-the-state was refused'), state: stateWith('in-the-state') })
    const read = await said(world)
    expect(read).toContain('app:*** was refused')
    expect(read).not.toContain('in-the-state')
    expect(world.log.secrets).toContain('in-the-state')
  })

  it('defaults of sensitive variables, what files and the environment give to them, and nothing else', async () => {
    const given = 'from-the-default from-a-file from-the-given-file from-the-environment eu-west-1'
    const world = makeWorld({ planEnds: planEnds(given, 'password = "from-the-given-file"') })
    await world.files.write('/workspace/infra/main.tf', CONFIGURATION)
    await world.files.write('/workspace/infra/x.auto.tfvars', 'password = "from-a-file"\nregion = "eu-west-1"\n')
    await world.files.write('/workspace/infra/prod.tfvars', 'password = "from-the-given-file"\n')
    world.variables['TF_VAR_password'] = 'from-the-environment'
    const read = await said(world, { 'var-files': 'infra/prod.tfvars' })
    expect(read).toContain('*** *** *** *** eu-west-1')
    expect(read).not.toMatch(/from-(?:the|a)-/)
  })

  it('what an unfinished plan file tells', async () => {
    const unfinished = {
      errored: true,
      variables: { v: { value: 'in-the-plan' } },
      configuration: { root_module: { variables: { v: { sensitive: true } } } },
      planned_values: {},
    }
    const world = makeWorld({ planEnds: planEnds('not in-the-plan'), plan: JSON.stringify(unfinished) })
    expect(await said(world)).toContain('not ***')
  })

  it('credentials by their shape and what `redact` names, also where nothing else is known', async () => {
    const world = makeWorld({ planEnds: planEnds('postgres://app:hunter2@db, ticket-42') })
    const { run } = world.exec
    world.ports.exec.run = async command => {
      if (command.args[0] === 'show') throw new CommandError({ ...command, exitCode: 1, stderr: 'no state' })
      return run.call(world.exec, command)
    }
    expect(await said(world, { redact: 'ticket-\\d+' })).toContain('postgres://***@db, ***')
  })

  it('what init prints of a credential', async () => {
    const world = makeWorld({ initEnds: { exitCode: 1, stderr: 'Error: Login failed\n\npostgres://app:hunter2@db' } })
    expect(await said(world)).not.toContain('hunter2')
  })
})

it('R10: what Terraform says of a plan is told once its secrets are known', async () => {
  const message = JSON.stringify({ type: 'planned_change', '@message': 'x.y["in-the-plan"]: Plan to create' })
  const document = {
    variables: { v: { value: 'in-the-plan' } },
    configuration: { root_module: { variables: { v: { sensitive: true } } } },
    planned_values: {},
  }
  const world = makeWorld({ planEnds: { exitCode: 2, stdout: message }, plan: JSON.stringify(document) })
  await plan(planInputs(), world.ports)
  expect(world.log.lines).toContain('x.y["***"]: Plan to create')
  const unread = makeWorld({ planEnds: { exitCode: 2, stdout: message }, plan: 'no plan' })
  expect(await readOf(unread, plan(planInputs(), unread.ports))).not.toContain('in-the-plan')
})

it('says of a secret that is the key of an object that it is seen there', async () => {
  const address = 'x.y["in-the-plan"]'
  const document = {
    resource_changes: [
      {
        address,
        type: 'x',
        name: 'y',
        index: 'in-the-plan',
        mode: 'managed',
        change: { actions: ['create'], after: {} },
      },
    ],
    variables: { v: { value: 'in-the-plan' } },
    configuration: { root_module: { variables: { v: { sensitive: true } } } },
  }
  const world = makeWorld({ plan: JSON.stringify(document) })
  await plan(planInputs(), world.ports)
  expect(world.log.warnings.join()).toContain('1 sensitive value also is part of addresses, which are always shown')
  expect(world.comments.written[0]?.body).toContain('in-the-plan')
})

describe('R10: an apply that fails says why without', () => {
  const applyEnds = (detail: string) => ({ exitCode: 1, stdout: diagnostic(detail) })

  it('secrets that it made itself', async () => {
    const world = merged({ applyEnds: applyEnds('app:made-just-now was refused'), state: stateWith('made-just-now') })
    keep(world)
    const read = await readOf(world, apply(applyInputs(), world.ports))
    expect(read).toContain('app:*** was refused')
    expect(read).not.toContain('made-just-now')
  })

  it('details, where the state cannot be read to know what is secret in them', async () => {
    const world = merged({ applyEnds: applyEnds('app:made-just-now was refused'), state: 'no state' })
    keep(world)
    const read = await readOf(world, apply(applyInputs(), world.ports))
    expect(read).toContain('Login failed (main.tf:7)\nDetails are left out: the state could not be read')
    expect(read).not.toContain('made-just-now')
  })
})

describe('R10: outputs of an apply', () => {
  it('that hold a sensitive value without a mark are left out, and no inventory is made of one', async () => {
    const outputs = JSON.stringify({
      address: { sensitive: false, value: '10.0.0.1' },
      url: { sensitive: false, value: { deep: ['db?pw=made-just-now'] } },
      inventory_ini: { sensitive: false, value: '[app]\nh ansible_password=made-just-now\n' },
    })
    const world = merged({ outputs, state: stateWith('made-just-now') })
    keep(world)
    const done = await apply(applyInputs(), world.ports)
    expect(JSON.parse(await world.files.readText(done['terraform-outputs']))).toEqual({ address: '10.0.0.1' })
    expect(done.inventory).toBe('')
    expect(world.log.warnings.join('\n')).toMatch(/Left out of "terraform-outputs".*: url, inventory_ini/)
    expect(publishedText(world)).not.toContain('made-just-now')
  })
})
