import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { inputs as spec } from '../../../actions/terraform-plan/src/inputs.ts'
import { main } from '../../../actions/terraform-plan/src/main.ts'
import { fixturePlan, fixtureText } from '../../kit/terraform/fixture.ts'
import { openApiScene, owner, repo, type ApiScene } from '../../kit/adapters/github-scene.ts'
import { inputsOf } from '../../support/action-inputs.ts'
import { makeRun } from '../../support/fakes.ts'
import { makeWorld } from './fake-terraform.ts'
import { recordOf } from './make-record.ts'

let scene: ApiScene
let pullRequest: number

beforeAll(async () => {
  scene = await openApiScene()
  pullRequest = (await scene.as('alice').issues.create({ owner, repo, title: 'A change' })).data.number
})
afterAll(() => scene.close())

const bodies = () =>
  scene.github.store.comments.filter(({ issueNumber }) => issueNumber === pullRequest).map(({ body }) => body)

/** A job of a run that comments on the local GitHub; all else is played. */
function jobOf(runId: number, runAttempt = 1) {
  const place = { number: pullRequest, headSha: 'a'.repeat(40), baseSha: 'b'.repeat(40), headRef: 't', baseRef: 'main' }
  const run = makeRun({ runId, runAttempt, pullRequest: { ...place, fork: false } })
  return makeWorld({}, { run, comments: scene.job({ runId, runAttempt }).api.comments })
}

/** The comment of all roots, as the last job of a run writes it. */
async function tellRoots(runId: number, roots: readonly string[], runAttempt = 1): Promise<void> {
  const world = jobOf(runId, runAttempt)
  for (const root of roots) {
    const text = recordOf(fixturePlan('aws-create'), { root: `infra/${root}`, runId, pullRequest })
    world.files.content.set(`/workspace/plan-results/${root}.json`, text)
  }
  await main(inputsOf('terraform-plan', spec, { 'plan-results': 'plan-results', 'comment-key': 'prod' }), world.ports)
}

async function tellOne(runId: number): Promise<void> {
  const world = jobOf(runId)
  await world.files.write('/workspace/plan.json', fixtureText('move-only'))
  const given = { roots: 'infra', 'plan-json': 'plan.json', 'comment-key': 'prod' }
  await main(inputsOf('terraform-plan', spec, given), world.ports)
}

it('R8: a run that ends late does not overwrite what a newer one said of all roots', async () => {
  await tellRoots(60, ['dev', 'prod'])
  await tellRoots(59, ['dev', 'prod', 'test'])
  expect(bodies()).toEqual([expect.stringMatching(/run=60 .*\n.*in 2 roots/)])
  await tellRoots(60, ['dev', 'prod', 'test'], 2)
  await tellRoots(60, ['dev', 'prod'], 1)
  expect(bodies()).toEqual([expect.stringMatching(/run=60 attempt=2 .*\n.*in 3 roots/)])
})

it('a root that the next push does not touch is gone from the comment', async () => {
  await tellRoots(70, ['dev', 'staging'])
  expect(bodies()[0]).toContain('`staging`')
  await tellRoots(71, ['dev', 'test'])
  expect(bodies()).toHaveLength(1)
  expect(bodies()[0]).not.toContain('staging')
})

it('the comment of one root and that of several replace each other under the same key', async () => {
  await tellRoots(80, ['dev', 'prod'])
  await tellOne(81)
  expect(bodies()).toEqual([expect.stringContaining('**shop/prod**: moves 1')])
  await tellRoots(82, ['dev', 'prod'])
  expect(bodies()).toEqual([expect.stringContaining('in 2 roots')])
})
