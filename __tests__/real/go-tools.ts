import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cached, cachePlace } from './debian.ts'

const run = promisify(execFile)

/** Its releases lie elsewhere; the Go module proxy has its source. */
const TOFU = 'github.com/opentofu/opentofu@v1.12.6'

const TFLINT = 'github.com/terraform-linters/tflint@v0.64.0'

/** Small providers that need no cloud: the newest that the Go module proxy has, and what they are called in a registry. */
const PROVIDERS = [
  { name: 'null', version: '2.1.2', revision: 'v1.0.1-0.20190430203517-8d3d85a60e20' },
  { name: 'random', version: '2.2.1', revision: 'v1.3.2-0.20190925210718-83518d96ae4f' },
  { name: 'local', version: '1.4.0', revision: 'v1.4.0' },
]

const CONFTEST = { path: 'github.com/open-policy-agent/conftest', version: '0.71.1' }

const HOSTS = ['registry.terraform.io', 'registry.opentofu.org']

/** The small providers, as both binaries know them. */
export const PROVIDER_SOURCES = HOSTS.flatMap(host => PROVIDERS.map(({ name }) => `${host}/hashicorp/${name}`))

const tofuPlace = () => cachePlace('opentofu', [TOFU])
const mirrorPlace = () =>
  cachePlace(
    'providers',
    PROVIDERS.map(({ revision }) => revision),
  )

/** The OpenTofu that `buildTofu` built; `undefined` when it did not yet. */
export function builtTofu(): string | undefined {
  const path = join(tofuPlace(), 'tofu')
  return existsSync(path) ? path : undefined
}

/** The filesystem mirror that `buildProviders` made. */
export function providerMirror(): string | undefined {
  return existsSync(mirrorPlace()) ? mirrorPlace() : undefined
}

/** Takes 9 minutes on 2 cores, once. */
export function buildTofu(): Promise<string> {
  const flags = ['-trimpath', '-ldflags=-s -w -X github.com/opentofu/opentofu/version.dev=no']
  return buildCopy('opentofu', TOFU, { program: 'tofu', flags, source: './cmd/tofu' })
}

/** Takes some minutes, once. */
export function buildTflint(): Promise<string> {
  return buildCopy('tflint', TFLINT, { program: 'tflint', flags: ['-trimpath', '-ldflags=-s -w'], source: '.' })
}

/** Builds a program whose go.mod replaces modules, which counts only where it is the main module: so from a copy of its source. */
async function buildCopy(
  name: string,
  module: string,
  made: { readonly program: string; readonly flags: readonly string[]; readonly source: string },
): Promise<string> {
  const folder = await cached(name, [module], async folder => {
    const { stdout } = await go(['mod', 'download', '-json', module])
    const { Dir: source } = JSON.parse(stdout) as { Dir: string }
    const copy = join(folder, 'source')
    cpSync(source, copy, { recursive: true })
    await run('chmod', ['-R', 'u+w', copy])
    await go(['build', ...made.flags, '-o', join(folder, made.program), made.source], { cwd: copy })
    rmSync(copy, { recursive: true })
  })
  return join(folder, made.program)
}

/** Takes some minutes, once. */
export async function buildConftest(): Promise<string> {
  const { path, version } = CONFTEST
  const folder = await cached('conftest', [path, version], async folder => {
    const flags = `-ldflags=-s -w -X ${path}/internal/version.Version=${version}`
    await go(['install', flags, `${path}@v${version}`], { GOBIN: folder })
  })
  return join(folder, 'conftest')
}

/** Takes half a minute a provider, once. */
export async function buildProviders(): Promise<string> {
  return cached(
    'providers',
    PROVIDERS.map(({ revision }) => revision),
    async folder => {
      for (const { name, version, revision } of PROVIDERS) {
        const program = `terraform-provider-${name}`
        await go(['install', '-ldflags=-s -w', `github.com/terraform-providers/${program}@${revision}`], {
          GOBIN: folder,
        })
        const [first = '', ...others] = HOSTS.map(host =>
          join(folder, host, 'hashicorp', name, version, `linux_${process.arch === 'x64' ? 'amd64' : process.arch}`),
        )
        mkdirSync(first, { recursive: true })
        renameSync(join(folder, program), join(first, `${program}_v${version}`))
        for (const other of others) {
          mkdirSync(join(other, '..'), { recursive: true })
          await run('cp', ['-r', first, other])
        }
      }
    },
  )
}

function go(args: readonly string[], options: { cwd?: string; GOBIN?: string } = {}) {
  const { cwd, ...variables } = options
  return run('go', [...args], {
    ...(cwd === undefined ? {} : { cwd }),
    env: { ...process.env, CGO_ENABLED: '0', GOTOOLCHAIN: 'local', ...variables },
    maxBuffer: 64 * 1024 * 1024,
  })
}
