/** `npm run demo`: plays the story of a change on a GitHub that runs on this machine, and writes what happened as pages. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { siteOf, writeSite } from '../local-github/pages/site.ts'
import { startRunner } from '../local-github/runner/runner.ts'
import { importLibrary } from '../local-github/seed.ts'
import { startServer } from '../local-github/server/server.ts'
import { GitHubApi } from './github-api.ts'
import { startLocalAws } from './local-aws.ts'
import { findMachineTools, findProviderMirror, writeCliConfig } from './machine-tools.ts'
import { installRecorded } from './recorded-terraform.ts'
import { makeShop } from './repositories.ts'
import { playStory } from './story.ts'
import { noteOf, tableOf, tellJobs } from './telling.ts'

const CHECKOUT = join(import.meta.dirname, '..')
const OUTPUT = join(CHECKOUT, 'demo-output')

const recording = process.argv.includes('--record')
const began = Date.now()
const aborter = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => aborter.abort(new Error(`stopped by ${signal}`)))

const closing: (() => Promise<void> | void)[] = []
try {
  await play()
} catch (error) {
  console.error(`\n${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = aborter.signal.aborted ? 130 : 1
} finally {
  for (const close of closing.reverse()) await close()
}

async function play(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-demo-'))
  closing.push(() => rm(folder, { recursive: true, force: true }))
  const tools = await findMachineTools(process.env)
  const { parts, path, variables, noApply, terraform } = await prepareTools(folder, tools)
  for (const part of parts) console.log(part.replaceAll('`', ''))

  const github = await startServer({ stateFolder: join(folder, 'state') })
  closing.push(() => github.close())
  const mira = github.createAccount({ login: 'mira', type: 'User', name: 'Mira Holt', email: 'mira@shop.example' })
  const jonas = github.createAccount({
    login: 'jonas',
    type: 'User',
    name: 'Jonas Brandt',
    email: 'jonas@shop.example',
  })
  await importLibrary(github, CHECKOUT)
  github.createAccount({ login: 'acme', type: 'Organization' })
  const shop = github.createRepository({
    fullName: 'acme/shop',
    description: 'A team that uses Slipway',
    private: true,
  })
  github.store.repositories.update(shop.id, { collaborators: { [mira.login]: 'write', [jonas.login]: 'maintain' } })
  for (const [name, value] of Object.entries({
    PLAN_KEY: 'a-long-random-text-that-only-the-demo-uses',
    AWS_ACCESS_KEY_ID: 'AKIADEMODEMODEMODEMO',
    AWS_SECRET_ACCESS_KEY: 'demo-secret-access-key-of-nobody-0123456',
  }))
    github.store.secrets.insert({ repositoryId: shop.id, environment: '', name, value })
  const tokenOf = (login: string) => github.mintToken({ login, kind: 'user' })
  const remote = `${github.url}/acme/shop.git`.replace('://', `://x-access-token:${tokenOf(mira.login)}@`)
  const copy = await makeShop(CHECKOUT, join(folder, 'shop'), remote)
  // The team's branches as they were before the story; no runner listens yet.
  await copy.git('push', '--quiet', 'origin', 'main', 'main:infra_main', 'main:integration', 'main:deployment')

  const runner = await startRunner(github, { toolPath: path, env: variables })
  closing.push(() => runner.close())
  closing.push(tellJobs(github, console.log))
  const chapters = await playStory({
    github,
    shop,
    copy,
    mira: new GitHubApi(github.apiUrl, tokenOf(mira.login)),
    jonas: new GitHubApi(github.apiUrl, tokenOf(jonas.login)),
    idle: () => runner.idle(),
    print: line => console.log(line),
    signal: aborter.signal,
    terraform,
    noApply,
  })
  const page = await writeSite(siteOf(github, { note: noteOf(chapters, parts) }), OUTPUT)
  console.log(`\n${tableOf(chapters)}\n`)
  console.log(`Played in ${((Date.now() - began) / 1000).toFixed(0)} s. Open ${relative(process.cwd(), page) || page}`)
}

async function prepareTools(
  folder: string,
  tools: Awaited<ReturnType<typeof findMachineTools>>,
): Promise<{
  parts: string[]
  path: string
  variables: Record<string, string>
  noApply: string | undefined
  terraform: string
}> {
  const path = process.env['PATH'] ?? ''
  const parts = [
    'Real: git, the workflows, the actions from their `dist/`, every request to the GitHub of this machine.',
  ]
  const launcher = join(folder, 'bin')
  if (!tools.terraform) {
    await installRecorded(launcher, undefined)
    parts.push(
      'Stood in: `terraform` is not on this machine, so recordings of real runs on the same files answer for it; apply is not run.',
    )
    return {
      parts,
      path: `${launcher}:${path}`,
      variables: {},
      noApply: 'terraform is not on this machine',
      terraform: 'recorded terraform',
    }
  }
  const terraform = `${tools.terraform.name} ${tools.terraform.version}`
  parts.push(`Real: \`${terraform}\`.`)
  const variables: Record<string, string> = {}
  const mirror = await findProviderMirror(process.env)
  if (mirror !== undefined) {
    const config = join(folder, 'terraform.rc')
    await writeCliConfig(config, mirror)
    variables['TF_CLI_CONFIG_FILE'] = config
  }
  const cache = join(folder, 'providers')
  await mkdir(cache)
  if (mirror === undefined) variables['TF_PLUGIN_CACHE_DIR'] = cache
  if (recording) await installRecorded(launcher, tools.terraform.path)
  const toolPath = [...(recording ? [launcher] : []), dirname(tools.terraform.path), path].join(':')
  if (!tools.moto) {
    parts.push('Missing: `moto_server` (AWS on this machine), so nothing can be planned against a state or applied.')
    await installRecorded(launcher, undefined)
    return {
      parts,
      path: `${launcher}:${path}`,
      variables: {},
      noApply: 'moto is not on this machine',
      terraform: 'recorded terraform',
    }
  }
  const aws = await startLocalAws(tools.moto, folder)
  closing.push(() => aws.close())
  parts.push(
    'Stood in: moto for AWS. Terraform talks to it as it would to AWS; nothing outside of this machine is touched.',
  )
  return {
    parts,
    path: toolPath,
    variables: { ...variables, AWS_ENDPOINT_URL: aws.url },
    noApply: undefined,
    terraform,
  }
}
