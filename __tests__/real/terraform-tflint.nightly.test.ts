import { expect, it } from '@jest/globals'
import { inputs as spec } from '../../actions/terraform-validate/src/inputs.ts'
import { main } from '../../actions/terraform-validate/src/main.ts'
import { environmentOf } from '../../kit/adapters/environment.ts'
import { systemTools } from '../../kit/adapters/tools.ts'
import type { ActionError } from '../../kit/errors.ts'
import { inputsOf } from '../support/action-inputs.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { commitRoot, makeRealWorld } from './terraform-world.ts'

const LINTED = `terraform {
  required_version = ">= 1.0"
}

variable "unused" {
  type = string
}

resource "terraform_data" "x" {
  input = var.name
}

variable "name" {
  type = string
}
`

/** What a real tflint, with the rules that it brings, says of a root under `configuration`. */
async function validate(configuration: string) {
  const folder = temporaryFolder()
  const world = await makeRealWorld(folder)
  commitRoot(world, { '.tflint.hcl': configuration, 'infra/main.tf': LINTED })
  const { exec, log } = world.ports
  const environment = environmentOf({ PATH: process.env['PATH'] ?? '' })
  const ports = { ...world.ports, tools: systemTools({ exec, log, environment, temporary: folder }) }
  const ended = await main(inputsOf('terraform-validate', spec, {}), ports).then(
    ({ valid }) => `valid: ${valid}`,
    (error: unknown) => (error as ActionError).message,
  )
  return { ended, world }
}

it('tflint runs where it is configured, and what it finds is an annotation at its line', async () => {
  const { ended, world } = await validate('plugin "terraform" {\n  enabled = true\n  preset  = "recommended"\n}\n')
  expect(ended).toBe('valid: true')
  expect(world.log.places).toEqual([expect.objectContaining({ file: 'infra/main.tf', line: 5 })])
  expect(world.log.warnings).toEqual([expect.stringMatching(/^tflint: terraform_unused_declarations, see https:/)])
})

it('a configuration that tflint cannot use is told as such', async () => {
  const { ended } = await validate('rule "no_such_rule" {\n  enabled = true\n}\n')
  expect(ended).toContain('tflint could not run')
  expect(ended).toContain('no_such_rule')
})
