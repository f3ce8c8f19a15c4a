import { validate } from '@actions/languageservice'
import { FeatureFlags } from '@actions/expressions'
import { describe, expect, it } from '@jest/globals'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { TextDocument } from 'vscode-languageserver-textdocument'
import { parse } from 'yaml'
import { ROOT } from '../../scripts/metadata.ts'

type Configuration = NonNullable<Parameters<typeof validate>[1]>
type Metadata = Awaited<ReturnType<NonNullable<Configuration['actionsMetadataProvider']>['fetchActionMetadata']>>

/** The library and the shop that the demo makes are this tree, so GitHub's own checker reads our files for both. */
const configuration: Configuration = {
  actionsMetadataProvider: {
    async fetchActionMetadata({ owner, name, path = '' }): Promise<Metadata> {
      const file = join(ROOT, path, 'action.yml')
      if (owner === 'actions') return { name, description: name }
      return existsSync(file) ? (parse(readFileSync(file, 'utf8')) as Metadata) : undefined
    },
  },
  fileProvider: {
    async getFileContent({ path }) {
      return { name: path, content: readFileSync(join(ROOT, path), 'utf8') }
    },
  },
  featureFlags: new FeatureFlags({ all: true, blockScalarChompingWarning: false }),
}

function files(folder: string, wanted: RegExp): readonly string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter(file => wanted.test(file) && !file.includes('node_modules'))
    .map(file => join(folder, file))
    .sort()
}

async function diagnose(path: string, text: string): Promise<readonly string[]> {
  const document = TextDocument.create(`file://${join(ROOT, path)}`, 'yaml', 1, text)
  const diagnostics = await validate(document, configuration)
  return diagnostics.map(({ message, range }) => `${path}:${range.start.line + 1}: ${message}`)
}

const ours = [
  ...files('.github/workflows', /\.ya?ml$/),
  ...files('examples', /\.github\/workflows\/[^/]+\.ya?ml$/),
  ...files('actions', /^[^/]+\/action\.yml$/),
]

describe("GitHub's own language service", () => {
  it.each(ours)('finds nothing to say about %s', async path => {
    expect(await diagnose(path, readFileSync(join(ROOT, path), 'utf8'))).toEqual([])
  })

  it.each([
    ['an input that an action does not have', 'rotos: infra', /Invalid action input 'rotos'|rotos/],
    ['a step that does not exist', 'roots: ${{ steps.gone.outputs.x }}', /gone/],
    ['a context that does not exist', 'roots: ${{ github.job_workflow_sha }}', /job_workflow_sha/],
  ])('would see %s', async (_, line, complaint) => {
    const text = `on: push\npermissions: {}\njobs:\n  plan:\n    runs-on: ubuntu-24.04\n    steps:\n      - uses: $/actions/terraform-plan\n        with:\n          ${line}\n`
    // The service remembers what it parsed by name, so each text has a name of its own.
    const name = `.github/workflows/${encodeURIComponent(complaint.source)}.yml`
    expect((await diagnose(name, text)).join('\n')).toMatch(complaint)
  })
})
