import { beforeAll, describe, expect, it } from '@jest/globals'
import { styleSheet } from '../../../local-github/pages/site.ts'

type Colours = Readonly<Record<string, string>>
let light: Colours
let dark: Colours
let sheet: string

beforeAll(async () => {
  sheet = await styleSheet()
  const blocks = [...sheet.matchAll(/:root \{([^}]*)\}/g)].map(match =>
    Object.fromEntries(
      [...(match[1] ?? '').matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name, value]) => [name, value]),
    ),
  )
  light = blocks[0] as Colours
  dark = { ...light, ...blocks[1] }
})

function luminance([red, green, blue]: readonly number[]): number {
  const linear = (channel = 0) => (channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4)
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
}

const fromHex = (hex: string) => [1, 3, 5].map(at => parseInt(hex.slice(at, at + 2), 16) / 255)

/** CSS Color 4's formula; saturation and lightness in percent. */
function fromHsl(hue: number, saturation: number, lightness: number): number[] {
  const l = lightness / 100
  const a = (saturation / 100) * Math.min(l, 1 - l)
  return [0, 8, 4].map(n => {
    const k = (n + hue / 30) % 12
    return l - a * Math.max(-1, Math.min(k - 3, 9 - k, 1))
  })
}

function ratio(one: readonly number[], other: readonly number[]): number {
  const [high = 0, low = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a)
  return (high + 0.05) / (low + 0.05)
}

/** Every pair of text and ground that the pages put together. */
const TEXT: readonly (readonly [string, readonly string[]])[] = [
  ['ink', ['paper', 'sheet', 'sunken', 'plus-line', 'minus-line', 'accent-soft']],
  ['quiet', ['paper', 'sheet', 'sunken', 'hunk-line', 'plus-line', 'minus-line', 'accent-soft']],
  ['accent', ['paper', 'sheet', 'sunken', 'accent-soft']],
  ['good', ['paper', 'sheet', 'sunken', 'good-soft', 'plus-line']],
  ['bad', ['paper', 'sheet', 'sunken', 'bad-soft', 'minus-line']],
  ['wait', ['sheet', 'sunken', 'wait-soft', 'bad-soft']],
  ['busy', ['sheet', 'sunken', 'busy-soft']],
]

/** Marks and the focus ring: 3:1 suffices. */
const MARKS: readonly (readonly [string, readonly string[]])[] = [
  ['focus', ['paper', 'sheet', 'sunken', 'accent-soft']],
  ['good', ['paper', 'sheet', 'sunken']],
  ['bad', ['paper', 'sheet', 'sunken']],
  ['wait', ['paper', 'sheet', 'sunken']],
  ['busy', ['paper', 'sheet', 'sunken']],
  ['quiet', ['paper', 'sheet', 'sunken']],
]

const pairs = (table: typeof TEXT) =>
  table.flatMap(([front, grounds]) => grounds.map(ground => [front, ground] as const))

describe.each(['light', 'dark'])('%s colours', scheme => {
  const colour = (name: string) => fromHex((scheme === 'light' ? light : dark)[name] ?? '')

  it.each(pairs(TEXT))('%s on %s can be read (4.5:1)', (front, ground) => {
    expect(ratio(colour(front), colour(ground))).toBeGreaterThanOrEqual(4.5)
  })

  it.each(pairs(MARKS))('%s on %s can be seen (3:1)', (front, ground) => {
    expect(ratio(colour(front), colour(ground))).toBeGreaterThanOrEqual(3)
  })

  it('lets initials be read on an avatar of any hue', () => {
    const [ground, front] = [...sheet.matchAll(/(?:background|color): hsl\(var\(--hue\) (\d+)% (\d+)%\)/g)]
      .slice(...(scheme === 'light' ? [0, 2] : [2, 4]))
      .map(match => [Number(match[1]), Number(match[2])])
    for (let hue = 0; hue < 360; hue += 1)
      expect(
        ratio(fromHsl(hue, ground?.[0] ?? 0, ground?.[1] ?? 0), fromHsl(hue, front?.[0] ?? 0, front?.[1] ?? 0)),
      ).toBeGreaterThanOrEqual(4.5)
  })
})

describe('the style sheet', () => {
  it('takes every colour from a variable that both schemes set, so that the pairs above are all there are', () => {
    const rules = sheet.replace(/:root \{[^}]*\}/g, '').replace(/hsl\(var\(--hue\)[^)]*\)/g, '')
    expect(rules).not.toMatch(/#[0-9a-f]{3,8}\b|rgba?\(|hsla?\(/)
    for (const [, name = ''] of rules.matchAll(/var\(--([\w-]+)\)/g))
      if (name !== 'hue' && !['mono', 'sans', 'round'].includes(name)) expect(dark[name]).toMatch(/^#/)
  })
})
