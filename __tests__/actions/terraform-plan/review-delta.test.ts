import { describe, expect, it } from '@jest/globals'
import { inputs as spec } from '../../../actions/terraform-plan/src/inputs.ts'
import { main } from '../../../actions/terraform-plan/src/main.ts'
import { ApiError } from '../../../kit/errors.ts'
import type { Approval } from '../../../kit/ports.ts'
import { inputsOf } from '../../support/action-inputs.ts'
import { makeRun } from '../../support/fakes.ts'
import { makeWorld, type World } from './fake-terraform.ts'

const [HEAD, EARLIER] = ['a'.repeat(40), '1c2d3e4'.padEnd(40, '0')]
const PULL = makeRun().pullRequest!

const change = (address: string, size: number) => ({
  ...{ address, mode: 'managed', type: 'terraform_data' },
  change: { actions: ['update'], before: { size: 0 }, after: { size } },
})

/** A world in which EARLIER was planned with `before` already; `approvals` by commit. */
async function makeScene(before: object[] | undefined, after: object[], approvals: readonly string[] = [EARLIER]) {
  const dismissed: [number, string][] = []
  const listed: Approval[] = approvals.map((commitSha, index) => ({ id: index + 1, login: 'jonas', commitSha }))
  const worldOf = (changes: object[], headSha: string, known: readonly Approval[]) => {
    const run = makeRun({ pullRequest: { ...PULL, headSha } })
    const world = makeWorld({ plan: JSON.stringify({ resource_changes: changes }) }, { run })
    const { pullRequests } = world.ports
    const dismissApproval = async (_: number, id: number, reason: string) => void dismissed.push([id, reason])
    return {
      ...world,
      ports: { ...world.ports, pullRequests: { ...pullRequests, approvals: async () => known, dismissApproval } },
    }
  }
  const world = worldOf(after, HEAD, listed)
  if (before !== undefined) {
    const earlier = worldOf(before, EARLIER, [])
    await plan(earlier)
    world.checks.completed.push(...earlier.checks.completed)
  }
  return { world, dismissed }
}

const plan = (world: World, values: Record<string, string> = {}) =>
  main(inputsOf('terraform-plan', spec, { roots: 'infra', ...values }), world.ports)
const KEEP = { 'dismiss-stale-approvals': 'false' }

describe('since the last review', () => {
  it.each<[string, object[] | undefined, object[], string, number]>([
    [
      'what came and went is told, and the approval dismissed with it',
      [change('terraform_data.a', 1)],
      [change('terraform_data.b', 1), change('terraform_data.c', 1)],
      'Since the review at 1c2d3e4: +2 changes, −1 change.',
      1,
    ],
    [
      'other values are told',
      [change('terraform_data.a', 1)],
      [change('terraform_data.a', 2)],
      'Since the review at 1c2d3e4: the same objects, with other values.',
      1,
    ],
    [
      'nothing changed, and the approval holds',
      [change('terraform_data.a', 1)],
      [change('terraform_data.a', 1)],
      'Since the review at 1c2d3e4 nothing changed of what will happen.',
      0,
    ],
    [
      'there is no record',
      undefined,
      [change('terraform_data.a', 1)],
      'Since the review at 1c2d3e4: unknown, there is no record of its plan.',
      1,
    ],
  ])('%s', async (_, before, after, words, dismissals) => {
    const { world, dismissed } = await makeScene(before, after)
    expect(await plan(world)).toMatchObject({ verdict: 'pass' })
    expect(world.comments.written[0]?.body.split('\n')[2]).toBe(words)
    expect(dismissed).toEqual(
      Array.from({ length: dismissals }, () => [
        1,
        `The plan of infra is not the one that was approved. ${words} Please look at it again.`,
      ]),
    )
  })

  it('the newest approval counts for the words, and each for itself', async () => {
    const same = [change('terraform_data.a', 1)]
    const { world, dismissed } = await makeScene(same, same, ['9'.repeat(40), EARLIER])
    await plan(world)
    expect(world.comments.written[0]?.body).toContain('Since the review at 9999999: unknown')
    expect(dismissed.map(([id]) => id)).toEqual([1])
  })

  it('no approval is dismissed where only words are wanted', async () => {
    const { world, dismissed } = await makeScene(undefined, [change('terraform_data.a', 1)])
    await plan(world, KEEP)
    expect(dismissed).toEqual([])
  })

  it('an approval that cannot be dismissed makes the check invalid, and what to do is told', async () => {
    const { world } = await makeScene(undefined, [])
    const { pullRequests } = world.ports
    const dismissApproval = () => Promise.reject(new ApiError('no', { route: 'PUT /x', status: 403 }))
    const bound = { ...world, ports: { ...world.ports, pullRequests: { ...pullRequests, dismissApproval } } }
    await expect(plan(bound)).rejects.toMatchObject({
      message: expect.stringMatching(/^the approval by \w+ is of another plan and could not be dismissed$/),
      hint: expect.stringContaining('dismiss-stale-approvals: false'),
      outputs: { verdict: 'invalid' },
    })
  })

  it('without the right to look nothing is told, and what must be dismissed makes the check invalid', async () => {
    const forbidden = () => Promise.reject(new ApiError('no', { route: 'GET /x', status: 403 }))
    const { world } = await makeScene(undefined, [])
    const blind = {
      ...world,
      ports: { ...world.ports, pullRequests: { ...world.ports.pullRequests, approvals: forbidden } },
    }
    expect(await plan(blind, KEEP)).toMatchObject({ verdict: 'pass' })
    expect(world.comments.written[0]?.body).not.toContain('Since the review')
    await expect(plan(blind)).rejects.toMatchObject({ outputs: { verdict: 'invalid' } })
  })
})
