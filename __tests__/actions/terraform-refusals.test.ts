import { describe, expect, it } from '@jest/globals'
import * as applyInputs from '../../actions/terraform-apply/src/inputs.ts'
import * as apply from '../../actions/terraform-apply/src/main.ts'
import * as planInputs from '../../actions/terraform-plan/src/inputs.ts'
import * as plan from '../../actions/terraform-plan/src/main.ts'
import * as validateInputs from '../../actions/terraform-validate/src/inputs.ts'
import { main as validate } from '../../actions/terraform-validate/src/main.ts'
import { ApiError } from '../../kit/errors.ts'
import type { Command, Completed } from '../../kit/ports.ts'
import { FakeExec } from '../support/fakes.ts'
import { refusalOf, type Refusal } from '../support/refusal.ts'
import { keep, KEY, merged, MERGED, PLANNED } from './terraform-apply/merged.ts'
import { makeWorld, type FakeTerraform, type World } from './terraform-plan/fake-terraform.ts'

type Given = Readonly<Record<string, string>>
type Case<W = undefined> = readonly [string, Given, string] | readonly [string, Given, string, W]

const ROLE = 'arn:aws:iam::123456789012:role/slipway'
const INVALID = 'The gate could not decide, so it failed.\n'
const UNDECIDED = 'infra could not be checked: '
const UNFETCHED = 'Error: Failed to install provider\n\nno such host\n'

/** What the actions refuse that take one root. */
const ONE_ROOT: readonly Case[] = [
  ['no root', { roots: '' }, 'input "roots" is "": it names no root. Name the folder of one Terraform root'],
  [
    'two roots',
    { roots: 'a\nb' },
    'input "roots" is "a\\nb": it names 2 roots. Name one root; use a job of a matrix for each root',
  ],
  [
    'a pattern as root',
    { roots: 'infra/*' },
    'input "roots" is "infra/*": it is a pattern. Name the folder of one root',
  ],
]

/** What every action that runs Terraform refuses. */
const COMMON: readonly Case[] = [
  [
    'an option as root',
    { roots: '-destroy' },
    'input "roots" is "-destroy": it starts with "-". Write the folder as "./-name"',
  ],
  [
    'a root that is not there',
    { roots: 'none' },
    'input "roots" is "none": it is not a folder with Terraform configuration. Name a folder that holds .tf files, relative to "working-directory", and check out the repository before this step',
  ],
  [
    'another program',
    { binary: 'terragrunt' },
    'input "binary" is "terragrunt": it is not a known value. Use one of "terraform", "tofu"',
  ],
  [
    'a version that is none',
    { 'binary-version': 'latest' },
    'input "binary-version" is "latest": it is not a version or a range of versions. Write "auto", "1.11.4", "1.11.x" or ">=1.9 <2"',
  ],
  [
    'a mirror that is no address',
    { 'download-url': 'mirror/terraform' },
    'input "download-url" is "mirror/terraform": it is not an address. Use one that starts with "https://"',
  ],
  [
    'R13: a mirror with a password',
    { 'download-url': 'https://ada:pw@mirror.example' },
    'input "download-url": it holds a user name or password. Give the address without them',
  ],
  [
    'R13: a mirror with a key',
    { 'download-url': 'https://mirror.example?key=planted' },
    'input "download-url": it holds a query or fragment. Give the address up to its "?" or "#"',
  ],
  [
    'a variable with its value',
    { 'pass-env': 'TF_VAR_x=1' },
    'input "pass-env" is "TF_VAR_x=1": "TF_VAR_x=1" is not the name of a variable. Give names only, one per line',
  ],
]

