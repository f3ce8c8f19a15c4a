import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { main as apply, post } from '../../actions/terraform-apply/src/main.ts'
import { main as plan } from '../../actions/terraform-plan/src/main.ts'
import { s3Backend, startLocalAws, type LocalAws } from '../../demo/local-aws.ts'
import { findMachineTools } from '../../demo/machine-tools.ts'
import { slowDown, type SlowAws } from './slow-aws.ts'
import { applyInputs, commitRoot, KEY, makeRealWorld, planInputs } from './terraform-world.ts'

/** OpenTofu in a nightly run. */
const BINARY = process.env['SLIPWAY_TEST_BINARY'] ?? 'terraform'
const EXPIRED = '<Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message></Error>'

let folder: string
let begun: string
let local: LocalAws
let aws: SlowAws

beforeAll(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'slipway-unsaved-')))
  begun = join(folder, 'begun')
  const { moto } = await findMachineTools(process.env)
  if (moto === undefined) throw new Error('moto_server is not on PATH')
  local = await startLocalAws(moto, folder)
  let expired: string | undefined
  // The session that is in use once the apply has made something is over from then on.
  aws = await slowDown(
    local.url,
    () => 0,
    ({ headers }) => {
      const key = /Credential=(\w+)\//.exec(headers.authorization ?? '')?.[1]
      if (existsSync(begun)) expired ??= key
      return key !== undefined && key === expired ? EXPIRED : undefined
    },
  )
})

afterAll(async () => {
  await aws?.close()
  await local?.close()
  rmSync(folder, { recursive: true, force: true })
})

it('saves the state of an apply whose session expired, by a new one, before the runner is gone', async () => {
  const saved = new Map<string, string>()
  const world = await makeRealWorld(
    folder,
    { AWS_ENDPOINT_URL: aws.url, AWS_EC2_METADATA_DISABLED: 'true' },
    {
      identity: { token: async () => 'an.identity.token' },
      state: { save: (name, value) => void saved.set(name, value) },
    },
  )
  const made = `resource "terraform_data" "made" {
  provisioner "local-exec" {
    command = "touch ${begun}"
  }
}
`
  commitRoot(world, { 'infra/main.tf': `${s3Backend('unsaved.tfstate')}${made}` })
  const signIn = { 'aws-role-arn': 'arn:aws:iam::123456789012:role/slipway', 'aws-region': 'us-east-1' }
  const inputs = { ...signIn, 'plan-key': KEY, binary: BINARY }
  world.download((await plan(planInputs(inputs), world.ports))['plan-results'])

  const merge = world.merged()
  const ports = { ...merge.ports, run: { ...merge.ports.run, hostName: hostname() } }
  const error = await apply(applyInputs(inputs), ports).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({
    message: expect.stringContaining('Failed to persist state to backend'),
    hint: expect.stringContaining('The session of "aws-role-arn" lasts one hour'),
    outputs: { applied: 'false', verdict: 'fail' },
  })
  const left = join(world.workspace, 'infra/errored.tfstate')
  expect(existsSync(left)).toBe(true)

  await post(name => saved.get(name) ?? '', ports, applyInputs(inputs))
  expect(merge.log.warnings.join('\n')).toContain('The state of what was applied had not been saved; it is now')
  expect(merge.log.warnings.join('\n')).toMatch(/It is the lock of this run.*force-unlock/s)
  expect(existsSync(left)).toBe(false)
  const again = await plan(planInputs({ ...inputs, 'lock-timeout': '0s' }), world.merged().ports).catch(String)
  expect(again).toContain('acquiring the state lock')
})
