/**
 * Takes pictures of the demo's pages with headless Chromium: `node scripts/pictures.ts [--looks FOLDER]`. Without a folder it
 * writes the README's pictures; with one, every page of the story at 1280 and 390 pixels, light and dark, to be looked at.
 * Each page is then checked with its folds open: nothing wider than the window, and nothing that axe-core finds.
 */
import { access, constants, mkdir, readdir } from 'node:fs/promises'
import { delimiter, dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import axe, { type AxeResults } from 'axe-core'
import { chromium, type Browser, type Page } from 'playwright-core'

const PAGES = 'demo-output'
/** What the README shows, and how much of it in CSS pixels: the rest is more of the same. */
const README_PICTURES = [
  { page: 'index.html', file: 'docs/pictures/journey.png', height: 1000 },
  { page: 'acme/shop/pull/1/index.html', file: 'docs/pictures/pull-request.png', height: 1700 },
]
const WIDTHS = [1280, 390]
/** Two dots for each of the 838 pixels that GitHub gives a README. */
const README_WIDTH = 1120
const README_SCALE = (2 * 838) / README_WIDTH
const SCHEMES = ['light', 'dark'] as const

async function findBrowser(): Promise<string> {
  for (const name of ['chromium', 'chromium-browser', 'google-chrome', 'chrome'])
    for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
      const file = join(folder, name)
      if (
        await access(file, constants.X_OK).then(
          () => true,
          () => false,
        )
      )
        return file
    }
  throw new Error('no Chromium on PATH: install it (Debian: apt-get install chromium)')
}

interface Look {
  readonly width: number
  readonly scheme: 'light' | 'dark'
  /** Only the page's beginning, for the README. */
  readonly height?: number
}

/** Takes the picture; returns what is wrong with the page, one line each. */
async function take(browser: Browser, page: string, file: string, look: Look): Promise<string[]> {
  const tab = await browser.newPage({
    viewport: { width: look.width, height: 900 },
    colorScheme: look.scheme,
    deviceScaleFactor: look.height === undefined ? 1 : README_SCALE,
  })
  await tab.goto(pathToFileURL(resolve(page)).href)
  const whole = Number(await tab.evaluate('document.documentElement.scrollHeight'))
  const height = Math.min(look.height ?? whole, whole)
  await tab.screenshot({ path: file, fullPage: true, clip: { x: 0, y: 0, width: look.width, height } })
  const faults = await faultsOf(tab)
  await tab.close()
  return faults.map(fault => `${page} at ${look.width} px, ${look.scheme}: ${fault}`)
}

async function faultsOf(tab: Page): Promise<string[]> {
  await tab.evaluate('for (const fold of document.querySelectorAll("details")) fold.open = true')
  const overflow = await tab.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')
  await tab.evaluate(axe.source)
  const { violations } = await tab.evaluate<AxeResults>('axe.run(document, { resultTypes: ["violations"] })')
  return [
    ...(Number(overflow) > 0 ? [`the page is ${String(overflow)} px too wide`] : []),
    ...violations.flatMap(({ id, help, nodes }) => nodes.map(node => `${id}: ${help}: ${node.html.slice(0, 120)}`)),
  ]
}

async function allPages(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const pages = entries
    .filter(entry => entry.name === 'index.html')
    .map(entry => join(entry.parentPath, entry.name))
    .sort()
  const commits = pages.filter(page => page.includes('/commit/'))
  return pages.filter(page => !commits.includes(page) || page === commits[0])
}

const looks = process.argv.indexOf('--looks')
const browser = await chromium.launch({
  executablePath: await findBrowser(),
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
})
const faults: string[] = []
try {
  if (looks === -1) {
    for (const { page, file, height } of README_PICTURES) {
      await mkdir(dirname(file), { recursive: true })
      faults.push(...(await take(browser, join(PAGES, page), file, { width: README_WIDTH, scheme: 'light', height })))
      console.log(file)
    }
  } else {
    const folder = process.argv[looks + 1]
    if (folder === undefined) throw new Error('--looks needs a folder')
    await mkdir(folder, { recursive: true })
    for (const page of await allPages(PAGES))
      for (const width of WIDTHS)
        for (const scheme of SCHEMES) {
          const name =
            page
              .slice(PAGES.length + 1)
              .replace(/\/?index\.html$/, '')
              .replaceAll('/', '-') || 'home'
          faults.push(...(await take(browser, page, join(folder, `${name}-${width}-${scheme}.png`), { width, scheme })))
        }
  }
} finally {
  await browser.close()
}
for (const fault of faults) console.error(fault)
if (faults.length > 0) process.exitCode = 1
