import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, it } from '@jest/globals'
import { sideBySide, type Work } from '../../../actions/build-tag/src/side-by-side.ts'
import { FakeLog } from '../../support/fakes.ts'

/** A work that a test goes on with by hand. */
function makeWork(title: string) {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  let say: ((line: string) => void) | undefined
  const work: Work<string> = {
    title,
    begin(tell) {
      say = tell
      return promise
    },
  }
  return { work, hasBegun: () => say !== undefined, say: (line: string) => say?.(line), end: resolve, fail: reject }
}

function begin() {
  const [first, second] = [makeWork('first'), makeWork('second')]
  const log = new FakeLog()
  const results = sideBySide([first.work, second.work], log)
  results.catch(() => undefined)
  return { first, second, log, results }
}

it('begins all at once, and gives what each came to in their order', async () => {
  const { first, second, results } = begin()
  expect([first.hasBegun(), second.hasBegun()]).toEqual([true, true])
  second.end('b')
  first.end('a')
  expect(await results).toEqual(['a', 'b'])
})

it('tells as it comes what the first says, and what the second says after it', async () => {
  const { first, second, log, results } = begin()
  second.say('2: early')
  first.say('1: begin')
  await nextTurn()
  expect(log.lines.filter(line => /^\d:/.test(line))).toEqual(['1: begin'])
  first.say('1: end')
  first.end('a')
  await nextTurn()
  second.say('2: late')
  second.end('b')
  await results
  expect(log.lines.filter(line => /^\d:/.test(line))).toEqual(['1: begin', '1: end', '2: early', '2: late'])
})

it('throws what the first in their order threw, and not before all are over', async () => {
  const { first, second, log, results } = begin()
  let isOver = false
  const over = results.catch((error: unknown) => {
    isOver = true
    return error
  })
  first.fail(new Error('one'))
  await nextTurn()
  expect(isOver).toBe(false)
  second.say('2: said to nobody')
  second.fail(new Error('two'))
  expect(await over).toEqual(new Error('one'))
  expect(log.lines.join('\n')).not.toContain('said to nobody')
})
