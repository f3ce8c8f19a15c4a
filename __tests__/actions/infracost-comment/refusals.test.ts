import { expect, it } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { inputs, outputs } from '../../../actions/infracost-comment/src/inputs.ts'
import { main } from '../../../actions/infracost-comment/src/main.ts'
import type { Files } from '../../../kit/ports.ts'
import { FakeClock, FakeComments, FakeFiles, FakeLog, FakeSummary, makeRun } from '../../support/fakes.ts'
import { realFolders, type Entry } from '../../support/real-folders.ts'
import { refusalOf } from '../../support/refusal.ts'
import { planJson } from './plans.ts'

interface Case {
  readonly given?: Readonly<Record<string, string>>
  /** In the workspace, beside a plan.json that is right. */
  readonly files?: Readonly<Record<string, Entry>>
  /** What the disk says, where a test should not fill it. */
  readonly disk?: Partial<Files>
  readonly said: string
}

const ACTION = { name: 'infracost-comment', inputs, outputs, main }
const PLAN = planJson([{ address: 'aws_nat_gateway.main', after: {} }])
const COSTS = readFileSync(new URL('fixtures/infracost.json', import.meta.url), 'utf8')
const PLANTED = 'pl4nted'

const MAKE_PLAN = 'Make it with "terraform plan -out=tfplan && terraform show -json tfplan".'
const MAKE_COSTS = 'Make it with the Infracost CLI 0.10: "infracost diff --format json --out-file infracost.json".'
const INVALID = 'The gate could not decide, so it failed.'
const noAmount = (input: string, value: string) =>
  `input "${input}" is "${value}": it is not an amount. Write digits with a decimal point, without sign, unit or separators: "25" or "25.50"`
const noWord = (input: string, value: string, words: string) =>
  `input "${input}" is "${value}": it is not a known value. Use one of ${words}`
/** Without what JSON.parse says: its words quote the plan. */
const noPlan = (problem: string) => `plan.json cannot be read as a Terraform plan: ${problem}\n${INVALID}\n${MAKE_PLAN}`
const noCosts = (problem: string, cause?: string) =>
  `costs.json cannot be read as Infracost JSON: ${problem}\n${INVALID}\n${cause === undefined ? '' : `because: ${cause}\n`}${MAKE_COSTS}`
const NO_JSON = 'it is not valid JSON; it may have been cut'
const SEVERAL = 'it holds several JSON documents, one a line, as "plan -json" and Terragrunt with --all write them'
const PROPERTY = (position: number) =>
  `Expected double-quoted property name in JSON at position ${position} (line 1 column ${position + 1})`
const noRates = (problem: string) => `input "price-overrides" is "rates.yml": ${problem}`
const noRegions = noRates(
  'it has no regions under "prices". Write "prices:", below it a region, below it keys and rates',
)
const noRegion = (region: string) =>
  noRates(`"${region}" is not a region. Use one such as "eu-west-1", "global", or "*"`)
const noKey = (key: string, region: string) =>
  noRates(`"${key}" of ${region} is no key of the price sheet. Slipway's docs/cost.md lists the keys`)
const noRate = (value: string) => noRates(`"nat/hour" of eu-west-1 is ${value}. Write a rate in USD such as 0.0416`)
const outside = (input: string, value: string) =>
  `input "${input}" is "${value}": it leads out of the workspace. Give a path inside the repository, relative to "working-directory"`
const noFile = (input: string, value: string) =>
  `input "${input}" is "${value}": there is no such file. Give the path of a file, relative to "working-directory"`
const content = (input: string) =>
  `input "${input}": it is the content of a file and not its path. Write it to a file in a step before this one, and give the path of that`

