import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { importLibrary } from '../../local-github/seed.ts'
import { ROOT } from '../../scripts/metadata.ts'
import { setStage, type Stage } from '../local-github/runner/runner-stage.ts'
import { infrastructureCallers, logOf, mergePullRequest, openPullRequest } from './pull-request-runs.ts'

/**
 * Many roots in one pull request: the reusable workflows, their bundles and a real Terraform, started by pushes and merges on
 * the local GitHub. Build the bundles first: npm run build.
 */

let stage: Stage
let folder: string

const CALLERS = infrastructureCallers(
  () => `    with:
      roots: live/*
      environment: prod
      pre-run: tools/delay.sh
    secrets:
      plan-key: \${{ secrets.PLAN_KEY }}
`,
)

/** Roots end in no order; the one with a file \`stumbles\` fails until the marker of this test is there. */
const delay = (marker: string) => `
sleep "0.$((RANDOM % 10))"
if [ -e stumbles ] && [ ! -e "${marker}" ]; then touch "${marker}"; echo 'no way in yet'; exit 1; fi
`

const state = (root: string) => join(folder, `${root}.tfstate`)
const objects = (...names: readonly string[]) =>
  names.map(name => `resource "terraform_data" "${name}" {\n  input = "${name}"\n}\n`).join('')
const root = (name: string, text: string) => ({
  [`live/${name}/main.tf`]: `terraform {\n  backend "local" {\n    path = "${state(name)}"\n  }\n}\n${text}`,
})
const NETWORK = 'output "name" {\n  value = terraform_data.network.output\n}\n'
const APP = () =>
  `data "terraform_remote_state" "network" {\n  backend = "local"\n  config = {\n    path = "${state('network')}"\n  }\n}\n` +
  'resource "terraform_data" "app" {\n  input = data.terraform_remote_state.network.outputs.name\n}\n'

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'terraform-many-roots-'))
  stage = await setStage({ real: true, concurrency: 4 })
  await importLibrary(stage.github, ROOT)
  stage.github.store.secrets.insert({
    ...{ repositoryId: stage.repository.id, environment: '', name: 'PLAN_KEY', value: 'a key of sixteen characters' },
  })
  await stage.push({
    ...CALLERS,
    'tools/delay.sh': delay(join(folder, 'stumbled')),
    ...root('dns', ''),
    ...root('network', ''),
  })
  await stage.runner.idle()
}, 120_000)

afterAll(async () => {
  const violations = stage?.github.violations ?? []
  await stage?.close()
  rmSync(folder, { recursive: true, force: true })
  expect(violations).toEqual([])
})

const path = (rest: string) => `/repos/${stage.repository.fullName}${rest}`

const open = (branch: string, files: Record<string, string>) => openPullRequest(stage, branch, files)
const merge = (number: number) => mergePullRequest(stage, number)

/** Bodies of the comments on a pull request. */
const comments = (number: number) =>
  stage.github.store.comments.filter(comment => comment.issueNumber === number).map(({ body }) => body)

const planComments = (number: number) => comments(number).filter(body => body.includes('slipway:terraform-plan'))

const made = (name: string) =>
  existsSync(state(name))
    ? [...readFileSync(state(name), 'utf8').matchAll(/"name": "(\w+)"/g)].map(([, one]) => one)
    : []

