import { expect, test } from '@jest/globals'
import { createConcurrencyGroups } from '../../../local-github/runner/concurrency-groups.ts'

test('at most 100 wait in a group with queue: max; the oldest has to go', () => {
  const groups = createConcurrencyGroups()
  const cancelled: number[] = []
  const enter = (number: number) =>
    groups.enter(1, { group: 'g', queue: 'max', cancelInProgress: false }, { cancel: () => cancelled.push(number) })
  for (let number = 0; number <= 102; number++) enter(number)
  expect(cancelled).toEqual([1, 2])
})

test('a member that leaves while it waits is not waited for', async () => {
  const groups = createConcurrencyGroups()
  const enter = () => groups.enter(1, { group: 'g', queue: 'max', cancelInProgress: false }, { cancel: () => {} })
  const [first, second, third] = [enter(), enter(), enter()]
  second?.leave()
  first?.leave()
  await third?.granted
  expect([first?.waits, second?.waits, third?.waits]).toEqual([false, true, true])
})