const plan = (text: Entry, said: string): Case => ({ files: { 'plan.json': text }, said })
const figures = { 'plan-json': '', 'infracost-json': 'costs.json' }
const costs = (text: Entry, said: string): Case => ({ given: figures, files: { 'costs.json': text }, said })
const ratesGiven = { 'price-overrides': 'rates.yml' }
const rate = (key: string, value: string, region = 'eu-west-1') => `prices:\n  ${region}:\n    ${key}: ${value}\n`
const rates = (text: Entry, said: string): Case => ({ given: ratesGiven, files: { 'rates.yml': text }, said })

/** Known to be wrong before anything is read. */
const INPUTS: Readonly<Record<string, Case>> = {
  'a limit with its sign for dollars': {
    given: { 'max-increase': '$25' },
    said: noAmount('max-increase', '$25'),
  },
  'a limit with its currency': { given: { 'max-increase': '25 USD' }, said: noAmount('max-increase', '25 USD') },
  'a limit under nothing': { given: { 'max-increase': '-5' }, said: noAmount('max-increase', '-5') },
  'a limit with a decimal comma': { given: { 'max-increase': '25,50' }, said: noAmount('max-increase', '25,50') },
  'a percentage with its sign': {
    given: { 'max-increase-percent': '10%' },
    said: noAmount('max-increase-percent', '10%'),
  },
  'a total with separators': { given: { 'max-total': '1,000' }, said: noAmount('max-total', '1,000') },
  'a total as a power': { given: { 'max-total': '1e3' }, said: noAmount('max-total', '1e3') },
  'a region by its country': {
    given: { 'default-region': 'Ireland' },
    said: 'input "default-region" is "Ireland": it is not an AWS region. Write it as "eu-west-1"',
  },
  'a zone as region': {
    given: { 'default-region': 'eu-west-1a' },
    said: 'input "default-region" is "eu-west-1a": it is not an AWS region. Write it as "eu-west-1"',
  },
  'another way to exceed': {
    given: { 'on-exceeded': 'off' },
    said: noWord('on-exceeded', 'off', '"fail", "warn"'),
  },
  'another time to comment': {
    given: { 'comment-when': 'never' },
    said: noWord('comment-when', 'never', '"always", "changed", "exceeded"'),
  },
  'another way to comment': {
    given: { comment: 'true' },
    said: noWord('comment', 'true', '"update", "recreate", "none"'),
  },
  'another way to miss a comment': {
    given: { 'on-comment-failure': 'ignore' },
    said: noWord('on-comment-failure', 'ignore', '"fail", "warn"'),
  },
  'a plan in place of its path': {
    given: { 'plan-json': `{"variables":{"password":{"value":"${PLANTED}"}}}` },
    said: content('plan-json'),
  },
  'figures in place of their path': { given: { 'infracost-json': COSTS }, said: content('infracost-json') },
  'rates in place of their path': {
    given: { 'price-overrides': 'prices:\n  eu-west-1:\n    nat/hour: 0.03' },
    said: content('price-overrides'),
  },
  'several at once': {
    given: { 'max-increase': 'none', 'max-total': '∞', 'on-exceeded': '' },
    said: [
      noAmount('max-increase', 'none'),
      noAmount('max-total', '∞'),
      noWord('on-exceeded', '', '"fail", "warn"'),
    ].join('\n'),
  },
}

