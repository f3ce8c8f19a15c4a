import { expect, it } from '@jest/globals'
import fc from 'fast-check'
import { createLiteralFilter } from '../../kit/literal-filter.ts'

it('R10: never passes over a text that holds one of the literals', () => {
  const unit = fc.constantFrom('a', 'b', '0', 'é', '😀', '\uD800')
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit, minLength: 1, maxLength: 8 }), { maxLength: 5 }),
      fc.string({ unit, maxLength: 30 }),
      (literals, text) => {
        if (literals.some(literal => text.includes(literal))) expect(createLiteralFilter(literals)(text)).toBe(true)
        for (const literal of literals) expect(createLiteralFilter(literals)(`${text}${literal}${text}`)).toBe(true)
      },
    ),
    { numRuns: 400 },
  )
})

it('passes over a text in which not even the beginning of one is', () => {
  const mayHold = createLiteralFilter(['correct-horse', 'battery'])
  expect(['nothing of it', 'cor', 'batt', 'correct'].map(mayHold)).toEqual([false, false, true, true])
  expect(createLiteralFilter([])('anything')).toBe(false)
})
