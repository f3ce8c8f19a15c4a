import { mkdir } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { createJobExecutor } from '../local-github/runner/execute-job.ts'
import { startRunner, type Runner } from '../local-github/runner/runner.ts'
import { importLibrary } from '../local-github/seed.ts'
import { startServer } from '../local-github/server/server.ts'
import { GitHubApi } from './github-api.ts'
import { startLocalAws, type LocalAws } from './local-aws.ts'
import { findProviderMirror, writeCliConfig, type MachineTools } from './machine-tools.ts'
import { installRecorded } from './recorded-terraform.ts'
import { makeShop } from './repositories.ts'
import type { Stage } from './story.ts'

export interface StageOptions {
  readonly checkout: string
  /** Of this stage alone; the caller removes it. */
  readonly folder: string
  readonly tools: MachineTools
  /** Makes the recordings that answer where terraform is not. */
  readonly record: boolean
  readonly print: (line: string) => void
  readonly signal: AbortSignal
}

export interface SetStage {
  readonly stage: Stage
  readonly runner: Runner
  readonly aws: LocalAws | undefined
  /** What is real and what stands in, in Markdown. */
  readonly parts: readonly string[]
  close(): Promise<void>
}

interface Tools {
  readonly parts: readonly string[]
  readonly path: string
  readonly variables: Readonly<Record<string, string>>
  readonly aws: LocalAws | undefined
  readonly terraform: string
  /** What does not work on the real thing, and why. */
  readonly standIn: { readonly actions: RegExp; readonly words: string }
  readonly noApply: string | undefined
}

/** A local GitHub with the library, the team's repository and its people, and what they need of tools. */
export async function setStage(options: StageOptions): Promise<SetStage> {
  const closing: (() => Promise<void>)[] = []
  const close = async () => {
    for (const end of closing.splice(0).reverse()) await end()
  }
  try {
    options.signal.throwIfAborted()
    const tools = await prepareTools(options)
    if (tools.aws) closing.push(tools.aws.close)
    options.signal.throwIfAborted()
    const github = await startServer({ stateFolder: join(options.folder, 'state') })
    closing.push(() => github.close())
    await importLibrary(github, options.checkout)
    const mira = github.createAccount({ login: 'mira', type: 'User', name: 'Mira Holt', email: 'mira@shop.example' })
    const jonas = github.createAccount({
      login: 'jonas',
      type: 'User',
      name: 'Jonas Brandt',
      email: 'jonas@shop.example',
    })
    github.createAccount({ login: 'acme', type: 'Organization' })
    const shop = github.createRepository({
      fullName: 'acme/shop',
      description: 'A team that uses Slipway',
      private: true,
    })
    github.store.repositories.update(shop.id, { collaborators: { [mira.login]: 'write', [jonas.login]: 'maintain' } })
    for (const [name, value] of Object.entries(SECRETS))
      github.store.secrets.insert({ repositoryId: shop.id, environment: '', name, value })
    const tokenOf = (login: string) => github.mintToken({ login, kind: 'user' })
    const remote = `${github.url}/acme/shop.git`.replace('://', `://x-access-token:${tokenOf(mira.login)}@`)
    const copy = await makeShop(options.checkout, join(options.folder, 'shop'), remote)
    // The team's branches as they were before the story: no runner listens yet.
    await copy.git('push', '--quiet', 'origin', 'main', 'main:infra_main', 'main:integration', 'main:deployment')
    const executor = createJobExecutor(github, {
      path: tools.path,
      env: tools.variables,
      standInOf: uses => (tools.standIn.actions.test(uses) ? tools.standIn.words : undefined),
    })
    const runner = startRunner(github, { execute: executor.execute })
    closing.push(async () => {
      await Promise.all([runner.close(), executor.close()])
    })
    const stage: Stage = {
      github,
      shop,
      copy,
      mira: new GitHubApi(github.apiUrl, tokenOf(mira.login)),
      jonas: new GitHubApi(github.apiUrl, tokenOf(jonas.login)),
      idle: () => runner.idle(),
      print: options.print,
      signal: options.signal,
      terraform: tools.terraform,
      noApply: tools.noApply,
    }
    return { stage, runner, aws: tools.aws, parts: tools.parts, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** Of the story's repository; nobody's. */
const SECRETS = {
  PLAN_KEY: 'a-long-random-text-that-only-the-demo-uses',
  AWS_ACCESS_KEY_ID: 'AKIADEMODEMODEMODEMO',
  AWS_SECRET_ACCESS_KEY: 'demo-secret-access-key-of-nobody-0123456',
}

async function prepareTools({ tools, folder, record, signal }: StageOptions): Promise<Tools> {
  const path = process.env['PATH'] ?? ''
  const launcher = join(folder, 'bin')
  const real = ['git', 'the workflows', 'the actions from their `dist/`', 'every request that they make']
  const standIn = "a GitHub on this machine for github.com and for GitHub's own actions"
  const missing =
    tools.terraform === undefined ? 'terraform' : tools.moto === undefined ? 'moto (AWS on this machine)' : undefined
  if (tools.terraform === undefined || tools.moto === undefined) {
    await installRecorded(launcher, undefined)
    return {
      parts: [
        `**Real**: ${real.join(', ')}.`,
        `**Stands in**: ${standIn}; recordings of terraform's real runs on these very files for terraform.`,
        `**Not run**: apply, since ${missing} is not on this machine.`,
      ],
      path: [launcher, path].join(delimiter),
      variables: {},
      aws: undefined,
      terraform: 'recorded terraform',
      standIn: {
        actions: /\/terraform-(validate|plan)$/,
        words: `${missing} is not on this machine: a recorded run of terraform on the same files answered`,
      },
      noApply: `${missing} is not on this machine`,
    }
  }
  const terraform = `${tools.terraform.name} ${tools.terraform.version}`
  const variables: Record<string, string> = {}
  const mirror = await findProviderMirror(process.env)
  if (mirror === undefined) {
    variables['TF_PLUGIN_CACHE_DIR'] = join(folder, 'providers')
    await mkdir(variables['TF_PLUGIN_CACHE_DIR'])
  } else {
    variables['TF_CLI_CONFIG_FILE'] = join(folder, 'terraform.rc')
    await writeCliConfig(variables['TF_CLI_CONFIG_FILE'], mirror)
  }
  if (record) await installRecorded(launcher, tools.terraform.path)
  const aws = await startLocalAws(tools.moto, folder, signal)
  return {
    parts: [
      `**Real**: ${[...real, terraform].join(', ')}.`,
      `**Stands in**: ${standIn}; moto for AWS. Terraform talks to it as it would to AWS.`,
    ],
    path: [...(record ? [launcher] : []), dirname(tools.terraform.path), path].join(delimiter),
    variables: { ...variables, AWS_ENDPOINT_URL: aws.url },
    aws,
    terraform,
    standIn: { actions: /\/terraform-(plan|apply)$/, words: 'moto stood in for AWS; terraform is real' },
    noApply: undefined,
  }
}
