import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { Masks } from '../../../local-github/runner/masks.ts'

const secret = `p'ss "w&rd<1>%`

function maskOf(...values: string[]): Masks {
  const masks = new Masks()
  for (const value of values) masks.add(value)
  return masks
}

describe('a secret', () => {
  const bytes = Buffer.from(secret)
  it.each([
    ['as it is', secret],
    ['in base64', bytes.toString('base64')],
    [
      'in base64 after one other byte',
      Buffer.concat([Buffer.from('ab'), bytes])
        .toString('base64')
        .slice(4),
    ],
    [
      'in base64 after two other bytes',
      Buffer.concat([Buffer.from('a'), bytes])
        .toString('base64')
        .slice(4),
    ],
    ['in JSON', JSON.stringify(secret).slice(1, -1)],
    ['in a URL', encodeURIComponent(secret).replaceAll("'", '%27')],
    ['in XML', 'p&apos;ss &quot;w&amp;rd&lt;1&gt;%'],
    ['in a command line', secret.replaceAll('"', '\\"')],
    ['in an expression', secret.replaceAll("'", "''")],
  ])('is hidden %s', (_name, spelled) => {
    expect(maskOf(secret).apply(`before ${spelled} after`)).toBe('before *** after')
    expect(maskOf(secret).hides(`before ${spelled} after`)).toBe(true)
  })

  it.each([
    ['in hex', bytes.toString('hex')],
    ['in base64url where that differs', Buffer.from('>>>???>>>').toString('base64url')],
    ['in upper case', secret.toUpperCase()],
  ])('stays readable %s, as on GitHub', (_name, spelled) => {
    expect(maskOf(secret, '>>>???>>>').apply(spelled)).toBe(spelled)
  })

  it('of several lines is hidden line by line', () => {
    const masks = maskOf('first line\n  second line\r\n\nthird')
    expect(masks.apply('x first line y')).toBe('x *** y')
    expect(masks.apply('    second line')).toBe('    ***')
    expect(masks.apply('third!')).toBe('***!')
  })

  it('in quotes is hidden without them too, when it is long enough', () => {
    expect(maskOf('"abcdefgh"').apply('abcdefgh')).toBe('***')
    expect(maskOf('"abc"').apply('abc')).toBe('abc')
  })

  it('is hidden in the two parts that PowerShell makes of it', () => {
    const masks = maskOf('before-part&after-part')
    expect(masks.apply('before-part')).toBe('***')
    expect(masks.apply('after-part')).toBe('***')
    expect(maskOf('ab&cd').apply('ab cd')).toBe('ab cd')
  })
})

it('makes one mask of secrets that overlap', () => {
  expect(maskOf('abcdef', 'defghi').apply('abcdefghi!')).toBe('***!')
})

it.each(['', '  ', '\n'])('hides nothing for the empty value %j', value => {
  expect(maskOf(value).apply('a b\nc')).toBe('a b\nc')
})

it('leaves no secret in any text around it', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 4 }), fc.string(), fc.string(), (value, before, after) => {
      fc.pre(value.trim() === value && !/[\r\n*]/.test(value))
      expect(maskOf(value).apply(`${before}${value}${after}`)).not.toContain(value)
    }),
  )
})
