/** Reads a plan and renders its comment and summary, in a process of its own; says what that took. */
import { readFileSync } from 'node:fs'
import { compileForShortRun } from '../../kit/adapters/compilation.ts'
import { planReport, type ReportFacts } from '../../actions/terraform-plan/src/report.ts'
import { LIMITS } from '../../kit/report/limits.ts'
import { createHider } from '../../kit/terraform/hide.ts'
import { countChanges, parsePlan } from '../../kit/terraform/plan.ts'

compileForShortRun()
const [path = ''] = process.argv.slice(2)
const hider = createHider(parsePlan(readFileSync(path, 'utf8'), path), [])
const { plan } = hider
const facts: ReportFacts = {
  ...{
    subject: 'shop/prod',
    root: 'infra/prod',
    sha: 'a1b2c3d4e5',
    runNumber: 1,
    runUrl: '',
    warnings: 0,
    remarks: [],
  },
  shortValues: hider.shortValues,
  ...{ binary: 'terraform', binaryVersion: plan.terraformVersion, contract: '4f2a91c07be31d55' },
}
const report = planReport(plan, countChanges(plan), facts, hider.hide)
const comments = report.comments({ bytes: LIMITS.commentBytes, characters: Infinity })
const summary = report.summary(LIMITS.summaryBytes)
const told = comments.join('') + summary
if (hider.secrets.length === 0 || hider.secrets.some(secret => told.includes(secret)))
  throw new Error('a secret is told')
const { user, system } = process.cpuUsage()
console.log(
  JSON.stringify({
    ...{ cpu: (user + system) / 1000, rss: process.resourceUsage().maxRSS * 1024 },
    ...{ comments: comments.map(body => Buffer.byteLength(body)), summary: Buffer.byteLength(summary) },
  }),
)