/** What those refuse that reach the backend. */
const BACKEND: readonly Case[] = [
  [
    'a user as role',
    { 'aws-role-arn': 'arn:aws:iam::123456789012:user/ada' },
    'input "aws-role-arn" is "arn:aws:iam::123456789012:user/ada": it is not the ARN of an IAM role. Write it as "arn:aws:iam::<account>:role/<name>"',
  ],
  [
    'a region by its city',
    { 'aws-region': 'Ireland' },
    'input "aws-region" is "Ireland": it is not an AWS region. Write it as "eu-west-1"',
  ],
  [
    'a role in no region',
    { 'aws-role-arn': ROLE },
    'input "aws-region": it is required with "aws-role-arn". Name the region of your resources',
  ],
  [
    'half of an access key',
    { 'aws-access-key-id': 'AKIAEXAMPLE' },
    'input "aws-secret-access-key": a key has two parts, and one is missing. Give both parts, or "aws-role-arn" instead',
  ],
  [
    'a role and a key',
    { 'aws-role-arn': ROLE, 'aws-region': 'eu-west-1', 'aws-access-key-id': 'A', 'aws-secret-access-key': 'planted' },
    'input "aws-role-arn" is "arn:aws:iam::123456789012:role/slipway": it is given together with a key. Give "aws-role-arn", or "aws-access-key-id" and "aws-secret-access-key", not both',
  ],
  [
    'a workspace with a space',
    { workspace: 'my own' },
    'input "workspace" is "my own": it is not a workspace name. Use letters, digits, "_", "." and "-", at most 90',
  ],
  [
    'a time without unit',
    { 'lock-timeout': '5' },
    'input "lock-timeout" is "5": it is not a duration. Write it as "90s", "15m" or "1h30m"',
  ],
  [
    'a key that is guessed',
    { 'plan-key': 'short' },
    'input "plan-key": it has fewer than 16 characters. Make one with "openssl rand -hex 32" and store it as a secret',
  ],
  [
    'settings that are not there',
    { 'backend-config': 'prod.tfbackend' },
    'input "backend-config" is "prod.tfbackend": there is no such file. Give its path relative to "working-directory" or to the root',
  ],
]

const VALIDATE: readonly Case<Readonly<Record<string, Partial<Completed>>>>[] = [
  [
    'a flag that is none',
    { 'format-check': 'maybe' },
    'input "format-check" is "maybe": it is not a flag. Use "true" or "false"',
  ],
  [
    'a folder of other files',
    { roots: 'docs' },
    'input "roots" is "docs": it is not a folder with Terraform configuration. Name a folder that holds .tf files, relative to "working-directory", and check out the repository before this step',
  ],
  [
    'a pattern that matches nothing',
    { roots: 'live/*' },
    'input "roots" is "live/*": it matches no Terraform root. Write the pattern relative to "working-directory"; "*" stays within a folder, "**" goes below',
  ],
  [
    'a version of tflint that is none',
    { 'tflint-version': 'newest' },
    'input "tflint-version" is "newest": it is not a version or a range of versions. Write "auto", "1.11.4", "1.11.x" or ">=1.9 <2"',
  ],
  [
    'an fmt that ends in silence',
    {},
    `${UNDECIDED}terraform fmt failed: what\n${INVALID.trimEnd()}`,
    { fmt: { exitCode: 2, stdout: 'what' } },
  ],
  [
    'an fmt that crashes',
    {},
    `${UNDECIDED}/bin/terraform fmt -check -diff -recursive -no-color ended with 11\npanic: nil\n${INVALID.trimEnd()}`,
    { fmt: { exitCode: 11, stderr: 'panic: nil' } },
  ],
  [
    'an init that ends in silence',
    {},
    `${UNDECIDED}/bin/terraform init -input=false -no-color -backend=false ended with 1\n${INVALID.trimEnd()}`,
    { init: { exitCode: 1 } },
  ],
  [
    'an init without words',
    {},
    `${UNDECIDED}terraform init failed: killed\n${INVALID.trimEnd()}`,
    { init: { exitCode: 1, stderr: 'killed' } },
  ],
  [
    'a provider that cannot be fetched',
    {},
    `${UNDECIDED}terraform init failed\nFailed to install provider\nno such host\n${INVALID}Check the source and version in "required_providers", and that this runner reaches the provider's registry, or the mirror that TF_CLI_CONFIG_FILE names.`,
    { init: { exitCode: 1, stderr: UNFETCHED } },
  ],
  [
    'a validate that says nothing',
    {},
    `${UNDECIDED}terraform validate could not run: no such command\n${INVALID.trimEnd()}`,
    { validate: { exitCode: 1, stderr: 'no such command' } },
  ],
  [
    'half of a report',
    {},
    `${UNDECIDED}terraform validate could not run: {"valid":true,\n${INVALID.trimEnd()}`,
    { validate: { stdout: '{"valid":true,' } },
  ],
  [
    'a report that is a list',
    {},
    `${UNDECIDED}terraform validate could not run: []\n${INVALID.trimEnd()}`,
    { validate: { stdout: '[]' } },
  ],
]

