/** Protection from a push to a merge: bundles, reusable workflows and terraform are real, GitHub is the local one. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { Octokit } from '@octokit/rest'
import type { LocalGitHub } from '../../local-github/local-github.ts'
import type { WorkflowRun } from '../../local-github/model.ts'
import { createJobExecutor, type JobExecutor } from '../../local-github/runner/execute-job.ts'
import { startRunner, type Runner } from '../../local-github/runner/runner.ts'
import { importLibrary } from '../../local-github/seed.ts'
import { startServer } from '../../local-github/server/server.ts'
import { ROOT } from '../../scripts/metadata.ts'
import { workingCopy, type WorkingCopy } from '../local-github/server/scene.ts'

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
const at = { owner: 'acme', repo: 'shop' }
const CALLERS = join(ROOT, 'examples/shop/.github/workflows')

let folder: string
let github: LocalGitHub
let runner: Runner
let executor: JobExecutor
let work: WorkingCopy
let number: number
const people: Record<string, Octokit> = {}

const state = () => join(folder, 'terraform.tfstate')
const root = (...names: string[]) => `terraform {
  backend "local" {
    path = "${state()}"
  }
}
${names.map(name => `resource "terraform_data" "${name}" {\n  input = "${name}"\n}\n`).join('\n')}`

/** A caller of the sample team, for the root of this test. */
const caller = (name: string) =>
  readFileSync(join(CALLERS, name), 'utf8').replaceAll('infra/environments/dev', 'infra').split('\n  # After')[0]!

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-protect-'))
  github = await startServer({ stateFolder: join(folder, 'state') })
  await importLibrary(github, ROOT)
  github.createAccount({ login: 'acme', type: 'Organization' })
  for (const login of ['mira', 'jonas', 'dan']) {
    github.createAccount({ login, type: 'User', email: `${login}@shop.example` })
    const auth = github.mintToken({ login, kind: 'user' })
    people[login] = new Octokit({ auth, baseUrl: github.apiUrl, log: silent })
  }
  const shop = github.createRepository({ fullName: 'acme/shop', defaultBranch: 'infra_main' })
  github.store.repositories.update(shop.id, { collaborators: { mira: 'write', jonas: 'maintain', dan: 'read' } })
  github.store.secrets.insert({ repositoryId: shop.id, environment: '', name: 'PLAN_KEY', value: 'a key of sixteen' })
  const token = github.mintToken({ login: 'mira', kind: 'user' })
  work = workingCopy(join(folder, 'work'))
  await work.git('init', '-q', '-b', 'infra_main')
  await work.git('remote', 'add', 'origin', `${github.url.replace('://', `://mira:${token}@`)}/acme/shop.git`)
  await work.commit('Begin', {
    'infra/main.tf': root('kept', 'second', 'third'),
    '.github/slipway-protect': '# What is kept must be given up by somebody.\nprotect terraform_data\n',
    ...Object.fromEntries(
      ['terraform-plan.yml', 'terraform-apply.yml', 'terraform-acknowledge.yml'].map(name => [
        `.github/workflows/${name}`,
        caller(name),
      ]),
    ),
  })
  await work.git('push', '-q', 'origin', 'infra_main')
  const applied = join(folder, 'applied')
  mkdirSync(applied)
  writeFileSync(join(applied, 'main.tf'), root('kept', 'second', 'third'))
  for (const args of [['init'], ['apply', '-auto-approve']])
    execFileSync('terraform', [...args, '-input=false'], { cwd: applied, stdio: 'ignore' })
  executor = createJobExecutor(github)
  runner = startRunner(github, { execute: executor.execute, concurrency: 2 })
})

afterAll(async () => {
  await Promise.all([runner.close(), executor.close()])
  await github.close()
  rmSync(folder, { recursive: true, force: true })
})

const newest = (file: string): WorkflowRun => {
  const runs = github.store.runs.filter(run => run.path.endsWith(`/${file}`))
  const run = runs.at(-1)
  if (run === undefined) throw new Error(`${file} never ran`)
  if (run.startupError !== undefined) throw new Error(run.startupError)
  return run
}

