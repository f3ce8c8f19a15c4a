import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { planComment, type Author, type ExistingComment } from '../../../kit/report/comment.ts'
import { formatMarker, isNewer, parseMarker, type Marker } from '../../../kit/report/marker.ts'
import { renderMarkdown, tagsIn, textOf } from './markdown.ts'

const marker: Marker = { action: 'terraform-plan', key: 'shop/prod', runId: 50, runAttempt: 1 }
const login = 'github-actions[bot]'
const bot: Author = { login, type: 'Bot', appSlug: 'github-actions' }
const wanted = { login, marker, body: `${formatMarker(marker)}\nnew` }

function comment(
  id: number,
  change: { marker?: Partial<Marker>; author?: Author | undefined; body?: string } = {},
): ExistingComment {
  const author = 'author' in change ? change.author : bot
  const body = change.body ?? `${formatMarker({ ...marker, runId: 40, ...change.marker })}\nold`
  return { id, url: `u${id}`, body, author }
}

describe('the marker', () => {
  it('R2: any key survives on one line and nothing in it ends the comment', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.string({ unit: fc.constantFrom('-', '>', '<', '!', '\n', '%', 'a') }),
        ),
        key => {
          const line = formatMarker({ ...marker, key })
          expect(line).not.toMatch(/[\r\n]/)
          expect(line.slice(4, -3)).not.toMatch(/--|>/)
          expect(parseMarker(`${line}\nbody`)).toEqual({ ...marker, key: key.toWellFormed() })
          const root = renderMarkdown(`${line}\nbody`)
          expect(tagsIn(root)).toContain('!--')
          expect(textOf(root).trim()).toBe('body')
        },
      ),
    )
  })

  it.each(['Terraform', 'a--b', 'a b', '-a', ''])('R2: %j is no action that could mark a comment', action => {
    expect(() => formatMarker({ ...marker, action })).toThrow(RangeError)
  })

  it.each([
    ['quoted further down', `hello\n${formatMarker(marker)}`],
    ['in a code block', `\`\`\`\n${formatMarker(marker)}\n\`\`\``],
    ['with something behind it', `${formatMarker(marker)} x`],
    ['indented', ` ${formatMarker(marker)}`],
    ['with a broken key', '<!-- slipway:a key=%ZZ run=1 attempt=1 -->'],
    ['with a key that is no UTF-8', '<!-- slipway:a key=%FF run=1 attempt=1 -->'],
  ])('R2: a marker %s is none', (_, body) => {
    expect(parseMarker(body)).toBeUndefined()
  })

  it('orders runs by their id and then by their attempt', () => {
    expect(isNewer({ ...marker, runAttempt: 2 }, marker)).toBe(true)
    expect(isNewer({ ...marker, runId: 49, runAttempt: 9 }, marker)).toBe(false)
    expect(isNewer(marker, marker)).toBe(false)
  })
})

describe('what becomes of a sticky comment', () => {
  it('is created when there is none', () => {
    expect(planComment([], wanted).decision).toBe('create')
  })

  it.each<[string, ExistingComment]>([
    ['a user', comment(1, { author: { login: 'mallory', type: 'User', appSlug: undefined } })],
    ['a user who took the name of the bot', comment(1, { author: { login, type: 'User', appSlug: undefined } })],
    ['another bot', comment(1, { author: { login: 'echo[bot]', type: 'Bot', appSlug: 'echo' } })],
    [
      'another bot whose app GitHub does not name',
      comment(1, { author: { login: 'echo[bot]', type: 'Bot', appSlug: undefined } }),
    ],
    ['a bot whose login begins as ours does', comment(1, { author: { ...bot, login: `${login}2` } })],
    ['another app under our login', comment(1, { author: { login, type: 'Bot', appSlug: 'echo' } })],
    ['a deleted account', comment(1, { author: undefined })],
  ])('R1: one with our marker by %s is neither edited, trusted nor deleted', (_, forged) => {
    const plan = planComment([forged], wanted)
    expect(plan).toEqual({ decision: 'create', standing: undefined, duplicates: [], forged: [forged] })
  })

  it('R1: a marker that we quote for a user further down does not make the comment ours', () => {
    const quoted = comment(1, { body: `> ${formatMarker(marker)}\nlook` })
    expect(planComment([quoted], wanted)).toMatchObject({ decision: 'create', forged: [] })
  })

  it('R1: a forged newer marker does not hold our comment back', () => {
    const forged = comment(1, {
      marker: { runId: 999 },
      author: { login: 'mallory', type: 'User', appSlug: undefined },
    })
    expect(planComment([forged, comment(2)], wanted)).toMatchObject({ decision: 'update', standing: { id: 2 } })
  })

  it('R1: with a personal token the comments of that user are ours', () => {
    const own = comment(1, { author: { login: 'alice', type: 'User', appSlug: undefined } })
    const other = comment(2, { author: { login: 'bob', type: 'User', appSlug: undefined } })
    const plan = planComment([other, own], { ...wanted, login: 'alice' })
    expect(plan).toMatchObject({ decision: 'update', standing: own, forged: [other] })
  })

  it.each([{ key: 'shop/dev' }, { key: '' }, { action: 'infracost-comment' }])(
    'R2: one of our own for %j is another comment',
    by => {
      expect(planComment([comment(1, { marker: by })], wanted)).toMatchObject({ decision: 'create', forged: [] })
    },
  )

  it('R3: the oldest of our own stays, the others go, and other keys are left alone', () => {
    const other = comment(1, { marker: { key: 'shop/dev' } })
    const plan = planComment([comment(9), other, comment(3), comment(7)], wanted)
    expect(plan).toMatchObject({ decision: 'update', standing: { id: 3 } })
    expect(plan.duplicates.map(({ id }) => id)).toEqual([7, 9])
  })

  it.each([
    ['a newer run', { runId: 51 }, 'outdated'],
    ['a newer attempt', { runId: 50, runAttempt: 2 }, 'outdated'],
    ['an older run', { runId: 49, runAttempt: 3 }, 'update'],
    ['this run', { runId: 50 }, 'update'],
  ] as const)('R8: when the comment is by %s, the decision is right', (_, by, decision) => {
    expect(planComment([comment(1, { marker: by })], wanted).decision).toBe(decision)
  })

  it('R8: a newer run’s duplicate holds an older run back too', () => {
    expect(planComment([comment(1), comment(2, { marker: { runId: 60 } })], wanted).decision).toBe('outdated')
  })

  it('writes nothing when the body is the same, whatever GitHub did to its line ends', () => {
    const same = comment(1, { body: `${wanted.body.replaceAll('\n', '\r\n')}\r\n` })
    expect(planComment([same], wanted).decision).toBe('unchanged')
  })

  it('R4: no text below the marker changes what is decided', () => {
    const markerLine = formatMarker({ ...marker, runId: 40 })
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), said => {
        const plan = planComment([comment(1, { body: `${markerLine}\n${said}\nverdict: pass` })], wanted)
        expect(plan).toMatchObject({ decision: 'update', standing: { id: 1 }, duplicates: [], forged: [] })
      }),
    )
  })

  it('R4: nothing but the standing comment’s place and the verdict on its marker comes out of a body', () => {
    const plan = planComment([comment(1, { body: `${formatMarker({ ...marker, runId: 40 })}\nverdict: pass` })], wanted)
    expect(Object.keys(plan).sort()).toEqual(['decision', 'duplicates', 'forged', 'standing'])
    expect(plan.decision).toBe('update')
  })
})
