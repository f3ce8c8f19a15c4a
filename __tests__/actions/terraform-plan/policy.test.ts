import { describe, expect, it } from '@jest/globals'
import { inputs as spec } from '../../../actions/terraform-plan/src/inputs.ts'
import { main } from '../../../actions/terraform-plan/src/main.ts'
import { GateError } from '../../../kit/errors.ts'
import type { CommittedFolder } from '../../../kit/ports.ts'
import { inputsOf } from '../../support/action-inputs.ts'
import { makeWorld, type FakeTerraform, type World } from './fake-terraform.ts'

const [HEAD, BASE] = ['a'.repeat(40), 'b'.repeat(40)]
const SECRET = 'hunter22-of-the-database'
const PLAN = JSON.stringify({
  resource_changes: [
    {
      ...{ address: 'terraform_data.x', mode: 'managed', type: 'terraform_data' },
      change: { actions: ['create'], before: null, after: { input: SECRET, n: 7 }, after_sensitive: { input: true } },
    },
  ],
  variables: { password: { value: SECRET } },
})

const results = (entry: object) =>
  JSON.stringify([{ filename: 'plan.json', namespace: 'main', successes: 1, ...entry }])

/** A world whose base has a folder of policies; `said` is what conftest answers. */
function makeScene(
  said: string,
  folders: Readonly<Record<string, string>> = { [BASE]: 'deny', [HEAD]: 'deny' },
): World {
  const says: FakeTerraform = { plan: PLAN, conftestEnds: { stdout: said } }
  const world = makeWorld(says)
  const readFolder = async (sha: string): Promise<CommittedFolder | undefined> => {
    const text = folders[sha]
    if (text === undefined) return undefined
    return { id: text, readFiles: async () => new Map([['sub/main.rego', new TextEncoder().encode(text)]]) }
  }
  return { ...world, ports: { ...world.ports, repository: { ...world.ports.repository, readFolder } } }
}

const plan = (world: World) => main(inputsOf('terraform-plan', spec, { roots: 'infra', policy: 'policy' }), world.ports)

async function refused(world: World): Promise<GateError> {
  const error: unknown = await plan(world).catch((thrown: unknown) => thrown)
  if (!(error instanceof GateError)) throw error
  return error
}

describe('policies', () => {
  it('that hold let a plan pass; they are those of the base, and see no secret', async () => {
    const seen = new Map<string, string>()
    const world = makeScene(results({}))
    const { exec, files } = world
    const run = exec.run.bind(exec)
    exec.run = async command => {
      for (const path of files.content.keys())
        if (path.includes('slipway-policy')) seen.set(path, await files.readText(path))
      return run(command)
    }
    expect(await plan(world)).toMatchObject({ verdict: 'pass' })
    const command = exec.commands.find(({ args }) => args[0] === 'test')!
    expect(command.args).toEqual([
      ...['test', '--parser', 'json', '--output', 'json', '--no-color', '--no-fail', '--all-namespaces'],
      ...['--policy', expect.stringMatching(/policy$/), '--data', expect.stringMatching(/policy$/)],
      expect.stringMatching(/plan\.json$/),
    ])
    expect([...seen.keys()].map(path => path.replace(/^.*slipway-policy-\d+\//, ''))).toEqual([
      ...['policy/sub/main.rego', 'plan.json'],
    ])
    expect([...seen.values()][0]).toBe('deny')
    expect([...seen.values()][1]).toContain('"input": "***", "n": 7')
    expect([...seen.values()].join()).not.toContain(SECRET)
    expect([...world.files.content.keys()].filter(path => path.includes('slipway-policy'))).toEqual([])
  })

  it('that fail hold the plan back in their own words, made harmless', async () => {
    const world = makeScene(results({ failures: [{ msg: 'no @team may <b>see</b> hunter22-of-the-database' }] }))
    const error = await refused(world)
    expect(error).toMatchObject({ verdict: 'fail', outputs: { verdict: 'fail' } })
    expect(error.message).toMatch(/^1 policy fails:\nmain: no @team may/)
    const body = world.comments.written[0]?.body ?? ''
    expect(body).toMatch(/^⛔/)
    expect(body).toContain('**Policy fails** main: no @&#8203;team may &lt;b&gt;see&lt;/b&gt;')
    expect([body, error.message, world.summary.text()].join()).not.toContain(SECRET)
  })

  it('that warn are told, and a change of them is', async () => {
    const world = makeScene(results({ warnings: [{ msg: 'costly' }] }), { [BASE]: 'warn', [HEAD]: 'nothing' })
    expect(await plan(world)).toMatchObject({ verdict: 'pass' })
    expect(world.log.warnings).toContain('main: costly')
    const body = world.comments.written[0]?.body ?? ''
    expect(body).toContain('**Policy warns** main: costly')
    expect(body).toContain('**The policies in `policy` are not those of the base.** Those of the base hold.')
  })

  it.each([
    ['are not at the base', results({}), { [HEAD]: 'deny' }, 'there is no folder policy at bbbbbbb'],
    ['say nothing of a plan', results({ successes: 0 }), undefined, 'no policy in policy says anything of a plan'],
    ['are answered by no JSON', 'panic: nil', undefined, 'the answer of conftest is no JSON'],
  ])('that %s make the gate invalid', async (_, said, folders, problem) => {
    const error = await refused(folders === undefined ? makeScene(said) : makeScene(said, folders as never))
    expect(error).toMatchObject({ verdict: 'invalid', outputs: { verdict: 'invalid' } })
    expect(error.message).toContain(problem)
  })

  it('are only counted when there are many', async () => {
    const failures = Array.from({ length: 40 }, (_, index) => ({ msg: `rule ${index}` }))
    const world = makeScene(results({ failures }))
    expect((await refused(world)).message).toContain('rule 39')
    expect(world.comments.written[0]?.body).toContain('… and 36 more of the policies, in the log')
  })
})
