import { CommandError } from '../../../kit/errors.ts'
import type { Command, Completed, Ports, Tool } from '../../../kit/ports.ts'
import {
  FakeChecks,
  FakeExec,
  FakeClock,
  FakeComments,
  FakeFiles,
  FakeLog,
  FakeRandom,
  FakeSummary,
  makeRun,
} from '../../support/fakes.ts'

export const TREE = 'c'.repeat(40)
export const PLAN_BYTES = 'bytes of the plan file'

export interface FakeTerraform {
  /** JSON of `show`. */
  readonly plan?: string
  /** JSON of `show` of the state. */
  readonly state?: string
  /** Event lines and exit code of `plan` and `apply`. */
  readonly planEnds?: Partial<Completed>
  /** In turn, the last one again and again. */
  readonly applyEnds?: Partial<Completed> | readonly Partial<Completed>[]
  readonly initEnds?: Partial<Completed>
  readonly outputs?: string
  readonly tree?: string
  /** How the state of a file is saved. */
  readonly pushEnds?: Partial<Completed>
  /** What policies say. */
  readonly conftestEnds?: Partial<Completed>
}

/** A terraform that answers from given texts, and leaves a plan file where it is told to. */
export function fakeTerraform(files: FakeFiles, says: FakeTerraform): FakeExec {
  const applies = [says.applyEnds ?? {}].flat()
  return new FakeExec((command: Command) => {
    if (command.file === 'git')
      return { stdout: `${command.args.at(-1) === 'HEAD^{tree}' ? (says.tree ?? TREE) : TREE}\n` }
    if (command.file === 'bash') return {}
    const [verb = ''] = command.args
    if (verb === 'init') return says.initEnds ?? {}
    if (verb === 'plan') {
      const out = command.args.find(arg => arg.startsWith('-out='))?.slice('-out='.length)
      if (out !== undefined) files.content.set(out, PLAN_BYTES)
      return { exitCode: 2, ...says.planEnds }
    }
    if (verb === 'show' && command.args.at(-1) === '-no-color')
      return { stdout: says.state ?? '{"format_version":"1.0"}' }
    if (verb === 'show') return { stdout: says.plan ?? '{"resource_changes":[]}' }
    if (verb === 'apply') return (applies.length > 1 ? applies.shift() : applies[0]) ?? {}
    if (verb === 'output') return { stdout: says.outputs ?? '{}' }
    if (verb === 'workspace' || verb === 'fmt' || verb === 'untaint') return {}
    if (verb === 'state') return says.pushEnds ?? {}
    if (verb === 'validate') return { stdout: '{"valid":true,"diagnostics":[]}' }
    if (verb === 'test') return says.conftestEnds ?? {}
    throw new CommandError({ ...command, exitCode: 1, stderr: `unexpected ${verb}` })
  })
}

const TERRAFORM: Tool = { name: 'terraform', path: '/bin/terraform', version: '1.11.4', origin: 'path' }

export interface World {
  readonly files: FakeFiles
  readonly log: FakeLog
  readonly summary: FakeSummary
  readonly comments: FakeComments
  readonly checks: FakeChecks
  readonly exec: FakeExec
  readonly saved: Map<string, string>
  readonly variables: Record<string, string>
  readonly ports: Ports
}

/** All ports as fakes; what a test does not expect to be used throws. */
export function makeWorld(says: FakeTerraform = {}, changes: Partial<Ports> = {}): World {
  const files = new FakeFiles({ 'infra/main.tf': '', 'infra/.terraform.lock.hcl': 'locked' })
  const log = new FakeLog()
  const summary = new FakeSummary()
  const comments = new FakeComments()
  const checks = new FakeChecks()
  const exec = fakeTerraform(files, says)
  const saved = new Map<string, string>()
  const variables: Record<string, string> = {}
  const unused = () => Promise.reject(new Error('no test expects this to be asked'))
  const ports: Ports = {
    files,
    log,
    summary,
    comments,
    exec,
    leftChildren: { wait: async () => ({ waited: false, killed: false, stdout: '' }) },
    clock: new FakeClock(),
    random: new FakeRandom(),
    run: makeRun(),
    tools: { find: async () => TERRAFORM },
    state: { save: (name, value) => void saved.set(name, value) },
    environment: { get: name => variables[name] },
    issues: { raise: unused, resolve: unused },
    statuses: { set: unused },
    checks,
    deployments: { deployedSha: unused, lastSuccess: unused, create: unused, setStatus: unused },
    labels: { add: unused, remove: unused },
    commits: { commit: unused },
    repository: {
      ...{ mergedPullRequests: unused, successfulRuns: unused, runsAt: unused, treeOf: unused, changedFiles: unused },
      ...{ compare: unused, hasRequiredReviewers: unused, labels: unused },
      // The web server of the fixtures is open to everybody, and should be.
      readFolder: unused,
      readFile: async () => new TextEncoder().encode('allow aws_security_group on expose'),
    },
    pullRequests: {
      read: unused,
      commits: async () => [],
      changedFiles: unused,
      comment: unused,
      labelledBy: unused,
      permissionOf: unused,
      react: unused,
      approvals: async () => [],
      dismissApproval: unused,
    },
    workflowRuns: { rerunFailed: unused },
    identity: { token: unused },
    http: { request: unused },
    loadGenerator: { run: unused },
    ...changes,
  }
  return { files, log, summary, comments, checks, exec, saved, variables, ports }
}

/** Everything that a run wrote where others can read it. */
export function publishedText({ log, summary, comments, files }: World): string {
  const results = [...files.content].filter(([path]) => path.includes('results') && path.endsWith('.json'))
  return [
    log.text(),
    summary.text(),
    ...comments.written.map(({ body }) => body),
    ...results.map(([, content]) => String(content)),
  ].join('\n')
}
