import { expect } from '@jest/globals'
import { parse } from 'yaml'
import { main } from '../../../actions/build-tag/src/main.ts'
import type { Clock } from '../../../kit/ports.ts'
import { pushBranch, type ApiScene } from '../../kit/adapters/github-scene.ts'
import { digestOf, fakeDocker, makeInputs, makeWorld } from './shop.ts'

/** Many runs of the action at once, against the local GitHub: real refs, real races, real commits. */

const SERVICES = Array.from({ length: 32 }, (_, index) => `service${index}`)
/** Of one job, by its own clock. */
const DEADLINE_MILLISECONDS = 5 * 60_000

/** Adjacent lines, which a rebase would call a conflict. */
const compact = `# every image beside the next
x-images:
${SERVICES.map(name => `  ${name}: &${name} shop/${name}:1-0000000`).join('\n')}
services:
${SERVICES.map(name => `  ${name}: { image: *${name}, build: ./${name} }`).join('\n')}
`
const folders = Object.fromEntries(SERVICES.map(name => [`${name}/Dockerfile`, 'FROM scratch\n']))

/** Numbers that look random and are the same in each run of the test. */
function seeded(seed: number) {
  let state = seed
  return {
    next: () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      return state / 2 ** 32
    },
    bytes: (count: number) => new Uint8Array(count),
  }
}

/** Time that passes by sleeping, twice as fast: pauses part the writers as they do in the field. */
class FastClock implements Clock {
  slept = 0

  now(): number {
    return this.slept
  }
  async sleep(milliseconds: number): Promise<void> {
    this.slept += milliseconds
    await new Promise(resolve => setTimeout(resolve, milliseconds / 2))
  }
}

interface Writer {
  readonly run: number
  readonly services: readonly string[]
  readonly sha: string
}

async function race(scene: ApiScene, branch: string, writers: readonly Writer[], seed: number) {
  await pushBranch(scene, branch, { 'docker-compose.yml': compact, ...folders })
  const chance = seeded(seed)
  return Promise.all(
    writers.map(async ({ run, services, sha }) => {
      const clock = new FastClock()
      const { api } = scene.job(
        { runId: 1000 + run, runNumber: run },
        { settings: { clock, random: seeded(seed + run), timeoutMilliseconds: 60_000 } },
      )
      const world = makeWorld({
        compose: compact,
        files: folders,
        run: { ref: `refs/heads/${branch}`, runNumber: run, runId: 1000 + run, sha },
        exec: fakeDocker('d'),
        commits: api.commits,
      })
      // Builds end in any order.
      await new Promise(resolve => setTimeout(resolve, chance.next() * writers.length * 100))
      const outputs = await main(makeInputs({ services: services.join('\n') }), world)
      return { run, outputs, slept: clock.slept }
    }),
  )
}

async function stateOf(scene: ApiScene, branch: string) {
  await scene.work.git('fetch', '-q', 'origin', branch)
  const text = `${await scene.work.git('show', 'FETCH_HEAD:docker-compose.yml')}\n`
  const images = (parse(text, { maxAliasCount: -1 }) as { 'x-images': Record<string, string> })['x-images']
  const log = await scene.work.git('log', '--first-parent', '--format=%H %s', 'FETCH_HEAD')
  const history = log.split('\n').filter(line => / Run service/.test(line))
  return { text, images, history }
}

const shaOf = (run: number) => run.toString(16).padStart(7, '0').padEnd(40, 'e')
const tagOf = (run: number) => `${run}-${shaOf(run).slice(0, 7)}`

/** What the runs of a race write. */
export const KINDS: Readonly<Record<string, (index: number) => readonly string[]>> = {
  'different services': index => [SERVICES[index % SERVICES.length]!],
  'the same service': () => [SERVICES[17]!],
  'adjacent lines, two at a time': index => [
    SERVICES[index % SERVICES.length]!,
    SERVICES[(index + 1) % SERVICES.length]!,
  ],
}

/**
 * One race of `count` runs, up to 32, that end in any order, while GitHub answers some writes with 502 after it did them.
 * @returns the branch that they wrote to
 */
export async function holdRace(scene: ApiScene, kind: string, count: number, round: number): Promise<string> {
  const branch = `${kind.replace(/\W+/g, '-')}-${round}`
  const writers = Array.from({ length: count }, (_, index) => {
    const run = 2 + ((index * 13 + round * 7) % count)
    return { run, services: KINDS[kind]!(run), sha: shaOf(run) }
  })
  // Of one service, only what is newer than all before is written at all.
  const isOneService = KINDS[kind]!(0).join() === KINDS[kind]!(1).join()
  const lost = isOneService
    ? [1, 2, 3, 4]
    : [0.1, 0.3, 0.55, 0.9].map(part => 1 + ((round + Math.floor(part * count)) % count))
  scene.github.faults.clear()
  const struckBefore = scene.github.faults.struck.length
  for (const nth of lost) scene.github.faults.add({ kind: 'bad-gateway-after', match: 'POST /graphql', nth })
  const ended = await race(scene, branch, writers, round * 1000)
  const struck = scene.github.faults.struck.length - struckBefore
  expect(struck).toBeGreaterThanOrEqual(isOneService ? 1 : new Set(lost).size)
  const { text, images, history } = await stateOf(scene, branch)

  // Each service runs what the newest of its runs built, and nothing else changed.
  let expected = compact
  for (const name of SERVICES) {
    const newest = Math.max(0, ...writers.filter(({ services }) => services.includes(name)).map(({ run }) => run))
    const image = newest === 0 ? `shop/${name}:1-0000000` : `shop/${name}:${tagOf(newest)}@${digestOf('d')}`
    expect(images[name]).toBe(image)
    expected = expected.replace(`shop/${name}:1-0000000`, image)
  }
  expect(text).toBe(expected)

  // Each run made one commit, or found a newer tag everywhere.
  const made = ended.filter(({ outputs }) => outputs['changed-services'] !== '')
  expect(history).toHaveLength(made.length)
  expect(new Set(history.map(line => line.slice(41))).size).toBe(made.length)
  expect(history.map(line => line.slice(0, 40)).sort()).toEqual(made.map(({ outputs }) => outputs['commit-sha']).sort())
  for (const { outputs } of ended)
    expect([...lines(outputs['changed-services']), ...lines(outputs.superseded)].sort()).toEqual(
      [...writers.find(({ run }) => tagOf(run) === outputs.tag)!.services].sort(),
    )
  expect(Math.max(...ended.map(({ slept }) => slept))).toBeLessThan(DEADLINE_MILLISECONDS)
  return branch
}

/** Along the whole history of a branch. */
export async function expectNoOlderOverNewer(scene: ApiScene, branch: string): Promise<void> {
  await scene.work.git('fetch', '-q', 'origin', branch)
  const log = await scene.work.git('log', '--reverse', '--format=%H', 'FETCH_HEAD', '--', 'docker-compose.yml')
  const newest = new Map<string, number>()
  for (const sha of log.split('\n')) {
    const text = await scene.work.git('show', `${sha}:docker-compose.yml`)
    for (const [, service = '', run] of text.matchAll(/shop\/(\w+):(\d+)-/g)) {
      expect(Number(run)).toBeGreaterThanOrEqual(newest.get(service) ?? 0)
      newest.set(service, Number(run))
    }
  }
}

const lines = (text: string) => text.split('\n').filter(line => line !== '')
