import { describe, expect, it } from '@jest/globals'
import { main, post } from '../../../actions/terraform-apply/src/main.ts'
import { contractOfRoots } from '../../../actions/terraform-apply/src/roots-refusal.ts'
import { CommandError } from '../../../kit/errors.ts'
import type { Completed, Deployments } from '../../../kit/ports.ts'
import { recordContract } from '../../../kit/terraform/contract-differences.ts'
import { FakeExec } from '../../support/fakes.ts'
import { makeWorld } from '../terraform-plan/fake-terraform.ts'
import { contractIn, failureOf, given, MERGE, merged, MERGED } from './merged.ts'

const reads = (root: string) =>
  `data "terraform_remote_state" "x" {\n  backend = "local"\n  config = { path = "../${root}/terraform.tfstate" }\n}\n`
/** web → app → network, and dns beside them. */
const TREE: Readonly<Record<string, string>> = {
  'infra/network/main.tf': '',
  'infra/app/main.tf': reads('network'),
  'infra/web/main.tf': reads('app'),
  'infra/dns/main.tf': '',
}
const ROOTS = ['infra/network', 'infra/app', 'infra/dns', 'infra/web']

const planOf = (...names: readonly string[]) =>
  JSON.stringify({
    format_version: '1.2',
    resource_changes: names.map(name => ({
      ...{ address: `terraform_data.${name}`, mode: 'managed', type: 'terraform_data', name },
      change: { actions: ['create'], before: null, after: { input: name }, after_unknown: { id: true } },
    })),
  })

interface Facts {
  readonly changed?: readonly string[] | undefined
  /** What is planned in a root, in turn. */
  readonly plans?: Readonly<Record<string, readonly string[]>>
  /** How the applies of a root end, in turn. */
  readonly applies?: Readonly<Record<string, readonly (Partial<Completed> | Error)[]>>
  readonly outputs?: Readonly<Record<string, string>>
  /** Roots of which there is no record. */
  readonly unplanned?: readonly string[]
  /** Commits that were applied to a root last. */
  readonly last?: Record<string, string>
  readonly reviewers?: boolean
}

const FAILS = {
  exitCode: 1,
  stdout: JSON.stringify({ type: 'diagnostic', diagnostic: { severity: 'error', summary: 'No quota', detail: '' } }),
}

function makeRoots(facts: Facts = {}) {
  const { plans = {}, applies = {}, outputs = {}, unplanned = [], last = {} } = facts
  const done: string[] = []
  const taken = new Map<string, number>()
  const inTurn = <T>(what: string, root: string, all: readonly T[], otherwise: T): T => {
    const at = taken.get(`${what} ${root}`) ?? 0
    taken.set(`${what} ${root}`, at + 1)
    return all[Math.min(at, all.length - 1)] ?? otherwise
  }
  const plain = makeWorld({}).exec
  const exec = new FakeExec(command => {
    const root = (command.cwd ?? '').slice('/workspace/'.length)
    const [verb] = command.args
    if (verb === 'plan') {
      done.push(`plan ${root}`)
      world.files.content.set(command.args.find(arg => arg.startsWith('-out='))!.slice(5), 'a plan')
      return { exitCode: 2 }
    }
    if (verb === 'show' && command.args.at(-1) !== '-no-color')
      return { stdout: inTurn('plan', root, plans[root] ?? [], planOf(root.slice('infra/'.length))) }
    if (verb === 'output') return { stdout: outputs[root] ?? '{}' }
    if (verb !== 'apply') return plain.answer(command)
    const end = inTurn('apply', root, applies[root] ?? [], {})
    done.push(`apply ${root}`)
    if (end instanceof Error) throw end
    return end
  })
  const states = new Map<number, string>()
  const recorded: string[] = []
  const deployments: Deployments = {
    deployedSha: async () => undefined,
    lastSuccess: async (_, subject) => {
      const sha = last[subject.replace(/ default$/, '')]
      return sha === undefined ? undefined : { sha, url: '' }
    },
    async create({ subject = '' }) {
      states.set(states.size + 1, subject.replace(/ default$/, ''))
      return { id: states.size }
    },
    async setStatus(id, state) {
      recorded.push(`${states.get(id)} ${state}`)
      if (state === 'success') last[states.get(id)!] = MERGE
    },
  }
  const pullRequests = {
    ...makeWorld().ports.pullRequests,
    changedFiles: async () => ('changed' in facts ? facts.changed : Object.keys(TREE)),
  }
  const world = merged({}, { reviewers: facts.reviewers ?? false }, { exec, deployments, pullRequests })
  world.files.content.clear()
  for (const [path, text] of Object.entries(TREE)) world.files.content.set(`/workspace/${path}`, text)
  for (const root of ROOTS) world.files.content.set(`/workspace/${root}/.terraform.lock.hcl`, 'locked')
  for (const root of ROOTS.filter(root => !unplanned.includes(root))) {
    const contract = contractOf(root)
    const record = {
      ...{ version: 1, root, workspace: 'default', repositoryId: 7, pullRequest: 42, headSha: MERGED.headSha },
      ...{ runId: 88, contract: contract.digest, keyed: false, contractParts: recordContract(contract, text => text) },
    }
    world.files.content.set(`/workspace/plan-results/${root.replace('/', '-')}.json`, JSON.stringify(record))
  }
  return { ...world, exec, done, recorded, last }
}

