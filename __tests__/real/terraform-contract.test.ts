import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { ZipFile } from 'yazl'
import { s3Backend, startLocalAws, STATE_BUCKET, type LocalAws } from '../../demo/local-aws.ts'
import { findMachineTools } from '../../demo/machine-tools.ts'
import type { Artifact, WorkflowRun } from '../../local-github/model.ts'
import { unzip } from '../../local-github/runner/stand-ins/unzip.ts'
import { importLibrary } from '../../local-github/seed.ts'
import { ROOT } from '../../scripts/metadata.ts'
import { setStage, type Stage } from '../local-github/runner/runner-stage.ts'
import { infrastructureCallers, logOf, mergePullRequest, openPullRequest } from './pull-request-runs.ts'

/**
 * What may not be applied is refused by name: the reusable workflows, their bundles and a real Terraform with its state and lock
 * in S3, started by pushes and merges on the local GitHub. Build the bundles first: npm run build -- terraform-plan
 * terraform-apply terraform-reviewed-plan.
 */

/** OpenTofu in a nightly run. */
const BINARY = process.env['SLIPWAY_TEST_BINARY'] ?? 'terraform'
const STATE = 'contract.tfstate'

let stage: Stage
let aws: LocalAws
let folder: string
let secret: string

const CALLERS = infrastructureCallers(
  ofApply => `    with:
      roots: infra
      environment: dev
      binary: ${BINARY}
${ofApply}    secrets:
      plan-key: \${{ secrets.PLAN_KEY }}
      aws-access-key-id: \${{ secrets.AWS_ACCESS_KEY_ID }}
      aws-secret-access-key: \${{ secrets.AWS_SECRET_ACCESS_KEY }}
`,
  "      on-contract-mismatch: ${{ vars.ON_MISMATCH || 'refuse' }}\n",
)

const rootOf = (...things: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    things.map(name => [`infra/${name}.tf`, `resource "terraform_data" "${name}" {\n  input = "${name}"\n}\n`]),
  )

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'terraform-contract-'))
  secret = join(folder, 'secret.txt')
  writeFileSync(secret, 'the first secret value')
  const { moto } = await findMachineTools(process.env)
  if (moto === undefined) throw new Error('moto_server is not on PATH')
  aws = await startLocalAws(moto, folder)
  stage = await setStage({ real: true, env: { AWS_ENDPOINT_URL: aws.url } })
  await importLibrary(stage.github, ROOT)
  const secrets = {
    PLAN_KEY: 'a key of sixteen characters',
    AWS_ACCESS_KEY_ID: 'made-up-key-id',
    AWS_SECRET_ACCESS_KEY: 'made-up-secret',
  }
  for (const [name, value] of Object.entries(secrets))
    stage.github.store.secrets.insert({ repositoryId: stage.repository.id, environment: '', name, value })
  await stage.push({
    ...CALLERS,
    'infra/main.tf': s3Backend(STATE),
    'infra/size.txt': 'small',
    ...rootOf('first'),
  })
  await stage.runner.idle()
}, 120_000)

afterAll(async () => {
  const violations = stage?.github.violations ?? []
  await stage?.close()
  await aws?.close()
  rmSync(folder, { recursive: true, force: true })
  expect(violations).toEqual([])
})

const path = (rest: string) => `/repos/${stage.repository.fullName}${rest}`

/** Opens a pull request with these files and waits for its plan. */
async function open(branch: string, files: Record<string, string>): Promise<{ number: number; run: WorkflowRun }> {
  const opened = await openPullRequest(stage, branch, files)
  expect([opened.run.event, opened.run.conclusion]).toEqual(['pull_request', 'success'])
  return opened
}

/** Merges and waits for the apply; the run, its result and what it logged. */
async function merge(number: number): Promise<ReturnType<typeof applied>> {
  return applied(await mergePullRequest(stage, number))
}

function applied(run: WorkflowRun): { run: WorkflowRun; result: string | null; log: string } {
  const newest = stage.github.store.runs.get(run.id)!
  return { run: newest, result: newest.conclusion, log: logOf(stage, newest) }
}

async function rerun({ id }: WorkflowRun): Promise<ReturnType<typeof applied>> {
  const { status } = await stage.api('POST', path(`/actions/runs/${id}/rerun`))
  expect(status).toBe(201)
  await stage.runner.idle()
  return applied(stage.github.store.runs.get(id)!)
}

/** What lies in the bucket of the state, as S3 lists or gives it. */
async function bucket(object: string): Promise<string> {
  const response = await fetch(`${aws.url}/${STATE_BUCKET}/${object}`, {
    headers: { authorization: 'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/s3/aws4_request' },
  })
  return response.text()
}

const made = async () => [...(await bucket(STATE)).matchAll(/"name": *"(\w+)"/g)].map(([, name]) => name).sort()

const artifactOf = (run: WorkflowRun) => stage.github.store.artifacts.find(({ runId }) => runId === run.id)!

let firstApply: WorkflowRun