it('plans the roots that are changed, tells of them in one comment, and applies them in their order', async () => {
  const first = await open('first', root('network', objects('network') + NETWORK))
  expect([logOf(stage, first.run), first.run.conclusion]).toEqual([expect.any(String), 'success'])
  expect(stage.summary(first.run)).toEqual([
    'plan / find roots prod: success',
    'plan / plan prod: success',
    'plan / planned prod: success',
  ])
  expect((await merge(first.number)).conclusion).toBe('success')
  expect(made('network')).toEqual(['network'])

  const second = await open('second', {
    ...root('network', objects('network', 'subnet') + NETWORK),
    ...root('app', APP()),
  })
  expect([stage.summary(second.run), second.run.conclusion]).toEqual([
    [
      'plan / find roots prod: success',
      'plan / plan prod live/app: success',
      'plan / plan prod live/network: success',
      'plan / planned prod: success',
    ],
    'success',
  ])
  const [told = '', ...more] = planComments(second.number)
  expect([more, told]).toEqual([[], expect.stringContaining('adds 2 in 2 roots')])
  for (const name of ['app', 'network']) expect(told).toContain(`\`${name}\``)
  const applied = await merge(second.number)
  const log = logOf(stage, applied)
  expect([applied.conclusion, made('network'), made('app'), made('dns')]).toEqual([
    'success',
    expect.arrayContaining(['network', 'subnet']),
    expect.arrayContaining(['app']),
    [],
  ])
  expect(log).toContain('applied 2 roots')
  expect(log.indexOf('shop/network: added')).toBeLessThan(log.indexOf('shop/app: added'))
})

it('says that nothing is changed where nothing is, also where a plan was told of before', async () => {
  const pull = await open('third', { ...root('dns', objects('zone')), 'README.md': 'read' })
  expect(planComments(pull.number)).toEqual([expect.stringContaining('adds 1')])
  const before = await stage.api('GET', path('/contents/live/dns/main.tf?ref=third'))
  const { status } = await stage.api('PUT', path('/contents/live/dns/main.tf'), {
    ...{ message: 'Take it back', branch: 'third', sha: (before.body as { sha: string }).sha },
    content: Buffer.from(Object.values(root('dns', ''))[0]!).toString('base64'),
  })
  expect(status).toBe(200)
  await stage.runner.idle()
  const run = stage.runs().at(-1)!
  expect([stage.summary(run), run.conclusion]).toEqual([
    [
      expect.stringMatching(/^plan \/ find roots prod: success$/),
      expect.stringMatching(/: skipped$/),
      expect.stringMatching(/^plan \/ planned prod: success$/),
    ],
    'success',
  ])
  expect(planComments(pull.number)).toEqual([expect.stringContaining('no Terraform root is changed')])
  const applied = await merge(pull.number)
  expect(applied.conclusion).toBe('success')
  expect(logOf(stage, applied)).toContain('changes no Terraform root, so there is nothing to apply')
})

it('ends in one comment that is right when the jobs of 20 roots race, one fails and runs again', async () => {
  const names = Array.from({ length: 20 }, (_, index) => `r${String(index + 1).padStart(2, '0')}`)
  const files = Object.assign({}, ...names.map(name => root(name, objects(name)))) as Record<string, string>
  const pull = await open('many', { ...files, 'live/r07/stumbles': '' })
  expect(pull.run.conclusion).toBe('failure')
  expect(planComments(pull.number).length).toBe(1)
  expect(planComments(pull.number)[0]).toMatch(/❌ \*\*shop\/prod\*\*: no plan of r07; adds 19 in 19 roots/)
  const failed = stage.summary(pull.run).filter(line => !line.endsWith(': success'))
  expect(failed).toEqual(['plan / plan prod live/r07: failure', 'plan / planned prod: failure'])

  const { status } = await stage.api('POST', path(`/actions/runs/${pull.run.id}/rerun-failed-jobs`))
  expect(status).toBe(201)
  await stage.runner.idle()
  const run = stage.github.store.runs.get(pull.run.id)!
  expect([run.conclusion, stage.summary(run).filter(line => !line.endsWith(': success'))]).toEqual(['success', []])
  const [body = '', ...more] = planComments(pull.number)
  expect(more).toEqual([])
  expect(body.split('\n').find(line => line.includes('**shop'))).toContain('adds 20 in 20 roots')
  for (const name of names) expect(body).toContain(`\`${name}\``)
  expect(body).not.toContain('No plan')

  const applied = await merge(pull.number)
  expect([applied.conclusion, names.filter(name => made(name)[0] !== name)]).toEqual(['success', []])
})
