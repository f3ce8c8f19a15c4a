import type { WorkflowRun } from '../local-github/model.ts'
import { addressOf, completed, ending, pullAddressOf, pushed, runStartedBy, SHOP, type Told } from './runs.ts'
import type { PlayChapter, Stage } from './story.ts'

const ITEMS = 'backend/shop/items.py'
const FAST = 'FROM items WHERE id > %s'
const SLOW = 'FROM items, pg_sleep(0.4) WHERE id > %s'

/** A change of the application until it serves; then one that is too slow, and one that does not run where it matters. */
export async function playApplication(stage: Stage, chapter: PlayChapter): Promise<void> {
  const { copy, docker } = stage

  const push = (what: string, message: string, gate: 'success' | 'failure', edit: () => Promise<void>) =>
    chapter(what, `${docker}, embedded load engine`, async () => {
      await followIntegration(stage)
      await edit()
      const run = await pushed(stage, 'integration', message)
      const verdict = await gateOf(stage)
      const words = gate === 'success' ? 'tagged and within its limits' : 'stopped by the load gate'
      const told = ending(run, gate, { words, holds: verdict.isTagged && verdict.state === gate })
      return { ...told, address: addressOf(stage, run) }
    })
  const merge = (what: string, title: string, result: 'success' | 'failure', words: string) =>
    chapter(what, stage.noDeploy ? 'deploy not run' : docker, goOn =>
      deploy(stage, title, goOn, async run => {
        const serves = (await stage.askProduction('/api/items')) === 200
        return ending(run, result, { words, holds: serves })
      }),
    )

  await push('Mira pushes the application to integration', 'Call the shop by its name', 'success', () =>
    copy.edit('frontend/src/Shop.tsx', '<h1>Shop</h1>', '<h1>The shop</h1>'),
  )
  await merge(
    'Jonas merges it to deployment and approves',
    'Call the shop by its name',
    'success',
    'deployed and serving',
  )
  await push('Mira pushes a version that is slow', 'Look at every item once more', 'failure', () =>
    copy.edit(ITEMS, FAST, SLOW),
  )
  await push(
    'Mira repairs it, and needs a variable that only staging has',
    'Order what is sold out',
    'success',
    async () => {
      await copy.edit(ITEMS, SLOW, FAST)
      await copy.edit('backend/shop/app.py', 'import logging\n', 'import logging\nimport os\n')
      await copy.edit(
        'backend/shop/app.py',
        '    with connect()',
        '    app.state.supplier = os.environ["SUPPLIER_URL"]\n    with connect()',
      )
      await copy.edit('docker-compose.yml', '      PGHOST: database\n', '      PGHOST: database\n      SUPPLIER_URL:\n')
    },
  )
  await merge(
    stage.noDeploy ? 'Jonas merges that too' : 'Jonas merges that, and it is taken back',
    'Order what is sold out',
    'failure',
    'rolled back, the one before serves',
  )
}

/** Brings the working copy to the branch's head, which build-tag moved. */
async function followIntegration({ copy }: Stage): Promise<void> {
  await copy.git('fetch', '--quiet', 'origin', 'integration')
  await copy.git('switch', '--quiet', '--force-create', 'integration', 'FETCH_HEAD')
}

/** What build-tag and the load gate left at the head of the branch. */
async function gateOf({ copy, github, shop }: Stage): Promise<{ isTagged: boolean; state: string | undefined }> {
  await copy.git('fetch', '--quiet', 'origin', 'integration')
  const head = await copy.git('rev-parse', 'FETCH_HEAD')
  const compose = await copy.git('show', 'FETCH_HEAD:docker-compose.yml')
  const built = await copy.git('rev-parse', '--short=7', 'FETCH_HEAD~1')
  const images = [...compose.matchAll(/image: \S+\/shop-\w+:(\S+?)@sha256:[0-9a-f]{64}/g)].map(([, tag]) => tag)
  const run = github.store.runs.filter(run => run.repositoryId === shop.id && run.event === 'push').at(-1)
  const status = github.store.statuses.filter(one => one.sha === head && one.context === 'load-gate').at(-1)
  const expected = `${run?.runNumber}-${built}`
  return { isTagged: images.length === 2 && images.every(tag => tag === expected), state: status?.state }
}

/** A pull request from integration to deployment, its merge, and the approval that the environment asks for. */
async function deploy(
  stage: Stage,
  title: string,
  approved: () => void,
  ended: (run: WorkflowRun) => Promise<Omit<Told, 'address'>>,
): Promise<Told> {
  const { jonas, mira, noDeploy, print } = stage
  const { number } = await mira.call<{ number: number }>('POST', `${SHOP}/pulls`, {
    title,
    head: 'integration',
    base: 'deployment',
    body: 'Built, tagged and put under load; the check of the last commit has the numbers.',
  })
  const merge = () => jonas.call('PUT', `${SHOP}/pulls/${number}/merge`, { merge_method: 'merge' })
  if (noDeploy !== undefined) {
    await jonas.call('PUT', `${SHOP}/actions/workflows/cd-application.yml/disable`)
    await merge()
    print(`  ○ deploy: not run, since ${noDeploy}`)
    return { result: 'merged', isAsTold: true, address: pullAddressOf(stage, number) }
  }
  const waiting = await runStartedBy(stage, 'push', merge)
  const [pending] = await jonas.call<{ environment: { id: number } }[]>(
    'GET',
    `${SHOP}/actions/runs/${waiting.id}/pending_deployments`,
  )
  if (pending === undefined) throw new Error('the deploy did not wait for the approval of its environment')
  await jonas.call('POST', `${SHOP}/actions/runs/${waiting.id}/pending_deployments`, {
    environment_ids: [pending.environment.id],
    state: 'approved',
    comment: 'The gate passed; go.',
  })
  approved()
  const run = await completed(stage, waiting)
  return { ...(await ended(run)), address: addressOf(stage, run) }
}
