import * as is from './negative-case.ts'
import { ADVICE, INVALID, type NegativeCase } from './negative-case.ts'

const PULLS = 'GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls'
const COMPARE = 'GET /repos/{owner}/{repo}/compare/{basehead}'
const ISSUES = 'GET /repos/{owner}/{repo}/issues'
const CHECKS = 'GET /repos/{owner}/{repo}/commits/{ref}/check-runs'
const CHECK = 'PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}'

const UNMERGED: NegativeCase['github'] = [[/^GET .*\/pulls$/, []]]

export const REVIEWED_CASES: readonly NegativeCase[] = [
  {
    name: 'a direct push',
    github: UNMERGED,
    told: 'no merged pull request has fffffff as its merge commit, so nobody reviewed a plan of it\nChanges of the infrastructure reach this branch by pull request; open one, and protect the branch against pushes.',
    summary: '',
  },
  {
    name: 'a merge queue, before the merge',
    ...{ run: { eventName: 'merge_group' }, github: UNMERGED },
    told: 'this run is of a merge queue, and its commit fffffff is not merged\nApply on "push" of the branch that is deployed: that event comes after the merge.',
    summary: '',
  },
  {
    name: 'an hourly limit that is used up',
    github: [[/^GET .*\/pulls$/, is.USED_UP]],
    told: `${is.usedUp(PULLS)}\n${ADVICE.later}`,
    summary: '',
  },
]

const unchecked = (stderr: string) =>
  is.initFailed(stderr, `${INVALID}${ADVICE.provider}`).replace(/^/, 'infra could not be checked: ')

export const VALIDATE_CASES: readonly NegativeCase[] = [
  { name: 'a root that is not there', given: { roots: 'none' }, told: is.NO_ROOT, summary: '' },
  {
    name: 'a provider that Terraform cannot fetch',
    terraform: is.initSays(is.SAID.unfetched),
    told: unchecked(is.SAID.unfetched),
    summary: '❌ **shop/infra**: could not be checked: infra',
  },
  {
    name: 'a provider that OpenTofu cannot fetch',
    terraform: is.initSays(is.SAID.unresolved),
    told: unchecked(is.SAID.unresolved),
    summary: '❌ **shop/infra**: could not be checked: infra',
  },
  {
    name: 'an hourly limit, where only what changed is checked',
    ...{ given: { 'changed-only': 'true' }, github: [[/^GET \/compare/, is.USED_UP]] },
    told: `${is.usedUp(COMPARE)}\n${ADVICE.later}`,
    summary: '',
  },
]

const DRIFT = 'shop/infra: 1 object deleted outside, 2 objects changed outside, 1 change not applied'
const DRIFTED = '⚠️ **shop/infra**: 1 object deleted outside, 2 objects changed outside, 1 change not applied · `infra`'

export const DRIFT_CASES: readonly NegativeCase[] = [
  {
    ...{ name: 'a root that is not there', given: { roots: 'none' } },
    ...{ told: is.NO_ROOT, verdict: 'invalid', summary: '' },
  },
  {
    name: 'a provider that cannot be fetched',
    terraform: is.initSays(is.SAID.unfetched),
    told: is.initFailed(is.SAID.unfetched, ADVICE.provider),
    ...{ verdict: 'invalid', summary: '' },
  },
  {
    name: 'no credentials',
    terraform: is.initSays(is.SAID.absent),
    told: is.initFailed(is.SAID.absent, ADVICE.signIn),
    ...{ verdict: 'invalid', summary: '' },
  },
  {
    name: 'a key that has expired',
    ...{ given: is.ACCESS_KEY, terraform: is.initSays(is.SAID.expired) },
    told: is.initFailed(is.SAID.expired, ADVICE.newKey),
    ...{ verdict: 'invalid', summary: '' },
  },
  {
    name: 'a job that may not write issues',
    github: [[/\/issues$/, is.READ_ONLY]],
    told: is.refused(ISSUES, 'issues: write'),
    ...{ verdict: 'invalid', said: [DRIFT], summary: DRIFTED },
  },
  {
    name: 'a repository without issues',
    github: [[/\/issues$/, is.GONE]],
    told: `this repository has no issues, so none can be opened\nbecause: GitHub refused ${ISSUES} with 410: Issues has been disabled in this repository.\nTurn "Issues" on in the settings of the repository; a fork begins without`,
    ...{ verdict: 'invalid', said: [DRIFT], summary: DRIFTED },
  },
  {
    name: 'a limit',
    github: [[/\/issues$/, is.LIMITED]],
    told: `${is.waits(ISSUES)}\n${ADVICE.later}`,
    ...{ verdict: 'invalid', said: [DRIFT], summary: DRIFTED },
  },
]

export const ACKNOWLEDGE_CASES: readonly NegativeCase[] = [
  {
    name: 'a token of a person',
    github: [[/^PATCH \/check-runs/, is.NO_APP]],
    told: `the token may not do this: ${CHECK}\n${ADVICE.appsOnly}`,
    ...{ verdict: 'invalid', summary: '' },
  },
  {
    name: 'a job that may not write checks',
    github: [[/^PATCH \/check-runs/, is.READ_ONLY]],
    told: is.refused(CHECK, 'checks: write'),
    ...{ verdict: 'invalid', summary: '' },
  },
  {
    name: 'a limit',
    github: [[/\/check-runs/, is.LIMITED]],
    told: `${is.waits(CHECKS)}\n${ADVICE.later}`,
    ...{ verdict: 'invalid', summary: '' },
  },
]
