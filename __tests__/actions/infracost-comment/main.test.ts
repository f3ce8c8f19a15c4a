import { describe, expect, it } from '@jest/globals'
import { ApiError, type GateError } from '../../../kit/errors.ts'
import { inputsOf } from '../../support/action-inputs.ts'
import type { StickyComment } from '../../../kit/ports.ts'
import { inputs, type Inputs } from '../../../actions/infracost-comment/src/inputs.ts'
import { main } from '../../../actions/infracost-comment/src/main.ts'
import { FakeClock, FakeComments, FakeFiles, FakeLog, FakeSummary, makeRun } from '../../support/fakes.ts'
import { planJson } from './plans.ts'

const parse = (given: Readonly<Record<string, string>>): Inputs => inputsOf('infracost-comment', inputs, given)

const added = planJson([{ address: 'aws_nat_gateway.main', after: {} }])
const same = planJson([{ address: 'aws_nat_gateway.main', before: {}, after: {} }])

function makePorts(files: Readonly<Record<string, string>>, changes: Parameters<typeof makeRun>[0] = {}) {
  return {
    log: new FakeLog(),
    clock: new FakeClock(),
    files: new FakeFiles(files),
    run: makeRun(changes),
    comments: new FakeComments(),
    summary: new FakeSummary(),
  }
}

async function failureOf(work: Promise<unknown>): Promise<Error & Partial<GateError>> {
  try {
    await work
  } catch (error) {
    return error as GateError
  }
  throw new Error('it passed')
}

it('prices a plan, writes the file, the summary and the comment, and gives the outputs', async () => {
  const ports = makePorts({ 'infra/plan.json': added })
  const outputs = await main(
    parse({ 'plan-json': 'plan.json', 'working-directory': 'infra', 'comment-key': 'prod' }),
    ports,
  )
  expect(outputs).toEqual({
    'monthly-cost': '32.85',
    'past-monthly-cost': '0.00',
    'diff-monthly-cost': '32.85',
    'diff-percent': '',
    exceeded: 'false',
    verdict: 'pass',
    'unknown-count': '0',
    'infracost-json': '/temporary/infracost-comment-1/infracost.json',
    'comment-url': 'https://github.example/comment/1',
  })
  expect(JSON.parse(await ports.files.readText(outputs['infracost-json']))).toMatchObject({
    version: '0.2',
    totalMonthlyCost: '32.85',
    diffTotalMonthlyCost: '32.85',
  })
  const [comment] = ports.comments.written
  expect(comment).toMatchObject({
    issueNumber: 42,
    action: 'infracost-comment',
    key: 'prod',
    mode: 'update',
    onlyUpdate: false,
  })
  expect(comment?.body).toContain('**shop/prod**: costs **$32.85 a month, +$32.85**')
  expect(comment?.body).toContain('<sub>aaaaaaa · ')
  expect(ports.summary.text()).toContain('**shop/prod**: costs **$32.85 a month, +$32.85**')
  expect(ports.log.notices).toEqual(['shop/prod: costs $32.85 a month, +$32.85 · unknown: 0'])
})

it('writes the comment and the outputs before a crossed limit makes it fail', async () => {
  const ports = makePorts({ 'plan.json': added })
  const failure = await failureOf(main(parse({ 'plan-json': 'plan.json', 'max-increase': '25' }), ports))
  expect(failure).toMatchObject({
    verdict: 'fail',
    outputs: {
      exceeded: 'true',
      verdict: 'fail',
      'diff-monthly-cost': '32.85',
      'comment-url': 'https://github.example/comment/1',
    },
  })
  expect(failure.message).toContain('+$32.85 a month is over the limit of +$25.00')
  expect(ports.comments.written).toHaveLength(1)
})

it('only warns of a crossed limit where that is asked for', async () => {
  const ports = makePorts({ 'plan.json': added })
  const outputs = await main(parse({ 'plan-json': 'plan.json', 'max-total': '25', 'on-exceeded': 'warn' }), ports)
  expect(outputs).toMatchObject({ exceeded: 'true', verdict: 'fail' })
  expect(ports.log.warnings.join()).toContain('$32.85 a month is over the limit of $25.00 in total')
})

it('fails as invalid when it cannot decide, also where limits only warn', async () => {
  const ports = makePorts({ 'plan.json': planJson([{ address: 'aws_sfn_state_machine.x', after: {} }]) })
  const failure = await failureOf(
    main(parse({ 'plan-json': 'plan.json', 'max-increase': '25', 'on-exceeded': 'warn' }), ports),
  )
  expect(failure).toMatchObject({
    verdict: 'invalid',
    outputs: { exceeded: '', verdict: 'invalid', 'unknown-count': '1' },
  })
})

it.each([
  ['always', same, {}, false],
  ['changed', same, {}, true],
  ['changed', added, {}, false],
  ['exceeded', added, {}, true],
  ['exceeded', added, { 'max-increase': '5', 'on-exceeded': 'warn' }, false],
])(
  'with comment-when %s makes a comment, or only brings an old one up to date',
  async (when, plan, more, onlyUpdate) => {
    const ports = makePorts({ 'plan.json': plan })
    await main(parse({ 'plan-json': 'plan.json', 'comment-when': when, ...more }), ports)
    expect(ports.comments.written.map(comment => comment.onlyUpdate)).toEqual([onlyUpdate])
  },
)

it('writes no comment outside of a pull request, nor when none is wanted', async () => {
  const outside = makePorts({ 'plan.json': added }, { pullRequest: undefined })
  await main(parse({ 'plan-json': 'plan.json' }), outside)
  const unwanted = makePorts({ 'plan.json': added })
  await main(parse({ 'plan-json': 'plan.json', comment: 'none' }), unwanted)
  expect([outside.comments.written, unwanted.comments.written]).toEqual([[], []])
  expect(outside.log.lines.join()).toContain('not of a pull request')
})

describe('R7: a token that cannot comment', () => {
  const refuse = {
    async upsert(_: StickyComment): Promise<never> {
      throw new ApiError('GitHub refused', { status: 403, route: 'POST /x', permission: 'pull-requests: write' })
    },
  }

  it('leaves the report in the summary with a warning', async () => {
    const ports = { ...makePorts({ 'plan.json': added }), comments: refuse }
    const outputs = await main(parse({ 'plan-json': 'plan.json' }), ports)
    expect(outputs).toMatchObject({ 'comment-url': '', verdict: 'pass' })
    expect(ports.log.warnings.join()).toContain('the report is in the step summary')
    expect(ports.summary.text()).toContain('$32.85 a month')
  })

  it('fails the step where that is asked for, with the outputs', async () => {
    const ports = { ...makePorts({ 'plan.json': added }), comments: refuse }
    const failure = await failureOf(main(parse({ 'plan-json': 'plan.json', 'on-comment-failure': 'fail' }), ports))
    expect(failure).toBeInstanceOf(ApiError)
    expect(failure).toMatchObject({ outputs: { 'monthly-cost': '32.85' } })
  })
})
