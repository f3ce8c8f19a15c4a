import { describe, expect, it } from '@jest/globals'
import { InputError } from '../../../kit/errors.ts'
import { chooseRoots, notLeftOut, rootPatterns } from '../../../kit/terraform/root-patterns.ts'

const ROOTS = ['infra/dev', 'infra/prod/eu', 'infra/prod/us', 'live', 'top-{a}']
const FOLDERS = ['infra/dev', 'infra/modules/vpc', 'infra/prod/eu', 'infra/prod/us', 'live', 'top-{a}']

const choose = (raw: string, workingDirectory = '.') =>
  chooseRoots(rootPatterns.parse(raw), workingDirectory, ROOTS, FOLDERS)

describe('roots', () => {
  it.each<[string, string, string, string[]]>([
    ['all, when none is named', '', '.', ROOTS],
    ['all below the working directory', '', 'infra', ['infra/dev', 'infra/prod/eu', 'infra/prod/us']],
    ['a folder', './infra//dev/', '.', ['infra/dev']],
    ['a folder below the working directory', 'dev', 'infra', ['infra/dev']],
    ['a folder above it', '../live', 'infra', ['live']],
    ['several, each once and in order', 'live\ninfra/dev\nlive', '.', ['infra/dev', 'live']],
    ['one level', 'infra/*', '.', ['infra/dev']],
    ['any level', 'infra/**', '.', ['infra/dev', 'infra/prod/eu', 'infra/prod/us']],
    ['a pattern takes the folder before "/**"', 'live/**', '.', ['live']],
    ['either of two', 'infra/{dev,prod/eu}', '.', ['infra/dev', 'infra/prod/eu']],
    ['a pattern below the working directory', '*/*', 'infra', ['infra/prod/eu', 'infra/prod/us']],
    ['all but some', '!infra/prod/*', '.', ['infra/dev', 'live', 'top-{a}']],
    ['the last line counts', 'infra/**\n!infra/prod/*\ninfra/prod/us', '.', ['infra/dev', 'infra/prod/us']],
    ['a module that is named', 'infra/modules/vpc', '.', ['infra/modules/vpc']],
    ['a module may be left out of what is taken', '!infra/modules/**', '.', ROOTS],
  ])('%s', (_, raw, workingDirectory, expected) => {
    expect(choose(raw, workingDirectory)).toEqual(expected)
  })

  it('the top of the repository is in "**"', () => {
    expect(chooseRoots(rootPatterns.parse('**'), '.', ['.', 'a'], ['.', 'a'])).toEqual(['.', 'a'])
    expect(chooseRoots(rootPatterns.parse('.'), '.', ['.', 'a'], ['.', 'a'])).toEqual(['.'])
    expect(chooseRoots(rootPatterns.parse('*'), '.', ['.', 'a'], ['.', 'a'])).toEqual(['.', 'a'])
  })

  it.each([
    [
      'a folder that is none',
      'infra/none',
      'input "roots" is "infra/none": it is not a folder with Terraform configuration',
    ],
    ['a pattern that matches nothing', 'live\nnone/*', 'input "roots" is "none/*": it matches no Terraform root'],
    [
      'modules only',
      'infra/modules/*',
      'input "roots" is "infra/modules/*": the folders that it matches are modules of others, and no roots',
    ],
    [
      'a line that leaves out nothing',
      '!old',
      'input "roots" is "!old": it is not a folder with Terraform configuration',
    ],
    ['every line that is wrong', 'a\nb/*', 'input "roots" is "a": it is not a folder with Terraform configuration'],
    ['nothing left', 'live\n!li*', 'input "roots" is "live\\n!li*": it leaves no root over'],
  ])('refuse %s', (_, raw, message) => {
    expect(() => choose(raw)).toThrow(InputError)
    expect(() => choose(raw)).toThrow(message)
  })

  it.each([
    ['-chdir=x', 'it starts with "-"'],
    ['!-x', 'it starts with "-"'],
    ['a\n!', 'a "!" leaves nothing out'],
  ])('R25: %j is refused', (raw, problem) => {
    expect(() => rootPatterns.parse(raw)).toThrow(problem)
  })

  it('leave out folders of other kinds too', () => {
    expect(notLeftOut(rootPatterns.parse('!infra/**'), '.', FOLDERS)).toEqual(['live', 'top-{a}'])
    expect(notLeftOut(rootPatterns.parse('!prod/*'), 'infra', FOLDERS)).toEqual(['infra/dev', 'infra/modules/vpc'])
  })
})
