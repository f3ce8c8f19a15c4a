/**
 * Takes pictures of plan comments with headless Chromium: `node scripts/plan-pictures.ts [--looks FOLDER]`. Without a folder
 * it writes those of the README of terraform-plan; with one, every sample at 1280 and 390 pixels, light and dark, and beside
 * each its Markdown. Each page is checked with its folds open: nothing wider than the window, and nothing that axe-core finds.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readRecord } from '../actions/terraform-plan/src/read-record.ts'
import { planReport, type ReportFacts } from '../actions/terraform-plan/src/report.ts'
import { rootsReport } from '../actions/terraform-plan/src/roots-report.ts'
import { viewRoots } from '../actions/terraform-plan/src/roots-view.ts'
import { LIMITS } from '../kit/report/limits.ts'
import { createHider } from '../kit/terraform/hide.ts'
import { countChanges, type Plan } from '../kit/terraform/plan.ts'
import { renderMarkdown } from '../local-github/pages/markdown.ts'
import { styleSheet } from '../local-github/pages/site.ts'
import { launchBrowser, takePicture } from './page-pictures.ts'
import { SAMPLE_PLANS } from './sample-plans.ts'
import { sampleRoots } from './sample-roots.ts'

/** What the README shows, and how much of it in CSS pixels. */
const README_HEIGHTS: Readonly<Record<string, number>> = {
  'database-replace': 590,
  'tags-94': 460,
  'creates-300': 720,
  'roots-12': 640,
}
const README_WIDTH = 820
const WIDTHS = [1280, 390]
const SCHEMES = ['light', 'dark'] as const

const RUN = { sha: 'a1b2c3d4e5', runNumber: 57, runUrl: 'https://github.com/acme/shop/actions/runs/57' }
const BUDGET = { bytes: LIMITS.commentBytes, characters: Infinity }

function commentOf(planned: Plan): string {
  const { plan, hide, shortValues } = createHider(planned, [])
  const facts: ReportFacts = {
    ...{ ...RUN, subject: 'shop/prod', root: 'infra/environments/prod', warnings: 0, shortValues, remarks: [] },
    ...{ binary: 'terraform', binaryVersion: '1.11.4', contract: '4f2a91c07be31d55' },
  }
  return planReport(plan, countChanges(plan), facts, hide).comments(BUDGET).join('\n\n---\n\n')
}

function commentOfRoots(): string {
  const hide = (text: string) => text
  const view = viewRoots({ records: sampleRoots().map(readRecord), refused: [], missing: [], unexpected: [] }, hide)
  return rootsReport(view, { ...RUN, subject: 'shop' }, hide)
    .comments(BUDGET)
    .join('\n\n---\n\n')
}

function pageOf(name: string, markdown: string, style: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${name}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<style>${style}</style></head><body><main class="column wide" id="main"><h1 class="sr-only">${name}</h1>
<div class="thread"><article class="comment"><span class="avatar" style="--hue:220" aria-hidden="true">GI</span><div class="card"><header class="comment-head"><strong>github-actions</strong>
commented</header><div class="md">${renderMarkdown(markdown, { kind: 'comment' }).source}</div></div></article></div></main></body></html>`
}

const looks = process.argv.indexOf('--looks')
const target = looks === -1 ? 'docs/pictures' : process.argv[looks + 1]
if (target === undefined) throw new Error('--looks needs a folder')
const scratch = await mkdtemp(join(tmpdir(), 'slipway-plan-pictures-'))
const browser = await launchBrowser()
const faults: string[] = []
try {
  await mkdir(target, { recursive: true })
  const style = await styleSheet()
  const plans = Object.entries(SAMPLE_PLANS).map(([name, makePlan]) => [name, () => commentOf(makePlan())] as const)
  for (const [name, makeComment] of [...plans, ['roots-12', commentOfRoots] as const]) {
    const markdown = makeComment()
    const page = join(scratch, `${name}.html`)
    const height = README_HEIGHTS[name]
    if (looks === -1) {
      if (height === undefined) continue
      const file = join(target, `plan-${name}.png`)
      await writeFile(page, pageOf(name, markdown.replace('<details>', '<details open>'), style))
      faults.push(...(await takePicture(browser, page, file, { width: README_WIDTH, scheme: 'light', height })))
      console.log(file)
      continue
    }
    await writeFile(page, pageOf(name, markdown, style))
    await writeFile(join(target, `${name}.md`), `${markdown}\n`)
    for (const width of WIDTHS)
      for (const scheme of SCHEMES)
        faults.push(
          ...(await takePicture(browser, page, join(target, `${name}-${width}-${scheme}.png`), { width, scheme })),
        )
  }
} finally {
  await browser.close()
  await rm(scratch, { recursive: true, force: true })
}
for (const fault of faults) console.error(fault)
if (faults.length > 0) process.exitCode = 1
