import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { s3Backend, startLocalAws, type LocalAws } from '../../demo/local-aws.ts'
import { findMachineTools, findProviderMirror, writeCliConfig } from '../../demo/machine-tools.ts'
import { importLibrary } from '../../local-github/seed.ts'
import { jobLogFile } from '../../local-github/server/run-logs.ts'
import { ROOT } from '../../scripts/metadata.ts'
import { setStage, type Stage } from '../local-github/runner/runner-stage.ts'
import { filesWith } from './evidence.ts'

/**
 * The sample team's schedule on the local GitHub: a real terraform with the AWS provider, and moto, on which things are changed as
 * somebody would at the console.
 */

const CALLER = '.github/workflows/terraform-drift.yml'
const PLACE = 'infra/environments/dev'
const REGION = 'us-east-1'
const SECRETS = ['the-first-password', 'the-second-password', 'the-third-password'] as const
const run = promisify(execFile)

const configuration = (displayName: string) => `
${s3Backend('dev.tfstate')}
provider "aws" {
  region                      = "${REGION}"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
  max_retries                 = 2
}

resource "aws_cloudwatch_log_group" "audit" {
  name              = "audit"
  retention_in_days = 30
}

resource "aws_ssm_parameter" "password" {
  name  = "/shop/password"
  type  = "SecureString"
  value = "${SECRETS[0]}"
}

resource "aws_sns_topic" "news" {
  name         = "news"
  display_name = "${displayName}"
}
`

let folder: string
let aws: LocalAws
let stage: Stage

beforeAll(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'slipway-drift-')))
  const { moto, terraform } = await findMachineTools(process.env)
  if (moto === undefined || terraform === undefined) throw new Error('moto_server and terraform must be on PATH')
  aws = await startLocalAws(moto, folder)
  const variables: Record<string, string> = { AWS_ENDPOINT_URL: aws.url, AWS_EC2_METADATA_DISABLED: 'true' }
  const mirror = await findProviderMirror(process.env)
  if (mirror !== undefined) {
    variables['TF_CLI_CONFIG_FILE'] = join(folder, 'terraform.rc')
    await writeCliConfig(variables['TF_CLI_CONFIG_FILE'], mirror)
  }
  await applyOnce(terraform.path, variables)
  stage = await setStage({ real: true, env: variables })
  await importLibrary(stage.github, ROOT)
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'])
    stage.github.store.secrets.insert({ repositoryId: stage.repository.id, environment: '', name, value: 'test-key' })
  await stage.push({ [CALLER]: readFileSync(join(ROOT, 'examples/shop', CALLER), 'utf8') })
  await stage.push({ [`${PLACE}/main.tf`]: configuration('News') }, { branch: 'infra_main' })
  await stage.runner.idle()
}, 300_000)

afterAll(async () => {
  await stage?.close()
  await aws?.close()
  rmSync(folder, { recursive: true, force: true })
})

async function applyOnce(terraform: string, variables: Record<string, string>): Promise<void> {
  const cwd = join(folder, 'applied')
  mkdirSync(cwd)
  writeFileSync(join(cwd, 'main.tf'), configuration('News'))
  const keys = { AWS_ACCESS_KEY_ID: 'test-key', AWS_SECRET_ACCESS_KEY: 'test-key' }
  const env = { PATH: process.env['PATH'] ?? '', HOME: folder, ...keys, ...variables }
  await run(terraform, ['init', '-input=false'], { cwd, env })
  await run(terraform, ['apply', '-input=false', '-auto-approve'], { cwd, env })
}

