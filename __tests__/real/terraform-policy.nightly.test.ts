import { expect, it } from '@jest/globals'
import { main as plan } from '../../actions/terraform-plan/src/main.ts'
import { systemTools } from '../../kit/adapters/tools.ts'
import { environmentOf } from '../../kit/adapters/environment.ts'
import type { CommittedFolder } from '../../kit/ports.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { commitRoot, makeRealWorld, planInputs } from './terraform-world.ts'

const POLICY = `package terraform

import rego.v1

deny contains msg if {
  some change in input.resource_changes
  change.change.after.input.size > data.limits.size
  msg := sprintf("%s is too large, with %v", [change.address, change.change.after.input.token])
}

warn contains "it has no variables" if not input.variables
`

const root = (size: number) => `
variable "token" {
  default   = "a-token-that-nobody-sees"
  sensitive = true
}

resource "terraform_data" "holder" {
  input = { size = ${size}, token = var.token }
}
`

/** The plan of a real terraform under policies that a real conftest runs. */
async function judge(size: number, policy: string) {
  const folder = temporaryFolder()
  const files = { 'main.rego': policy, 'data.json': '{"limits": {"size": 5}}' }
  const committed: CommittedFolder = {
    id: 'same',
    readFiles: async () => new Map(Object.entries(files).map(([name, text]) => [name, new TextEncoder().encode(text)])),
  }
  const world = await makeRealWorld(folder)
  commitRoot(world, { 'infra/main.tf': root(size) })
  const { exec, log, repository } = world.ports
  const environment = environmentOf({ PATH: process.env['PATH'] ?? '' })
  const ports = {
    ...world.ports,
    repository: { ...repository, readFolder: async () => committed },
    tools: systemTools({ exec, log, environment, temporary: folder }),
  }
  const ended = await plan(planInputs({ policy: 'policy' }), ports).then(
    ({ verdict }) => verdict,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  )
  const published = [ended, world.comments.written[0]?.body, world.summary.text(), world.log.text()].join('\n')
  expect(published).not.toContain('a-token-that-nobody-sees')
  return { ended, body: world.comments.written[0]?.body ?? '' }
}

it('a policy that holds lets the plan pass, and its warnings are told', async () => {
  const { ended, body } = await judge(3, POLICY)
  expect(ended).toBe('pass')
  expect(body).toContain('**Policy warns** terraform: it has no variables')
})

it('a policy that fails holds it back, and sees no secret', async () => {
  const { ended, body } = await judge(9, POLICY)
  expect(ended).toBe('1 policy fails:\nterraform: terraform_data.holder is too large, with ***')
  expect(body).toContain('**Policy fails** terraform: terraform_data.holder is too large')
})

it('a policy that is no Rego, and a folder that says nothing, let nothing pass', async () => {
  expect((await judge(3, 'package terraform\n\ndeny {')).ended).toMatch(/conftest.* ended with 1/)
  expect((await judge(3, 'package terraform\n\nx := 1\n')).ended).toContain('says anything of a plan')
})
