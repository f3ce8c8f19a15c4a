import { setTimeout as wait } from 'node:timers/promises'
import { startDockerEngine } from '../__tests__/real/docker-engine.ts'
import { startClient, untilAnswers, type Tally } from './lost-requests/client.ts'
import { startShop } from './lost-requests/shop.ts'

/**
 * What a client at 50 requests a second loses while the shop is deployed ten times and a broken version once, on a real engine
 * behind HAProxy with TLS: by the action with start-first, and beside it by `docker compose up -d`, which recreates.
 *   node bench/lost-requests.ts [deploys]
 */

const DEPLOYS = Number(process.argv[2] ?? '10')
const RATE_PER_SECOND = 50
/** As the shop's compose file has it. */
const DRAIN_SECONDS = 5

const engine = await startDockerEngine()
try {
  const shop = await startShop(engine, DRAIN_SECONDS)
  try {
    if ((await shop.deploy('v0')) !== 0) throw new Error('the first deploy failed')
    await untilAnswers(shop.address)
    const rows: (readonly [string, number, Tally])[] = []
    const measure = async (name: string, work: () => Promise<void>) => {
      const stop = startClient(shop.address, RATE_PER_SECOND)
      const began = performance.now()
      await work()
      const seconds = (performance.now() - began) / 1000
      rows.push([name, seconds, await stop()])
    }
    await measure('deploy-compose, start-first', async () => {
      for (let number = 1; number <= DEPLOYS; number += 1)
        if ((await shop.deploy(`v${number}`)) !== 0) throw new Error(`deploy ${number} failed`)
      if ((await shop.deploy('broken')) !== 1) throw new Error('the broken version was not refused')
      await wait(2000)
    })
    if ((await shop.serving()).join() !== `v${DEPLOYS}`) throw new Error(`${(await shop.serving()).join()} serve`)
    // Labels of the action go, and with them the proxy once: that is no deploy.
    await shop.composeUp('w0')
    await wait(8000)
    await measure('docker compose up -d', async () => {
      for (let number = 1; number <= DEPLOYS; number += 1) {
        await shop.composeUp(`w${number}`)
        await wait(8000)
      }
      // What somebody does by hand who sees it within half a minute.
      await shop.composeUp('broken-by-hand')
      await wait(30_000)
      await shop.composeUp(`w${DEPLOYS}`)
      await wait(8000)
    })
    print(rows)
    if (rows[0]?.[2].failures.size !== 0) process.exitCode = 1
  } finally {
    shop.close()
  }
} finally {
  await engine.close()
}

function print(rows: readonly (readonly [string, number, Tally])[]): void {
  const title = `${DEPLOYS} deploys and one broken version`
  console.log(`| ${title} | requests | lost | longest pause | client late by | took | how they failed |`)
  console.log('|---|--:|--:|--:|--:|--:|---|')
  for (const [name, seconds, { requests, failures, longestPause, latest }] of rows) {
    const lost = [...failures.values()].reduce((sum, count) => sum + count, 0)
    const kinds = [...failures].map(([kind, count]) => `${kind}: ${count}`).join(', ')
    const took = `${seconds.toFixed(0)} s`
    console.log(
      `| ${name} | ${requests} | ${lost} | ${longestPause.toFixed(0)} ms | ${latest.toFixed(0)} ms | ${took} | ${kinds || 'none'} |`,
    )
  }
}
