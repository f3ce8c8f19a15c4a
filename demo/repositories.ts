import { execFile } from 'node:child_process'
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { ApplicationParts } from './application-parts.ts'
import { s3Backend, STORY_IMAGE } from './local-aws.ts'

const run = promisify(execFile)

export const ROOT = 'infra/environments/dev'

/** A working copy of a story's repository, with an author. */
export class WorkingCopy {
  readonly folder: string

  constructor(folder: string) {
    this.folder = folder
  }

  async git(...args: string[]): Promise<string> {
    const { stdout } = await run('git', ['-C', this.folder, ...args], {
      env: {
        PATH: process.env['PATH'] ?? '',
        HOME: this.folder,
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_CONFIG_GLOBAL: '/dev/null',
        GIT_TERMINAL_PROMPT: '0',
        GIT_AUTHOR_NAME: 'Mira Holt',
        GIT_AUTHOR_EMAIL: 'mira@shop.example',
        GIT_COMMITTER_NAME: 'Mira Holt',
        GIT_COMMITTER_EMAIL: 'mira@shop.example',
      },
      maxBuffer: 64 * 1024 * 1024,
    })
    return stdout.trim()
  }

  async init(branch: string, remote: string): Promise<void> {
    await this.git('init', '--quiet', `--initial-branch=${branch}`)
    await this.git('remote', 'add', 'origin', remote)
  }

  /** Commits everything. Returns the commit. */
  async commit(message: string): Promise<string> {
    await this.git('add', '--all')
    await this.git('commit', '--quiet', '--message', message)
    return this.git('rev-parse', 'HEAD')
  }

  read(path: string): Promise<string> {
    return readFile(join(this.folder, path), 'utf8')
  }

  async write(path: string, text: string): Promise<void> {
    await mkdir(dirname(join(this.folder, path)), { recursive: true })
    await writeFile(join(this.folder, path), text)
  }

  /** Replaces `from`, which must be there: a story whose edit misses its place is no story. */
  async edit(path: string, from: string, to: string): Promise<void> {
    const text = await this.read(path)
    if (!text.includes(from)) throw new Error(`${path} does not hold ${JSON.stringify(from)}`)
    await this.write(path, text.replace(from, to))
  }
}

/** The team's repository: `examples/shop` with `infra/` in it, and what points it at the AWS and the registry of this machine. */
export async function makeShop(
  checkout: string,
  folder: string,
  remote: string,
  {
    registry,
    projects: [staging, production],
    fetchesPackages,
  }: Pick<ApplicationParts, 'registry' | 'projects' | 'fetchesPackages'>,
): Promise<WorkingCopy> {
  const copy = new WorkingCopy(folder)
  await cp(join(checkout, 'examples/shop'), folder, {
    recursive: true,
    filter: source => !/\/(node_modules|dist|\.venv|__pycache__|\.pytest_cache|\.env)$/.test(source),
  })
  await cp(join(checkout, 'infra'), join(folder, 'infra'), {
    recursive: true,
    filter: source => !/\/\.terraform$|\.tfstate|\.tfplan$/.test(source),
  })
  await copy.write(`${ROOT}/local_override.tf`, LOCAL_OVERRIDE)
  await copy.write(`${ROOT}/local.auto.tfvars`, `ami_id = "${STORY_IMAGE}"\n`)
  const ci = '.github/workflows/ci-application.yml'
  for (const caller of [ci, '.github/workflows/cd-application.yml']) {
    await copy.edit(caller, 'registry: ghcr.io', `registry: ${registry}`)
    await copy.edit(caller, '    secrets:\n', REGISTRY_LOGIN)
  }
  await copy.edit(ci, 'project: shop-staging', `project: ${staging}`)
  // Three times in the story: enough samples for its limits.
  await copy.edit(ci, 'duration: 10s', 'duration: 6s')
  await copy.edit('docker-compose.yml', 'name: shop\n', `name: ${production}\n`)
  // No client asks while a release changes, so the old one need not stay for one.
  await copy.edit('docker-compose.yml', "DRAIN_SECONDS: '5'", "DRAIN_SECONDS: '1'")
  for (const name of ['frontend', 'backend'])
    await copy.edit('docker-compose.yml', `ghcr.io/acme/shop-${name}`, `${registry}/acme/shop-${name}`)
  await copy.write('docker-compose.local.yml', LOCAL_PORTS)
  if (!fetchesPackages) await copy.edit(ci, './test.sh', 'npm test --prefix frontend')
  // Shown as skipped: the instances of an AWS on this machine are records, and nobody can log in to them.
  await copy.edit(
    '.github/workflows/terraform-apply.yml',
    "if: needs.apply.outputs.inventory-artifact != ''",
    'if: ${{ false }} # Of the demo only: no machine stands behind the instances.',
  )
  await copy.init('main', remote)
  await copy.commit('Start the shop')
  return copy
}

/** A registry that is not GitHub's gets no token of a job. */
const REGISTRY_LOGIN = `    secrets:
      registry-username: \${{ secrets.REGISTRY_USERNAME }}
      registry-password: \${{ secrets.REGISTRY_PASSWORD }}
`

const LOCAL_PORTS = `# Of the demo only: a free port of this machine, beside whatever else runs on it.
services:
  proxy:
    ports: !override ['\${HTTPS_ADDRESS}:443']
`

/** Terraform merges files named `*_override.tf` over the others; a real team's repository has none of this. */
const LOCAL_OVERRIDE = `# Of the demo only: points Terraform at the AWS that runs on this machine.
${s3Backend('dev.tfstate')}
provider "aws" {
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_region_validation      = true
  skip_requesting_account_id  = true
  s3_use_path_style           = true
  max_retries                 = 2
}
`
