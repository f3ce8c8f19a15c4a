import { isMap, isScalar, LineCounter, parse, parseDocument, visit } from 'yaml'

/** A rule of the workflows that a file breaks, at a line. */
export interface Violation {
  readonly rule: string
  readonly line: number
  readonly problem: string
}

interface Workflow {
  permissions?: unknown
  defaults?: { run?: { shell?: string } }
  concurrency?: unknown
  on?: Record<string, unknown> | string | string[]
  jobs?: Record<string, Job>
}

interface Job {
  permissions?: unknown
  uses?: string
  secrets?: unknown
  if?: unknown
  needs?: string | string[]
  environment?: unknown
  concurrency?: { group?: string; queue?: string; 'cancel-in-progress'?: unknown }
  'timeout-minutes'?: unknown
  container?: string | { image?: string }
  services?: Record<string, string | { image?: string }>
  steps?: Step[]
}

interface Step {
  name?: string
  uses?: string
  run?: string
  shell?: string
  env?: Record<string, unknown>
  if?: unknown
  with?: Record<string, unknown>
}

const PINNED = /^[\w.-]+\/[\w./-]+@[0-9a-f]{40}$/
const VERSION_COMMENT = /^ v\d+\.\d+\.\d+\b/
const OWN_ACTION = /^[\w.-]+\/[\w.-]+\/actions\/[\w-]+@/
const OWN_WORKFLOW = /^(?:\$|\.)\/\.github\/workflows\/[\w.-]+\.ya?ml$/
/** Which job of ours may write to the world outside GitHub: it is serialised and belongs to an environment. */
const CHANGES_THE_WORLD = /actions\/(terraform-apply|deploy-[a-z0-9]+|ansible-playbook)$/

/** Signs in at a cloud, or signs an attestation. */
const needsIdentity = (step: Step) =>
  (step.with !== undefined && 'aws-role-arn' in step.with) || step.uses?.startsWith('actions/attest@') === true

/**
 * Rules R29 to R36 of our reusable workflows. A caller's workflow (`kind: 'caller'`) has no steps of ours, so only what
 * holds for any job is asked of it.
 */
