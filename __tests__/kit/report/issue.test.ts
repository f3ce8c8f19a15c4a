import { describe, expect, it } from '@jest/globals'
import { markIssue, planIssue, unmarkIssue, type ExistingIssue, type IssueDecision } from '../../../kit/report/issue.ts'
import type { Marker } from '../../../kit/report/marker.ts'

const BOT = { login: 'github-actions[bot]', type: 'Bot', appSlug: undefined }
const [ONE, OTHER] = ['1'.repeat(64), '2'.repeat(64)] as const

const marker = (changes: Partial<Marker> = {}): Marker => ({
  ...{ action: 'terraform-drift', key: 'infra', runId: 50, runAttempt: 1 },
  ...changes,
})

function issue(number: number, digest: string | undefined, changes: Partial<ExistingIssue> = {}): ExistingIssue {
  return {
    ...{ number, url: `https://github.example/issues/${number}`, author: BOT, isOpen: true, closedAs: undefined },
    body: markIssue(marker({ runId: 40 }), digest, 'text'),
    ...changes,
  }
}

const closed = (closedAs: string): Partial<ExistingIssue> => ({ isOpen: false, closedAs })
const plan = (issues: readonly ExistingIssue[], digest: string | undefined) =>
  planIssue(issues, { login: BOT.login, marker: marker(), digest })

const ROWS: readonly (readonly [string, ExistingIssue | undefined, IssueDecision, IssueDecision])[] = [
  // What stands, what becomes of it while there is drift (of digest ONE), and when it is gone.
  ['nothing', undefined, 'open', 'absent'],
  ['an open one that says the same', issue(1, ONE), 'unchanged', 'close'],
  ['an open one that says something else', issue(1, OTHER), 'update', 'close'],
  [
    'an open one whose mark somebody took away',
    issue(1, ONE, { body: markIssue(marker(), ONE, 'x').replace(/<!-- digest.*\n/, '') }),
    'update',
    'close',
  ],
  ['one that we closed, and a person opened again', issue(1, undefined), 'update', 'unchanged'],
  ['one that we closed', issue(1, undefined, closed('completed')), 'reopen', 'absent'],
  ['one that a person closed as not planned', issue(1, ONE, closed('not_planned')), 'dismissed', 'settle'],
  ['one that a person closed as a duplicate', issue(1, ONE, closed('duplicate')), 'dismissed', 'settle'],
  [
    'one that a person closed as not planned when it said something else',
    issue(1, OTHER, closed('not_planned')),
    'reopen',
    'settle',
  ],
  ['one that a person closed as completed, which it is not', issue(1, ONE, closed('completed')), 'reopen', 'settle'],
  [
    'one of a newer run',
    issue(1, OTHER, { body: markIssue(marker({ runId: 51 }), OTHER, 'x') }),
    'outdated',
    'outdated',
  ],
]

describe('a standing issue', () => {
  it.each(ROWS)('%s: is decided by what it says, and by who closed it how', (_, standing, raised, resolved) => {
    const issues = standing === undefined ? [] : [standing]
    expect([plan(issues, ONE).decision, plan(issues, undefined).decision]).toEqual([raised, resolved])
  })

  it('is the oldest of ours; open ones beside it are duplicates, closed ones rest', () => {
    const issues = [issue(9, ONE), issue(4, ONE), issue(6, ONE, closed('not_planned'))]
    expect(plan(issues, ONE)).toMatchObject({
      decision: 'unchanged',
      standing: { number: 4 },
      duplicates: [{ number: 9 }],
    })
  })

  it('R1: is never one by somebody else, whatever its body says', () => {
    const forged = issue(2, undefined, { author: { login: 'eve', type: 'User', appSlug: undefined } })
    expect(plan([forged], ONE)).toMatchObject({ decision: 'open', standing: undefined, forged: [{ number: 2 }] })
  })

  it('is not that of another key or action', () => {
    const others = [marker({ key: 'infra 2' }), marker({ action: 'other' })].map((other, index) =>
      issue(index, ONE, { body: markIssue(other, ONE, 'x') }),
    )
    expect(plan(others, ONE)).toMatchObject({ decision: 'open', duplicates: [], forged: [] })
  })

  it('keeps its text when the marks change, also with the line ends that GitHub makes', () => {
    const body = markIssue(marker(), ONE, 'first\n\nlast').replaceAll('\n', '\r\n')
    expect(unmarkIssue(body)).toBe('first\n\nlast')
    expect(unmarkIssue(body.replace(/<!-- digest.*\r\n/, ''))).toBe('first\n\nlast')
  })
})