it('applies the sealed plan of the merged pull request, and nothing twice', async () => {
  const pull = await open('second', rootOf('second'))
  const done = await merge(pull.number)
  firstApply = done.run
  expect(done.result).toBe('success')
  expect(done.log).toContain('shop/infra: added 2')
  expect(await made()).toEqual(['first', 'second'])

  const again = await rerun(done.run)
  expect(again.result).toBe('failure')
  expect(again.log).toMatch(/[0-9a-f]{7} was applied already \(http.*\), and a contract is applied once/)
})

it('plans again after another merge in between, and refuses the run of the older commit from then on', async () => {
  const [third, fourth] = [await open('third', rootOf('third')), await open('fourth', rootOf('fourth'))]
  const other = await merge(third.number)
  expect(other.result).toBe('success')
  const done = await merge(fourth.number)
  expect(done.log).not.toContain('the plan does not do what was reviewed')
  expect([done.result, await made()]).toEqual(['success', ['first', 'fourth', 'second', 'third']])

  for (const old of [firstApply, other.run]) {
    const refused = await rerun(old)
    expect(refused.result).toBe('failure')
    expect(refused.log).toMatch(/[0-9a-f]{7} is older than [0-9a-f]{7}, which was applied last/)
  }
})

it('applies a revert, which is a merge with a plan of its own', async () => {
  const pull = await open('revert', { 'infra/fourth.tf': '' })
  expect((await merge(pull.number)).result).toBe('success')
  expect(await made()).toEqual(['first', 'second', 'third'])
})

type Stored = Pick<Artifact, 'file' | 'digest' | 'size'>

const storedOf = ({ file, digest, size }: Stored): Stored => ({ file, digest, size })

/** The artifact with its files as `edit` makes them; what it holds is checked by nobody but us. */
async function edited(file: string, edit: (name: string, content: Buffer) => Buffer): Promise<Stored> {
  const files = mkdtempSync(join(folder, 'artifact-'))
  await unzip(readFileSync(join(stage.github.stateFolder, file)), files)
  const zip = new ZipFile()
  for (const name of readdirSync(files)) zip.addBuffer(edit(name, readFileSync(join(files, name))), name)
  zip.end()
  const bytes = await buffer(zip.outputStream)
  const digest = createHash('sha256').update(bytes).digest('hex')
  const path = join('artifacts', `${digest}.zip`)
  writeFileSync(join(stage.github.stateFolder, path), bytes)
  return { file: path, digest: `sha256:${digest}`, size: bytes.length }
}

const withOtherByte = (content: Buffer) => {
  content[content.length - 5]! ^= 1
  return content
}

it('refuses the plan of another pull request, and an artifact with a file that was edited', async () => {
  const [mine, forged] = [await open('mine', rootOf('mine')), await open('forged', rootOf('forged'))]
  const { artifacts } = stage.github.store
  const { id, ...rest } = artifactOf(mine.run)
  const own = storedOf(rest)
  artifacts.update(id, storedOf(artifactOf(forged.run)))
  const refused = await merge(mine.number)
  expect(refused.result).toBe('failure')
  expect(refused.log).toContain(
    `it was made for pull request #${forged.number}, and #${mine.number} was merged; it was made at`,
  )

  const edits: readonly (readonly [string, (name: string, content: Buffer) => Buffer])[] = [
    [
      'infra.sealed was changed after it was sealed, or was sealed with another key',
      (name, content) => (name.endsWith('.sealed') ? withOtherByte(content) : content),
    ],
    [
      'the record of infra in "plan-results" was changed after the plan was sealed',
      (name, content) => (name.endsWith('.json') ? Buffer.from(`${content.toString()} `) : content),
    ],
  ]
  for (const [text, edit] of edits) {
    artifacts.update(id, await edited(own.file, edit))
    const again = await rerun(refused.run)
    expect(again.result).toBe('failure')
    expect(again.log).toContain(text)
  }
  for (const name of ['forged', 'mine']) expect(await made()).not.toContain(name)

  artifacts.update(id, own)
  expect((await rerun(refused.run)).result).toBe('success')
  expect(await made()).toContain('mine')
})

it('refuses another outcome after a merge that edited a file which the plan reads', async () => {
  const sized = { 'infra/sized.tf': 'resource "terraform_data" "sized" {\n  input = file("size.txt")\n}\n' }
  const [planned, other] = [await open('sized', sized), await open('size', { 'infra/size.txt': 'large' })]
  expect((await merge(other.number)).result).toBe('success')
  const refused = await merge(planned.number)
  expect(refused.result).toBe('failure')
  expect(refused.log).toContain('the plan does not do what was reviewed')
  expect(refused.log).toContain('~ create terraform_data.sized: input')
  expect(await made()).not.toContain('sized')
})