/** Changes something in the AWS of this machine, in its JSON protocol. */
async function atTheConsole(service: 'logs' | 'ssm', target: string, body: unknown): Promise<void> {
  const response = await fetch(`${aws.url}/`, {
    method: 'POST',
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/${REGION}/${service}/aws4_request`,
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': target,
    },
    body: JSON.stringify(body),
  })
  if (!response.ok) throw new Error(`${target} answered ${response.status}: ${await response.text()}`)
}

const setRetention = (days: number) =>
  atTheConsole('logs', 'Logs_20140328.PutRetentionPolicy', { logGroupName: 'audit', retentionInDays: days })
const setPassword = (value: string) =>
  atTheConsole('ssm', 'AmazonSSM.PutParameter', {
    Name: '/shop/password',
    Value: value,
    Type: 'SecureString',
    Overwrite: true,
  })

/** Lets the schedule run once. Returns what it wrote on the local GitHub by the API. */
async function scheduled(): Promise<readonly string[]> {
  const before = stage.github.exchanges.length
  await stage.runner.runSchedule(stage.repository.fullName, CALLER)
  await stage.runner.idle()
  const last = stage.runs().at(-1)
  expect([last?.event, ...stage.summary(last)]).toEqual(['schedule', 'drift (dev) / drift dev: success'])
  return stage.github.exchanges
    .slice(before)
    .map(({ route }) => route)
    .filter(route => /^(?:POST|PATCH|PUT|DELETE) \/repos\/.*\/issues/.test(route))
    .map(route => route.replace('/repos/{owner}/{repo}', ''))
}

const issues = () => stage.github.store.issues.filter(() => true)
const theIssue = () => {
  const [issue, ...others] = issues()
  if (issue === undefined || others.length > 0) throw new Error(`there are ${others.length + 1} issues`)
  return issue
}
const logOf = async () => {
  const [job] = stage.jobs(stage.runs().at(-1))
  return readFile(jobLogFile(stage.github.stateFolder, job?.id ?? 0), 'utf8')
}

it('says nothing while nothing drifted', async () => {
  expect(await scheduled()).toEqual([])
  expect(issues()).toEqual([])
})

it('opens one issue for what was changed outside, and leaves it while that stays', async () => {
  await setRetention(7)
  await setPassword(SECRETS[1])
  expect(await scheduled()).toEqual(['POST /issues'])
  expect(theIssue()).toMatchObject({
    title: `Drift in ${PLACE}: 2 objects`,
    labels: ['drift'],
    state: 'open',
  })
  expect(theIssue().body).toContain(`⚠️ **shop/dev**: 2 objects changed outside · \`${PLACE}\``)
  expect(theIssue().body).toContain('`aws_cloudwatch_log_group.audit` — an apply sets it back')
  expect(theIssue().body).toContain('- retention_in_days = 30\n+ retention_in_days = 7')
  expect(theIssue().body).toContain('`aws_ssm_parameter.password` — an apply changes it')
  const { body } = theIssue()
  expect(await scheduled()).toEqual([])
  expect(theIssue().body).toBe(body)
})

it('follows the drift, and tells a secret that changed again no further', async () => {
  await setRetention(14)
  await setPassword(SECRETS[2])
  expect(await scheduled()).toEqual(['PATCH /issues/{issue_number}'])
  expect(theIssue().body).toContain('+ retention_in_days = 14')
})

it('closes it when the drift is gone, and says which run saw that', async () => {
  await setRetention(30)
  await setPassword(SECRETS[0])
  expect(await scheduled()).toEqual(['PATCH /issues/{issue_number}', 'POST /issues/{issue_number}/comments'])
  expect(theIssue()).toMatchObject({ state: 'closed', stateReason: 'completed' })
  const [comment] = stage.github.store.comments.filter(() => true)
  const number = stage.runs().at(-1)?.runNumber
  expect(comment?.body).toMatch(
    new RegExp(`^✅ The drift is gone: \\[run ${number}\\]\\(http\\S+\\) found none at [0-9a-f]{7}\\.$`),
  )
})

it('opens it again for a configuration that is not applied', async () => {
  await stage.push({ [`${PLACE}/main.tf`]: configuration('Latest news') }, { branch: 'infra_main' })
  expect(await scheduled()).toEqual(['PATCH /issues/{issue_number}'])
  expect(theIssue()).toMatchObject({ state: 'open', title: `Drift in ${PLACE}: 1 object` })
  expect(theIssue().body).toContain('- display_name = "News"\n+ display_name = "Latest news"')
  expect(theIssue().body).toContain('the configuration is not applied')
})

it('fails when it cannot plan, and leaves the issue as it is', async () => {
  const before = theIssue()
  await stage.push({ [`${PLACE}/main.tf`]: `${configuration('News')}\nsise = 3\n` }, { branch: 'infra_main' })
  await stage.runner.runSchedule(stage.repository.fullName, CALLER)
  await stage.runner.idle()
  expect(stage.summary(stage.runs().at(-1))).toEqual(['drift (dev) / drift dev: failure'])
  expect(await logOf()).toContain('Unsupported argument')
  expect(theIssue()).toEqual(before)
})

it('R10: has told no secret to anybody: nothing that the local GitHub was sent or kept holds one', async () => {
  expect(stage.github.violations).toEqual([])
  const kept = (text: string) => filesWith([text], stage.github.stateFolder)
  // What was told is found, so the search would find a secret, too. Git packs the configuration, which names the first one.
  expect(await kept('retention_in_days = 14')).not.toEqual([])
  for (const secret of SECRETS) expect([secret, await kept(secret)]).toEqual([secret, []])
})
