import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { main as apply } from '../../actions/terraform-apply/src/main.ts'
import { main as plan } from '../../actions/terraform-plan/src/main.ts'
import { findMachineTools } from '../../demo/machine-tools.ts'
import { startLocalAws, STATE_BUCKET, STORY_IMAGE, type LocalAws } from '../../demo/local-aws.ts'
import { applyInputs, commitRoot, KEY, makeRealWorld, planInputs } from './terraform-world.ts'

const ROOT = 'infra/environments/dev'
const REGION = 'us-east-1'

let folder: string
let aws: LocalAws

beforeAll(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'slipway-aws-')))
  const { moto } = await findMachineTools(process.env)
  if (moto === undefined) throw new Error('moto_server is not on PATH')
  aws = await startLocalAws(moto, folder)
})

afterAll(async () => {
  await aws?.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Asks EC2 of the local AWS, in the query protocol. */
async function ask(action: string, element: RegExp): Promise<string[]> {
  const response = await fetch(`${aws.url}/`, {
    method: 'POST',
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/${REGION}/ec2/aws4_request`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams({ Action: action, Version: '2016-11-15' }),
  })
  return [...(await response.text()).matchAll(element)].map(match => match[1] ?? '')
}

it('R36: the reference root is planned and applied as a role that the job’s identity took on, with its state in S3', async () => {
  const world = await makeRealWorld(
    folder,
    { AWS_ENDPOINT_URL: aws.url, AWS_EC2_METADATA_DISABLED: 'true' },
    { identity: { token: async () => 'an.identity.token' } },
  )
  cpSync(join(import.meta.dirname, '../../infra'), join(world.workspace, 'infra'), { recursive: true })
  writeFileSync(join(world.workspace, ROOT, 'image.auto.tfvars'), `ami_id = "${STORY_IMAGE}"\n`)
  cpSync(
    join(import.meta.dirname, '../../examples/shop/.github/slipway-protect'),
    join(world.workspace, '.github/slipway-protect'),
  )
  // The provider asks S3 by a host name for each bucket otherwise, which a server on loopback has not.
  writeFileSync(
    join(world.workspace, ROOT, 'local_override.tf'),
    'provider "aws" {\n  s3_use_path_style = true\n  max_retries = 2\n}\n',
  )
  commitRoot(world, {})
  const inputs = {
    roots: ROOT,
    'plan-key': KEY,
    'backend-config': [`bucket=${STATE_BUCKET}`, 'key=dev.tfstate', `region=${REGION}`, 'use_path_style=true'].join(
      '\n',
    ),
    'aws-role-arn': 'arn:aws:iam::123456789012:role/slipway',
    'aws-region': REGION,
  }
  const planned = await plan(planInputs(inputs), world.ports)
  expect(Number(planned['to-add'])).toBeGreaterThan(15)
  expect(world.comments.written[0]?.body).toContain(`**shop/dev**: adds ${planned['to-add']} · \`${ROOT}\``)
  expect(world.log.secrets.length).toBeGreaterThanOrEqual(3)
  expect(await ask('DescribeInstances', /<instanceId>([^<]+)</g)).toEqual([])
  world.download(planned['plan-results'])

  const merge = world.merged()
  const done = await apply(applyInputs(inputs), merge.ports)
  const instances = await ask('DescribeInstances', /<instanceId>([^<]+)</g)
  expect(instances).toHaveLength(2)
  expect(await ask('DescribeVpcs', /<cidrBlock>([^<]+)</g)).toContain('10.20.0.0/16')
  const addresses = await ask('DescribeAddresses', /<publicIp>([^<]+)</g)
  const inventory = readFileSync(done.inventory, 'utf8')
  expect(inventory).toContain('[app]')
  for (const address of addresses) expect(inventory).toContain(address)
  for (const instance of instances) expect(inventory).toContain(`instance_id=${instance}\n`)
  expect(merge.summary.text()).toContain(`applied, added ${planned['to-add']}`)

  const again = await plan(planInputs(inputs), world.merged().ports)
  expect(again['has-changes']).toBe('false')
}, 240_000)
