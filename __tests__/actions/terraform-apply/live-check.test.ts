import { describe, expect, it } from '@jest/globals'
import { OPEN_CHECK } from '../../../actions/terraform-apply/src/post.ts'
import { startCheck, type LiveCheckPorts } from '../../../actions/terraform-apply/src/live-check.ts'
import type { ReportFacts } from '../../../actions/terraform-apply/src/report.ts'
import { ActionError, ApiError, CommandError } from '../../../kit/errors.ts'
import type { CheckProgress } from '../../../kit/ports.ts'
import { FakeChecks, FakeClock, FakeLog } from '../../support/fakes.ts'

const FACTS = { sha: 'f'.repeat(40), name: 'Terraform apply infra', externalId: 'slipway-apply/1/1/host' }
const REPORT: ReportFacts = {
  ...{ subject: 'shop/infra', root: 'infra', sha: FACTS.sha, runNumber: 3, tool: 'Terraform 1.11.4' },
  ...{ contract: 'e'.repeat(64), pullRequest: { number: 42, url: 'https://github.example/42' } },
  ...{ planRun: { url: 'https://github.example/88' }, source: 'This is the plan.', loud: false, remarks: [] },
}
const PROGRESS = { planned: [], done: [{ address: 'a.b', action: 'create', elapsedSeconds: 1 }], failed: [] }

function makePorts(checks = new FakeChecks()) {
  const saved = new Map<string, string>()
  const ports = { checks, clock: new FakeClock(), log: new FakeLog(), state: { save: saved.set.bind(saved) } }
  return { ...ports, saved, ports: ports as unknown as LiveCheckPorts }
}
const settled = () => new Promise(resolve => setImmediate(resolve))

describe('the check run of an apply', () => {
  it('says how far it is, at most every ten seconds, and then how it ended', async () => {
    const { ports, checks, clock, saved } = makePorts()
    const check = await startCheck(FACTS, ports)
    expect(saved.get(OPEN_CHECK)).toBe('yes')
    for (let done = 1; done <= 30; done++) {
      clock.milliseconds += 1_000
      check.note(`${done}/30`)
      await settled()
    }
    expect(checks.begun.map(({ title }) => title)).toEqual(['begins', '10/30', '20/30', '30/30'])
    await check.complete(PROGRESS, undefined, REPORT)
    expect(checks.completed).toMatchObject([{ ...FACTS, conclusion: 'success', title: 'applied, added 1' }])
    expect(checks.completed[0]?.summary).toContain('**shop/infra**')
    expect(saved.get(OPEN_CHECK)).toBe('')
  })

  it('is not told the next thing while it is told one, and is complete after both', async () => {
    let release = () => {}
    class Slow extends FakeChecks {
      override async progress(check: CheckProgress) {
        if (check.title !== 'begins') await new Promise<void>(resolve => (release = resolve))
        await super.progress(check)
      }
    }
    const { ports, checks, clock } = makePorts(new Slow())
    const check = await startCheck(FACTS, ports)
    for (const title of ['1/3', '2/3']) {
      clock.milliseconds += 20_000
      check.note(title)
    }
    const completing = check.complete(PROGRESS, undefined, REPORT)
    await settled()
    expect(checks.completed).toEqual([])
    release()
    await completing
    expect(checks.begun.map(({ title }) => title)).toEqual(['begins', '1/3'])
    expect(checks.completed).toHaveLength(1)
  })

  it.each([
    ['failure', new ActionError('no')],
    ['cancelled', new CommandError({ ...{ file: 'terraform', args: [], exitCode: 1, stderr: '' }, cancelled: true })],
  ] as const)('ends as %s', async (conclusion, failure) => {
    const { ports, checks } = makePorts()
    await (await startCheck(FACTS, ports)).complete(PROGRESS, failure, REPORT)
    expect(checks.completed[0]?.conclusion).toBe(conclusion)
  })

  it('that the token may not write is said once, and the apply goes on', async () => {
    class Refusing extends FakeChecks {
      asked = 0
      override async progress(): Promise<void> {
        this.asked += 1
        throw new ApiError('the token may not do this', { status: 403, route: 'POST x', permission: 'checks: write' })
      }
    }
    const refusing = new Refusing()
    const { ports, log, clock, saved } = makePorts(refusing)
    const check = await startCheck(FACTS, ports)
    clock.milliseconds += 60_000
    check.note('1/2')
    await check.complete(PROGRESS, undefined, REPORT)
    expect(refusing.asked).toBe(1)
    expect(refusing.completed).toEqual([])
    expect(log.warnings).toEqual([
      'The check run "Terraform apply infra" cannot be written, the apply goes on without it: the token may not do this. Add "checks: write" to the permissions of the job.',
    ])
    expect(saved.get(OPEN_CHECK)).toBe('')
  })
})
