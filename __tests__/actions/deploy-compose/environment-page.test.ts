import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { tellRestored } from '../../../actions/deploy-compose/src/environment-page.ts'
import { ALL, openApiScene, pushBranch, type ApiScene } from '../../kit/adapters/github-scene.ts'
import { composeOf, inputsWith, makeWorld, thrownBy } from './world.ts'

/** What the page of an environment says after a rollback, on a GitHub that checks every request against its description. */

let scene: ApiScene
let [good, bad] = ['', '']

beforeAll(async () => {
  scene = await openApiScene()
  good = await pushBranch(scene, 'deployment', { 'docker-compose.yml': 'good\n' })
  bad = await pushBranch(scene, 'next', { 'docker-compose.yml': 'bad\n' })
})
afterAll(() => scene.close())

const given = inputsWith({ 'github-token': 'x', 'smoke-url': 'https://shop.example/api/items' })
const rolledBackTo = (sha: string) => ({
  ...{ result: 'rolled-back' as const, answer: '', hint: '', failed: undefined, invalid: false },
  stable: `1-${sha.slice(0, 7)}-0101`,
})

/** As a job's `environment:` does it, before the step and after the job. */
async function deployed(environment: string, ref: string, state: 'success' | 'failure') {
  const { deployments } = scene.job().api
  const { id } = await deployments.create({
    ref,
    environment,
    description: '',
    idempotencyKey: `${environment} ${ref}`,
  })
  await deployments.setStatus(id, state, {})
}

it('R20: the restored commit is the newest success on the page, with the run and the address of the shop', async () => {
  await deployed('production', good, 'success')
  await deployed('production', bad, 'failure')
  const { api, log } = scene.job()
  const run = { ...scene.run(), runUrl: 'https://github.example/run/50' }
  await tellRestored(rolledBackTo(good), given, { ...api, run, log })
  const { store, violations } = scene.github
  const made = store.deployments.filter(({ environment }) => environment === 'production')
  expect(made.map(({ sha }) => sha)).toEqual([good, bad, good])
  expect(store.deploymentStatuses.filter(({ deploymentId }) => deploymentId === made[2]?.id)).toMatchObject([
    {
      ...{ state: 'success', description: `rolled back: release 1-${good.slice(0, 7)}-0101 runs again` },
      ...{ logUrl: 'https://github.example/run/50', environmentUrl: 'https://shop.example' },
    },
  ])
  expect([log.warnings, violations]).toEqual([[], []])
})

it.each([
  ['a commit that was never deployed there', 'f'.repeat(40), ALL, 'no deployment of its commit is on it'],
  ['a token that may not', '', { contents: 'read' } as const, 'deployments: '],
])('%s is a warning and no other result', async (_, sha, permissions, why) => {
  const { api, log } = scene.job({}, { permissions })
  await tellRestored(rolledBackTo(sha || good), given, { ...api, run: scene.run(), log })
  expect(log.warnings).toEqual([expect.stringContaining('The page of the environment production does not say that 1-')])
  expect(log.warnings[0]).toContain(why)
})

it('is told after a rollback and at no other time', async () => {
  const world = makeWorld()
  const token = { 'github-token': 'x' }
  await world.deploy(composeOf('ok-1'), token)
  await thrownBy(world.deploy(composeOf('crash-2')))
  await thrownBy(world.deploy(composeOf('crash-2'), { ...token, environment: '' }))
  expect(world.told).toEqual([])
  await thrownBy(world.deploy(composeOf('crash-2'), token))
  expect(world.told).toMatchObject([
    ['create', { ref: 'fffffff'.padEnd(40, '0'), environment: 'production' }],
    ['status', 1, 'success', { logUrl: expect.stringContaining('/runs/99') }],
  ])
})