const PLAN: readonly Case<FakeTerraform>[] = [
  [
    'variables that are not there',
    { 'var-files': 'prod.tfvars' },
    'input "var-files" is "prod.tfvars": there is no such file. Give its path relative to "working-directory" or to the root',
  ],
  [
    'a pattern that is none',
    { redact: '(' },
    'input "redact" is "(": "(" is not a regular expression. Give one JavaScript pattern a line',
  ],
  [
    'a comment that is none',
    { comment: 'always' },
    'input "comment" is "always": it is not a known value. Use one of "update", "recreate", "none"',
  ],
  [
    'a plan that is not there',
    { 'plan-json': 'plan.json' },
    `input "plan-json": there is no file plan.json\n${INVALID}Make it in an earlier step with "terraform show -json tfplan > plan.json".`,
  ],
  [
    'variables for a plan that is made',
    { 'plan-json': 'plan.json', 'var-files': 'prod.tfvars' },
    'input "var-files" is "prod.tfvars": it has no effect on "plan-json", which is planned already. Leave it out, or leave out "plan-json" and let this step plan',
  ],
  [
    'a plan that is cut',
    {},
    `the plan cannot be read as a Terraform plan: it is not valid JSON; it may have been cut\n${INVALID}Make it with "terraform plan -out=tfplan && terraform show -json tfplan".`,
    { plan: '{"resource_changes":[' },
  ],
  [
    'a provider that cannot be fetched',
    {},
    'terraform init failed\nFailed to install provider\nno such host\nCheck the source and version in "required_providers", and that this runner reaches the provider\'s registry, or the mirror that TF_CLI_CONFIG_FILE names.',
    { initEnds: { exitCode: 1, stderr: UNFETCHED } },
  ],
  [
    'a Terraform that ends in silence',
    {},
    'terraform plan failed: killed',
    { planEnds: { exitCode: 1, stderr: 'killed' } },
  ],
]

const APPLY: readonly Case<Parameters<typeof merged>>[] = [
  [
    'variables that are not there',
    { 'plan-results': 'plan-results', 'var-files': 'prod.tfvars' },
    'input "var-files" is "prod.tfvars": there is no such file. Give its path relative to "working-directory" or to the root',
  ],
  [
    'a workflow by its path',
    { 'plan-workflow': '.github/workflows/plan.yml' },
    'input "plan-workflow" is ".github/workflows/plan.yml": it is not the file name of a workflow. Give the name alone, such as "terraform-plan.yml"',
  ],
  [
    'leaves that are none',
    { 'ignore-paths': 'aws_instance.app' },
    'input "ignore-paths" is "aws_instance.app": "aws_instance.app" does not name an attribute. Write an address and a path, such as aws_instance.app.tags.Sha or *.tags["x"], one per line',
  ],
  [
    'another way with a mismatch',
    { 'on-contract-mismatch': 'apply' },
    'input "on-contract-mismatch" is "apply": it is not a known value. Use one of "refuse", "replan"',
  ],
  [
    'an approval of half a contract',
    { 'approved-contract': '4f2a91c07be31d55' },
    'input "approved-contract" is "4f2a91c07be31d55": it is not the digest of a contract. Give the output "new-contract" of the step before',
  ],
  [
    'a replan that nobody would approve',
    { 'on-contract-mismatch': 'replan', environment: 'dev' },
    'input "environment" is "dev": it has no required reviewers, so nobody would approve what "on-contract-mismatch: replan" applies. Name the environment of the job and give it required reviewers, or set "on-contract-mismatch" to "refuse"',
  ],
  [
    'a commit that was applied',
    {},
    'fffffff was applied already (https://github.example/acme/shop/actions/runs/88), and a contract is applied once\nNothing was applied. What is left to do, or to take back, goes into a new pull request.',
    [{}, { last: 'f'.repeat(40) }],
  ],
  [
    'a commit that is older than the last one',
    {},
    'fffffff is older than 2222222, which was applied last (https://github.example/acme/shop/actions/runs/88)\nNothing was applied. To go back, open a pull request that reverts the newer changes: it gets a plan of its own.',
    [{}, { last: '2'.repeat(40), position: 'behind' }],
  ],
  [
    'a push that nobody reviewed',
    {},
    'no merged pull request has fffffff as its merge commit, so nobody reviewed a plan of it\nChanges of the infrastructure reach this branch by pull request; open one, and protect the branch against pushes.',
    [{}, { pulls: [] }],
  ],
  [
    'two merges in one',
    {},
    `2 merged pull requests have fffffff as their merge commit: #42, #43\n${INVALID}Merge pull requests one by one.`,
    [{}, { pulls: [MERGED, { ...MERGED, number: 43 }] }],
  ],
  [
    'a review without a plan',
    {},
    'no run of terraform-plan.yml for pull request #42 succeeded at its head aaaaaaa\nMake the plan a required check, and give the workflow that runs it as "plan-workflow" (now "terraform-plan.yml").',
    [{}, { runs: [] }],
  ],
  [
    'a plan of an older head',
    {},
    'no run of terraform-plan.yml for pull request #42 succeeded at its head aaaaaaa\nMake the plan a required check, and give the workflow that runs it as "plan-workflow" (now "terraform-plan.yml").',
    [{}, { runs: [{ ...PLANNED, headSha: '3'.repeat(40) }] }],
  ],
  [
    'a workflow that is not there',
    {},
    'input "plan-workflow" is "terraform-plan.yml": GitHub knows no such workflow in this repository, or the token may not see it. Give the name of a file in .github/workflows; in a private repository the job also needs "actions: read"',
    [{}, { runs: new ApiError('GitHub found nothing', { status: 404, route: 'GET /runs' }) }],
  ],
  [
    'no sealed plan on a server of an enterprise',
    { 'plan-key': KEY },
    `there is no sealed plan of infra in "plan-results"\n${INVALID}Its artifact may have expired, and a plan made without "plan-key", as those of forks and of Dependabot are, is not kept. Run the plan again (https://github.example/acme/shop/actions/runs/88), then this. Outside of the reusable workflow, download that artifact into the folder before this step. GitHub Enterprise Server refuses the artifact actions from version 4 on: keep and fetch the folder in another way there.`,
  ],
  ['an init that fails', {}, 'terraform init failed: killed', [{ initEnds: { exitCode: 1, stderr: 'killed' } }]],
]

