import { KEY } from '../terraform-apply/merged.ts'
import * as is from './negative-case.ts'
import { ADVICE, INVALID, type NegativeCase } from './negative-case.ts'

const PULLS = 'GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls'
const RUNS = 'GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs'
const COMMIT = 'GET /repos/{owner}/{repo}/git/commits/{commit_sha}'
const DEPLOY = 'POST /repos/{owner}/{repo}/deployments'
const STATUS = 'POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses'
const CHECK = 'POST /repos/{owner}/{repo}/check-runs'

const UNMERGED: NegativeCase['github'] = [[/^GET .*\/pulls$/, []]]
const ON_PUSH = 'Apply on "push" of the branch that is deployed: that event comes after the merge.'
const UNREVIEWED = 'no merged pull request has fffffff as its merge commit, so nobody reviewed a plan of it'
const UNSEALED = 'there is no sealed plan of infra in "plan-results"'
const RETRIEVE =
  'Its artifact may have expired, and a plan made without "plan-key", as those of forks and of Dependabot are, is not kept. Run the plan again (https://github.example/acme/shop/actions/runs/88), then this. Outside of the reusable workflow, download that artifact into the folder before this step.'

const DONE = 'shop/infra: nothing to do'
const APPLIED = '✅ **shop/infra**: applied, nothing to do · `infra`'
const nothing = (why: string) => `❌ **shop/infra**: nothing was applied: ${why} · \`infra\``
const unchecked = (why: string) =>
  `The check run "Terraform apply infra" cannot be written, the apply goes on without it: ${why}`

const diagnostic = (summary: string) =>
  JSON.stringify({ type: 'diagnostic', diagnostic: { severity: 'error', summary, detail: '' } })

const WRITTEN = 'Failed to persist state: it was written to the file "errored.tfstate"'
const UNSAVED = { applyEnds: { exitCode: 1, stdout: diagnostic(WRITTEN) } }
const STATE_LEFT = { 'infra/errored.tfstate': '{}' }