const logOf = (run: WorkflowRun) =>
  github.store.jobs
    .filter(job => job.runId === run.id && job.attempt === run.attempt)
    .flatMap(({ annotations }) => annotations.map(({ message }) => message))
    .join('\n')

async function push(message: string, files: Readonly<Record<string, string>>): Promise<string> {
  const sha = await work.commit(message, files)
  await work.git('push', '-q', 'origin', 'HEAD')
  await runner.idle()
  return sha
}

/** The check of protection on a commit, and the digits that it asks for. */
async function checkOf(sha: string): Promise<{ conclusion: string | null; title: string; digits: string }> {
  const { data } = await people['dan']!.checks.listForRef({ ...at, ref: sha, check_name: 'Terraform protection dev' })
  expect(data.check_runs).toHaveLength(1)
  const [{ conclusion, output } = { conclusion: null, output: { title: '', summary: '' } }] = data.check_runs
  return {
    conclusion,
    title: output.title ?? '',
    digits: /needs \/ack ([0-9a-f]{16})/.exec(output.title ?? '')?.[1] ?? '',
  }
}

/** Says something on the pull request, and waits for what comes of it: the verdict, its words, and the thumb. */
async function say(login: string, body: string, isEdited = false) {
  const { data } = await people[login]!.issues.createComment({ ...at, issue_number: number, body })
  // Edited a minute later, before the job reads it.
  if (isEdited) github.store.comments.update(data.id, { updatedAt: '2100-01-01T00:00:00Z' })
  await runner.idle()
  const run = newest('terraform-acknowledge.yml')
  const thumbs = github.store.reactions.filter(({ commentId }) => commentId === data.id).map(({ content }) => content)
  return { conclusion: run.conclusion, words: logOf(run), thumbs }
}

const conclusionOfPlan = () => newest('terraform-plan.yml').conclusion
const commentBody = () => github.store.comments.find(({ body }) => body.includes('slipway:terraform-plan'))?.body ?? ''

let head: string
let digits: string

it('a plan that destroys what a rule protects is held back, with its addresses', async () => {
  await work.git('switch', '-q', '-c', 'topic')
  head = await work.commit('Give up what is kept', { 'infra/main.tf': root('second', 'third') })
  await work.git('push', '-q', 'origin', 'topic')
  number = (await people['mira']!.pulls.create({ ...at, head: 'topic', base: 'infra_main', title: 'Less' })).data.number
  await runner.idle()
  const check = await checkOf(head)
  digits = check.digits
  expect(digits).toMatch(/^[0-9a-f]{16}$/)
  expect(check).toMatchObject({ conclusion: 'failure', title: `1 protected change: needs /ack ${digits}` })
  const run = newest('terraform-plan.yml')
  expect([run.conclusion, logOf(run)]).toEqual(['failure', expect.stringContaining('destroys terraform_data.kept')])
  expect(commentBody()).toContain(`**Destroys** \`terraform_data.kept\` — protected: needs \`/ack ${digits}\``)
  // The price and the record are there all the same.
  expect(github.store.comments.filter(({ body }) => body.includes('slipway:infracost-comment'))).toHaveLength(1)
  expect(github.store.artifacts.filter(({ runId }) => runId === run.id)).toHaveLength(1)
})