/** The gate cannot decide, and says so to later steps. */
const FILES: Readonly<Record<string, Case>> = {
  'nothing to price': {
    given: { 'plan-json': '' },
    said: 'input "plan-json" is "": there is nothing to price. Give either "plan-json" (priced here) or "infracost-json" (figures of the Infracost CLI 0.10)',
  },
  'a plan and figures': {
    given: { 'infracost-json': 'costs.json' },
    said: 'input "plan-json" is "plan.json": "infracost-json" is given too. Give either "plan-json" (priced here) or "infracost-json" (figures of the Infracost CLI 0.10)',
  },
  'rates for figures that are made': {
    given: { ...figures, ...ratesGiven },
    said: noRates(
      'it has no effect on "infracost-json", whose figures are made already. Leave it out, or give "plan-json" instead',
    ),
  },
  'a region for figures that are made': {
    given: { ...figures, 'default-region': 'eu-west-1' },
    said: 'input "default-region" is "eu-west-1": it has no effect on "infracost-json", whose figures are made already. Leave it out, or give "plan-json" instead',
  },
  'a plan that is not there': { given: { 'plan-json': 'other.json' }, said: noFile('plan-json', 'other.json') },
  'figures that are not there': { given: figures, said: noFile('infracost-json', 'costs.json') },
  'rates that are not there': { given: { 'price-overrides': 'x.yml' }, said: noFile('price-overrides', 'x.yml') },
  'a folder that is not there': { given: { 'working-directory': 'infra' }, said: noFile('plan-json', 'plan.json') },
  'a folder where a plan is meant': {
    given: { 'plan-json': 'infra' },
    files: { 'infra/main.tf': '' },
    said: '<workspace>/infra cannot be read: it is a folder\nGive the path of a file that this job may read',
  },
  'a plan that is too large': {
    disk: { size: async () => 256 * 1024 * 1024 + 1 },
    said: 'input "plan-json" is "plan.json": the file is larger than 256 MiB. Give a smaller one, of one root or project at a time',
  },
  'R22: a plan outside': { given: { 'plan-json': '../plan.json' }, said: outside('plan-json', '../plan.json') },
  'R22: figures of the machine': {
    given: { 'plan-json': '', 'infracost-json': '/etc/hostname' },
    said: outside('infracost-json', '/etc/hostname'),
  },
  'R22: rates behind a link to the outside': {
    given: ratesGiven,
    files: { 'rates.yml': { linkTo: '/etc/hostname' } },
    said: outside('price-overrides', 'rates.yml'),
  },
  'R22: a folder above the workspace': {
    given: { 'working-directory': '..' },
    said: outside('working-directory', '..'),
  },

  'a plan that is empty': plan('', noPlan('it is empty')),
  'half a plan': plan('{"format_version":"1.2",', noPlan(NO_JSON)),
  'a plan as Terraform keeps it': plan('PK\x03\x04', noPlan(NO_JSON)),
  'a plan for people': plan('# a will be created\n', noPlan(NO_JSON)),
  'the messages of a plan': plan('{"@level":"info"}\n{"@level":"info"}\n', noPlan(SEVERAL)),
  'a plan that is a list': plan('[]', noPlan('it is not a JSON object')),
  'a plan of a later format': plan(
    '{"format_version":"2.0"}',
    noPlan('its format version is "2.0", known are 0.1 to 1.x'),
  ),
  'a state': plan('{"format_version":"1.0","values":{}}', noPlan('it is a state, not a plan')),
  'figures in place of a plan': plan(COSTS, noPlan('it has none of the parts of a plan')),
  'the lines of a wrapper': plan(
    `[command]/usr/bin/terraform show -json\n${PLAN}`,
    `plan.json cannot be read as a Terraform plan: the wrapper of hashicorp/setup-terraform wrote its own lines ("[command]…", "::…") around the JSON\n${INVALID}\nSet "terraform_wrapper: false", or let Slipway run terraform.`,
  ),
  'a plan that is unfinished': plan(
    PLAN.replace('{', '{"errored":true,'),
    `plan.json is a plan that Terraform could not finish, so its cost is not known\n${INVALID}\nCorrect what "terraform plan" reports and make the plan again.`,
  ),

  'figures that are empty': costs('', noCosts('it is empty', 'Unexpected end of JSON input')),
  'half of the figures': costs('{"version":"0.2",', noCosts(NO_JSON, PROPERTY(17))),
  'figures that are a list': costs('[]', noCosts('it is not a JSON object')),
  'a plan in place of figures': costs(PLAN, noCosts('it has no version')),
  'figures of another version': costs(
    '{"version":"0.3","projects":[]}',
    noCosts('its version is "0.3", known is "0.2"'),
  ),
  'figures of no version': costs('{"projects":[]}', noCosts('it has no version')),
  'figures of no project': costs('{"version":"0.2"}', noCosts('it has no list of projects')),
  'figures of Infracost 2': costs(
    '{"currency":"USD","summary":{"total_monthly_cost":"1"},"projects":[]}',
    noCosts('it was written by the Infracost CLI 2, which knows no difference between before and after'),
  ),
  'figures in no currency': costs(
    '{"version":"0.2","currency":"<b>","projects":[]}',
    noCosts('its currency "<b>" is no ISO 4217 code'),
  ),
  'a figure that is none': costs(
    COSTS.replace('"0.0208"', '"a lot"'),
    noCosts('price of "Instance usage (Linux/UNIX, on-demand, t3.small)" is no decimal amount'),
  ),

  'rates that are no YAML': rates(
    'prices: [',
    noRates(
      'it is not YAML: Flow sequence in block collection must be sufficiently indented and end with a ] at line 1, column 10. Correct the file',
    ),
  ),
  'half of the rates as JSON': rates(
    '{"prices": {"eu-west-1": {',
    noRates(
      'it is not YAML: Flow map in block collection must be sufficiently indented and end with a } at line 1, column 27. Correct the file',
    ),
  ),
  'rates with tabs': rates(
    'prices:\n\teu-west-1:\n',
    noRates('it is not YAML: Tabs are not allowed as indentation at line 2, column 1. Correct the file'),
  ),
  'rates of a region twice': rates(
    'prices:\n  eu-west-1: {}\n  eu-west-1: {}\n',
    noRates('it is not YAML: Map keys must be unique at line 3, column 3. Correct the file'),
  ),
  'rates with an alias': rates(
    'a: &a 1\nprices: *a',
    noRates('it has an alias ("*name"), which is not followed. Write out what the alias stands for'),
  ),
  'rates in two documents': rates(
    'prices: {}\n---\nprices: {}',
    noRates('it holds several documents. Keep one, without "---"'),
  ),
  'rates that are empty': rates('', noRegions),
  'rates under another name': rates('rates: {}', noRegions),
  'rates that are a list': rates('prices: []', noRegions),
  'rates beside a discount': rates(
    'prices: {}\ndiscount: 5',
    noRates('"discount" is not known. Only "prices" may stand at the top'),
  ),
  'rates of a country': rates(rate('nat/hour', '1', 'Ireland'), noRegion('Ireland')),
  'a rate without its key': rates(
    'prices:\n  eu-west-1: 5',
    noRates('"eu-west-1" has no rates. Write keys and rates below it'),
  ),
  'a rate under a misspelt key': rates(rate('ec2/t3-micro', '1'), noKey('ec2/t3-micro', 'eu-west-1')),
  'a rate under nothing': rates(rate('nat/hour', '-1'), noRate('-1')),
  'a rate without end': rates(rate('nat/hour', '.inf'), noRate('Infinity')),
  'a rate with its currency': rates(rate('nat/hour', '0.05 USD'), noRate('"0.05 USD"')),
  'a rate that is missing': rates(rate('nat/hour', ''), noRate('null')),
  'several rates at once': rates(
    `${rate('nat/hour', '1', 'eu')}${rate('route53', '1', 'global').replace('prices:\n', '')}`,
    `${noRegion('eu')}\n${noKey('route53', 'global')}`,
  ),
}

