import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { startRegistry } from '../../../local-github/registry/registry.ts'
import { dockerProgram } from '../../../local-github/runner/stand-ins/docker/docker-program.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { openBench, type JobBench } from './job-bench.ts'

let bench: JobBench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

test('a step that calls a stand-in is shown as done by one, and one that does not is not', async () => {
  const program = dockerProgram(join(temporaryFolder(), `it's a store`))
  const { result, step, log } = await bench.run(
    `- name: writes
  run: mkdir a && echo 'FROM scratch' > a/Dockerfile
- name: builds
  run: docker build -t app a && docker tag app app:2
- name: within bare surroundings
  run: env -i "$(command -v docker)" image inspect --format '{{json .RepoTags}}' app
- name: fails
  continue-on-error: true
  run: docker run app`,
    { executor: { programs: [program] } },
  )
  expect(result.conclusion).toBe('success')
  expect([step('writes')?.standIn, step('builds')?.standIn, step('fails')?.standIn]).toEqual([
    undefined,
    program.words,
    program.words,
  ])
  expect(step('within bare surroundings')?.standIn).toBe(program.words)
  expect(log).toContain('["app:2","app:latest"]')
  expect(log).toContain('"docker run" is not implemented by Slipway\'s stand-in for docker')
})

test('an action that calls a stand-in is shown as well, and words that it had stay', async () => {
  const program = dockerProgram(join(temporaryFolder(), 'store'))
  const { repository, sha } = bench.commit('octo/calls', {
    'action.yml':
      'name: calls\ndescription: d\nruns:\n  using: composite\n  steps:\n    - run: docker version\n      shell: bash\n',
  })
  expect(repository.fullName).toBe('octo/calls')
  const { step } = await bench.run(`- name: calls\n  uses: octo/calls@${sha}`, {
    executor: { programs: [program], standInOf: () => 'moto stood in for AWS' },
  })
  expect(step('calls')?.standIn).toBe(`moto stood in for AWS; ${program.words}`)
})

test('what one job built the next one pushes, and without the option there is no stand-in', async () => {
  const folder = temporaryFolder()
  const registry = await startRegistry({ folder: join(folder, 'registry') })
  try {
    const executor = { programs: [dockerProgram(join(folder, 'store'))] }
    const image = `${registry.address}/shop/backend:1`
    await bench.run(`- run: mkdir a && echo 'FROM scratch' > a/Dockerfile && docker build -t ${image} a`, { executor })
    const { result } = await bench.run(`- run: docker push ${image}`, { executor })
    expect(result.conclusion).toBe('success')
    expect((await fetch(`${registry.url}/v2/shop/backend/manifests/1`)).status).toBe(200)
    const { log, step } = await bench.run(`- name: asks\n  run: command -v docker || echo none`)
    expect(log).not.toContain('_programs')
    expect(step('asks')?.standIn).toBeUndefined()
    expect(existsSync(join(folder, 'store'))).toBe(true)
  } finally {
    await registry.close()
  }
})
