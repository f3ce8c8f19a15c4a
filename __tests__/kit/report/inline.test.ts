import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { diffFence, fence } from '../../../kit/report/fence.ts'
import { code, html, htmlCode, link, text } from '../../../kit/report/inline.ts'
import { table } from '../../../kit/report/table.ts'
import { details } from '../../../kit/report/details.ts'
import { footer, headline, subjectOf } from '../../../kit/report/headline.ts'
import { makeVisible } from '../../../kit/report/visible.ts'
import { elementsIn, parseMarkdown, renderMarkdown, tagsIn, textOf, typesIn } from './markdown.ts'

const nasty = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc
    .array(
      fc.constantFrom(
        ...[
          '`',
          '```',
          '~~~',
          '\n',
          '\n\n',
          '<!-- ',
          ' -->',
          '<b>',
          '</details>',
          '@octocat',
          '#1',
          'GH-1',
          '[a](b)',
          '!',
        ],
        ...[
          '|',
          '\\',
          '_',
          '*',
          '**',
          '~',
          '$',
          '&',
          '&lt;',
          'https://x.test/y',
          'www.x.test',
          'a@b.test',
          '- ',
          '1. ',
          '# ',
        ],
        ...[
          '\u202E',
          '\u200B',
          '\u0000',
          '\uD800',
          'é',
          '😀',
          ' ',
          '    ',
          '\t',
          '> ',
          '===',
          '---',
          ':',
          '+',
          'x',
          '0',
        ],
      ),
      { maxLength: 14 },
    )
    .map(parts => parts.join('')),
)

const seen = (untrusted: string) => makeVisible(untrusted).replace(/\s+/g, ' ').trim()
const shown = (rendered: string) => rendered.replaceAll('\u200B', '')

describe('untrusted text', () => {
  it('R6: text in running Markdown is text and nothing else, and reads as it was written', () => {
    fc.assert(
      fc.property(nasty, untrusted => {
        const root = renderMarkdown(`${text(untrusted)}`)
        expect(tagsIn(root).filter(tag => tag !== 'p')).toEqual([])
        expect(shown(textOf(root)).trim()).toBe(seen(untrusted))
      }),
      { numRuns: 1500 },
    )
  })

  it('R6: text in HTML is text and nothing else', () => {
    fc.assert(
      fc.property(nasty, untrusted => {
        const root = renderMarkdown(details(html(untrusted), 'body'))
        expect(tagsIn(root)).toEqual(['details', 'summary', 'p'])
        const summary = elementsIn(root)[0]?.children[0]
        expect(summary?.type === 'element' ? shown(textOf(summary)).trim() : '').toBe(seen(untrusted))
      }),
      { numRuns: 800 },
    )
  })

  it('R6: inline code stays inside of its marks, in running text, HTML and tables', () => {
    fc.assert(
      fc.property(nasty, untrusted => {
        for (const markdown of [`x ${code(untrusted)} y`, `x ${htmlCode(untrusted)} y`])
          expect(tagsIn(renderMarkdown(markdown))).toEqual(['p', 'code'])
        const rendered = renderMarkdown(
          table([{ title: 'a' }, { title: 'b', align: 'right' }], [[code(untrusted), text(untrusted)]]),
        )
        expect(tagsIn(rendered).filter(tag => !['thead', 'tbody', 'tr', 'th'].includes(tag))).toEqual([
          'table',
          'td',
          'code',
          'td',
        ])
      }),
      { numRuns: 800 },
    )
  })

  it('R6: a fence cannot be closed by what is in it', () => {
    fc.assert(
      fc.property(fc.oneof(nasty, fc.string({ unit: fc.constantFrom('`', '~', '\n', ' ', 'a') })), untrusted => {
        const root = parseMarkdown(`${fence(untrusted, 'diff')}\n\nafter`)
        expect(root.children.map(child => child.type)).toEqual(['code', 'paragraph'])
        const [block] = root.children
        expect(block?.type === 'code' ? block.value : '').toBe(makeVisible(untrusted).replace(/\n+$/, ''))
      }),
      { numRuns: 1500 },
    )
  })

  it('R6: every line of a diff has the sign that it was given', () => {
    const block = diffFence([
      { sign: '-', text: 'old\n+ forged' },
      { sign: '+', text: 'new' },
    ])
    expect(block).toBe('```diff\n- old\n- + forged\n+ new\n```')
  })

  it.each([
    ['a mention', '@octocat and @acme/team', '@&#8203;octocat and @&#8203;acme/team'],
    ['an issue reference', 'fixes #12, GH-7 and acme/shop#3', 'fixes #&#8203;12, GH&#8203;-7 and acme/shop#&#8203;3'],
    ['a bare link', 'https://github.com/a/b/issues/1', 'https:&#8203;//github.com/a/b/issues/1'],
    ['an HTML comment', '<!-- slipway:x -->', '&lt;\\!-- slipway:x --&gt;'],
    ['a direction mark', 'a\u202Eb', 'a&lt;U+202E&gt;b'],
    ['mathematics', '$x$ costs $5', '\\$x\\$ costs \\$5'],
    ['a name with underscores', 'aws_instance.web_1', 'aws_instance.web_1'],
    ['colours of a terminal', '\u001B[31mError\u001B[0m', 'Error'],
  ])('R6: %s is inert in text', (_, untrusted, expected) => {
    expect(text(untrusted)).toBe(expected)
  })

  it('keeps joiners inside emoji and shows them elsewhere', () => {
    expect(makeVisible('👩‍🚀 a\u200Db')).toBe('👩‍🚀 a<U+200D>b')
  })

  it.each([
    ['https://x.test/a_(b)?c=d|e', '[it](https://x.test/a%5F%28b%29?c=d%7Ce)'],
    ['javascript:alert(1)', 'it'],
    ['no url', 'it'],
  ])('links to %s only when it is of the web', (url, expected) => {
    expect(link('it', url)).toBe(expected)
  })

  it('R6: headline and footer hold untrusted names', () => {
    const line = headline({ glyph: '❌', subject: 'a*b\n# c', answer: 'destroys 1', place: 'in`fra' })
    expect(line).not.toContain('\n')
    expect(typesIn(parseMarkdown(line))).not.toContain('heading')
    expect(textOf(renderMarkdown(line))).toBe('❌ a*b # c: destroys 1 · in`fra')
    expect(footer({ sha: 'a1b2c3d4e5', runNumber: 57 }, ['', undefined, 'Terraform 1.11.4'])).toBe(
      '<sub>a1b2c3d · run 57 · Terraform 1.11.4</sub>',
    )
    expect(footer({ sha: '' }, [])).toBe('')
  })

  it('a subject is the repository and what tells the report from its others, or a word when there is neither', () => {
    expect(subjectOf('acme/shop', ['prod', ''], 'root')).toBe('shop/prod')
    expect(subjectOf('', [''], 'root')).toBe('root')
  })
})
