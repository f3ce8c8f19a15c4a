import { mkdir } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import type { LocalGitHub } from '../local-github/local-github.ts'
import { createJobExecutor } from '../local-github/runner/execute-job.ts'
import { startRunner, type Runner } from '../local-github/runner/runner.ts'
import { importLibrary } from '../local-github/seed.ts'
import { startServer } from '../local-github/server/server.ts'
import { standInApplication, type ApplicationParts, type PartsTold, type StandIn } from './application-parts.ts'
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
  /** What builds and runs the application: by default, what stands in for an engine. */
  readonly application?: (folder: string, gitFolder: string) => Promise<ApplicationParts>
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
  readonly told: PartsTold
  readonly path: string
  readonly variables: Readonly<Record<string, string>>
  readonly aws: LocalAws | undefined
  readonly terraform: string
  /** What does not work on the real thing, and why. */
  readonly standIn: StandIn
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
    const application = await (options.application ?? standInApplication)(options.folder, github.gitFolder(shop.id))
    closing.push(() => application.close())
    const ofShop = { repositoryId: shop.id, environment: '' }
    for (const [name, value] of Object.entries({ ...SECRETS, ...application.secrets }))
      github.store.secrets.insert({ ...ofShop, name, value })
    for (const [name, value] of Object.entries(application.variables))
      github.store.variables.insert({ ...ofShop, name, value })
    github.store.environments.insert({ repositoryId: shop.id, ...PRODUCTION, ...timesOf(github) })
    const tokenOf = (login: string) => github.mintToken({ login, kind: 'user' })
    const remote = `${github.url}/acme/shop.git`.replace('://', `://x-access-token:${tokenOf(mira.login)}@`)
    const copy = await makeShop(options.checkout, join(options.folder, 'shop'), remote, application)
    // The team's branches as they were before the story: no runner listens yet.
    await copy.git('push', '--quiet', 'origin', 'main', 'main:infra_main', 'main:integration', 'main:deployment')
    const executor = createJobExecutor(github, {
      path: tools.path,
      env: { ...tools.variables, ...application.environment },
      programs: application.programs,
      standInOf: uses => [tools.standIn, ...application.standIns].find(({ actions }) => actions.test(uses))?.words,
    })
    const runner = startRunner(github, { execute: executor.execute, concurrency: JOBS_AT_ONCE })
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
      docker: application.docker,
      noDeploy: application.noDeploy,
      askProduction: application.askProduction,
    }
    return { stage, runner, aws: tools.aws, parts: partsOf(tools.told, application.told), close }
  } catch (error) {
    await close()
    throw error
  }
}

/** Whatever the machine has: most of a job is waiting for AWS, for containers and for the load test's end. */
const JOBS_AT_ONCE = 4

/** Of the story's repository; nobody's. */
const SECRETS = {
  PLAN_KEY: 'a-long-random-text-that-only-the-demo-uses',
  AWS_ACCESS_KEY_ID: 'AKIADEMODEMODEMODEMO',
  AWS_SECRET_ACCESS_KEY: 'demo-secret-access-key-of-nobody-0123456',
}

/** Jonas has to agree to a deploy. */
const PRODUCTION = {
  name: 'production',
  reviewers: ['jonas'],
  preventSelfReview: false,
  waitTimer: 0,
  branchPolicies: ['deployment'],
}

function timesOf(github: LocalGitHub): { createdAt: string; updatedAt: string } {
  const time = new Date(github.now()).toISOString().replace(/\.\d+Z$/, 'Z')
  return { createdAt: time, updatedAt: time }
}

function partsOf(...told: readonly PartsTold[]): string[] {
  const titles = { Real: 'real', 'Stands in': 'standsIn', 'Not run': 'notRun' } as const
  return Object.entries(titles).flatMap(([title, kind]) => {
    const parts = told.flatMap(one => one[kind])
    return parts.length === 0 ? [] : [`**${title}**: ${parts.join('; ')}.`]
  })
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
      told: {
        real,
        standsIn: [standIn, "recordings of terraform's real runs on these very files for terraform"],
        notRun: [`the apply, since ${missing} is not on this machine`],
      },
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
    told: { real: [...real, terraform], standsIn: [standIn, 'moto for AWS'], notRun: [] },
    path: [...(record ? [launcher] : []), dirname(tools.terraform.path), path].join(delimiter),
    variables: { ...variables, AWS_ENDPOINT_URL: aws.url },
    aws,
    terraform,
    standIn: { actions: /\/terraform-(plan|apply)$/, words: 'moto stood in for AWS; terraform is real' },
    noApply: undefined,
  }
}