const LIMIT = { 'max-increase': '25', 'on-exceeded': 'warn' }
const undecided = (answer: string, ...reasons: readonly string[]) =>
  `shop: the cost ${answer}\n${reasons.join('\n')}\n${INVALID}\nPut right what is named, or take the limits away: then the cost is shown and not judged.`
const UNKNOWN = 'cannot be judged; what is known of it is $0.00 a month, no change · limit +$25.00 · unknown: 1'
const NO_PAST = 'the file holds no figures of before the change, so there is no increase to judge'

/** Read well, and still nothing that a limit can be held against. */
const UNDECIDED: Readonly<Record<string, Case>> = {
  'a plan that tells no region': {
    given: LIMIT,
    files: { 'plan.json': planJson([{ address: 'aws_nat_gateway.main', after: {} }], null) },
    said: undecided(UNKNOWN, 'the region of resources that cost something is not known: set "default-region"'),
  },
  'a region that AWS does not have': {
    given: { ...LIMIT, 'default-region': 'eu-west-11' },
    files: { 'plan.json': planJson([{ address: 'aws_nat_gateway.main', after: {} }], null) },
    said: undecided(UNKNOWN, 'no price of anything in eu-west-11 is known: give rates in "price-overrides"'),
  },
  'a plan of nothing that has a price': {
    given: LIMIT,
    files: { 'plan.json': planJson([{ address: 'aws_sfn_state_machine.x', after: {} }]) },
    said: undecided(UNKNOWN, 'none of the 1 resources that may cost something could be priced'),
  },
  'figures without what was before': {
    given: { ...LIMIT, ...figures },
    files: {
      'costs.json':
        '{"version":"0.2","projects":[{"name":"a","breakdown":{"resources":[{"name":"x","monthlyCost":"1"}]}}]}',
    },
    said: undecided(
      'cannot be judged; what is known of it is $1.00 a month, nothing known of before · limit +$25.00 · unknown: 0',
      NO_PAST,
    ),
  },
  'a project that Infracost could not read': {
    given: { ...LIMIT, ...figures },
    files: {
      'costs.json': '{"version":"0.2","projects":[{"name":"a","metadata":{"errors":[{"message":"no such module"}]}}]}',
    },
    said: undecided('is not known · limit +$25.00 · unknown: 0', 'project "a" has no figures: no such module', NO_PAST),
  },
}

