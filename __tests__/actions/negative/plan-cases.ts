import { githubIdentity } from '../../../kit/adapters/identity.ts'
import { FakeLog } from '../../support/fakes.ts'
import * as is from './negative-case.ts'
import { ADVICE, type NegativeCase } from './negative-case.ts'

const LOST = {
  plan: JSON.stringify({
    resource_changes: [
      {
        ...{ address: 'aws_db_instance.main', mode: 'managed', type: 'aws_db_instance', name: 'main' },
        change: { actions: ['delete'], before: { name: 'x' }, after: null },
      },
    ],
  }),
}

const COMMENT = 'POST /repos/{owner}/{repo}/issues/{issue_number}/comments'
const CHECK = 'POST /repos/{owner}/{repo}/check-runs'
const CHECKS = 'GET /repos/{owner}/{repo}/commits/{ref}/check-runs'
const TREES = 'GET /repos/{owner}/{repo}/git/trees/{tree_sha}'

const MUST_COMMENT = { 'on-comment-failure': 'fail' }
const NO_CHANGE = '✅ **shop/infra**: no change · `infra`'
const DESTROYS = '⛔ **shop/infra**: destroys 1 · `infra`'
const ABSENT = '❌ **shop/infra**: terraform init failed: No valid credential sources found · `infra`'
const EXPIRED =
  '❌ **shop/infra**: terraform init failed: ExpiredToken: The security token included in the request is expired · `infra`'

const held = (why: string) =>
  `1 protected change not acknowledged:\ndestroys aws_db_instance.main\nIt cannot be acknowledged, since its check is out of reach: ${why}`
const uncommented = (why: string) => `The comment could not be written, the step's summary has it: ${why}`
const PLANNED = 'shop/infra: no change'
const PLANNED_LOST = 'shop/infra: destroys 1'

const FORK_MAY_NOT = `the token may not do this: ${COMMENT}. ${ADVICE.fork}`

