/** `npm run demo`: plays the story of a change on a GitHub that runs on this machine, and writes what happened as pages. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { siteOf, writeSite } from '../local-github/pages/site.ts'
import { findMachineTools } from './machine-tools.ts'
import { setStage } from './stage.ts'
import { playStory } from './story.ts'
import { noteOf, tableOf, tellJobs } from './telling.ts'

const CHECKOUT = join(import.meta.dirname, '..')
const OUTPUT = join(CHECKOUT, 'demo-output')

const began = Date.now()
const aborter = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    if (aborter.signal.aborted) process.exit(130)
    console.error(`\n${signal}: stopping; once more ends it at once`)
    aborter.abort(new Error(`stopped by ${signal}`))
  })

const folder = await mkdtemp(join(tmpdir(), 'slipway-demo-'))
try {
  await play()
} catch (error) {
  console.error(`\n${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = aborter.signal.aborted ? 130 : 1
} finally {
  await rm(folder, { recursive: true, force: true })
}
// Nothing may keep a finished story alive.
process.exit()

async function play(): Promise<void> {
  const { stage, runner, parts, close } = await setStage({
    checkout: CHECKOUT,
    folder,
    tools: await findMachineTools(process.env),
    record: process.argv.includes('--record'),
    print: line => console.log(line),
    signal: aborter.signal,
  })
  try {
    for (const part of parts) console.log(part.replaceAll(/[*`]/g, ''))
    tellJobs(runner, console.log)
    const chapters = await playStory(stage)
    const page = await writeSite(siteOf(stage.github, { note: noteOf(chapters, parts) }), OUTPUT)
    console.log(`\n${tableOf(chapters)}\n`)
    console.log(
      `Played in ${((Date.now() - began) / 1000).toFixed(0)} s. Open ${relative(process.cwd(), page) || page}`,
    )
  } finally {
    await close()
  }
}
