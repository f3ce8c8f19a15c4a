import { describe, expect, it } from '@jest/globals'
import { shortenMiddle } from '../../../kit/report/shorten.ts'
import { shortLine } from '../../../actions/deploy-compose/src/log-line.ts'

const NOISE = { time: '2026-11-21T10:00:00Z', logger: 'shop', request: 'x'.repeat(300) }
const TRACEBACK = `Traceback (most recent call last):\n  File "db.py", line 1\n    connect(${'y'.repeat(200)})\nOperationalError: no such host "db"\n`

describe('a line of a log', () => {
  it.each([
    ['a short one', '{"level":"error","message":"no"}', '{"level":"error","message":"no"}'],
    [
      'long JSON with a traceback of Python',
      JSON.stringify({ ...NOISE, level: 'error', message: 'cannot start', exception: TRACEBACK }),
      'error cannot start: OperationalError: no such host "db"',
    ],
    [
      'long JSON with an error of Node',
      JSON.stringify({ ...NOISE, severity: 'ERROR', err: { stack: `Error: refused\n    at ${'z'.repeat(200)}` } }),
      'ERROR Error: refused',
    ],
    [
      'long JSON whose level is a number',
      JSON.stringify({ ...NOISE, level: 50, msg: 'out of memory' }),
      'out of memory',
    ],
  ])('%s', (_what, line, expected) => {
    expect(shortLine(line, 100)).toBe(expected)
  })

  it.each(['a'.repeat(500), JSON.stringify(NOISE), `{"message": "${'b'.repeat(200)}`, `[${'1,'.repeat(200)}1]`])(
    'is only shortened when it tells nothing of the kind: %#',
    line => expect(shortLine(line, 100)).toBe(shortenMiddle(line, 100)),
  )
})
