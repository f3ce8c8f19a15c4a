import * as acknowledgeInputs from '../../../actions/terraform-acknowledge/src/inputs.ts'
import * as acknowledge from '../../../actions/terraform-acknowledge/src/main.ts'
import * as applyInputs from '../../../actions/terraform-apply/src/inputs.ts'
import * as apply from '../../../actions/terraform-apply/src/main.ts'
import * as driftInputs from '../../../actions/terraform-drift/src/inputs.ts'
import * as drift from '../../../actions/terraform-drift/src/main.ts'
import * as planInputs from '../../../actions/terraform-plan/src/inputs.ts'
import * as plan from '../../../actions/terraform-plan/src/main.ts'
import * as reviewedInputs from '../../../actions/terraform-reviewed-plan/src/inputs.ts'
import * as reviewed from '../../../actions/terraform-reviewed-plan/src/main.ts'
import * as validateInputs from '../../../actions/terraform-validate/src/inputs.ts'
import * as validate from '../../../actions/terraform-validate/src/main.ts'
import type { Action } from '../../../kit/action.ts'
import type { InputSpec } from '../../../kit/inputs.ts'
import type { RunContext } from '../../../kit/ports.ts'
import { checkId, writeRecord } from '../../../kit/terraform/acknowledgement.ts'
import { makeRun } from '../../support/fakes.ts'
import { githubByRoute, type GitHubByRoute, type Routes } from '../../support/github-by-route.ts'
import { refusalOf, type Refusal } from '../../support/refusal.ts'
import { keep, MERGE, MERGED, PLAN_JSON, PLANNED } from '../terraform-apply/merged.ts'
import { outsidePlan } from '../terraform-drift/fixture.ts'
import { makeWorld, TREE, type FakeTerraform, type World } from '../terraform-plan/fake-terraform.ts'
import type { NegativeCase } from './negative-case.ts'

export interface Played extends Refusal {
  /** Errors, warnings and notices of the log. */
  readonly said: readonly string[]
  readonly summary: string
  readonly sent: GitHubByRoute['sent']
  readonly world: World
}

/** An action, in the run that it is made for and that goes well when nothing is changed. */
interface Scene<S extends InputSpec, O extends readonly string[]> {
  readonly action: Action<S, O>
  readonly given: Readonly<Record<string, string>>
  readonly run?: Partial<RunContext>
  readonly terraform?: FakeTerraform
  readonly github?: Routes
  readonly prepare?: (world: World) => void
}

const HOST = { serverUrl: 'https://github.com', apiUrl: 'https://api.github.com' }

async function play<S extends InputSpec, O extends readonly string[]>(
  scene: Scene<S, O>,
  one: Omit<NegativeCase, 'name' | 'summary'>,
): Promise<Played> {
  const run = makeRun({ ...HOST, ...scene.run, ...one.run })
  const world = makeWorld({ ...scene.terraform, ...one.terraform })
  scene.prepare?.(world)
  for (const [path, content] of Object.entries(one.files ?? {})) await world.files.write(`/workspace/${path}`, content)
  const { ports, sent } = githubByRoute([...(one.github ?? []), ...(scene.github ?? [])], run, world.log)
  const all = { ...world.ports, run, ...ports, ...one.ports }
  const refusal = await refusalOf(scene.action, { ...scene.given, ...one.given }, world, all)
  const said = [...world.log.errors, ...world.log.warnings, ...world.log.notices]
  return { ...refusal, said, summary: world.summary.text(), sent, world }
}

