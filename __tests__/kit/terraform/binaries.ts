import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findMachineTools, findProviderMirror } from '../../../demo/machine-tools.ts'
import { builtTofu, PROVIDER_SOURCES, providerMirror } from '../../real/go-tools.ts'
import type { Binary } from './make-shape.ts'

/** The Terraform on PATH and the OpenTofu that was built here, whichever there is. */
export async function findBinaries(): Promise<readonly Binary[]> {
  const { terraform: onPath } = await findMachineTools(process.env)
  const tofu = builtTofu() ?? (onPath?.name === 'tofu' ? onPath.path : undefined)
  return [
    ...(onPath?.name === 'terraform' ? [{ name: onPath.name, path: onPath.path } as const] : []),
    ...(tofu === undefined ? [] : [{ name: 'tofu', path: tofu } as const]),
  ]
}

const AWS = 'hashicorp/aws'

/** Providers come from mirrors on this machine only. */
export async function providerEnvironment(): Promise<Readonly<Record<string, string>>> {
  const aws = await findProviderMirror(process.env)
  const small = providerMirror()
  const folder = await mkdtemp(join(tmpdir(), 'slipway-providers-'))
  const file = join(folder, 'terraformrc')
  if (aws !== undefined)
    linkForTofu(join(aws, 'registry.terraform.io', AWS), join(folder, 'registry.opentofu.org', AWS))
  const mirrors = [
    ...(aws === undefined
      ? []
      : [
          { path: aws, include: [`registry.terraform.io/${AWS}`] },
          { path: folder, include: [`registry.opentofu.org/${AWS}`] },
        ]),
    ...(small === undefined ? [] : [{ path: small, include: PROVIDER_SOURCES }]),
  ]
  const blocks = mirrors.map(
    ({ path, include }) =>
      `  filesystem_mirror {\n    path    = ${JSON.stringify(path)}\n    include = ${JSON.stringify(include)}\n  }\n`,
  )
  writeFileSync(file, `provider_installation {\n${blocks.join('')}}\n`)
  return { TF_CLI_CONFIG_FILE: file }
}

/** OpenTofu looks for the same provider under its own registry, and follows links for the last folder only. */
function linkForTofu(from: string, to: string): void {
  for (const version of readdirSync(from)) {
    mkdirSync(join(to, version), { recursive: true })
    for (const platform of readdirSync(join(from, version)))
      symlinkSync(join(from, version, platform), join(to, version, platform))
  }
}