/** Nothing was changed, nothing is left, and no later step can take the outputs for those of a run that went well. */
function expectNothingDone({ outputs, left }: Refusal, { exec, comments, files, summary }: World) {
  const records = left.filter(path => path.startsWith(`${outputs['plan-results']}/`))
  expect(left).toEqual(records)
  for (const path of records)
    expect(JSON.parse(String(files.content.get(path)))).toMatchObject({ verdict: 'invalid', failure: {} })
  expect(exec.commands.filter(({ args }) => args[0] === 'apply')).toEqual([])
  for (const text of ['true', 'pass']) expect(Object.values(outputs)).not.toContain(text)
  for (const text of [...summary.parts, ...comments.written.map(({ body }) => body)]) expect(text).toMatch(/^❌ /)
}

describe('terraform-validate refuses', () => {
  it.each([...COMMON, ...VALIDATE])('%s', async (_, given, message, answers = {}) => {
    const exec = new FakeExec(({ args }: Command) => answers[args[0] ?? ''] ?? {})
    const world = { ...makeWorld({}, { exec }), exec }
    world.files.content.set('/workspace/docs/README.md', '')
    const action = { name: 'terraform-validate', ...validateInputs, main: validate }
    const refusal = await refusalOf(action, { roots: 'infra', ...given }, world, world.ports)
    expect(refusal.told).toBe(message)
    expectNothingDone(refusal, world)
  })
})

describe('terraform-plan refuses', () => {
  it.each([...ONE_ROOT, ...COMMON, ...BACKEND, ...PLAN])('%s', async (_, given, message, says = {}) => {
    const world = makeWorld(says)
    const action = { name: 'terraform-plan', ...planInputs, ...plan }
    const refusal = await refusalOf(action, { roots: 'infra', ...given }, world, world.ports)
    expect(refusal.told).toBe(message)
    expectNothingDone(refusal, world)
  })
})

describe('terraform-apply refuses', () => {
  it.each([...COMMON, ...BACKEND, ...APPLY])('%s', async (_, given, message, facts = []) => {
    const world = merged(...facts)
    keep(world)
    const action = { name: 'terraform-apply', ...applyInputs, ...apply }
    const refusal = await refusalOf(action, { roots: 'infra', ...given }, world, world.ports)
    expect(refusal.told).toBe(message)
    expectNothingDone(refusal, world)
  })
})