const contractOf = (root: string, plan = planOf(root.slice('infra/'.length))) => contractIn(plan, undefined, root)
const several = (values: Record<string, string> = {}) => given({ roots: 'infra/*', ...values })
const appliedIn = ({ done }: { done: readonly string[] }) => done.filter(what => what.startsWith('apply '))

describe('several roots are applied', () => {
  it('in the order in which they depend on each other, each with its own check and record', async () => {
    const world = makeRoots()
    const outputs = await main(several(), world.ports)
    expect(appliedIn(world)).toEqual(ROOTS.toSorted(byDependency).map(root => `apply ${root}`))
    expect(world.recorded.filter(line => line.endsWith(' success')).length).toBe(4)
    const checks = (world.ports.checks as unknown as { completed: { name: string; conclusion: string }[] }).completed
    expect(checks.map(({ name, conclusion }) => `${name} ${conclusion}`).sort()).toEqual(
      ROOTS.map(root => `Terraform apply ${root} success`).sort(),
    )
    expect(outputs).toMatchObject({ applied: 'true', verdict: 'pass', 'new-contract': '' })
    expect(outputs.contract).toBe(contractOfRoots(ROOTS.map(root => ({ root, contract: contractOf(root).digest }))))
    expect(world.summary.text()).toContain('✅ **shop**: applied 4 roots')
  })

  it('those alone that the merged pull request changes, with one record each', async () => {
    const world = makeRoots({ changed: ['infra/dns/main.tf'], unplanned: ['infra/app', 'infra/network', 'infra/web'] })
    expect(await main(several(), world.ports)).toMatchObject({ applied: 'true', verdict: 'pass' })
    expect(appliedIn(world)).toEqual(['apply infra/dns'])
  })

  it('none, and that is well, when it changes none', async () => {
    const world = makeRoots({ changed: ['README.md'], unplanned: ROOTS })
    expect(await main(several(), world.ports)).toMatchObject({ applied: 'true', verdict: 'pass', contract: '' })
    expect(world.exec.commands.map(({ file }) => file)).toEqual(['git'])
    expect(world.summary.text()).toContain('no Terraform root is changed, nothing to apply')
  })

  it('in the other order when they are destroyed', async () => {
    const world = makeRoots()
    // The digest says that it is a destroy plan, so the records of these plans do not fit: the order of the plans is looked at.
    await failureOf(main(several({ destroy: 'true' }), world.ports))
    const order = world.done.map(line => line.split(' ')[1])
    expect(order.indexOf('infra/web')).toBeLessThan(order.indexOf('infra/app'))
    expect(order.indexOf('infra/app')).toBeLessThan(order.indexOf('infra/network'))
  })

  it('with a fresh plan under the same contract after what they depend on has changed', async () => {
    const world = makeRoots({ changed: ['infra/network/main.tf', 'infra/app/main.tf'] })
    await main(several(), world.ports)
    expect(world.done).toEqual([
      ...['plan infra/network', 'plan infra/app', 'apply infra/network'],
      ...['plan infra/app', 'apply infra/app'],
    ])
  })

  it('and what they put out is given by root, inventories one below the other', async () => {
    const output = (value: string) =>
      JSON.stringify({ inventory_ini: { sensitive: false, type: 'string', value }, n: { sensitive: false, value: 1 } })
    const world = makeRoots({
      changed: ['infra/dns/main.tf', 'infra/network/main.tf'],
      outputs: { 'infra/dns': output('[dns]\nd'), 'infra/network': output('[app]\na') },
    })
    const results = await main(several(), world.ports)
    expect(JSON.parse(String(world.files.content.get(results['terraform-outputs'])))).toEqual({
      'infra/dns': { inventory_ini: '[dns]\nd', n: 1 },
      'infra/network': { inventory_ini: '[app]\na', n: 1 },
    })
    expect(
      String(world.files.content.get(results.inventory))
        .split('\n')
        .filter(line => line !== '')
        .sort(),
    ).toEqual(['[app]', '[dns]', 'a', 'd'])
  })
})