export function checkWorkflow(text: string, kind: 'reusable' | 'caller'): Violation[] {
  const counter = new LineCounter()
  const document = parseDocument(text, { lineCounter: counter })
  const workflow = (document.toJS() ?? {}) as Workflow
  const violations: Violation[] = []
  const lineOf = (...path: (string | number)[]): number => {
    const node = document.getIn(path, true)
    const range = node !== null && typeof node === 'object' && 'range' in node ? (node.range as number[] | null) : null
    return range ? counter.linePos(range[0] ?? 0).line : 1
  }
  const report = (rule: string, line: number, problem: string) => violations.push({ rule, line, problem })

  if (JSON.stringify(workflow.permissions) !== '{}')
    report('R29', lineOf('permissions'), 'permissions at the top are not {}')
  visit(document, {
    Pair(_, pair) {
      if (!isScalar(pair.key) || pair.key.value !== 'permissions' || !isMap(pair.value)) return
      for (const grant of pair.value.items)
        if (isScalar(grant.value) && !grant.value.comment?.trim())
          report(
            'R29',
            counter.linePos(grant.value.range?.[0] ?? 0).line,
            `the grant of ${String(grant.key)} does not say why`,
          )
    },
  })
  visit(document, {
    Pair(_, { key, value }) {
      if (!isScalar(key) || key.value !== 'if' || !isScalar(value) || !/^BLOCK_/.test(value.type ?? '')) return
      if (String(value.value).includes('${{'))
        report(
          'R35',
          counter.linePos(value.range?.[0] ?? 0).line,
          'an expression in a block has its spaces around it: the condition is always true',
        )
    },
  })
  if (kind === 'reusable' && workflow.defaults?.run?.shell !== 'bash')
    report('R34', 1, 'defaults.run.shell is not bash, so pipes hide failures')
  if (/github\.job_workflow_sha/.test(text)) report('R31', 1, 'github.job_workflow_sha is never set')
  const triggers =
    typeof workflow.on === 'string'
      ? [workflow.on]
      : Array.isArray(workflow.on)
        ? workflow.on
        : Object.keys(workflow.on ?? {})
  if (triggers.includes('pull_request_target'))
    report('R31', lineOf('on'), 'pull_request_target runs with secrets on foreign code')
  if (kind === 'reusable' && workflow.concurrency !== undefined)
    report('R33', lineOf('concurrency'), 'concurrency belongs to the job: the group of a workflow is its caller’s')

  for (const [name, job] of Object.entries(workflow.jobs ?? {})) checkJob(name, job)
  return violations

  function checkJob(name: string, job: Job): void {
    const line = lineOf('jobs', name)
    if (job.permissions === undefined) report('R29', line, `job ${name} has no permissions of its own`)
    if (job.permissions === 'write-all' || job.permissions === 'read-all')
      report('R29', line, `job ${name} takes ${job.permissions}`)
    if (job.secrets === 'inherit') report('R31', line, `job ${name} inherits every secret`)
    checkCondition(`job ${name}`, job.if, lineOf('jobs', name, 'if'))
    checkNeeds(name, job, line)
    if (job.uses !== undefined) {
      if (kind === 'reusable' && !OWN_WORKFLOW.test(job.uses))
        report('R31', line, `job ${name} calls ${job.uses}, which is no workflow of this repository and commit`)
      return
    }
    if (job['timeout-minutes'] === undefined) report('R34', line, `job ${name} has no timeout-minutes`)
    for (const container of [job.container, ...Object.values(job.services ?? {})]) {
      const image = typeof container === 'string' ? container : container?.image
      if (image !== undefined && !/@sha256:[0-9a-f]{64}$/.test(image))
        report('R31', line, `job ${name} runs the image ${image} without a digest`)
    }
    const steps = job.steps ?? []
    const identity = (job.permissions as Record<string, string> | undefined)?.['id-token'] === 'write'
    if (identity && !steps.some(needsIdentity))
      report('R36', line, `job ${name} may ask for an identity token and has no step that needs one`)
    if (steps.some(step => CHANGES_THE_WORLD.test(step.uses ?? ''))) checkSerialised(name, job, line)
    steps.forEach((step, index) => checkStep(name, step, index))
  }

  /** A job that runs whatever became of its needs must look at what became of them: a skipped one is no success. */
  function checkNeeds(name: string, job: Job, line: number): void {
    if (job.needs === undefined || !/!\s*cancelled\(\)|\bfailure\(\)/.test(String(job.if ?? ''))) return
    const words = JSON.stringify([job.if, job.steps])
    const unasked = [job.needs].flat().filter(need => !words.includes(`needs.${need}.result`))
    if (unasked.length > 0 && !words.includes('needs.*.result'))
      report('R35', line, `job ${name} goes on whatever became of ${unasked.join(', ')}`)
  }

  function checkSerialised(name: string, job: Job, line: number): void {
    if (job.environment !== '${{ inputs.environment }}')
      report('R33', line, `job ${name} changes the world outside of the environment that the caller names`)
    const { group = '', queue } = job.concurrency ?? {}
    if (!/^slipway-[a-z-]+-\$\{\{ ?inputs\.environment ?\}\}$/.test(group))
      report('R33', line, `the concurrency group of job ${name} is not a literal prefix with the environment`)
    if (queue !== 'max') report('R33', line, `job ${name} drops waiting runs: concurrency.queue is not max`)
    if (job.concurrency?.['cancel-in-progress'] !== false)
      report('R33', line, `job ${name} may be cancelled by a newer run`)
  }

  function checkStep(name: string, step: Step, index: number): void {
    const line = lineOf('jobs', name, 'steps', index)
    checkCondition(`step ${index + 1} of job ${name}`, step.if, line)
    if (step.run?.includes('${{'))
      report('R30', line, 'an expression inside run: reaches the shell as code; hand it over by env:')
    // An input `script` of an action of ours is a path.
    const isOurs = step.uses?.startsWith('$/') ?? false
    if (!isOurs && typeof step.with?.['script'] === 'string' && step.with['script'].includes('${{'))
      report('R30', line, 'an expression inside script: is code')
    for (const variable of bareVariables(step))
      report('R30', line, `$${variable} stands outside of quotes: the shell splits it and expands its patterns`)
    if (step.shell !== undefined && step.shell !== 'bash')
      report('R34', line, `step ${index + 1} of job ${name} runs in ${step.shell}, so pipes hide failures`)
    const uses = step.uses
    if (uses === undefined || uses.startsWith('$/')) return
    const node = document.getIn(['jobs', name, 'steps', index, 'uses'], true)
    if (uses.startsWith('./')) report('R31', line, `${uses} is the caller's file: use $/`)
    else if (OWN_ACTION.test(uses)) report('R31', line, `${uses} is not of this commit: use $/`)
    else if (!PINNED.test(uses)) report('R31', line, `${uses} is not pinned by a full SHA`)
    else if (!VERSION_COMMENT.test((isScalar(node) ? node.comment : undefined) ?? ''))
      report('R31', line, `${uses} does not name its version in a comment`)
    if (uses.startsWith('actions/checkout@') && step.with?.['persist-credentials'] !== false)
      report('R32', line, 'the checkout leaves its token behind: persist-credentials is not false')
  }

  function checkCondition(where: string, condition: unknown, line: number): void {
    if (condition === undefined) return
    const words = String(condition)
    const expressions = words.split('${{').length - 1
    if (/^(true|1)$/.test(words.trim()) || (expressions > 0 && !(expressions === 1 && /^\$\{\{[^]*\}\}$/.test(words))))
      report(
        'R35',
        line,
        `the condition of ${where} is always true: it is constant, or text stands around its expression`,
      )
    if (/\balways\(\)/.test(words))
      report('R35', line, `${where} runs with always(): a cancelled run goes on; use !cancelled()`)
  }
}

/** Variables that a step fills from an expression and reads without quotes. Results of jobs are words of GitHub's own. */
function bareVariables({ run, env }: Step): string[] {
  const unquoted = (run ?? '').replace(/"[^"]*"/g, '')
  return Object.entries(env ?? {})
    .filter(([, value]) => /\$\{\{/.test(String(value)) && !/needs\.\*\.result/.test(String(value)))
    .map(([name]) => name)
    .filter(name => new RegExp(`\\$\\{?${name}\\b`).test(unquoted))
}

/** Every group of a workflow, as it is written. */
export function concurrencyGroups(text: string): string[] {
  const { concurrency, jobs } = parse(text) as Workflow
  return [concurrency, ...Object.values(jobs ?? {}).map(job => job.concurrency)].flatMap(given => {
    const group = typeof given === 'string' ? given : (given as { group?: string } | undefined)?.group
    return group === undefined ? [] : [group.replace(/\s+/g, '').toLowerCase()]
  })
}