export const APPLY_CASES: readonly NegativeCase[] = [
  {
    name: 'a direct push',
    github: UNMERGED,
    told: `${UNREVIEWED}\nChanges of the infrastructure reach this branch by pull request; open one, and protect the branch against pushes.`,
    ...{ verdict: 'fail', summary: nothing(UNREVIEWED) },
  },
  {
    name: 'a merge queue, before the merge',
    ...{ run: { eventName: 'merge_group' }, github: UNMERGED },
    told: `this run is of a merge queue, and its commit fffffff is not merged\n${ON_PUSH}`,
    ...{ verdict: 'fail', summary: nothing('this run is of a merge queue, and its commit fffffff is not merged') },
  },
  {
    name: 'a pull request that is not merged',
    ...{ run: { eventName: 'pull_request' }, github: UNMERGED },
    told: `this run is of a pull request, and its commit fffffff is not merged\n${ON_PUSH}`,
    ...{ verdict: 'fail', summary: nothing('this run is of a pull request, and its commit fffffff is not merged') },
  },
  {
    name: 'a fork or Dependabot, whose plan had no key',
    given: { 'plan-key': KEY },
    told: `${UNSEALED}\n${INVALID}${RETRIEVE}`,
    ...{ verdict: 'invalid', summary: nothing(UNSEALED) },
  },
  {
    name: 'a server of an enterprise, without its artifacts',
    ...{ run: { serverUrl: 'https://github.example' }, given: { 'plan-key': KEY } },
    told: `${UNSEALED}\n${INVALID}${RETRIEVE} GitHub Enterprise Server refuses the artifact actions from version 4 on: keep and fetch the folder in another way there.`,
    ...{ verdict: 'invalid', summary: nothing(UNSEALED) },
  },
  {
    name: 'a root that is not there',
    given: { roots: 'none' },
    told: is.NO_ROOT,
    ...{ verdict: 'invalid', summary: `❌ **shop/none**: nothing was applied: ${is.NO_ROOT} · \`none\`` },
  },
  {
    name: 'a provider that cannot be fetched',
    terraform: is.initSays(is.SAID.unfetched),
    told: is.initFailed(is.SAID.unfetched, ADVICE.provider),
    ...{ verdict: 'invalid', summary: nothing('terraform init failed') },
  },
  {
    name: 'a key that has expired',
    ...{ given: is.ACCESS_KEY, terraform: is.initSays(is.SAID.expired) },
    told: is.initFailed(is.SAID.expired, ADVICE.newKey),
    ...{ verdict: 'invalid', summary: nothing('terraform init failed') },
  },
  {
    name: 'a session that expires while it is used',
    ...{ given: is.ROLE, ports: is.SIGNED_IN },
    terraform: {
      applyEnds: {
        exitCode: 1,
        stdout: diagnostic('creating EC2 Instance: api error RequestExpired: Request has expired.'),
      },
    },
    told: 'terraform apply failed\ncreating EC2 Instance: api error RequestExpired: Request has expired.\nThe session of "aws-role-arn" lasts one hour: split a root that takes longer.',
    ...{ verdict: 'fail', summary: '❌ **shop/infra**: apply failed: nothing done, 5 objects left · `infra`' },
  },
  {
    name: 'a session that expires before the state is saved',
    ...{ given: is.ROLE, ports: is.SIGNED_IN, files: STATE_LEFT, terraform: UNSAVED },
    told: `terraform apply failed\n${WRITTEN}`,
    said: ['The state of what was applied had not been saved; it is now, with fresh credentials'],
    ...{ verdict: 'fail', summary: '❌ **shop/infra**: apply failed: nothing done, 5 objects left · `infra`' },
  },
  {
    name: 'a state that cannot be saved at all',
    ...{ given: is.ACCESS_KEY, files: STATE_LEFT },
    terraform: { ...UNSAVED, pushEnds: { exitCode: 1, stderr: is.SAID.expired } },
    told: `terraform apply failed\n${WRITTEN}`,
    said: [
      `The state of what was applied is not saved: it is only in /workspace/infra/errored.tfstate on runner-1, and lost with that machine. Where it is kept, run "state push errored.tfstate" in the root; elsewhere import what was made, before an apply makes it again. Why: terraform could not save the state\n${is.SAID.expired.replace('Error: ', '').trim()}. ${ADVICE.newKey}`,
    ],
    ...{ verdict: 'fail', summary: '❌ **shop/infra**: apply failed: nothing done, 5 objects left · `infra`' },
  },
  {
    name: 'a job that may not record what it applies',
    github: [[/^POST \/deployments$/, is.READ_ONLY]],
    told: is.refused(DEPLOY, 'deployments: write'),
    ...{ verdict: 'invalid', summary: nothing(`the token may not do this: ${DEPLOY}`) },
  },
  {
    name: 'a token of a person that may not record what it applies',
    github: [[/^POST \/deployments$/, is.PERSONAL]],
    told: `the token may not do this: ${DEPLOY}\nIt is the token of a person, whose settings do not allow this. Leave "github-token" at its default, the job's own token, and give the job "deployments: write"`,
    ...{ verdict: 'invalid', summary: nothing(`the token may not do this: ${DEPLOY}`) },
  },
  {
    name: 'a job that may not write checks',
    github: [[/^POST \/check-runs/, is.READ_ONLY]],
    said: [unchecked(is.refusedInLine(CHECK, 'checks: write')), DONE],
    ...{ verdict: 'pass', summary: APPLIED },
  },
  {
    name: 'a token of a person, which writes no checks',
    github: [[/^POST \/check-runs/, is.NO_APP]],
    said: [unchecked(`the token may not do this: ${CHECK}. ${ADVICE.appsOnly}`), DONE],
    ...{ verdict: 'pass', summary: APPLIED },
  },
  {
    name: 'a job that may not see the run of the plan',
    github: [[/^GET \/actions/, is.READ_ONLY]],
    told: is.refused(RUNS, 'actions: read'),
    ...{ verdict: 'invalid', summary: nothing(`the token may not do this: ${RUNS}`) },
  },
  {
    name: 'an hourly limit that is used up',
    github: [[/^GET .*\/pulls$/, is.USED_UP]],
    told: `${is.usedUp(PULLS)}\n${ADVICE.later}`,
    ...{ verdict: 'invalid', summary: nothing(is.usedUp(PULLS)) },
  },
  {
    name: 'a limit, before anything is recorded',
    github: [[/^POST \/deployments$/, is.LIMITED]],
    told: `${is.waits(DEPLOY)}\n${ADVICE.later}`,
    ...{ verdict: 'invalid', summary: nothing(is.waits(DEPLOY)) },
  },
  {
    name: 'a limit, after it was applied',
    github: [[/^POST \/deployments\/1\/statuses$/, is.LIMITED, /"state":"success"/]],
    told: `it was applied, and that could not be recorded on GitHub\nbecause: ${is.waits(STATUS)}\n${ADVICE.later}`,
    ...{ verdict: 'fail', said: [DONE], summary: APPLIED },
  },
  {
    name: 'a GitHub that is down',
    github: [[/^GET \/git/, is.DOWN]],
    told: `${is.isDown(COMMIT)}\n${ADVICE.again}`,
    ...{ verdict: 'invalid', summary: nothing(is.isDown(COMMIT)) },
  },
]
