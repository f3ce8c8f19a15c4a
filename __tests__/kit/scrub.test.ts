import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { code, html, htmlCode, text } from '../../kit/report/inline.ts'
import { createLiveScrubber, createScrubber } from '../../kit/scrub.ts'

const secret = 'p@ss "w0rd"/<&\'>_*|`100%'
const bytes = Buffer.from(secret)
const scrub = createScrubber([secret])

/** Built from parts, so that no scanner takes this file for a leak. */
const token = (prefix: string, length = 36) => prefix + 'aB3dE6gH9j'.repeat(60).slice(0, length)
const jwt = ['eyJhbGciOiJIUzI1NiJ9', 'eyJzdWIiOiJtZSJ9', 'c2lnbmF0dXJl'].join('.')
const pem = ['-----BEGIN RSA PRIVATE KEY-----', 'MIIEpAIBAAKCAQEAn4x7ub', 'q83vEw==', '-----END RSA PRIVATE KEY-----']
const keyId = `AKIA${'ABCDEFGHIJ234567'}`
const awsSecret = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'

describe('the scrubber', () => {
  it.each<[string, string]>([
    ['itself', secret],
    ['base64', bytes.toString('base64')],
    ['base64 behind one byte', Buffer.concat([Buffer.from('x'), bytes, Buffer.from('yz')]).toString('base64')],
    ['base64 behind two bytes', Buffer.concat([Buffer.from('xx'), bytes, Buffer.from('y')]).toString('base64')],
    ['base64url', bytes.toString('base64url')],
    ['hex', bytes.toString('hex')],
    ['upper-case hex', bytes.toString('hex').toUpperCase()],
    ['a URI component', encodeURIComponent(secret)],
    ['a URI component with lower-case hex', encodeURIComponent(secret).replace(/%../g, part => part.toLowerCase())],
    ['a form', new URLSearchParams([['', secret]]).toString().slice(1)],
    ['JSON', JSON.stringify(secret).slice(1, -1)],
    ['JSON in JSON', JSON.stringify(JSON.stringify(secret)).slice(3, -3)],
    [
      'JSON by Go',
      JSON.stringify(secret)
        .slice(1, -1)
        .replace(/[<>&]/g, one => `\\u00${one.charCodeAt(0).toString(16)}`),
    ],
    [
      'XML',
      secret
        .replace(/&/g, '&amp;')
        .replace(/</g, '&lt;')
        .replace(/>/g, '&gt;')
        .replace(/"/g, '&quot;')
        .replace(/'/g, '&apos;'),
    ],
    ['our Markdown text', text(secret)],
    ['our HTML', html(secret)],
    ['our inline code', code(secret)],
    ['our HTML code', htmlCode(secret)],
  ])('R10: a secret does not leave as %s', (_, form) => {
    const left = scrub(`before ${form} after`)
    expect(left).toMatch(/^before \S*\*\*\*\S* after$/)
    for (let length = 6; length <= form.length; length += 1) expect(left).not.toContain(form.slice(0, length))
  })

  it('R10: one that is extended hides what it hid before, and what else is found', () => {
    const findWord = (text: string): [number, number][] => (text.startsWith('word') ? [[0, 4]] : [])
    const scrub = createScrubber(['hunter22'], {
      findMore: text => (text.endsWith('end') ? [[text.length - 3, text.length]] : []),
    })
    expect(scrub.extended(findWord)('word hunter22 aHVudGVyMjI= end')).toBe('*** *** *** ***')
    expect(scrub('word hunter22 end')).toBe('word *** ***')
  })

  it('R10: a secret of several lines does not leave line by line', () => {
    const lines = createScrubber(['first line\n  second line\n}\n'])
    expect(lines('+ second line\n- first line }')).toBe('+ ***\n- *** }')
  })

  it('R10: base64 of any text around a secret tells nothing of it', () => {
    const plain = createScrubber(['correct horse'])
    fc.assert(
      fc.property(fc.string(), fc.string(), (before, after) => {
        const left = plain(Buffer.from(`${before}correct horse${after}`).toString('base64'))
        for (const offset of [0, 1, 2])
          expect(Buffer.from('A'.repeat(offset) + left.replaceAll('*', ''), 'base64').toString('latin1')).not.toContain(
            'rrect ho',
          )
        expect(left).toContain('***')
      }),
    )
  })

  it.each<[string, string, string]>([
    ['a job token', `a ${token('ghs_')} b`, 'a *** b'],
    ['a long job token', `a ${token('ghs_', 500)}.${token('x', 30)} b`, 'a *** b'],
    ['a personal token', `a ${token('ghp_')} b`, 'a *** b'],
    ['a fine-grained token', `a ${token('github_pat_', 70)} b`, 'a *** b'],
    ['other tokens of GitHub', ['gho_', 'ghu_', 'ghr_'].map(prefix => token(prefix)).join(' '), '*** *** ***'],
    ['a JWT', `bearer ${jwt}`, 'bearer ***'],
    ['a key in PEM', `a\n${pem.join('\n')}\nb`, 'a\n***\nb'],
    ['a key in PEM within a diff', pem.map(line => `+ ${line}`).join('\n'), '+ ***'],
    ['a key in PEM within JSON', JSON.stringify({ a: pem.join('\n'), b: 1 }), '{"a":"***","b":1}'],
    ['a key in PEM without its end', `${pem.slice(0, 3).join('\n')}\nplain words`, '***plain words'],
    ['an AWS key', `id ${keyId} secret ${awsSecret}`, 'id *** secret ***'],
    ['an AWS secret by its name', `aws_secret_access_key = ${awsSecret}`, 'aws_*** = ***'],
    ['a URL with user information', 'https://user:pass@host.test/x', 'https://***@host.test/x'],
    [
      'a URL with user information in our Markdown',
      text('see https://user:pa_ss@host.test'),
      'see https:&#8203;//***@&#8203;host.test',
    ],
  ])('R10: %s does not leave', (_, leaking, expected) => {
    expect(createScrubber([])(leaking)).toBe(expected.replace('aws_***', 'aws_secret_access_key'))
  })

  it.each<[string, string]>([
    ['a default', 'postgres://shop:${DB_PASSWORD:-letmein}@db/shop'],
    ['a default without colon', 'postgres://shop:${DB_PASSWORD-letmein}@db/shop'],
    ['a text in place of a value', 'postgres://shop:${DB_PASSWORD:+letmein}@db/shop'],
    ['more behind the variable', 'postgres://shop:${DB_PASSWORD}letmein@db/shop'],
    ['more before the variable', 'postgres://shop:letmein${DB_PASSWORD}@db/shop'],
    ['a literal behind the variable', 'https://${TOKEN}:letmein@db/shop'],
    ['a default where there is no password', 'https://${TOKEN:-letmein}@db/shop'],
    ['a user that is as long as a key', `https://${'letmein'.repeat(5)}:\${EMPTY}@db/shop`],
    ['what may be a variable, and may be a password', 'postgres://shop:$letmein@db/shop'],
    ['an escaped dollar', 'postgres://shop:$${letmein}@db/shop'],
    ['a name that is none', 'postgres://shop:${1letmein}@db/shop'],
    ['our Markdown', text('postgres://shop:$letmein@db/shop')],
  ])('R10: an address with %s in it is hidden still', (_, address) => {
    expect(createScrubber([])(address)).not.toContain('letmein')
  })

  it.each([
    'postgres://shop:${DB_PASSWORD}@db/shop',
    'postgres://shop:${DB_PASSWORD:?}@db/shop',
    'postgres://shop:${DB_PASSWORD:-}@db/shop',
    'postgres://${DB_USER}:${DB_PASSWORD}@db/shop',
    'postgres://${DB_USER:-shop}:${DB_PASSWORD}@db/shop',
    'redis://:${REDIS_PASSWORD}@cache:6379',
    'https://${TOKEN}@host.test',
  ])('leaves a variable in the place of a password alone: %s', address => {
    expect(createScrubber([])(address)).toBe(address)
  })

  it('R10: a value that is known is hidden in the name of a variable too', () => {
    expect(createScrubber(['letmein'])('postgres://shop:${letmein}@db')).not.toContain('letmein')
  })

  it('leaves alone what only looks similar', () => {
    const harmless = [
      'commit 0a3087a4b1c2de5f60718293a4b5c6d7e8f90123',
      'git@github.com:acme/shop.git, mail a@b.test',
      'https://host.test/path@v1?x=a@b',
      'eyJ is how JSON begins',
      'sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    ].join('\n')
    expect(createScrubber(['', 'abc', '  '])(`${harmless} abc`)).toBe(`${harmless} abc`)
  })

  it('finds overlapping secrets as one, and what was registered later', () => {
    expect(createScrubber(['abcdef', 'defghi'])('xabcdefghix')).toBe('x***x')
    const secrets = new Set<string>()
    const live = createLiveScrubber(secrets)
    expect(live('hunter22')).toBe('hunter22')
    expect(live.addsSecret('', 'hunter22')).toBe(false)
    secrets.add('hunter22')
    expect(live('hunter22')).toBe('***')
    expect(live.addsSecret('', 'hunter22')).toBe(true)
  })

  it.each<[string, boolean, string, string]>([
    ['stays', false, 'a hunter22', 'b hunter22 c'],
    ['goes', false, 'hunter22 hunter22', 'hunter22'],
    ['comes', true, 'a', 'a hunter22'],
    ['comes once more', true, 'hunter22', 'hunter22 hunter22'],
    ['comes in another encoding', true, 'hunter22', Buffer.from('hunter22').toString('base64')],
    ['changes its neighbour', false, `x ${token('ghp_')} y`, `z ${token('ghp_')} y`],
    ['is another one', true, token('ghp_'), token('ghp_', 30)],
    ['is a block of lines that stays', false, pem.join('\n'), `# new\n${pem.join('\n')}`],
    ['is a block of lines of which one changes', true, pem.join('\n'), pem.join('\n').replace('q83', 'r94')],
    ['comes behind stars', true, 'https://***@h', 'https://u:letmein@h'],
    ['is a password that comes', true, 'https://h', 'https://u:letmein@h'],
    ['is a variable that comes', false, '', 'https://u:$LETMEIN@h https://$USER:${A:-}@h'],
    ['is a variable with a known name', true, '', 'https://u:$hunter22@h'],
    ['is a default that comes', true, 'https://u:${A}@h', 'https://u:${A:-letmein}@h'],
  ])('R10: tells in an edited file a secret that %s', (_, adds, before, after) => {
    expect(createScrubber(['hunter22']).addsSecret(before, after)).toBe(adds)
  })

  it('R10: to a file that holds nothing, all that would be hidden is new', () => {
    const parts = [secret, keyId, awsSecret, jwt, pem.join('\n'), token('ghp_'), 'https://u:p@h ', ' ', '-', 'x', '@']
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...parts)), chosen => {
        const file = chosen.join('')
        expect(scrub.addsSecret('', file)).toBe(scrub(file) !== file)
        expect(scrub.addsSecret(file, file)).toBe(false)
      }),
    )
  })

  it('R10: scrubbing twice changes nothing more', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.constantFrom(
            secret,
            keyId,
            awsSecret,
            jwt,
            pem.join('\n'),
            token('ghp_'),
            'https://u:p@h ',
            ' ',
            '-',
            'x',
            '@',
          ),
        ),
        parts => {
          const once = scrub(parts.join(''))
          expect(scrub(once)).toBe(once)
        },
      ),
    )
  })

  it.each([
    'eyJ',
    'eyJhbGci.',
    'ghp_',
    'gh',
    '://',
    'https://a',
    '://&#1;',
    '://${A}:${A}@',
    '://$AAAA',
    '-----BEGIN X-----',
    '-----BEGIN X-----\nAAAAAAAAAAAAAAAAAAAA\n',
    '-----END',
    'AKIAABCDEFGHIJ234567 ',
    'secret access key ',
    'secret',
    `${keyId} ${awsSecret} `,
    'p@ss ',
    '+++++++++"',
    'IQoJ',
  ])('R10: a megabyte of %j takes linear time', repeated => {
    const long = repeated.repeat(Math.ceil(1_000_000 / repeated.length))
    const start = process.cpuUsage()
    scrub(long)
    const { user } = process.cpuUsage(start)
    expect(user / 1000).toBeLessThan(1_500)
  })
})
