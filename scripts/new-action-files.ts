/** The files of a new action, by path from the repository's root. It does something small for real, to be replaced. */
export function newActionFiles(name: string): Readonly<Record<string, string>> {
  const folder = `actions/${name}`
  const title = `${name[0]!.toUpperCase()}${name.slice(1).replaceAll('-', ' ')}`
  return {
    [`${folder}/action.yml`]: `name: ${title}
description: Says which file it was given and how large it is.
branding:
  icon: anchor
  color: blue
inputs:
  path:
    description: File to look at, relative to \`working-directory\`.
    required: true
  working-directory:
    description: Folder in the repository that paths start from.
    default: .
outputs:
  size:
    description: Size of the file in bytes.
runs:
  using: node24
  main: dist/index.js
`,
    [`${folder}/src/inputs.ts`]: `import { required, text, type Parsed } from '#kit/inputs'

export const inputs = { path: required, 'working-directory': text } as const
export type Inputs = Parsed<typeof inputs>

export const outputs = ['size'] as const

export const permissions = { contents: { access: 'read', reason: 'The step before checks out the repository.' } } as const
`,
    [`${folder}/src/main.ts`]: `import type { Outputs } from '#kit/action'
import type { Ports } from '#kit/ports'
import type { Inputs, outputs } from './inputs.ts'
import { renderReport } from './report.ts'

export async function main(
  inputs: Inputs,
  { files, log, summary }: Pick<Ports, 'files' | 'log' | 'summary'>,
): Promise<Outputs<typeof outputs>> {
  const path = await files.resolve('path', inputs.path, inputs['working-directory'])
  const sizeBytes = await files.size(path)
  log.notice(\`\${inputs.path}: \${sizeBytes} bytes\`)
  await summary.write(renderReport(inputs.path, sizeBytes))
  return { size: String(sizeBytes) }
}
`,
    [`${folder}/src/report.ts`]: `import { code } from '#kit/report/inline'

export function renderReport(path: string, sizeBytes: number): string {
  return \`## \${code(path)}: \${sizeBytes.toLocaleString('en-US')} bytes\`
}
`,
    [`${folder}/src/index.ts`]: `import { runAction } from '#kit/action'
import { githubHost } from '#kit/adapters/host-github'
import { inputs, outputs } from './inputs.ts'
import { main } from './main.ts'

await runAction({ name: '${name}', inputs, outputs, main }, githubHost())
`,
    [`${folder}/README.md`]: `# ${title}

Says which file it was given and how large it is.

\`\`\`yaml
- uses: $/actions/${name}
  with:
    path: README.md
\`\`\`

## Inputs

<!-- begin inputs (npm run docs) -->
<!-- end inputs -->

## Outputs

<!-- begin outputs (npm run docs) -->
<!-- end outputs -->

## Permissions

<!-- begin permissions (npm run docs) -->
<!-- end permissions -->
`,
    [`__tests__/actions/${name}/main.test.ts`]: `import { expect, it } from '@jest/globals'
import { main } from '../../../actions/${name}/src/main.ts'
import { renderReport } from '../../../actions/${name}/src/report.ts'
import { FakeFiles, FakeLog, FakeSummary } from '../../support/fakes.ts'

it('says how large the file is', async () => {
  const [files, log, summary] = [new FakeFiles({ 'docs/x.md': 'four' }), new FakeLog(), new FakeSummary()]
  const outputs = await main({ path: 'x.md', 'working-directory': 'docs' }, { files, log, summary })
  expect(outputs).toEqual({ size: '4' })
  expect(log.notices).toEqual(['x.md: 4 bytes'])
  expect(summary.text()).toBe(renderReport('x.md', 4))
})
`,
  }
}
