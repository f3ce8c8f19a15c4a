import { expect, it } from '@jest/globals'
import { readCommandLine, UsageError } from '../../local-github/command-line.ts'

it('takes a folder and its options in any order', () => {
  expect(readCommandLine(['--port', '8080', '.', '--secrets=s.env', '--state', 'kept'])).toEqual({
    folder: '.',
    port: 8080,
    state: 'kept',
    secrets: 's.env',
  })
  expect(readCommandLine(['shop'])).toEqual({ folder: 'shop', port: 0, state: undefined, secrets: undefined })
})

it.each([[['--help']], [['-h']], [['shop', '--help']]])('shows its usage when asked with %j', args => {
  expect(readCommandLine(args)).toBe('help')
})

it.each([
  [[], 'which folder? Give the one of a git repository'],
  [['a', 'b'], 'one folder can be served, not 2: a b'],
  [['a', '--bogus'], "Unknown option '--bogus'"],
  [['a', '--state'], "Option '--state <value>' argument missing"],
  [['a', '--port', 'http'], '--port is "http": give a number from 0 to 65535'],
  [['a', '--port', '65536'], '--port is "65536": give a number from 0 to 65535'],
  [['a', '--port='], '--port is "": give a number from 0 to 65535'],
])('says in one line what is wrong with %j', (args, message) => {
  expect(() => readCommandLine(args)).toThrow(new UsageError(message))
})
