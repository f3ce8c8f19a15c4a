import { describe, expect, it } from '@jest/globals'
import { renderMarkdown, type MarkdownPlace } from '../../../local-github/pages/markdown.ts'

const SHA = '1abf0a9c0ffee1abf0a9c0ffee1abf0a9c0ffee1'

const PLACE: MarkdownPlace = {
  kind: 'comment',
  scope: 'c1',
  issue: (repository, number) => (number === 3 ? `pull-${repository ?? 'here'}-3` : undefined),
  commit: sha => (SHA.startsWith(sha) ? 'the-commit' : undefined),
  isAccount: login => login === 'mira',
  resolveLink: url => (url.startsWith('http://local.example/') ? { href: 'a-page', short: '#3' } : undefined),
}

const render = (markdown: string, place: MarkdownPlace = PLACE) => renderMarkdown(markdown, place).source

describe('the sanitiser', () => {
  it.each([
    ['a script', 'a<script>alert(1)</script>b', '<p>ab</p>'],
    ['an event handler', '<b onclick="alert(1)">x</b>', '<p><b>x</b></p>'],
    ['a picture that fails', '<img src=x onerror=alert(1) alt=q>', '<span class="picture">q</span>'],
    ['a javascript: link', '<a href="javascript:alert(1)">x</a>', '<p><a>x</a></p>'],
    ['a javascript: link in other letters', '<a href=" JaVa&#x0A;Script:alert(1)">x</a>', '<p><a>x</a></p>'],
    ['a javascript: link in Markdown', '[x](javascript:alert(1))', '<p><a>x</a></p>'],
    ['a data: link', '<a href="data:text/html,x">x</a>', '<p><a>x</a></p>'],
    ['a data: picture', '![x](data:image/svg+xml,x)', '<p><span class="picture">x</span></p>'],
    ['a style', '<p style="position:fixed">x</p>', '<p>x</p>'],
    ['a class of ours', '<p class="dot good">x</p>', '<p>x</p>'],
    ['a role and a tab stop', '<p role="alert" data-key="1">x</p>', '<p>x</p>'],
    ['a frame', '<iframe src="https://e.example"></iframe>x', 'x'],
    ['an object', '<object data="x"><embed src="x"></object>x', '<p>x</p>'],
    ['a form', '<form action="https://e.example"><button>x</button></form>', 'x'],
    ['SVG', '<svg onload="alert(1)"><a href="javascript:1">x</a></svg>', '<p><a>x</a></p>'],
    ['a base and a refresh', '<base href="//e"><meta http-equiv="refresh" content="0;url=//e">x', 'x'],
    ['an id of the page', '<p id="main">x</p>', '<p id="user-content-c1-main">x</p>'],
    ['a name of the document', '<a name="title">x</a>', '<p><a name="user-content-c1-title">x</a></p>'],
    [
      'a picture of several sources',
      '<picture><source srcset="https://e.example/x"></picture>x',
      '<p><picture></picture>x</p>',
    ],
    ['a fold that is not closed', '<details><summary>x', '<details><summary>x</summary></details>'],
    ['the end of our own boxes', '</div></article></main>x', 'x'],
    ['a comment', 'a<!-- secret -->b', '<p>ab</p>'],
    ['a comment that is not closed', '<!-- secret', ''],
    [
      'a text field',
      '<input type="text" value="x">',
      '<input value="x" disabled type="checkbox" aria-label="Incomplete task">',
    ],
  ])('lets %s do nothing', (_, markdown, markup) => {
    expect(render(markdown).trim()).toBe(markup)
  })
})