export const PLAN_CASES: readonly NegativeCase[] = [
  {
    name: 'a fork, whose root needs credentials',
    ...{ run: is.FORK, terraform: is.initSays(is.SAID.absent), github: [[/^POST \/issues/, is.READ_ONLY]] },
    told: is.initFailed(is.SAID.absent, ADVICE.fork),
    ...{ verdict: 'invalid', said: [uncommented(FORK_MAY_NOT)], summary: ABSENT },
  },
  {
    name: 'a fork, whose job takes on a role',
    ...{ run: is.FORK, given: is.ROLE, github: [[/^POST \/issues/, is.READ_ONLY]] },
    ports: { identity: githubIdentity({ get: () => undefined }, new FakeLog()) },
    told: `this job has no identity to sign in with\n${ADVICE.fork}`,
    ...{ verdict: 'invalid', said: [uncommented(FORK_MAY_NOT)] },
    summary: '❌ **shop/infra**: this job has no identity to sign in with · `infra`',
  },
  {
    name: 'a job without an identity, which takes on a role',
    given: is.ROLE,
    ports: { identity: githubIdentity({ get: () => undefined }, new FakeLog()) },
    told: 'this job has no identity to sign in with\nAdd to the job:\npermissions:\n  id-token: write',
    verdict: 'invalid',
    summary: '❌ **shop/infra**: this job has no identity to sign in with · `infra`',
  },
  {
    name: 'a fork, whose root needs nothing',
    ...{ run: is.FORK, github: [[/^POST \/(?:issues|check)/, is.READ_ONLY]] },
    ...{ verdict: 'pass', said: [uncommented(FORK_MAY_NOT), PLANNED], summary: NO_CHANGE },
  },
  {
    name: 'a fork that destroys a database',
    ...{ run: is.FORK, terraform: LOST, github: [[/^POST \/(?:issues|check)/, is.READ_ONLY]] },
    told: held(`the token may not do this: ${CHECK}. ${ADVICE.fork}`),
    ...{ verdict: 'fail', said: [uncommented(FORK_MAY_NOT), PLANNED_LOST], summary: DESTROYS },
  },
  {
    name: 'Dependabot, without the secrets of the repository',
    ...{ run: is.DEPENDABOT, terraform: is.initSays(is.SAID.absent) },
    told: is.initFailed(is.SAID.absent, ADVICE.dependabot),
    ...{ verdict: 'invalid', summary: ABSENT },
  },
  {
    name: 'Dependabot in a job that grants nothing',
    ...{ run: is.DEPENDABOT, terraform: LOST, github: [[/^POST \/(?:issues|check)/, is.READ_ONLY]] },
    told: held(is.refusedInLine(CHECK, 'checks: write')),
    said: [uncommented(is.refusedInLine(COMMENT, 'pull-requests: write')), PLANNED_LOST],
    ...{ verdict: 'fail', summary: DESTROYS },
  },
  {
    name: 'a token of a person, where a database is destroyed',
    ...{ terraform: LOST, github: [[/^POST \/check/, is.NO_APP]] },
    told: held(`the token may not do this: ${CHECK}. ${ADVICE.appsOnly}`),
    ...{ verdict: 'fail', said: [PLANNED_LOST], summary: DESTROYS },
  },
  {
    name: 'a token of a person, where nothing is protected',
    github: [[/^POST \/check/, is.NO_APP]],
    ...{ verdict: 'pass', said: [PLANNED], summary: NO_CHANGE },
  },
  {
    name: 'a token of a person that may not comment',
    ...{ github: [[/^POST \/issues/, is.PERSONAL]], given: MUST_COMMENT },
    told: `the token may not do this: ${COMMENT}\nIt is the token of a person, whose settings do not allow this. Leave "github-token" at its default, the job's own token, and give the job "pull-requests: write"`,
    ...{ verdict: 'invalid', said: [PLANNED], summary: NO_CHANGE },
  },
  {
    name: 'a job that may not write checks',
    ...{ terraform: LOST, github: [[/^POST \/check/, is.READ_ONLY]] },
    told: held(is.refusedInLine(CHECK, 'checks: write')),
    ...{ verdict: 'fail', said: [PLANNED_LOST], summary: DESTROYS },
  },
  {
    name: 'a job that may not read checks',
    ...{ terraform: LOST, github: [[/\/check-runs$/, is.READ_ONLY]] },
    told: held(is.refusedInLine(CHECKS, 'checks: write')),
    ...{ verdict: 'fail', said: [PLANNED_LOST], summary: DESTROYS },
  },
  {
    name: 'a job that may not comment',
    github: [[/^POST \/issues/, is.READ_ONLY]],
    said: [uncommented(is.refusedInLine(COMMENT, 'pull-requests: write')), PLANNED],
    ...{ verdict: 'pass', summary: NO_CHANGE },
  },
  {
    name: 'a merge queue',
    ...{ run: { eventName: 'merge_group', pullRequest: undefined }, terraform: LOST },
    said: [
      'This run is of a merge queue, not of a pull request: nothing is commented, held back or sealed. The merge applies what the plan of the pull request says',
      PLANNED_LOST,
    ],
    ...{ verdict: 'pass', summary: '⚠️ **shop/infra**: destroys 1 · `infra`' },
  },
  {
    name: 'a root that is not there',
    given: { roots: 'none' },
    told: is.NO_ROOT,
    ...{ verdict: 'invalid', summary: `❌ **shop/none**: ${is.NO_ROOT} · \`none\`` },
  },
  {
    name: 'a provider that Terraform cannot fetch',
    terraform: is.initSays(is.SAID.unfetched),
    told: is.initFailed(is.SAID.unfetched, ADVICE.provider),
    verdict: 'invalid',
    summary: '❌ **shop/infra**: terraform init failed: Failed to query available provider packages · `infra`',
  },
  {
    name: 'a provider that OpenTofu cannot fetch',
    terraform: is.initSays(is.SAID.unresolved),
    told: is.initFailed(is.SAID.unresolved, ADVICE.provider),
    verdict: 'invalid',
    summary: '❌ **shop/infra**: terraform init failed: Failed to resolve provider packages · `infra`',
  },
  {
    name: 'no credentials',
    terraform: is.initSays(is.SAID.absent),
    told: is.initFailed(is.SAID.absent, ADVICE.signIn),
    ...{ verdict: 'invalid', summary: ABSENT },
  },
  {
    name: 'a session that has expired',
    ...{ given: is.ROLE, ports: is.SIGNED_IN, terraform: is.initSays(is.SAID.expired) },
    told: is.initFailed(
      is.SAID.expired,
      'The session of "aws-role-arn" lasts one hour: split a root that takes longer.',
    ),
    ...{ verdict: 'invalid', summary: EXPIRED },
  },
  {
    name: 'a key that has expired',
    ...{ given: is.ACCESS_KEY, terraform: is.initSays(is.SAID.expired) },
    told: is.initFailed(is.SAID.expired, ADVICE.newKey),
    ...{ verdict: 'invalid', summary: EXPIRED },
  },
  {
    name: 'credentials of the runner that have expired',
    terraform: is.initSays(is.SAID.expired),
    told: is.initFailed(
      is.SAID.expired,
      'The credentials that "pass-env" hands on have expired. Renew them in the step that makes them, or give "aws-role-arn", which signs in anew for each run.',
    ),
    ...{ verdict: 'invalid', summary: EXPIRED },
  },
  {
    name: 'a key that AWS does not know',
    ...{ given: is.ACCESS_KEY, terraform: is.initSays(is.SAID.unknown) },
    told: is.initFailed(
      is.SAID.unknown,
      'Store both parts of one key that is active as "aws-access-key-id" and "aws-secret-access-key".',
    ),
    verdict: 'invalid',
    summary:
      '❌ **shop/infra**: terraform init failed: InvalidAccessKeyId: The security token included in the request is invalid. · `infra`',
  },
  {
    name: 'a role that may not read the state',
    ...{ given: is.ROLE, ports: is.SIGNED_IN, terraform: is.initSays(is.SAID.denied) },
    told: is.initFailed(
      is.SAID.denied,
      'The job is signed in. Give the role in "aws-role-arn" the right that the message names.',
    ),
    verdict: 'invalid',
    summary: '❌ **shop/infra**: terraform init failed: Forbidden: Forbidden · `infra`',
  },
  {
    name: 'an identity that has expired',
    ...{ given: is.ROLE, ports: is.ENDED },
    told: 'AWS did not let this job be arn:aws:iam::123456789012:role/slipway: ExpiredTokenException, Token expired\nNothing is known to be wrong with the role: run the job again.',
    verdict: 'invalid',
    summary:
      '❌ **shop/infra**: AWS did not let this job be arn:aws:iam::123456789012:role/slipway: ExpiredTokenException, Token expired · `infra`',
  },
  {
    name: 'a limit, where the comment may be left out',
    github: [[/^POST \/issues/, is.LIMITED]],
    said: [uncommented(`${is.waits(COMMENT)}. ${ADVICE.later}`), PLANNED],
    ...{ verdict: 'pass', summary: NO_CHANGE },
  },
  {
    name: 'a limit, where the comment must be written',
    ...{ github: [[/^POST \/issues/, is.LIMITED]], given: MUST_COMMENT },
    told: `${is.waits(COMMENT)}\n${ADVICE.later}`,
    ...{ verdict: 'invalid', said: [PLANNED], summary: NO_CHANGE },
  },
  {
    name: 'an hourly limit that is used up before the rules are read',
    github: [[/^GET \/git\/trees/, is.USED_UP]],
    told: `${is.usedUp(TREES)}\n${ADVICE.later}`,
    ...{ verdict: 'invalid', summary: `❌ **shop/infra**: ${is.usedUp(TREES)} · \`infra\`` },
  },
  {
    name: 'a limit, where a protected change must be recorded',
    ...{ terraform: LOST, github: [[/^POST \/check/, is.LIMITED]] },
    told: held(`${is.waits(CHECK)}. ${ADVICE.later}`),
    ...{ verdict: 'fail', said: [PLANNED_LOST], summary: DESTROYS },
  },
  {
    name: 'a GitHub that is down, where a protected change must be recorded',
    ...{ terraform: LOST, github: [[/^POST \/check/, is.DOWN]] },
    told: held(`${is.isDown(CHECK)}. ${ADVICE.again}`),
    ...{ verdict: 'fail', said: [PLANNED_LOST], summary: DESTROYS },
  },
]
