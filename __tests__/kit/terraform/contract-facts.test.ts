import { describe, expect, it } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import yazl from 'yazl'
import { CommandError } from '../../../kit/errors.ts'
import { contractOf, type ContractInputs } from '../../../kit/terraform/contract-facts.ts'
import { createHider } from '../../../kit/terraform/hide.ts'
import { configurationOf, lineageOf } from '../../../kit/terraform/plan-file.ts'
import { parsePlan } from '../../../kit/terraform/plan.ts'
import type { Session } from '../../../kit/terraform/session.ts'
import { FakeExec, FakeFiles } from '../../support/fakes.ts'

const inputs: ContractInputs = {
  ...{ roots: 'infra', 'working-directory': '.', workspace: 'default' },
  ...{ 'plan-key': 'a key of sixteen characters', 'ignore-paths': [] },
  ...{ targets: [], destroy: false, 'pre-run': '' },
}

async function zipOf(entries: Readonly<Record<string, string>>): Promise<Uint8Array> {
  const zip = new yazl.ZipFile()
  for (const [name, content] of Object.entries(entries)) zip.addBuffer(Buffer.from(content), name)
  zip.end()
  const pieces: Uint8Array[] = []
  for await (const piece of zip.outputStream) pieces.push(piece as Uint8Array)
  return new Uint8Array(Buffer.concat(pieces))
}

const PLAN = {
  resource_changes: [{ address: 'module.a.null_resource.x', change: { actions: ['create'], before: null, after: {} } }],
  configuration: {
    root_module: {
      module_calls: {
        a: {
          source: '../modules/a',
          module: { resources: [{ address: 'null_resource.x', provisioners: [{ type: 'local-exec' }] }] },
        },
      },
    },
  },
}

interface Place {
  readonly backend?: unknown
  readonly git?: (path: string) => string
  readonly plan?: object
  readonly file?: string | Uint8Array
}

/** The facts of a contract, by subject, as they stand in its leaves. */
async function factsIn({ backend, git = path => `tree of ${path}`, plan = PLAN, file = 'no zip' }: Place) {
  const files = new FakeFiles({ 'infra/main.tf': '' })
  files.content.set('/plan', file)
  if (backend !== undefined)
    files.content.set('/workspace/infra/.terraform/terraform.tfstate', JSON.stringify({ version: 3, backend }))
  const exec = new FakeExec(({ args }) => ({ stdout: `${git(args.at(-1) ?? '')}\n` }))
  const session = { folder: '/workspace/infra', lockFileDigest: '' } as Session
  const read = parsePlan(JSON.stringify(plan), 'plan')
  const contract = await contractOf(
    inputs,
    { plan: read, hider: createHider(read, []) },
    { session, planFile: '/plan' },
    { files, exec },
  )
  return (subject: string) => Object.fromEntries(contract.parts.find(part => part.subject === subject)?.after ?? [])
}

describe('the place of a state', () => {
  it('is type and settings of the backend, without what opens it', async () => {
    const config = {
      ...{
        bucket: 'states',
        key: 'dev.tfstate',
        region: 'eu-west-1',
        profile: null,
        role_arn: 'arn:aws:iam::1:role/plan',
      },
      ...{ access_key: 'AKIA', secret_key: 'planted', token: 'planted', endpoints: null },
    }
    expect((await factsIn({ backend: { type: 's3', config } }))('backend')).toEqual({
      ...{ type: 'text s3', bucket: 'text states', key: 'text dev.tfstate', region: 'text eu-west-1' },
    })
  })

  it('holds no password of an address', async () => {
    const config = { address: 'https://ada:planted@state.example/dev?token=planted', password: 'planted' }
    expect((await factsIn({ backend: { type: 'http', config } }))('backend')).toEqual({
      ...{ type: 'text http', address: 'text https://state.example/dev' },
    })
  })

  it('is this machine where no backend is configured', async () => {
    expect((await factsIn({}))('backend')).toEqual({ type: 'text local' })
  })
})

describe('which state it is', () => {
  it('stands in the plan file, before what is long', async () => {
    const state = `{"version":4,"terraform_version":"1.11.4","serial":3,"lineage":"0b7e-1","outputs":{"x":"${'y'.repeat(200_000)}"}}`
    const zip = await zipOf({ tfplan: 'binary', tfstate: state, 'tfstate-prev': state.replace('0b7e-1', 'other') })
    expect(await lineageOf(zip)).toBe('0b7e-1')
    expect((await factsIn({ file: zip }))('state')).toEqual({ lineage: 'text 0b7e-1' })
  })

  it.each([
    ['an encrypted plan file', '{"meta":{},"encrypted_data":"x"}'],
    ['a cut one', 'PK\u0003\u0004'],
  ])('is not told by %s', async (_what, text) => {
    expect(await lineageOf(new TextEncoder().encode(text))).toBeUndefined()
    expect((await factsIn({ file: text }))('state')).toEqual({ lineage: 'null' })
  })

  it('is not told by a zip without a state', async () => {
    expect(await lineageOf(await zipOf({ tfplan: 'binary' }))).toBeUndefined()
  })
})

describe('the configuration behind a plan', () => {
  it('stands in the plan file, with that of its modules', async () => {
    const zip = await zipOf({
      ...{ tfplan: 'binary', 'tfconfig/modules.json': '[]' },
      ...{ 'tfconfig/m-/main.tf': 'a = 1', 'tfconfig/m-a.b/x.tf': 'b = 2' },
    })
    expect(await configurationOf(zip)).toEqual(
      new Map([
        ['', new Map([['main.tf', 'a = 1']])],
        ['a.b', new Map([['x.tf', 'b = 2']])],
      ]),
    )
  })

  it.each([
    ['an encrypted plan file', '{"meta":{}}'],
    ['a cut one', 'PK\u0003\u0004'],
  ])('is not told by %s', async (_what, text) =>
    expect(await configurationOf(new TextEncoder().encode(text))).toBeUndefined(),
  )
})

describe('files that are run', () => {
  it('are the workflows and the modules with programs, by their trees', async () => {
    expect((await factsIn({}))('files that are run')).toEqual({
      '[".github/workflows"]': 'text tree of HEAD:.github/workflows',
      '[".github/actions"]': 'text tree of HEAD:.github/actions',
      '["modules/a"]': 'text tree of HEAD:modules/a',
    })
  })

  it('are no modules whose programs do not run', async () => {
    const plan = { ...PLAN, resource_changes: [{ ...PLAN.resource_changes[0], change: { actions: ['update'] } }] }
    expect(Object.keys((await factsIn({ plan }))('files that are run'))).toHaveLength(2)
  })

  it('are unknown outside of a repository', async () => {
    const git = () => {
      throw new CommandError({ file: 'git', args: [], exitCode: null, stderr: 'no git' })
    }
    expect((await factsIn({ git }))('files that are run')).toMatchObject({ '["modules/a"]': 'text ' })
  })
})

it('a plan that came as JSON has the facts that are known of it', async () => {
  const text = readFileSync(join(import.meta.dirname, 'fixtures/move-only/plan.json'), 'utf8')
  const plan = parsePlan(text, 'plan')
  const contract = await contractOf(inputs, { plan, hider: createHider(plan, []) }, undefined, {
    files: new FakeFiles(),
    exec: new FakeExec(),
  })
  expect(contract.digest).toMatch(/^[0-9a-f]{64}$/)
  expect(contract.parts.find(({ subject }) => subject === 'backend')?.after).toEqual(new Map([['', 'null']]))
})
