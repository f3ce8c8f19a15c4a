import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { createLiteralSearch } from '../../kit/literal-search.ts'

function found(text: string, literals: readonly string[]): string[] {
  const spans: string[] = []
  createLiteralSearch(literals).find(text, (start, end) => spans.push(`${start} ${text.slice(start, end)}`))
  return spans.sort()
}

describe('the search for many texts', () => {
  it('finds every occurrence that a plain search finds, overlapping ones too', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'é', '𝄞', '\n'), maxLength: 9 })
    fc.assert(
      fc.property(fc.array(word, { maxLength: 8 }), fc.array(word, { maxLength: 12 }), (literals, parts) => {
        const text = [...parts, ...literals, ...parts].join('')
        const plain = [...new Set(literals)].flatMap(literal =>
          literal === ''
            ? []
            : Array.from({ length: text.length }, (_, at) => at)
                .filter(at => text.startsWith(literal, at))
                .map(at => `${at} ${literal}`),
        )
        expect(found(text, literals)).toEqual(plain.sort())
      }),
    )
  })

  it('finds nothing where there is nothing to look for', () => {
    expect(found('text', [])).toEqual([])
    expect(found('text', [''])).toEqual([])
    expect(found('', ['text'])).toEqual([])
  })
})