function byDependency(one: string, other: string): number {
  const order = ['infra/network', 'infra/app', 'infra/dns', 'infra/web']
  return order.indexOf(one) - order.indexOf(other)
}

describe('nothing is applied', () => {
  it('when one of the roots has no record: it is named', async () => {
    const world = makeRoots({ unplanned: ['infra/web'] })
    const error = await failureOf(main(several(), world.ports))
    expect(error).toMatchObject({ verdict: 'invalid', outputs: { applied: 'false', verdict: 'invalid' } })
    expect(error.message).toBe('infra/web: there is no record of a plan of infra/web in "plan-results"')
    expect(appliedIn(world)).toEqual([])
  })

  it('when one would do otherwise: all that would are told, by resource', async () => {
    const world = makeRoots({ plans: { 'infra/dns': [planOf('dns', 'more')], 'infra/web': [planOf()] } })
    const error = await failureOf(main(several(), world.ports))
    expect(error).toMatchObject({ verdict: 'fail', outputs: { applied: 'false', verdict: 'fail' } })
    expect(error.message).toMatch(/^2 roots cannot be applied, so none was\n/)
    expect(error.message).toContain('infra/dns: the plan does not do what was reviewed\n')
    expect(error.message).toContain('terraform_data.more')
    expect(appliedIn(world)).toEqual([])
  })

  it('when one was applied at a newer commit', async () => {
    const world = makeRoots({ last: { 'infra/dns': '1'.repeat(40) } })
    const ports = { ...world.ports, repository: { ...world.ports.repository, compare: async () => 'behind' as const } }
    expect((await failureOf(main(several(), ports))).message).toContain('is older than 1111111, which was applied last')
    expect(appliedIn(world)).toEqual([])
  })

  it('when all were applied already', async () => {
    const world = makeRoots()
    await main(several(), world.ports)
    const error = await failureOf(main(several(), world.ports))
    expect(error.message).toBe('fffffff was applied already, and a contract is applied once')
    expect(appliedIn(world).length).toBe(4)
  })

  it('when a pattern matches nothing', async () => {
    const world = makeRoots()
    const error = await failureOf(main(given({ roots: 'live/*' }), world.ports))
    expect(error).toMatchObject({ outputs: { applied: 'false', verdict: 'invalid' } })
    expect(error.message).toContain('input "roots" is "live/*": it matches no Terraform root')
  })
})

