import { expect, it } from '@jest/globals'
import { parseLogCommand } from '../../../local-github/runner/log-commands.ts'

it.each([
  ['::error::bad', 'error', {}, 'bad'],
  ['  ::error::after spaces', 'error', {}, 'after spaces'],
  [
    '::warning file=a.ts,line=3,endLine=4,col=5,title=Look::text',
    'warning',
    { file: 'a.ts', line: '3', endline: '4', col: '5', title: 'Look' },
    'text',
  ],
  ['::error file=a%3Ab%2Cc%25.ts::50%25%0Anext%0D', 'error', { file: 'a:b,c%.ts' }, '50%\nnext\r'],
  ['::error::a%250Ab', 'error', {}, 'a%0Ab'],
  ['::group::Title :: with colons', 'group', {}, 'Title :: with colons'],
  ['::endgroup::', 'endgroup', {}, ''],
  ['##[error]old form', 'error', {}, 'old form'],
  ['text ##[warning file=a.ts;line=2]old%5D', 'warning', { file: 'a.ts', line: '2' }, 'old]'],
])('reads %j', (line, name, properties, data) => {
  expect(parseLogCommand(line)).toEqual({ name, properties, data })
})

it.each(['plain', 'text ::error::not at the start', '::error', ':: ::', '##[error'])('leaves %j alone', line => {
  expect(parseLogCommand(line)).toBeNull()
})