describe('a comment', () => {
  it('keeps its line breaks, which a file does not', () => {
    expect(render('**a**\n**b**')).toBe('<p><strong>a</strong><br>\n<strong>b</strong></p>')
    expect(render('a\nb', { kind: 'file' })).toBe('<p>a\nb</p>')
  })

  it('holds fences and tables inside of a fold', () => {
    const markup = render(
      '<details><summary>S</summary>\n\n| a | b |\n|:-:|--:|\n| 1 | 2 |\n\n```diff\n- a\n\n+ b\n! c\n@@ d @@\n```\n\n</details>',
    )
    expect(markup).toMatch(/^<details><summary>S<\/summary>[^]*<\/table><\/div>[^]*<\/pre>\n<\/details>$/)
    expect(markup).toContain('<th align="center">a</th>')
    expect(markup).toContain('<td align="right">2</td>')
    for (const line of ['removed">- a', 'added">+ b', 'changed">! c', 'hunk">@@ d @@'])
      expect(markup).toContain(`<span class="diff-line ${line}</span>`)
  })

  it('keeps a wide table in a box of its own, with cells wide enough to be read', () => {
    const markup = render('| | b |\n|--|--|\n| 1 | a sentence that needs some room |')
    expect(markup).toContain('<div class="scroll" tabindex="0" role="group" aria-label="Table"><table>')
    expect(markup).toContain('<td class="long">a sentence')
    expect(markup).not.toContain('<th></th>')
  })

  it('holds a fold that its author opened', () => {
    expect(render('<details open><summary>S</summary>\n\nx\n\n</details>')).toMatch(/^<details open><summary>S</)
  })

  it('lets an address in a table break behind its dots, and copies as it is written', () => {
    expect(render('| a |\n|--|\n| `module.net.aws_vpc.this` |')).toContain(
      '<code>module.<wbr>net.<wbr>aws_vpc.<wbr>this</code>',
    )
    expect(render('`module.net`')).toBe('<p><code>module.net</code></p>')
  })

  it('strikes through, sets small, and ticks tasks', () => {
    expect(render('~~a~~ <sub>b</sub>')).toBe('<p><del>a</del> <sub>b</sub></p>')
    expect(render('- [x] a\n- [ ] b')).toContain('checked disabled aria-label="Completed task"> a')
  })

  it.each(['NOTE', 'tip', 'IMPORTANT', 'WARNING', 'CAUTION'])('has the alert %s', kind => {
    const markup = render(`> [!${kind}]\n> Careful.`)
    expect(markup).toContain(`<div class="alert alert-${kind.toLowerCase()}"><p class="alert-title">`)
    expect(markup).not.toContain('[!')
  })

  it.each(['> [!NOTE] inline\n> x', '> [!NOTE]', '> [!OTHER]\n> x'])('leaves %j a quotation', markdown => {
    expect(render(markdown)).toContain('<blockquote>')
  })

  it('links its footnotes, apart from those of other comments', () => {
    const markup = render('a[^1]\n\n[^1]: note')
    const target = /href="#(user-content-c1-fn-1)"/.exec(markup)?.[1]
    expect(markup).toContain(`<li id="${target}">`)
    expect(markup).toContain('href="#user-content-c1-fnref-1"')
  })
})

describe('a reference', () => {
  it.each([
    ['#3', '<a href="pull-here-3">#3</a>'],
    ['acme/shop#3', '<a href="pull-acme/shop-3">acme/shop#3</a>'],
    [`see ${SHA}.`, 'see <a class="sha" href="the-commit">1abf0a9</a>.'],
    ['1abf0a9', '<a class="sha" href="the-commit">1abf0a9</a>'],
    ['@mira', '<strong class="mention">@mira</strong>'],
    ['http://local.example/x', '<a href="a-page">#3</a>'],
    ['[words](http://local.example/x)', '<a href="a-page">words</a>'],
    ['https://e.example/a_b_c', '<a href="https://e.example/a_b_c" rel="nofollow">https://e.example/a_b_c</a>'],
  ])('%j leads to what it names', (markdown, markup) => {
    expect(render(markdown)).toBe(`<p>${markup}</p>`)
  })

  it.each(['#4', 'a#3b', '@nobody', 'deadbee', 'path/1abf0a9', '1abf0a9-x', 'v1@mira'])('%j names nothing', text => {
    expect(render(text)).toBe(`<p>${text}</p>`)
  })

  it('is left alone in code and in links', () => {
    expect(render('`#3 @mira`')).toBe('<p><code>#3 @mira</code></p>')
    expect(render('[#3](https://e.example)')).toBe('<p><a href="https://e.example" rel="nofollow">#3</a></p>')
  })
})

describe('a picture and a path', () => {
  it('asks no other host for anything: a picture is a link to it', () => {
    expect(render('![chart](https://e.example/x.png)')).toBe(
      '<p><a class="picture" rel="nofollow" href="https://e.example/x.png">chart</a></p>',
    )
    expect(render('[![b](https://e.example/b.svg)](https://l.example)')).toBe(
      '<p><a href="https://l.example" rel="nofollow"><span>b</span></a></p>',
    )
  })

  it('is no link when it leads to no page', () => {
    expect(render('[a](docs/a.md)')).toBe('<p><span title="A file of the repository">a</span></p>')
  })
})

describe('headings', () => {
  it('stay in the order of the page, look as written, and can be linked to in a file', () => {
    const markup = render('# A\n\n### B\n\n## C\n\n[b](#b)', { kind: 'file', topHeading: 3, scope: 'readme' })
    expect(markup).toContain('<h3 class="md-h1" id="user-content-readme-a">A</h3>')
    expect(markup).toContain('<h4 class="md-h3" id="user-content-readme-b">B</h4>')
    expect(markup).toContain('<h4 class="md-h2" id="user-content-readme-c">C</h4>')
    expect(markup).toContain('<a href="#user-content-readme-b">b</a>')
  })
})
