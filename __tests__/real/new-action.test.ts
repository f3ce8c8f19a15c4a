import { expect, it } from '@jest/globals'
import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ROOT } from '../../scripts/metadata.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const run = promisify(execFile)
const NAME = 'weigh-file'

/** What the checks of an action need; the local GitHub and the demo have no part in them. */
const LEFT_OUT = new Set([
  'node_modules',
  '.git',
  'local-github',
  'demo',
  'demo-output',
  'bench',
  'infra',
  'coverage',
  '.cache',
])

function copyOfTheRepository(): string {
  const copy = join(temporaryFolder(), 'slipway')
  mkdirSync(copy)
  for (const entry of readdirSync(ROOT))
    if (!LEFT_OUT.has(entry) && entry !== '__tests__') cpSync(join(ROOT, entry), join(copy, entry), { recursive: true })
  for (const folder of ['contract', 'support', 'dist'])
    cpSync(join(ROOT, '__tests__', folder), join(copy, '__tests__', folder), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
  return copy
}

it('a new action passes every check from its first minute', async () => {
  const copy = copyOfTheRepository()
  const env = { ...process.env, INIT_CWD: copy }
  const node = (...words: string[]) => run(process.execPath, words, { cwd: copy, env, maxBuffer: 1e8 })
  await node('scripts/new-action.ts', NAME)
  expect(readdirSync(join(copy, 'actions', NAME)).sort()).toEqual(['README.md', 'action.yml', 'dist', 'src'])

  const include = ['kit', 'cli', `actions/${NAME}/src`, `__tests__/actions/${NAME}`]
  writeFileSync(join(copy, 'tsconfig.new.json'), JSON.stringify({ extends: './tsconfig.json', include }))
  const bin = (name: string) => join(ROOT, 'node_modules', ...name.split('/'))
  const jest = ['--experimental-vm-modules', bin('jest/bin/jest.js'), '--runInBand', '--no-cache']
  const files = [`actions/${NAME}/src`, `__tests__/actions/${NAME}`, 'cli/actions.ts']
  await Promise.all([
    node('scripts/docs.ts', '--check'),
    node(bin('@typescript/native/bin/tsc'), '-p', 'tsconfig.new.json'),
    node(bin('prettier/bin/prettier.cjs'), '--check', ...files),
    node(
      ...jest,
      `__tests__/actions/${NAME}`,
      'contract/action-metadata',
      'contract/language',
      '-t',
      `${NAME}|says how large`,
    ),
  ])
  await node(bin('eslint/bin/eslint.js'), ...files.map(file => join(copy, file)))
  const done = await node('cli/dist/index.js', NAME, '--path', 'package.json')
  expect(done.stdout).toMatch(/^## `package\.json`: [\d,]+ bytes\n$/)
}, 180_000)

it.each(['Deploy', 'deploy_k8s', '../x', '', '-x', 'terraform-plan'])(
  '%j is refused as a name, and nothing is written',
  async name => {
    const before = readdirSync(join(ROOT, 'actions'))
    await expect(run(process.execPath, ['scripts/new-action.ts', name], { cwd: ROOT })).rejects.toThrow(
      /is no name|already there/,
    )
    expect(readdirSync(join(ROOT, 'actions'))).toEqual(before)
    expect(existsSync(join(ROOT, 'x'))).toBe(false)
  },
)
