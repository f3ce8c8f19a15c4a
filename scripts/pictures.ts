/**
 * Takes pictures of the demo's pages with headless Chromium: `node scripts/pictures.ts [--looks FOLDER]`. Without a folder it
 * writes the README's pictures; with one, every page of the story at 1280 and 390 pixels, light and dark, to be looked at.
 * Each page is then checked with its folds open: nothing wider than the window, and nothing that axe-core finds.
 */
import { mkdir, readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { launchBrowser, README_WIDTH, takePicture } from './page-pictures.ts'

const PAGES = 'demo-output'
/** What the README shows, and how much of it in CSS pixels: the rest is more of the same. */
const README_PICTURES = [
  { page: 'index.html', file: 'docs/pictures/journey.png', height: 1000 },
  { page: 'acme/shop/pull/1/index.html', file: 'docs/pictures/pull-request.png', height: 1700 },
]
const WIDTHS = [1280, 390]
const SCHEMES = ['light', 'dark'] as const

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
const browser = await launchBrowser()
const faults: string[] = []
try {
  if (looks === -1) {
    for (const { page, file, height } of README_PICTURES) {
      await mkdir(dirname(file), { recursive: true })
      faults.push(
        ...(await takePicture(browser, join(PAGES, page), file, { width: README_WIDTH, scheme: 'light', height })),
      )
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
          faults.push(
            ...(await takePicture(browser, page, join(folder, `${name}-${width}-${scheme}.png`), { width, scheme })),
          )
        }
  }
} finally {
  await browser.close()
}
for (const fault of faults) console.error(fault)
if (faults.length > 0) process.exitCode = 1
