import { describe, expect, it } from '@jest/globals'
import { main } from '../../../actions/terraform-apply/src/main.ts'
import { ApiError } from '../../../kit/errors.ts'
import type { Deployments } from '../../../kit/ports.ts'
import { applied, contractIn, failureOf, given, KEY, MERGE, merged, PLAN_JSON, PLANNED, seal } from './merged.ts'

const moved = { tree: '9'.repeat(40) }

describe('a contract', () => {
  it('is applied once: a second run of the same commit is refused', async () => {
    const world = merged({}, { last: MERGE })
    seal(world)
    const error = await failureOf(main(given({ 'plan-key': KEY }), world.ports))
    expect(error).toMatchObject({ verdict: 'fail', outputs: { applied: 'false' } })
    expect(error.message).toBe(`fffffff was applied already (${PLANNED.url}), and a contract is applied once`)
    expect(world.exec.commands).toEqual([])
  })

  it('of a commit that is older than the last applied one is refused', async () => {
    const world = merged({}, { last: '2'.repeat(40), position: 'behind' })
    seal(world)
    const error = await failureOf(main(given({ 'plan-key': KEY }), world.ports))
    expect(error.message).toContain('fffffff is older than 2222222, which was applied last')
    expect(world.exec.commands).toEqual([])
  })

  it.each([
    ['ahead', []],
    ['diverged', ['fffffff does not contain 2222222, which was applied last: another branch applies this root too']],
  ] as const)('of a commit that is %s of the last applied one is applied', async (position, warnings) => {
    const world = merged({}, { last: '2'.repeat(40), position })
    seal(world)
    expect(await main(given({ 'plan-key': KEY }), world.ports)).toMatchObject({ applied: 'true' })
    expect(world.log.warnings).toEqual(warnings)
  })

  it('is recorded under its root and workspace before it is applied, and how that ended', async () => {
    const world = merged()
    seal(world)
    const { contract } = await main(given({ 'plan-key': KEY, environment: 'dev' }), world.ports)
    expect(world.recorded).toEqual({
      created: [
        {
          ...{ ref: MERGE, environment: 'dev', task: 'terraform-apply', subject: 'infra default' },
          description: `Terraform apply of infra, contract ${contract.slice(0, 16)}`,
          idempotencyKey: `terraform-apply infra default ${MERGE} ${contract}`,
        },
      ],
      states: ['in_progress', 'success'],
    })
  })

  it('that cannot be recorded is not applied', async () => {
    const refuse = () => Promise.reject(new ApiError('no', { status: 403, route: 'POST /deployments' }))
    const world = merged()
    const { deployments } = world.ports
    seal(world)
    await failureOf(
      main(given({ 'plan-key': KEY }), { ...world.ports, deployments: { ...deployments, create: refuse } }),
    )
    expect(applied(world)).toBe(false)
  })

  it('that was applied and could not be recorded says so', async () => {
    const world = merged()
    const deployments: Deployments = {
      ...world.ports.deployments,
      setStatus: async (_id, state) => {
        if (state === 'success') throw new ApiError('no', { status: 500, route: 'POST /statuses' })
      },
    }
    seal(world)
    const error = await failureOf(main(given({ 'plan-key': KEY }), { ...world.ports, deployments }))
    expect(error.outputs).toEqual({ applied: 'true', verdict: 'fail' })
  })
})

describe('on-contract-mismatch: replan', () => {
  const replan = { 'plan-key': KEY, 'on-contract-mismatch': 'replan', environment: 'dev' }
  const other = { ...moved, plan: PLAN_JSON.replaceAll('"t3.medium"', '"t3.large"') }
  const facts = { ...moved, reviewers: true }

  it('gives the new contract to the job that waits for its approval, which applies it', async () => {
    const first = merged(other, facts)
    seal(first)
    const error = await failureOf(main(given(replan), first.ports))
    const approved = contractIn(other.plan, KEY).digest
    expect(error.outputs).toEqual({ applied: 'false', verdict: 'fail', 'new-contract': approved })
    expect(error.hint).toContain(`when the reviewers of dev approve the contract ${approved.slice(0, 16)}`)
    expect(applied(first)).toBe(false)

    const second = merged(other, facts)
    seal(second)
    const outputs = await main(given({ ...replan, 'approved-contract': approved }), second.ports)
    expect(outputs).toMatchObject({ applied: 'true', contract: approved })
    expect(second.summary.text()).toContain('a fresh plan, whose contract was approved in the environment')
  })

  it('refuses what is neither reviewed nor approved', async () => {
    const world = merged(other, facts)
    seal(world)
    const error = await failureOf(main(given({ ...replan, 'approved-contract': '0'.repeat(64) }), world.ports))
    expect(error.message).toContain('the plan changed again after its contract was approved')
    expect(error.outputs).toEqual({ applied: 'false', verdict: 'fail' })
    expect(applied(world)).toBe(false)
  })

  it.each<[string, Record<string, string>, Parameters<typeof merged>[1], string]>([
    ['an environment that nobody guards', {}, moved, 'it has no required reviewers'],
    ['no environment', { environment: '' }, facts, 'it has no required reviewers'],
    [
      'an approval of what is refused',
      { 'on-contract-mismatch': 'refuse', 'approved-contract': '0'.repeat(64) },
      facts,
      'no other contract than the reviewed one can be approved',
    ],
  ])('is refused with %s', async (_what, changes, says, reason) => {
    const world = merged(other, says)
    seal(world)
    const error = await failureOf(main(given({ ...replan, ...changes }), world.ports))
    expect(error.message).toContain(reason)
    expect(world.exec.commands).toEqual([])
  })
})
