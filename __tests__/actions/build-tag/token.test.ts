import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { main } from '../../../actions/build-tag/src/main.ts'
import { githubApi } from '../../../kit/adapters/github-api.ts'
import { createScrubber } from '../../../kit/scrub.ts'
import type { NewToken } from '../../../local-github/local-github.ts'
import { ROOT } from '../../../scripts/metadata.ts'
import { StillClock, steadyRandom } from '../../kit/adapters/github-rig.ts'
import { setStage, type Stage } from '../../local-github/runner/runner-stage.ts'
import { FakeLog } from '../../support/fakes.ts'
import { COMPOSE, FOLDERS, makeInputs, makeWorld, pushRun } from './shop.ts'

/** Which token makes the commit decides whether the next workflow starts; GitHub says nothing of it anywhere. */

const DEPLOY = 'on:\n  push: { branches: [integration] }\njobs: { a: { runs-on: x, steps: [{ run: "true" }] } }\n'

let stage: Stage
beforeAll(async () => {
  stage = await setStage()
  stage.github.createAccount({ login: 'slipway[bot]', type: 'Bot', appSlug: 'slipway' })
  const files = { '.github/workflows/deploy.yml': DEPLOY, 'docker-compose.yml': COMPOSE, ...FOLDERS }
  await stage.push(files, { branch: 'integration' })
  await stage.runner.idle()
})
afterAll(() => stage.close())

/** Writes a tag with this token; which runs that started, and who the commit is by. */
async function tagWith(who: Pick<NewToken, 'login' | 'kind'>, runNumber: number) {
  const { github, repository } = stage
  const token = github.mintToken({ ...who, repositoryId: repository.id, permissions: { contents: 'write' } })
  const run = pushRun({ repository: repository.fullName, apiUrl: github.apiUrl, serverUrl: github.url, runNumber })
  const { commits } = githubApi({
    ...{ token, run, graphqlUrl: undefined, log: new FakeLog(), clock: new StillClock(), random: steadyRandom },
    ...{ scrub: createScrubber([token]), action: 'build-tag', version: '0.1.0' },
  })
  const before = stage.runs().length
  const { 'commit-sha': sha } = await main(makeInputs({ services: 'backend' }), { ...makeWorld({ commits }), run })
  await stage.runner.idle()
  const { body } = await stage.api('GET', `/repos/${repository.fullName}/commits/${sha}`)
  const started = stage.runs().slice(before)
  return {
    started: started.map(({ headSha }) => headSha === sha),
    by: (body as { author: { login: string } }).author.login,
  }
}

it.each(['action.yml', 'README.md'])('R24: %s says so where the token is given', name => {
  const text = readFileSync(join(ROOT, 'actions/build-tag', name), 'utf8')
  expect(text).toMatch(/github-token.*\n?.*job's own token starts no workflow/)
})

it("R24: a commit with the job's own token starts no workflow", async () => {
  const made = await tagWith({ login: 'github-actions[bot]', kind: 'job' }, 5)
  expect(made).toEqual({ started: [], by: 'github-actions[bot]' })
})

it('R24: a commit with the token of an app starts the workflows of its branch', async () => {
  const made = await tagWith({ login: 'slipway[bot]', kind: 'app' }, 6)
  expect(made).toEqual({ started: [true], by: 'slipway[bot]' })
})
