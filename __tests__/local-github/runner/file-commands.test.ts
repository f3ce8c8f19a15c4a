import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import {
  FileCommandError,
  parseEnvFile,
  parseKeyValueFile,
  parsePathFile,
  readSummary,
} from '../../../local-github/runner/file-commands.ts'

describe('a file of keys and values', () => {
  it.each<[string, string, [string, string][]]>([
    ['nothing', '', []],
    ['one line', 'a=1\n', [['a', '1']]],
    ['no line end at the end', 'a=1', [['a', '1']]],
    [
      'several, with empty lines between',
      'a=1\n\nb=2\n',
      [
        ['a', '1'],
        ['b', '2'],
      ],
    ],
    ['an empty value', 'a=\n', [['a', '']]],
    ['more equal signs', 'a=b=c\n', [['a', 'b=c']]],
    ['a value that looks like a heredoc, since "=" comes first', 'a=b<<EOF\n', [['a', 'b<<EOF']]],
    ['a heredoc', 'a<<EOF\none\ntwo\nEOF\n', [['a', 'one\ntwo']]],
    ['a heredoc whose delimiter has "="', 'a<<E=F\none\nE=F\n', [['a', 'one']]],
    ['an empty heredoc', 'a<<EOF\nEOF\n', [['a', '']]],
    ['a heredoc that ends the file', 'a<<EOF\none\nEOF', [['a', 'one']]],
    [
      'lines in a heredoc that look like entries',
      'a<<EOF\nb=2\n\nEOF\nc=3\n',
      [
        ['a', 'b=2\n'],
        ['c', '3'],
      ],
    ],
    [
      'CRLF',
      'a=1\r\nb<<EOF\r\none\r\ntwo\r\nEOF\r\n',
      [
        ['a', '1'],
        ['b', 'one\r\ntwo'],
      ],
    ],
    ['spaces, which are kept', ' a = 1 \n', [[' a ', ' 1 ']]],
  ])('reads %s', (_name, text, entries) => {
    expect(parseKeyValueFile(text)).toEqual(entries)
  })

  it.each([
    ['no separator', 'just text\n', "Invalid format 'just text'"],
    ['no name', '=1\n', 'Name must not be null'],
    ['no name of a heredoc', '<<EOF\nEOF\n', 'Name must not be null'],
    ['no delimiter', 'a<<\n\n', 'Delimiter must not be null'],
    ['an end that never comes', 'a<<EOF\none\nEOF2\n', "Matching delimiter not found 'EOF'"],
    ['an end with a space', 'a<<EOF\none\nEOF \n', "Matching delimiter not found 'EOF'"],
  ])('refuses %s', (_name, text, message) => {
    expect(() => parseKeyValueFile(text)).toThrow(FileCommandError)
    expect(() => parseKeyValueFile(text)).toThrow(message)
  })

  it('gives back any text that was written as a heredoc with a random delimiter', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), value => {
        fc.pre(!/\r/.test(value))
        expect(parseKeyValueFile(`key<<d-7f3a\n${value}\nd-7f3a\n`)).toEqual([['key', value]])
      }),
    )
  })
})

it('reads one folder a line from a path file', () => {
  expect(parsePathFile('/a\n\n/b c\r\n')).toEqual(['/a', '/b c'])
})

it.each(['NODE_OPTIONS', 'node_options'])('refuses %s for later steps', name => {
  expect(() => parseEnvFile(`${name}=--require=x\n`)).toThrow("Can't store")
  expect(parseEnvFile('OTHER=1\n')).toEqual([['OTHER', '1']])
})

describe('a step summary', () => {
  it('is kept up to one mebibyte', () => {
    expect(readSummary(Buffer.alloc(1024 * 1024, 'a'))).toEqual({ markdown: 'a'.repeat(1024 * 1024), problem: null })
  })

  it('is lost whole above it, with a word about it', () => {
    expect(readSummary(Buffer.alloc(1024 * 1024 + 1, 'a'))).toEqual({
      markdown: '',
      problem: '$GITHUB_STEP_SUMMARY upload aborted, supports content up to a size of 1024k, got 1025k.',
    })
  })
})
