import { describe, expect, it } from '@jest/globals'
import { readEvents } from '../../../actions/ansible-playbook/src/events.ts'
import { judge } from '../../../actions/ansible-playbook/src/outcome.ts'
import { playbookReport, type ReportFacts } from '../../../actions/ansible-playbook/src/report.ts'
import { counts, recap, result } from './fake-ansible.ts'

const read = (...events: object[]) => readEvents(events.map(event => `${JSON.stringify(event)}\n`).join(''))
const failed = (changes: Readonly<Record<string, unknown>>) => result({ outcome: 'failed', ...changes })
const causes = (...events: object[]) =>
  judge(read(...events), 2).causes.map(({ host, task, label }) => [host, task, label])

describe('the first cause of a host', () => {
  it('is the first failure that was neither ignored nor rescued', () => {
    expect(
      causes(
        failed({ task: 'ignored', ignored: true }),
        failed({ task: 'rescued' }),
        failed({ task: 'the one' }),
        failed({ task: 'in always' }),
        recap({ web1: counts({ failed: 2, rescued: 1, ignored: 1 }) }),
      ),
    ).toEqual([['web1', 'the one', '']])
  })

  it('is the item of a loop, which says more than the loop', () => {
    expect(
      causes(
        failed({ task: 'loop', item: true, label: 'a' }),
        failed({ task: 'loop', item: true, label: 'b' }),
        failed({ task: 'loop', message: 'One or more items failed' }),
        recap({ web1: counts({ failed: 1 }) }),
      ),
    ).toEqual([['web1', 'loop', 'a']])
  })

  it('comes in the order that it happened, hosts that went well left out', () => {
    expect(
      causes(
        failed({ host: 'web2', task: 'x' }),
        result({ host: 'web1', outcome: 'unreachable', task: 'y' }),
        result({ host: 'web3' }),
        recap({ web1: counts({ unreachable: 1 }), web2: counts({ failed: 1 }), web3: counts({ changed: 1 }) }),
      ),
    ).toEqual([
      ['web2', 'x', ''],
      ['web1', 'y', ''],
    ])
  })
})

it('reads what a killed run wrote, up to its last whole line', () => {
  const run = readEvents(`${JSON.stringify(result())}\n{"event":"resu`)
  expect(run.results).toHaveLength(1)
  expect(judge(run, 99)).toMatchObject({ verdict: 'invalid', invalid: 'Ansible ended without a recap' })
})

const facts: ReportFacts = {
  ...{ subject: 'shop/monitoring', playbook: 'ansible/monitoring.yml', check: false, limit: '', playsWithoutHosts: [] },
  ...{ sha: 'a1b2c3d4', runNumber: 57, ansible: '2.19.4' },
}

describe('the summary', () => {
  it('folds what changed by host, and says what check would do', () => {
    const run = read(result({ task: 'One' }), result({ task: 'Two | <b>' }), recap({ web1: counts({ changed: 2 }) }))
    const report = playbookReport(judge(run, 0), run.results, { ...facts, check: true, limit: 'app' }, 10_000)
    expect(report).toBe(
      [
        '✅ **shop/monitoring**: check: 2 tasks would change on 1 host, limited to app · `ansible/monitoring.yml`',
        '| host | result | ok | changed | failed |\n|---|---|--:|--:|--:|\n| `web1` | changed | 1 | 2 | 0 |',
        '<details><summary><code>web1</code>: 2 tasks would change</summary>',
        '- One — `ansible.builtin.apt`\n- Two &#124; &lt;b&gt; — `ansible.builtin.apt`',
        '</details>',
        '<sub>a1b2c3d · run 57 · ansible-core 2.19.4</sub>',
      ].join('\n\n'),
    )
  })

  it('shows two causes and folds the rest, worst hosts first, and fits what is left of the room', () => {
    const names = Array.from({ length: 30 }, (_, index) => `web${index}`)
    const events = names.map(host =>
      failed({ host, message: `broken\n${'long '.repeat(200)}`, stderr: 'x\n'.repeat(50) }),
    )
    const run = read(...events, recap(Object.fromEntries(names.map(host => [host, counts({ failed: 1 })]))))
    const report = (bytes: number) => playbookReport(judge(run, 2), run.results, facts, bytes)
    expect(report(1_000_000)).toContain('<summary>28 more hosts stopped</summary>')
    expect(report(1_000_000)).toContain('<summary>30 hosts</summary>')
    for (const bytes of [300, 2_000, 20_000]) expect(Buffer.byteLength(report(bytes))).toBeLessThanOrEqual(bytes)
    expect(report(300)).toMatch(/^❌ \*\*shop\/monitoring\*\*: 30 tasks failed/)
  })
})
