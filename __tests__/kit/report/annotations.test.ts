import { describe, expect, it } from '@jest/globals'
import { capAnnotations, type Annotation } from '../../../kit/report/annotations.ts'
import { LIMITS } from '../../../kit/report/limits.ts'

const many = (count: number, level: Annotation['level']): Annotation[] =>
  Array.from({ length: count }, (_, index) => ({
    level,
    message: `problem ${index}`,
    place: { file: 'main.tf', line: index + 1 },
  }))

describe('annotations', () => {
  it('R19: ten of a level are shown as they are', () => {
    expect(capAnnotations(many(10, 'error'))).toEqual(many(10, 'error'))
  })

  it('R19: of more, the tenth says how many are left and what they are', () => {
    const capped = capAnnotations([...many(25, 'error'), ...many(3, 'warning')])
    expect(capped.filter(({ level }) => level === 'error')).toHaveLength(10)
    expect(capped.filter(({ level }) => level === 'warning')).toHaveLength(3)
    expect(capped[9]?.message).toMatch(/^16 more:\nmain\.tf:10: problem 9\n/)
  })

  it('R19: no message is longer than GitHub shows', () => {
    const long = capAnnotations([{ level: 'notice', message: 'x'.repeat(10_000) }, ...many(4_000, 'error')])
    for (const { message } of long) expect(message.length).toBeLessThanOrEqual(LIMITS.logAnnotationCharacters)
  })
})
