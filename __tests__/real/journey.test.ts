import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { findMachineTools } from '../../demo/machine-tools.ts'
import { setStage, type SetStage } from '../../demo/stage.ts'
import { playInfrastructure } from '../../demo/infrastructure-story.ts'
import { unzip } from '../../local-github/runner/stand-ins/unzip.ts'

const CHECKOUT = join(import.meta.dirname, '..', '..')

let folder: string
let set: SetStage
const results: string[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'journey-'))
  const tools = await findMachineTools(process.env)
  if (!tools.terraform || !tools.moto)
    throw new Error('terraform and moto_server must be on PATH: node scripts/real-tools.ts says how')
  set = await setStage({
    checkout: CHECKOUT,
    folder,
    tools,
    record: false,
    print: () => {},
    signal: new AbortController().signal,
  })
  await playInfrastructure(set.stage, async (_what, _by, act) => void results.push((await act()).result))
})

afterAll(async () => {
  await set?.close()
  await rm(folder, { recursive: true, force: true })
})

/** Asks the AWS of this machine itself: no word of ours in between. Values of an element of its XML answer. */
async function awsSays(
  service: 'ec2' | 'route53',
  { path = '/', body }: { path?: string; body?: Record<string, string> },
  element: string,
): Promise<string[]> {
  const answer = await fetch(`${set.aws?.url}${path}`, {
    ...(body === undefined ? {} : { method: 'POST', body: new URLSearchParams(body) }),
    headers: { authorization: `AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/${service}/aws4_request` },
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${service} answered ${answer.status}: ${text.slice(0, 300)}`)
  return [...text.matchAll(new RegExp(`<${element}>([^<]*)</${element}>`, 'g'))].map(match => match[1] ?? '')
}

it('plays the whole story: red for the mistake, green for the rest', () => {
  expect(results).toEqual([
    'red, as it should be',
    'green',
    'green, 2 comments',
    'green, the same 2 comments',
    'green, merged and applied',
  ])
})

it('leaves in AWS what the reviewed plan said', async () => {
  const describe = (action: string) => ({ body: { Action: action, Version: '2016-11-15' } })
  expect(await awsSays('ec2', describe('DescribeInstances'), 'instanceType')).toEqual(['t3.medium', 't3.medium'])
  expect(await awsSays('ec2', describe('DescribeAddresses'), 'publicIp')).toHaveLength(2)
  expect(await awsSays('route53', { path: '/2013-04-01/hostedzone' }, 'Name')).toEqual(['dev.shop.example.'])
})

it('keeps what GitHub was asked within its own description', () => {
  expect(set.stage.github.violations).toEqual([])
})

it('hands on an inventory with the addresses of the servers', async () => {
  const { github } = set.stage
  const artifact = github.store.artifacts.find(artifact => artifact.name === 'slipway-inventory-dev')
  expect(artifact).toBeDefined()
  const into = join(folder, 'inventory')
  await unzip(await readFile(join(github.stateFolder, artifact?.file ?? '')), into)
  const [name = ''] = await readdir(into)
  const text = await readFile(join(into, name), 'utf8')
  expect(text).toMatch(/\[monitoring\]\nmonitoring ansible_host=\d+\.\d+\.\d+\.\d+ private_ip=10\.20\./)
})