/** Runs the step on a real disk. */
async function runStep({ given = {}, files = {}, disk = {} }: Omit<Case, 'said'>) {
  const folders = realFolders({ 'plan.json': PLAN, ...files })
  const before = folders.state()
  const posted = { log: new FakeLog(), comments: new FakeComments(), summary: new FakeSummary() }
  const { told = '', outputs: written } = await refusalOf(
    ACTION,
    { 'plan-json': 'plan.json', ...given },
    // The files are real ones, so the look at those in memory has nothing to find.
    { files: new FakeFiles(), saved: new Map() },
    { ...posted, clock: new FakeClock(), run: makeRun(), files: { ...folders.files, ...disk } },
  )
  expect(told).not.toContain(PLANTED)
  return { said: told.replaceAll(folders.workspace, '<workspace>'), written, posted, before, after: folders.state() }
}

/** What the user sees and later steps are given, after a look that nothing else was done. */
async function refuse(bad: Case) {
  const { said, written, posted, before, after } = await runStep(bad)
  expect(after).toEqual(before)
  expect([posted.comments.written, posted.summary.parts, posted.log.text()]).toEqual([[], [], ''])
  return { said, written }
}

it.each(Object.entries(INPUTS))('%s: refused, and nothing is read, written or posted', async (_, bad) => {
  expect(await refuse(bad)).toEqual({ said: bad.said, written: {} })
})

it.each(Object.entries(FILES))('%s: refused as undecided, and nothing is written or posted', async (_, bad) => {
  expect(await refuse(bad)).toEqual({ said: bad.said, written: { verdict: 'invalid' } })
})

it.each(Object.entries(UNDECIDED))('%s: red, also where limits only warn, and every report says so', async (_, bad) => {
  const { said, written, posted } = await runStep(bad)
  expect(said).toBe(bad.said)
  expect(written).toMatchObject({ verdict: 'invalid', exceeded: '' })
  const bodies = [...posted.summary.parts, ...posted.comments.written.map(({ body }) => body)]
  expect(bodies.map(body => body.slice(0, 2))).toEqual(['⛔ ', '⛔ '])
})

it('what every case changes one thing of is right by itself', async () => {
  const { said, written } = await runStep({})
  expect([said, written['verdict']]).toEqual(['', 'pass'])
})
