import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { configurationOf, RECORDINGS, recordingName } from '../../demo/recorded-terraform.ts'
import { setStage, type SetStage } from '../../demo/stage.ts'
import { playApplication } from '../../demo/application-story.ts'
import { playInfrastructure } from '../../demo/infrastructure-story.ts'

const CHECKOUT = join(import.meta.dirname, '..', '..')

let folder: string
let set: SetStage
const results: string[] = []
const said: string[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'demo-test-'))
  set = await setStage({
    checkout: CHECKOUT,
    folder,
    tools: { terraform: undefined, moto: undefined, docker: undefined },
    record: false,
    print: line => void said.push(line),
    signal: new AbortController().signal,
  })
  // The application's half sends a load three times, by the clock: the demo itself plays it, in .ci/run.
  await playInfrastructure(set.stage, async (_what, _by, act) => void results.push((await act(() => undefined)).result))
}, 90_000)

afterAll(async () => {
  await set?.close()
  await rm(folder, { recursive: true, force: true })
})

it('plays without terraform, from recordings of the very files that it shows', () => {
  expect(results).toEqual([
    'red, as it should be',
    'green',
    'green, 2 comments',
    'green, the same 2 comments',
    'merged',
  ])
})

it('asks GitHub nothing that its description does not know', () => {
  expect(set.stage.github.violations).toEqual([])
})

it('says at every step that ran terraform that recordings stood in', () => {
  const steps = set.stage.github.store.jobs.filter(() => true).flatMap(job => job.steps)
  const ran = steps.filter(step => step.name === 'Plan' || step.name === 'Validate')
  expect(ran.length).toBeGreaterThan(3)
  for (const step of ran) expect(step.standIn).toContain('recorded')
})

it('keeps no recording that the story does not use', () => {
  const last = recordingName(configurationOf(join(folder, 'shop', 'infra')))
  expect(existsSync(join(RECORDINGS, last))).toBe(true)
  for (const name of readdirSync(RECORDINGS)) {
    const { answers } = JSON.parse(readFileSync(join(RECORDINGS, name), 'utf8')) as { answers: Record<string, unknown> }
    expect(Object.keys(answers).join()).not.toContain('apply')
  }
  expect(readdirSync(RECORDINGS)).toHaveLength(4)
})

describe('without a Docker engine', () => {
  const REASON = 'since there is no Docker engine on this machine'

  it('tells that the deploy is not run, and why', () => {
    const [notRun, ...others] = set.parts.filter(part => part.startsWith('**Not run**'))
    expect(notRun).toContain(`; the deploy, ${REASON}`)
    expect(others).toEqual([])
  })

  it('tells a merge as a merge, and no deploy, and starts none', async () => {
    const { copy, jonas, github } = set.stage
    // What the push would start takes long, and is not asked about here.
    await jonas.call('PUT', '/repos/acme/shop/actions/workflows/ci-application.yml/disable')
    const commit = await copy.git('commit-tree', '-p', 'origin/main', '-m', 'Call the shop', 'origin/main^{tree}')
    await copy.git('push', '--quiet', 'origin', `${commit}:refs/heads/integration`)
    const merged: unknown[] = []
    await playApplication(set.stage, async (what, by, act) => {
      if (merged.length === 0 && what.includes('merges')) merged.push({ by, ...(await act(() => undefined)) })
    })
    const pull = expect.stringMatching(/\/acme\/shop\/pull\/\d+$/)
    expect(merged).toEqual([{ by: 'deploy not run', result: 'merged', isAsTold: true, address: pull }])
    expect(said).toContain(`  ○ deploy: not run, ${REASON}`)
    await set.stage.idle()
    expect(github.store.runs.filter(run => run.path.endsWith('/cd-application.yml'))).toEqual([])
  })
})