it('by the author, a reader, in an edited comment or for another contract it is not acknowledged', async () => {
  const refusals = [
    await say('mira', `/ack ${digits}`),
    await say('dan', `/ack ${digits}`),
    await say('jonas', `/ack ${digits}`, true),
    await say('jonas', '/ack 0123456789abcdef'),
    await say('jonas', `/ack ${digits} && id`),
  ]
  expect(refusals.map(({ words }) => /not acknowledged: ([^\n]*)/.exec(words)?.[1])).toEqual([
    'mira opened the pull request',
    'dan may not write here (read)',
    'the comment was edited',
    expect.stringContaining('has a contract that begins with 0123456789abcdef'),
    'it names no contract',
  ])
  expect(refusals.map(({ conclusion, thumbs }) => [conclusion, ...thumbs])).toEqual(
    refusals.map(() => ['failure', '-1']),
  )
  expect(await checkOf(head)).toMatchObject({ conclusion: 'failure' })
  await people['jonas']!.issues.createComment({ ...at, issue_number: number, body: 'Looks good to me' })
  await runner.idle()
  const { id } = newest('terraform-acknowledge.yml')
  expect(github.store.jobs.filter(job => job.runId === id).map(job => job.conclusion)).toEqual(['skipped'])
  expect(newest('terraform-plan.yml').attempt).toBe(1)
})

it('by somebody who may write it is: the check turns green, and the plan runs again and passes', async () => {
  expect(await say('jonas', `/ack ${digits}`)).toMatchObject({ conclusion: 'success', thumbs: ['+1'] })
  expect(await checkOf(head)).toMatchObject({
    conclusion: 'success',
    title: '1 protected change, acknowledged by jonas',
  })
  const run = newest('terraform-plan.yml')
  expect([run.attempt, run.conclusion]).toEqual([2, 'success'])
  expect(commentBody()).toContain('protected, acknowledged by jonas')
})

const approve = () => people['jonas']!.pulls.createReview({ ...at, pull_number: number, event: 'APPROVE' })
const reviewStates = () => github.store.reviews.filter(() => true).map(({ state }) => state)

it('a push that changes nothing of what will happen stays green, and approved', async () => {
  await approve()
  const reviewed = head
  head = await push('Explain', { 'README.md': 'Less is more.\n' })
  expect(conclusionOfPlan()).toBe('success')
  expect((await checkOf(head)).title).toBe('1 protected change, acknowledged by jonas')
  expect(commentBody()).toContain(`Since the review at ${reviewed.slice(0, 7)} nothing changed of what will happen.`)
  expect(reviewStates()).toEqual(['APPROVED'])
})

it('a push with another contract is held back again, also when it loosens the rules, until a label says so', async () => {
  head = await push('Give up more', { 'infra/main.tf': root('third'), '.github/slipway-protect': 'allow *\n' })
  const check = await checkOf(head)
  expect([conclusionOfPlan(), check.conclusion]).toEqual(['failure', 'failure'])
  expect(check.digits).not.toBe(digits)
  expect(commentBody()).toMatch(/Since the review at [0-9a-f]{7}: \+1 destroy\./)
  expect(reviewStates()).toEqual(['DISMISSED'])
  expect(commentBody()).toContain('**The rules in `.github/slipway-protect` are not those of the base.**')
  await people['mira']!.issues.addLabels({ ...at, issue_number: number, labels: [`ack:${check.digits}`] })
  await runner.idle()
  expect(logOf(newest('terraform-acknowledge.yml'))).toContain('mira opened the pull request')
  await people['mira']!.issues.removeLabel({ ...at, issue_number: number, name: `ack:${check.digits}` })
  await people['jonas']!.issues.addLabels({ ...at, issue_number: number, labels: [`ack:${check.digits}`] })
  await runner.idle()
  expect([(await checkOf(head)).conclusion, conclusionOfPlan()]).toEqual(['success', 'success'])
})

it('what is merged although it is held back is not applied', async () => {
  head = await push('Give up all', { 'infra/main.tf': root() })
  expect(conclusionOfPlan()).toBe('failure')
  await people['mira']!.pulls.merge({ ...at, pull_number: number })
  await runner.idle()
  const run = newest('terraform-apply.yml')
  expect([run.conclusion, logOf(run)]).toEqual([
    'failure',
    expect.stringContaining(`no run of terraform-plan.yml for pull request #${number} succeeded`),
  ])
  expect(readFileSync(state(), 'utf8')).toMatch(/"name": "kept"[^]*"name": "third"/)
})

it('asks GitHub for nothing that it does not describe', () => expect(github.violations).toEqual([]))