it('refuses a plan whose artifact has expired', async () => {
  const pull = await open('late', rootOf('late'))
  stage.github.store.artifacts.update(artifactOf(pull.run).id, { expired: true })
  const refused = await merge(pull.number)
  expect(refused.result).toBe('failure')
  expect(refused.log).toContain('there is no sealed plan of infra in "plan-results"')
  expect(await made()).not.toContain('late')
})

it('refuses a push that no pull request brought', async () => {
  await stage.push(rootOf('pushed'))
  await stage.runner.idle()
  const refused = applied(stage.runs().at(-1)!)
  expect(refused.result).toBe('failure')
  expect(refused.log).toMatch(
    /no merged pull request has [0-9a-f]{7} as its merge commit, so nobody reviewed a plan of it/,
  )
})

it('refuses another outcome after another merge, by resource and path, until its digest is approved', async () => {
  const guarded = (name: string) => ({
    [`infra/${name}.tf`]: `resource "terraform_data" "${name}" {\n  input = sensitive(file("${secret}"))\n}\n`,
  })
  const [one, two] = [await open('guarded', guarded('guarded')), await open('beside', { 'README.md': 'beside' })]
  expect((await merge(two.number)).result).toBe('success')
  writeFileSync(secret, 'another secret value')
  const refused = await merge(one.number)
  expect(refused.result).toBe('failure')
  expect(refused.log).toContain('the plan does not do what was reviewed')
  expect(refused.log).toContain('create terraform_data.guarded: input')
  expect(refused.log).not.toContain('another secret value')
  expect(await made()).not.toContain('guarded')

  stage.github.store.variables.insert({
    ...{ repositoryId: stage.repository.id, environment: '', name: 'ON_MISMATCH', value: 'replan' },
  })
  const unguarded = await rerun(refused.run)
  expect(unguarded.log).toContain('it has no required reviewers, so nobody would approve')
  expect(unguarded.result).toBe('failure')

  const environment = stage.github.store.environments.find(({ name }) => name === 'dev')!
  stage.github.store.environments.update(environment.id, { reviewers: ['mona'] })
  await rerun(refused.run)
  await approve(refused.run)
  const waiting = applied(refused.run)
  expect(waiting.result).toBeNull()
  expect(stage.summary(waiting.run)).toEqual([
    expect.stringMatching(/^apply \/ apply dev by contract [0-9a-f]{64}: waiting$/),
    'apply / apply dev: success',
  ])
  expect(await made()).not.toContain('guarded')
  await approve(refused.run)
  expect(applied(refused.run).result).toBe('success')
  expect(await made()).toContain('guarded')
})

it('has nothing left to do, and leaves no lock', async () => {
  const { run } = await open('nothing', { 'README.md': 'nothing' })
  expect(applied(run).log).toContain('shop/dev: no change')
  expect(await bucket('')).not.toContain('.tflock')
})

/** Opens a pull request as somebody who gets no secrets; the end of its plan and what that said. */
async function openAs(login: string, head: string): Promise<ReturnType<typeof applied> & { comments: number }> {
  const token = stage.github.mintToken({ login, kind: 'user' })
  const opened = await stage.api('POST', path('/pulls'), { title: login, head, base: 'main' }, token)
  expect(opened.status).toBe(201)
  await stage.runner.idle()
  const { number } = opened.body as { number: number }
  const { body } = await stage.api('GET', path(`/issues/${number}/comments`))
  return { ...applied(stage.runs().at(-1)!), comments: (body as unknown[]).length }
}

it('plans nothing for a fork and for Dependabot, and says what they lack and what to do', async () => {
  stage.github.createAccount({ login: 'eve', type: 'User' })
  stage.github.createAccount({ login: 'dependabot[bot]', type: 'Bot' })
  const eve = stage.github.mintToken({ login: 'eve', kind: 'user' })
  expect((await stage.api('POST', path('/forks'), {}, eve)).status).toBe(202)
  const fork = stage.github.store.repositories.find(({ fullName }) => fullName === 'eve/shop')!
  await stage.push(rootOf('foreign'), { repository: fork, branch: 'foreign' })
  const foreign = await openAs('eve', 'eve:foreign')
  expect([foreign.result, foreign.comments]).toEqual(['failure', 0])
  expect(foreign.log).toContain('This run is for a pull request of a fork')
  expect(foreign.log).toContain("The comment could not be written, the step's summary has it")

  stage.github.store.repositories.update(stage.repository.id, { collaborators: { 'dependabot[bot]': 'write' } })
  await stage.push(rootOf('bumped'), { branch: 'bump' })
  const bumped = await openAs('dependabot[bot]', 'bump')
  expect(bumped.result).toBe('failure')
  expect(bumped.log).toContain('This run was started by Dependabot')
})

async function approve({ id }: WorkflowRun): Promise<void> {
  const environment = stage.github.store.environments.find(({ name }) => name === 'dev')!
  const { status } = await stage.api('POST', path(`/actions/runs/${id}/pending_deployments`), {
    ...{ environment_ids: [environment.id], state: 'approved', comment: 'as listed' },
  })
  expect(status).toBe(200)
  await stage.runner.idle()
}
