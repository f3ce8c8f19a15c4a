/** `npm run demo`: plays the story of a change on a GitHub that runs on this machine, and writes what happened as pages. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { siteOf, writeSite } from '../local-github/pages/site.ts'
import { engineApplication, engineOfThisMachine } from './engine-application.ts'
import { findMachineTools } from './machine-tools.ts'
import { setStage } from './stage.ts'
import { playStory } from './story.ts'
import { noteOf, tableOf, tellJobs } from './telling.ts'

const CHECKOUT = join(import.meta.dirname, '..')
const OUTPUT = join(CHECKOUT, 'demo-output')

const began = Date.now()
const aborter = new AbortController()
// npm and the terminal may both send one, so that later ones mean nothing new: what runs is killed without asking anyway.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => aborter.abort(new Error(`stopped by ${signal}; nothing is left running`)))
// A reader that went away (`| head`) does not end the story in its middle.
process.stdout.on('error', () => {})

const folder = await mkdtemp(join(tmpdir(), 'slipway-demo-'))
try {
  await play()
} catch (error) {
  // A signal to the whole group ends what the story waits for too, and that is not the reason.
  const reason: unknown = aborter.signal.aborted ? aborter.signal.reason : error
  console.error(`\n${reason instanceof Error ? reason.message : String(reason)}`)
  process.exitCode = aborter.signal.aborted ? 130 : 1
} finally {
  await rm(folder, { recursive: true, force: true, maxRetries: 3 })
}

async function play(): Promise<void> {
  console.log('A team changes its infrastructure and its application, on a GitHub that runs on this machine.\n')
  const tools = await findMachineTools(process.env)
  const { docker } = tools
  const { stage, runner, parts, close } = await setStage({
    checkout: CHECKOUT,
    folder,
    tools,
    ...(docker === undefined
      ? {}
      : {
          application: async folder =>
            engineApplication(folder, await engineOfThisMachine(folder, `Docker ${docker.version}`)),
        }),
    record: process.argv.includes('--record'),
    print: line => console.log(line),
    signal: aborter.signal,
  })
  try {
    for (const part of parts) console.log(part.replaceAll(/[*`]/g, ''))
    tellJobs(runner, line => console.log(line))
    const chapters = await playStory(stage)
    const page = await writeSite(siteOf(stage.github, { note: noteOf(chapters, parts) }), OUTPUT)
    console.log(`\n${tableOf(chapters)}\n`)
    console.log(`Played in ${((Date.now() - began) / 1000).toFixed(0)} s. Its pages: ${relative(process.cwd(), page)}`)
    for (const violation of stage.github.violations)
      console.error(`\nnot as GitHub describes it: ${JSON.stringify(violation)}`)
    if (stage.github.violations.length > 0) process.exitCode = 1
    if (chapters.some(chapter => !chapter.isAsTold)) {
      console.error('\nSomething did not end as the story says: the pages show the logs.')
      process.exitCode = 1
    }
  } finally {
    await close()
  }
}