const PUSH = { sha: MERGE, eventName: 'push', ref: 'refs/heads/infra_main', pullRequest: undefined, runId: 120 }
const MERGES: Routes = [
  [
    /^GET \/commits\/\w+\/pulls$/,
    [
      {
        ...{ number: MERGED.number, merged_at: '2026-11-21T00:00:00Z', merge_commit_sha: MERGE, html_url: MERGED.url },
        ...{ head: { sha: MERGED.headSha, ref: MERGED.headRef }, base: { ref: MERGED.baseRef } },
      },
    ],
  ],
  [
    /^GET \/actions\/workflows\/terraform-plan\.yml\/runs$/,
    {
      workflow_runs: [
        {
          ...{
            id: PLANNED.id,
            run_attempt: 1,
            head_sha: PLANNED.headSha,
            event: 'pull_request',
            conclusion: 'success',
          },
          ...{ path: PLANNED.path, html_url: PLANNED.url },
        },
      ],
    },
  ],
  [/^GET \/git\/commits\//, { tree: { sha: TREE } }],
]

const DIGEST = '4f2a91c07be31d55'.repeat(4)
const HELD = {
  ...{ id: 5, name: 'Terraform protection dev', external_id: checkId(42), conclusion: 'failure', html_url: '' },
  app: { slug: 'github-actions' },
  output: {
    annotations_count: 0,
    text: writeRecord({ pullRequest: 42, runId: 99, digest: DIGEST, isProtected: true, acknowledged: [] }),
  },
}
const ACKNOWLEDGED: Routes = [
  [
    /^GET \/issues\/comments\/7$/,
    {
      ...{ issue_url: 'https://api.github.com/repos/acme/shop/issues/42', body: `/ack ${DIGEST.slice(0, 16)}` },
      ...{ created_at: 'x', updated_at: 'x', html_url: '', user: { login: 'jonas', type: 'User' } },
    },
  ],
  [/^GET \/pulls\/42$/, { state: 'open', head: { sha: 'a'.repeat(40) }, user: { login: 'mira' }, html_url: '' }],
  [/^GET \/collaborators\/jonas\/permission$/, { permission: 'write' }],
  [/^GET .*\/check-runs$/, { total_count: 1, check_runs: [HELD] }],
  [/^PATCH \/check-runs\/5$/, HELD],
]

/** Plays the scene of an action with what a case changes in it. */
export const PLAYS = {
  'terraform-validate': (one: NegativeCase) =>
    play({ action: { name: 'terraform-validate', ...validateInputs, ...validate }, given: { roots: 'infra' } }, one),
  'terraform-plan': (one: NegativeCase) =>
    play({ action: { name: 'terraform-plan', ...planInputs, ...plan }, given: { roots: 'infra' } }, one),
  'terraform-reviewed-plan': (one: NegativeCase) =>
    play(
      {
        ...{ action: { name: 'terraform-reviewed-plan', ...reviewedInputs, ...reviewed }, given: { roots: 'infra' } },
        ...{ run: PUSH, github: MERGES },
      },
      one,
    ),
  'terraform-apply': (one: NegativeCase) =>
    play(
      {
        action: { name: 'terraform-apply', ...applyInputs, ...apply },
        given: { roots: 'infra', 'plan-results': 'plan-results' },
        ...{ run: PUSH, github: MERGES, terraform: { plan: PLAN_JSON }, prepare: keep },
      },
      one,
    ),
  'terraform-drift': (one: NegativeCase) =>
    play(
      {
        ...{ action: { name: 'terraform-drift', ...driftInputs, ...drift }, given: { roots: 'infra' } },
        ...{ run: { eventName: 'schedule', pullRequest: undefined }, terraform: { plan: outsidePlan() } },
        github: [
          [/^POST \/issues$/, { number: 7, labels: ['drift'], html_url: 'https://github.com/acme/shop/issues/7' }],
        ],
      },
      one,
    ),
  'terraform-acknowledge': (one: NegativeCase) =>
    play(
      {
        action: { name: 'terraform-acknowledge', ...acknowledgeInputs, ...acknowledge },
        given: { 'pull-request': '42', 'comment-id': '7' },
        ...{ run: { eventName: 'issue_comment', pullRequest: undefined }, github: ACKNOWLEDGED },
      },
      one,
    ),
} as const