describe('a root fails', () => {
  it('and what depends on it is not applied, what does not is; a rerun applies what is left', async () => {
    const world = makeRoots({ applies: { 'infra/network': [FAILS, {}] }, outputs: {} })
    const error = await failureOf(main(several(), world.ports))
    expect(appliedIn(world)).toEqual(['apply infra/network', 'apply infra/dns'])
    expect(error).toMatchObject({ verdict: 'fail', outputs: { applied: 'false', verdict: 'fail', 'new-contract': '' } })
    expect(error.message).toContain('3 of 4 roots were not applied\n')
    expect(error.message).toContain('infra/app waits for infra/network')
    expect(error.message).toContain('infra/web waits for infra/network, infra/app')
    expect(world.summary.text()).toContain('❌ **shop**: applied 1 of 4 roots')
    expect(world.summary.text()).toContain('not applied, it depends on `infra/network`')

    const again = await main(several(), world.ports)
    expect(appliedIn(world).slice(2)).toEqual(['apply infra/network', 'apply infra/app', 'apply infra/web'])
    expect(world.log.text()).toContain('infra/dns was applied already, and is left as it is')
    expect(again).toMatchObject({ applied: 'true', verdict: 'pass' })
    // Also of the root that the first attempt applied.
    const outputs = JSON.parse(String(world.files.content.get(again['terraform-outputs']))) as object
    expect(Object.keys(outputs).sort()).toEqual(ROOTS.toSorted())
  })

  it('by a cancel, and no other is begun', async () => {
    const cancelled = new CommandError({ file: 'terraform', args: [], exitCode: null, stderr: '', cancelled: true })
    const world = makeRoots({ applies: { 'infra/network': [cancelled] } })
    const error = await failureOf(main(several(), world.ports))
    expect(error).toMatchObject({ cancelled: true, outputs: { applied: 'false', verdict: 'fail' } })
    expect(appliedIn(world)).toEqual(['apply infra/network'])
    expect(world.summary.text()).toContain('| `infra/dns` | not begun |')
  })

  it('and the post step sees to the locks and folders of each', async () => {
    const world = makeRoots({ changed: ['infra/dns/main.tf', 'infra/network/main.tf'] })
    await main(several(), world.ports)
    const state = (name: string) => world.saved.get(name) ?? ''
    expect(JSON.parse(state('several-roots'))).toEqual(expect.arrayContaining(['infra/dns', 'infra/network']))
    await post(state, world.ports, several())
    for (const name of ['secret-folder-0', 'secret-folder-1', 'result-folder'])
      expect(world.files.removed).toContain(state(name))
  })
})

describe('with "replan"', () => {
  const replan = (values: Record<string, string> = {}) =>
    several({ 'on-contract-mismatch': 'replan', environment: 'prod', ...values })
  const other = planOf('dns', 'more')
  const digest = contractOfRoots([{ root: 'infra/dns', contract: contractOf('infra/dns', other).digest }])

  it('roots that do otherwise wait for one digest, which covers exactly them', async () => {
    const world = makeRoots({ reviewers: true, plans: { 'infra/dns': [other] } })
    const error = await failureOf(main(replan(), world.ports))
    expect(error.outputs).toEqual({ applied: 'false', verdict: 'fail', 'new-contract': digest })
    expect(error.hint).toContain(`approve the contract ${digest.slice(0, 16)} of infra/dns for the job that comes next`)
    expect(appliedIn(world)).toEqual([])

    const outputs = await main(replan({ 'approved-contract': digest }), world.ports)
    expect(appliedIn(world).length).toBe(4)
    expect(outputs).toMatchObject({ applied: 'true', verdict: 'pass' })
  })

  it.each([
    ['of the root alone', contractOf('infra/dns', other).digest],
    [
      'of the same contract in another root',
      contractOfRoots([{ root: 'infra/web', contract: contractOf('infra/dns', other).digest }]),
    ],
  ])('an approval %s is not one', async (_, approved) => {
    const world = makeRoots({ reviewers: true, plans: { 'infra/dns': [other] } })
    const error = await failureOf(main(replan({ 'approved-contract': approved }), world.ports))
    expect(error.message).toContain('the plans changed again after their contracts were approved')
    expect(appliedIn(world)).toEqual([])
  })

  it('what differs only after the root before it was applied waits alone', async () => {
    const later = planOf('app', 'more')
    const facts = { reviewers: true, plans: { 'infra/app': [planOf('app'), later] } }
    const world = makeRoots({ ...facts, changed: ['infra/network/main.tf', 'infra/app/main.tf'] })
    const error = await failureOf(main(replan(), world.ports))
    expect(appliedIn(world)).toEqual(['apply infra/network'])
    const waiting = contractOfRoots([{ root: 'infra/app', contract: contractOf('infra/app', later).digest }])
    expect(error.outputs).toMatchObject({ applied: 'false', 'new-contract': waiting })
    await main(replan({ 'approved-contract': waiting }), world.ports)
    expect(appliedIn(world)).toEqual(['apply infra/network', 'apply infra/app'])
  })
})
