import { describe, expect, it } from '@jest/globals'
import { ESLint } from 'eslint'
import tseslint from 'typescript-eslint'

const configuration = (await import('../../eslint.config.js' as string)) as { default: unknown[]; layers: object[] }
const virtual = new ESLint({
  overrideConfigFile: true,
  overrideConfig: [{ files: ['**/*.ts'], languageOptions: { parser: tseslint.parser } }, ...configuration.layers],
})
// As lint runs, but with types of one file and what it imports: the whole project takes as long as a lint of it.
const real = new ESLint({
  overrideConfig: {
    languageOptions: {
      parserOptions: {
        projectService: false,
        project: '__tests__/contract/layers.tsconfig.json',
        // Where CI is set, the file on the disk would be read in the text's place.
        disallowAutomaticSingleRunInference: true,
      },
    },
  },
})

async function complaints(eslint: ESLint, filePath: string, text: string): Promise<readonly string[]> {
  const results = await eslint.lintText(text, { filePath })
  return results.flatMap(result => result.messages.map(({ ruleId, message }) => `${ruleId}: ${message}`))
}

describe('the layers are kept by lint', () => {
  it.each([
    [
      'a pure kit file imports @actions',
      'kit/report/table.ts',
      `import * as core from '@actions/core'`,
      'only kit/adapters',
    ],
    ['a pure kit file imports octokit', 'kit/retry.ts', `import { Octokit } from '@octokit/rest'`, 'only kit/adapters'],
    ['a pure kit file reads files', 'kit/terraform/plan.ts', `import { readFile } from 'node:fs/promises'`, 'pure'],
    ['a pure kit file starts processes', 'kit/tools/table.ts', `import { spawn } from 'node:child_process'`, 'pure'],
    ['a pure kit file imports an adapter', 'kit/action.ts', `import { x } from './adapters/exec.ts'`, 'entry point'],
    ['the kit imports an action', 'kit/action.ts', `import { main } from '../actions/load-gate/src/main.ts'`, 'below'],
    ['an adapter imports an action', 'kit/adapters/x.ts', `import '../../actions/load-gate/src/main.ts'`, 'below'],
    ['a pure kit file reads process', 'kit/inputs.ts', `export const home = process.env['HOME']`, 'process'],
    ['a pure kit file asks the clock', 'kit/inputs.ts', `export const now = Date.now()`, 'Clock'],
    ['a pure kit file makes a date of now', 'kit/inputs.ts', `export const now = new Date()`, 'Clock'],
    ['a pure kit file asks for chance', 'kit/inputs.ts', `export const dice = Math.random()`, 'Random'],
    ['a pure kit file makes random bytes', 'kit/seal.ts', `import { randomBytes } from 'node:crypto'`, 'Random'],
    ['a pure kit file calls the network', 'kit/inputs.ts', `export const page = fetch('https://example.com')`, 'fetch'],
    ['main reads files itself', 'actions/load-gate/src/main.ts', `import { readFileSync } from 'node:fs'`, 'pure'],
    ['main imports @actions', 'actions/load-gate/src/main.ts', `import * as core from '@actions/core'`, 'kit/adapters'],
    ['main picks an adapter', 'actions/load-gate/src/main.ts', `import { x } from '#kit/adapters/exec'`, 'entry point'],
    ['main reads the environment', 'actions/load-gate/src/main.ts', `export const x = process.env['X']`, 'process'],
    ['an action imports another', 'actions/notify/src/main.ts', `import '../../load-gate/src/main.ts'`, 'another one'],
    ['an entry point does work', 'actions/notify/src/index.ts', `import { x } from '#kit/report/table'`, 'entry point'],
    ['an entry point imports a library', 'actions/notify/src/index.ts', `import x from 'yaml'`, 'entry point'],
    [
      'the local GitHub uses the kit',
      'local-github/server/x.ts',
      `import { x } from '../../kit/report/limits.ts'`,
      'no code',
    ],
    [
      'the local GitHub uses an action',
      'local-github/pages/x.ts',
      `import '../../actions/notify/src/main.ts'`,
      'no code',
    ],
    ['the kit uses the local GitHub', 'kit/adapters/x.ts', `import '../../local-github/model.ts'`, 'that tests it'],
    [
      'an action uses the local GitHub',
      'actions/notify/src/x.ts',
      `import '../../../local-github/model.ts'`,
      'that tests',
    ],
    ['the terminal imports @actions', 'cli/run.ts', `import * as core from '@actions/core'`, 'only kit/adapters'],
  ])('refuses that %s', async (_, filePath, text, reason) => {
    const found = await complaints(virtual, filePath, text)
    expect(found.join('\n').toLowerCase()).toContain(reason.toLowerCase())
  })

  it.each([
    ['kit/terraform/seal.ts', `import { createHmac } from 'node:crypto'\nimport { text } from '../inputs.ts'`],
    ['kit/adapters/exec.ts', `import { spawn } from 'node:child_process'\nimport * as core from '@actions/core'`],
    ['actions/notify/src/main.ts', `import { text } from '#kit/inputs'\nimport { render } from './render.ts'`],
    [
      'actions/notify/src/index.ts',
      `import { runAction } from '#kit/action'\nimport { githubHost } from '#kit/adapters/host-github'\nimport { inputs } from './inputs.ts'\nimport { main } from './main.ts'`,
    ],
    [
      'local-github/server/x.ts',
      `import { parse } from '@actions/workflow-parser'\nimport { readFile } from 'node:fs'`,
    ],
    ['kit/inputs.ts', `export const then = new Date(0)`],
  ])('allows %s what it needs', async (filePath, text) => {
    expect(await complaints(virtual, filePath, text)).toEqual([])
  })

  it('applies the layers in the configuration that lint runs with', () => {
    expect(configuration.default).toEqual(expect.arrayContaining(configuration.layers))
  })

  it.each([
    ['a promise nobody waits for', `async function go() {}\ngo()`, 'no-floating-promises'],
    ['any', `export const x: any = 1`, 'no-explicit-any'],
    ['a silenced compiler', `// @ts-ignore\nexport const x = 1`, 'ban-ts-comment'],
    ['a silenced rule', `/* eslint-disable */\nexport const x: any = 1`, 'no-explicit-any'],
    ['a thrown text', `throw 'no'`, 'only-throw-error'],
  ])('refuses %s', async (_, text, rule) => {
    expect((await complaints(real, 'kit/inputs.ts', text)).join('\n')).toContain(rule)
  })
})

it.each([
  ['code made of data', `export const x = new Function('return 1')`, 'no-new-func'],
  ['evaluated text', `export const x = eval('1')`, 'no-eval'],
])('R39: lint refuses %s', async (_, text, rule) => {
  expect((await complaints(real, 'kit/inputs.ts', text)).join('\n')).toContain(rule)
})
