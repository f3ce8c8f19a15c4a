import { describe, expect, it } from '@jest/globals'
import {
  artifactName,
  backendFile,
  normalRoot,
  readBackendLine,
  rootPath,
  roots,
  slug,
  workspace,
} from '../../../kit/terraform/root.ts'

describe('a root', () => {
  it.each([
    ['infra/prod', 'infra/prod'],
    ['./infra//prod/', 'infra/prod'],
    ['.', '.'],
    ['./', '.'],
    ['/abs/infra/', '/abs/infra'],
    ['  infra  \n', 'infra'],
  ])('%j is %s', (raw, root) => {
    expect(roots.parse(raw)).toBe(root)
    expect(normalRoot(root)).toBe(root)
  })

  it.each([
    ['', 'it names no root'],
    ['a\nb', 'it names 2 roots'],
    ['-chdir=x', 'it starts with "-"'],
    ['infra/*', 'it is a pattern'],
  ])('R25: %j is refused', (raw, problem) => {
    expect(() => roots.parse(raw)).toThrow(problem)
  })
})

it.each([
  ['.', 'infra', 'infra'],
  ['infra/prod', '.', 'infra/prod'],
  ['infra/prod/', './../dev', 'infra/dev'],
  ['', '../x', '../x'],
  ['infra', '/abs/root', '/abs/root'],
])('in the working directory %j the root %j is %s for the repository', (folder, given, root) => {
  expect(rootPath({ 'working-directory': folder, roots: roots.parse(given) })).toBe(root)
})

it.each([
  ['infra/environments/dev', 'default', 'slipway-plan-infra-environments-dev'],
  ['.', 'default', 'slipway-plan-root'],
  ['infra', 'blue', 'slipway-plan-infra@blue'],
  ['infra/blue', 'default', 'slipway-plan-infra-blue'],
  ['ünï/"x"', 'default', 'slipway-plan-n-x-'],
  ['/abs', 'default', 'slipway-plan-abs'],
])('the artifact of %j in the workspace %s has a name that GitHub takes', (root, workspaceName, name) => {
  expect(artifactName(root, workspaceName)).toBe(name)
  expect(slug(root, workspaceName)).not.toMatch(/[":<>|*?\r\n\\/]/)
})

it.each(['-x', 'a b', '../x', 'x'.repeat(91), 'a\nb'])('R25: the workspace %j is refused', raw => {
  expect(() => workspace.parse(raw)).toThrow('it is not a workspace name')
})

it('writes settings of a backend as HCL that means the same', () => {
  const lines = [
    'bucket=states',
    'key = env/${x}.tfstate',
    'use_lockfile=true',
    'assume_role={ role_arn = "a" }',
    'quote=a"b',
    'prod.tfbackend',
  ]
  const read = lines.map(readBackendLine)
  expect(read.at(-1)).toEqual({ file: 'prod.tfbackend' })
  expect(backendFile(read.filter(line => 'name' in line))).toBe(
    [
      'bucket = "states"',
      'key = "env/$${x}.tfstate"',
      'use_lockfile = "true"',
      'assume_role = { role_arn = "a" }',
      'quote = "a\\"b"',
      '',
    ].join('\n'),
  )
})
