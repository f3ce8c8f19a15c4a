import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { Admission, evenSchedule } from '../../../kit/load/schedule.ts'

describe('an even schedule', () => {
  it.each([
    [50, 2, 100],
    [0.1, 30, 3],
    [0.5, 1, 1],
    [3, 1, 3],
  ])('at %d a second for %d s holds %d requests', (rate, seconds, total) => {
    expect(evenSchedule(rate, seconds).total).toBe(total)
  })

  it('spaces requests evenly, all of them within the time', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5_000 }), fc.integer({ min: 1, max: 60 }), (rate, seconds) => {
        const { total, intendedAt } = evenSchedule(rate, seconds)
        expect(intendedAt(0)).toBe(0)
        expect(intendedAt(total - 1)).toBeLessThan(seconds * 1_000)
        expect(intendedAt(total)).toBeGreaterThanOrEqual(seconds * 1_000 - 1e-6)
      }),
    )
  })
})

describe('admission', () => {
  it('starts what is due and nothing before', () => {
    const admission = new Admission(evenSchedule(10, 1), 5)
    expect(admission.start(0)).toEqual({ index: 0, intended: 0, ownDelay: 0 })
    expect(admission.start(99)).toBeUndefined()
    expect(admission.start(103)).toEqual({ index: 1, intended: 100, ownDelay: 3 })
    expect(admission.nextAt()).toBe(200)
  })

  it('calls waiting for a busy user the target’s delay, and only the rest its own', () => {
    const admission = new Admission(evenSchedule(10, 1), 1)
    admission.start(0)
    expect([admission.start(100), admission.isFull]).toEqual([undefined, true])
    admission.end(450)
    expect(admission.start(460)).toEqual({ index: 1, intended: 100, ownDelay: 10 })
    expect(admission.waited).toBe(1)
  })

  it('never has more in flight than users, starts each request once and in order, whatever the target does', () => {
    const steps = fc.array(fc.record({ pass: fc.integer({ min: 0, max: 50 }), ends: fc.nat({ max: 3 }) }))
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), steps, (users, steps) => {
        const admission = new Admission(evenSchedule(100, 2), users)
        let [now, inFlight, expected] = [0, 0, 0]
        for (const { pass, ends } of steps) {
          now += pass
          for (let next = admission.start(now); next !== undefined; next = admission.start(now)) {
            expect(next.index).toBe(expected++)
            expect(next.intended).toBeLessThanOrEqual(now)
            expect(next.ownDelay).toBeGreaterThanOrEqual(0)
            expect(next.ownDelay).toBeLessThanOrEqual(now - next.intended)
            inFlight += 1
          }
          expect(inFlight).toBeLessThanOrEqual(users)
          expect(inFlight === users || (admission.nextAt() ?? Infinity) > now).toBe(true)
          for (let count = Math.min(ends, inFlight); count > 0; count -= 1) {
            inFlight -= 1
            admission.end(now)
          }
        }
        expect(admission.started).toBe(expected)
      }),
    )
  })
})
