import { describe, expect, it } from '@jest/globals'
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { inputs as spec } from '../../actions/terraform-validate/src/inputs.ts'
import { main } from '../../actions/terraform-validate/src/main.ts'
import { main as plan } from '../../actions/terraform-plan/src/main.ts'
import type { ActionError } from '../../kit/errors.ts'
import { inputsOf } from '../support/action-inputs.ts'
import { makeRun } from '../support/fakes.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { commitRoot, makeRealWorld, planInputs, type RealWorld } from './terraform-world.ts'

const given = (values: Record<string, string> = {}) => inputsOf('terraform-validate', spec, values)
const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (thrown: unknown) => thrown as ActionError,
  )

async function worldOf(
  files: Readonly<Record<string, string>>,
  variables: Record<string, string> = {},
): Promise<RealWorld> {
  const world = await makeRealWorld(temporaryFolder(), variables)
  commitRoot(world, files)
  return world
}

const NET = 'variable "name" {\n  type = string\n}\n\nresource "terraform_data" "net" {\n  input = var.name\n}\n'
const uses = (source: string, name = 'x') => `module "net" {\n  source = "${source}"\n  name   = "${name}"\n}\n`

describe('a repository of roots and modules, by a real terraform', () => {
  it('is valid, and its checkout stands as before', async () => {
    const world = await worldOf({
      'live/dev/main.tf': uses('../../modules/net'),
      'live/prod/main.tf': uses('../../modules/net'),
      'modules/net/main.tf': NET,
      'modules/alone/main.tf': NET,
    })
    expect(await main(given(), world.ports)).toEqual({
      valid: 'true',
      diagnostics: '[]',
      roots: '["live/dev","live/prod"]',
    })
    expect(world.log.notices).toEqual(['2 roots and 1 module valid'])
    expect(world.git('status', '--porcelain', '--ignored')).toBe(
      ['!! live/dev/.terraform/', '!! live/prod/.terraform/'].join('\n'),
    )
  })

  it('shows every kind of problem at its line, one of a module once, and hides none behind another', async () => {
    const world = await worldOf({
      'live/dev/main.tf': uses('../../modules/net'),
      'live/prod/main.tf': uses('../../modules/net'),
      'live/broken/main.tf': 'locals {\n  a =\n}\n',
      'live/ugly/main.tf': 'locals {\n a = 1\n}\n',
      'modules/net/main.tf': NET.replace('var.name', 'var.nome'),
      'modules/alone/main.tf': 'output "x" {\n  value = local.none\n}\n',
    })
    const error = await failureOf(main(given(), world.ports))
    expect(error).toMatchObject({ verdict: 'fail', outputs: { valid: 'false' } })
    const found = JSON.parse(error!.outputs['diagnostics']!) as {
      summary: string
      file: string
      line: number
      roots: string[]
    }[]
    expect(found.map(({ summary, file, line, roots }) => [summary, `${file}:${line}`, roots.join(' ')])).toEqual([
      ['Invalid expression', 'live/broken/main.tf:2', 'live/broken'],
      ['Reference to undeclared input variable', 'modules/net/main.tf:6', 'live/dev live/prod'],
      ['Reference to undeclared local value', 'modules/alone/main.tf:2', 'modules/alone'],
      ['Not in the canonical format', 'live/ugly/main.tf:2', 'live/ugly'],
    ])
    expect(world.log.places.map(place => `${place?.file}:${place?.line}`)).toEqual(
      found.map(({ file, line }) => `${file}:${line}`),
    )
    expect(world.log.errors.join('\n')).toContain('Did you mean "name"?')
    expect(error!.message).toMatch(/^4 problems in 5 of 5 roots and modules, the first: /)
  })

  it('has only what a pull request reaches checked', async () => {
    const world = await worldOf({
      'live/dev/main.tf': uses('../../modules/net'),
      'live/prod/main.tf': 'locals {\n  text = file("${path.module}/text.txt")\n}\n',
      'live/prod/text.txt': 'x',
      'live/common.tf': '',
      'modules/net/main.tf': NET,
    })
    mkdirSync(join(world.workspace, 'live/linked'))
    symlinkSync('../common.tf', join(world.workspace, 'live/linked/common.tf'))
    const rootsFor = async (...changed: string[]) => {
      const repository = { ...world.ports.repository, changedFiles: async () => changed }
      const outputs = await main(given({ 'changed-only': 'true', roots: 'live/*' }), { ...world.ports, repository })
      return JSON.parse(outputs.roots) as string[]
    }
    expect(await rootsFor('modules/net/main.tf')).toEqual(['live/dev'])
    expect(await rootsFor('live/prod/text.txt')).toEqual(['live/prod'])
    expect(await rootsFor('live/common.tf')).toEqual(['live/linked'])
    expect(await rootsFor('README.md')).toEqual([])
  })

  it('runs tests when they are wanted, and shows what failed', async () => {
    const world = await worldOf({
      'main.tf': NET,
      'tests/net.tftest.hcl':
        'variables {\n  name = "a"\n}\n\nrun "right" {\n  assert {\n    condition     = terraform_data.net.output == "a"\n    error_message = "wrong"\n  }\n}\n\nrun "wrong" {\n  assert {\n    condition     = terraform_data.net.output == "b"\n    error_message = "it is not b"\n  }\n}\n',
    })
    expect(await main(given(), world.ports)).toMatchObject({ valid: 'true' })
    const error = await failureOf(main(given({ test: 'true' }), world.ports))
    expect(error!.message).toContain('Test assertion failed (tests/net.tftest.hcl:14)')
    expect(world.summary.text()).toContain(
      '| right | `./tests/net.tftest.hcl` | pass |\n| wrong | `./tests/net.tftest.hcl` | fail |',
    )
    expect(world.log.errors.join('\n')).toContain('it is not b')
  })

  it('names the root whose provider cannot be fetched, and checks the others', async () => {
    const nowhere = join(temporaryFolder(), 'terraform.rc')
    writeFileSync(nowhere, 'provider_installation {\n  filesystem_mirror {\n    path = "/nonexistent"\n  }\n}\n')
    const world = await worldOf({
      'a/main.tf':
        'terraform {\n  required_providers {\n    none = {\n      source = "example.test/none/none"\n    }\n  }\n}\n',
      'b/main.tf': NET,
    })
    const ports = withVariable(world, 'TF_CLI_CONFIG_FILE', nowhere)
    const error = await failureOf(main(given(), ports))
    expect(error).toMatchObject({ verdict: 'invalid', outputs: { valid: 'false', roots: '["a","b"]' } })
    expect(error!.message).toBe('1 of 2 roots could not be checked: a')
    expect(world.summary.text()).toContain(
      '**Not checked** `a`: terraform init failed: Failed to query available provider packages',
    )
    expect(world.summary.text()).toContain('Check the source and version in "required_providers"')
    await expect(
      plan(planInputs({ roots: 'a' }), { ...ports, run: makeRun({ pullRequest: undefined }) }),
    ).rejects.toMatchObject({
      hint: expect.stringContaining('required_providers'),
    })
  })

  it('shares one copy of a provider among its roots', async () => {
    const mirror = fakeProviderMirror(temporaryFolder())
    const source =
      'terraform {\n  required_providers {\n    thing = {\n      source = "example.test/acme/thing"\n    }\n  }\n}\n'
    const world = await worldOf({ 'a/main.tf': source, 'b/main.tf': source })
    const ports = withVariable(world, 'TF_CLI_CONFIG_FILE', mirror)
    let cache: readonly string[] = []
    const files = {
      ...ports.files,
      async remove(path: string) {
        if (path.includes('slipway-providers')) cache = readdirSync(path, { recursive: true }).map(String)
        await ports.files.remove(path)
      },
    }
    // Fetched it is, but it is no provider, and validate says so.
    await failureOf(main(given(), { ...ports, files }))
    expect(cache).toContain('example.test/acme/thing/1.0.0')
    expect(world.git('status', '--porcelain')).toBe('')
  })
})

