import { EventEmitter } from 'node:events'
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { inputs as applySpec, type Inputs as ApplyInputs } from '../../actions/terraform-apply/src/inputs.ts'
import { inputs as planSpec, type Inputs as PlanInputs } from '../../actions/terraform-plan/src/inputs.ts'
import { findProviderMirror, writeCliConfig } from '../../demo/machine-tools.ts'
import { childEnvironment, environmentOf } from '../../kit/adapters/environment.ts'
import { systemExec } from '../../kit/adapters/exec.ts'
import { systemFiles } from '../../kit/adapters/files.ts'
import { systemHttp } from '../../kit/adapters/http.ts'
import { systemRandom } from '../../kit/adapters/random.ts'
import { systemTools } from '../../kit/adapters/tools.ts'
import { inputsOf } from '../support/action-inputs.ts'
import type { Ports, RunContext } from '../../kit/ports.ts'
import { FakeChecks, FakeComments, FakeLog, FakeSummary, makeRun } from '../support/fakes.ts'
import { makeWorld } from '../actions/terraform-plan/fake-terraform.ts'

export const KEY = 'a key of sixteen characters'
const HEAD = 'a'.repeat(40)

/** Beside the defaults of action.yml. */
const GIVEN = { roots: 'infra', 'lock-timeout': '10s' }

export function planInputs(values: Record<string, string> = {}): PlanInputs {
  return inputsOf('terraform-plan', planSpec, { ...GIVEN, ...values })
}

export function applyInputs(values: Record<string, string> = {}): ApplyInputs {
  return inputsOf('terraform-apply', applySpec, { ...GIVEN, 'plan-results': 'plan-results', ...values })
}

/** A checkout with a root, a real terraform and real processes and files; only GitHub is played. */
export interface RealWorld {
  readonly workspace: string
  readonly log: FakeLog
  readonly summary: FakeSummary
  readonly comments: FakeComments
  readonly signals: EventEmitter
  readonly ports: Ports
  git(...args: string[]): string
  /** The same checkout in the run that a merge starts, with logs of its own; what was applied is remembered. */
  merged(sha?: string): RealWorld
  /** Puts the folder of plan results where the workflow downloads it to. */
  download(folder: string): void
}

export async function makeRealWorld(
  folder: string,
  variables: Record<string, string> = {},
  changes: Partial<Ports> = {},
): Promise<RealWorld> {
  const workspace = join(folder, 'checkout')
  mkdirSync(join(workspace, 'infra'), { recursive: true })
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', ...args], {
      cwd: workspace,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  git('init', '--quiet')
  writeFileSync(join(workspace, '.gitignore'), '.terraform/\n*.tfstate*\nplan-results/\n')
  const own: Record<string, string> = { PATH: process.env['PATH'] ?? '', HOME: folder, ...variables }
  Object.assign(own, await cliConfig(folder))
  return worldOf({ folder, workspace, variables: own, git, changes, run: makeRun(), applied: [] })
}

/** The variable by which Terraform finds this machine's providers; its file lies in `folder`. */
export async function cliConfig(folder: string): Promise<Record<string, string>> {
  const mirror = await findProviderMirror(process.env)
  const configured = process.env['TF_CLI_CONFIG_FILE']
  if (mirror === undefined) return configured === undefined ? {} : { TF_CLI_CONFIG_FILE: configured }
  const path = join(folder, 'terraform.rc')
  await writeCliConfig(path, mirror)
  return { TF_CLI_CONFIG_FILE: path }
}

interface Place {
  readonly folder: string
  readonly workspace: string
  readonly variables: Record<string, string>
  readonly git: RealWorld['git']
  readonly changes: Partial<Ports>
  readonly run: RunContext
  /** Commits, the newest last. */
  readonly applied: string[]
}

function worldOf(place: Place): RealWorld {
  const { folder, workspace, variables, git, changes, run, applied } = place
  const log = new FakeLog()
  const summary = new FakeSummary()
  const comments = new FakeComments()
  const signals = new EventEmitter()
  const environment = environmentOf(variables)
  const exec = systemExec({
    environment: () => childEnvironment(variables, []),
    cwd: workspace,
    signals: signals as unknown as Pick<NodeJS.Process, 'on' | 'off'>,
  })
  const temporary = join(folder, 'temporary')
  const repository = {
    mergedPullRequests: async (sha: string) => [
      {
        number: 42,
        headSha: HEAD,
        headRef: 'topic',
        baseRef: 'infra_main',
        mergeCommitSha: sha,
        url: 'https://github.example/pull/42',
      },
    ],
    successfulRuns: async () => [
      {
        id: 99,
        attempt: 1,
        headSha: HEAD,
        event: 'pull_request',
        path: '.github/workflows/terraform-plan.yml',
        url: '',
      },
    ],
    runsAt: async () => [],
    treeOf: async () => git('rev-parse', 'HEAD^{tree}'),
    changedFiles: async () => [],
    compare: async () => 'ahead' as const,
    hasRequiredReviewers: async () => false,
    labels: async () => [],
    readFile: async (_sha: string, path: string) => {
      try {
        return new TextEncoder().encode(git('show', `HEAD:${path}`))
      } catch {
        return undefined
      }
    },
    readFolder: async () => undefined,
  }
  const deployments: Ports['deployments'] = {
    deployedSha: async () => undefined,
    lastSuccess: async () => applied.slice(-1).map(sha => ({ sha, url: '' }))[0],
    create: async () => ({ id: 1 }),
    setStatus: async (_id, state) => void (state === 'success' && applied.push(run.sha)),
  }
  const ports: Ports = {
    ...makeWorld().ports,
    ...{ log, summary, comments, exec, environment, repository, deployments, run, checks: new FakeChecks() },
    files: systemFiles({ workspace, temporary, confined: true }),
    random: systemRandom,
    tools: systemTools({ exec, log, environment, temporary }),
    http: systemHttp('slipway (test)'),
    ...changes,
  }
  return {
    ...{ workspace, log, summary, comments, signals, ports, git },
    merged: (sha = 'f'.repeat(40)) =>
      worldOf({
        ...place,
        run: makeRun({ sha, eventName: 'push', pullRequest: undefined, runId: 120 }),
      }),
    download: results => cpSync(results, join(workspace, 'plan-results'), { recursive: true }),
  }
}

/** Writes a root's configuration and commits it. */
export function commitRoot(world: RealWorld, files: Readonly<Record<string, string>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(world.workspace, path)), { recursive: true })
    writeFileSync(join(world.workspace, path), content)
  }
  world.git('add', '--all')
  world.git('commit', '--quiet', '--message', 'Change the root')
}
