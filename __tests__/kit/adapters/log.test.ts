import { describe, expect, it } from '@jest/globals'
import { withoutCommands } from '../../../kit/adapters/log-github.ts'
import { terminalLog } from '../../../kit/adapters/log-terminal.ts'
import { secretParts, withoutSecrets } from '../../../kit/adapters/secrets.ts'

describe('a secret', () => {
  it('R9: is hidden whole and by line', () => {
    const key = '-----BEGIN KEY-----\nabcdefgh\r\n  ijklmnop\n}\n-----END KEY-----\n'
    expect(secretParts(key)).toEqual([key, '-----BEGIN KEY-----', 'abcdefgh', 'ijklmnop', '-----END KEY-----'])
  })

  it('R9: that is empty hides nothing', () => {
    expect(secretParts('')).toEqual([])
    expect(secretParts(' \n')).toEqual([])
  })

  it('is replaced, the longest first', () => {
    expect(withoutSecrets('token abcd-efgh abcd', new Set(['abcd', 'abcd-efgh']))).toBe('token *** ***')
  })
})

describe('text of a tool in the log', () => {
  it.each([
    ['::add-mask::x'],
    ['  ::set-output name=x::y'],
    ['fine\n::error::not ours'],
    ['fine\r::stop-commands::t'],
    ['\t::group::g'],
    ['noise ##[error]not ours'],
  ])('is no workflow command: %j', text => {
    const said = withoutCommands(text)
    for (const line of said.split(/[\r\n]+/)) {
      expect(line.trimStart().startsWith('::')).toBe(false)
      expect(line).not.toContain('##[')
    }
    expect(said.replaceAll('\u200b', '')).toBe(text)
  })

  it.each([['plain'], ['module::function()'], ['a: b'], ['# [x]'], ['fe80::1']])('is left alone: %j', text => {
    expect(withoutCommands(text)).toBe(text)
  })
})

it('a terminal shows where a warning is, as compilers do', () => {
  const said: string[] = []
  const log = terminalLog(
    line => said.push(line),
    () => undefined,
  )
  log.warning('unused', { file: 'main.tf', line: 3, column: 7 })
  log.error('bad', { file: 'main.tf' })
  log.error('worse')
  expect(said).toEqual(['warning: main.tf:3:7: unused', 'error: main.tf: bad', 'error: worse'])
})