function withVariable(world: RealWorld, name: string, value: string): RealWorld['ports'] {
  const { environment } = world.ports
  return { ...world.ports, environment: { get: asked => (asked === name ? value : environment.get(asked)) } }
}

/** A mirror with a program that is no provider: enough to be fetched, and for nothing more. */
function fakeProviderMirror(folder: string): string {
  const platform = `${process.platform}_${process.arch === 'x64' ? 'amd64' : process.arch}`
  const program = join(folder, 'mirror/example.test/acme/thing/1.0.0', platform, 'terraform-provider-thing_v1.0.0')
  mkdirSync(dirname(program), { recursive: true })
  writeFileSync(program, '#!/bin/sh\nexit 1\n', { mode: 0o755 })
  const configuration = join(folder, 'terraform.rc')
  writeFileSync(
    configuration,
    `provider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(join(folder, 'mirror'))}\n  }\n}\n`,
  )
  return configuration
}

describe('a plan without credentials', () => {
  it.each([
    ['no backend', ''],
    ['a local one', 'terraform {\n  backend "local" {\n    path = "state/terraform.tfstate"\n  }\n}\n'],
  ])('is made of a root with %s, and nobody is asked for any', async (_, backend) => {
    const asked: string[] = []
    const ask = (what: string) => async () => {
      asked.push(what)
      throw new Error(`${what} was asked`)
    }
    const world = await worldOf({ 'infra/main.tf': `${backend}resource "terraform_data" "x" {}\n` })
    const ports = { ...world.ports, identity: { token: ask('the identity') }, http: { request: ask('the network') } }
    expect(await plan(planInputs(), ports)).toMatchObject({ 'to-add': '1', verdict: 'pass' })
    expect(asked).toEqual([])
  })
})
