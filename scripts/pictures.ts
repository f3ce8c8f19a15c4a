/**
 * Takes pictures of the demo's pages with headless Chromium: `node scripts/pictures.ts [--looks FOLDER]`. Without a folder it
 * writes the README's picture; with one, every page of the story at 1280 and 390 pixels, light and dark, to be looked at.
 */
import { access, constants, mkdir, readdir } from 'node:fs/promises'
import { delimiter, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium, type Browser } from 'playwright-core'

const PAGES = 'demo-output'
const README_PICTURE = 'docs/pictures/pull-request.png'
const WIDTHS = [1280, 390]
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

/** The pull request of the story: the page that the README shows. */
async function pullRequestPage(): Promise<string> {
  const shop = join(PAGES, 'acme/shop')
  const [number] = await readdir(join(shop, 'pull')).catch(() => [])
  if (number === undefined) throw new Error(`${shop} has no pull request: run "npm run demo" first`)
  return join(shop, 'pull', number, 'index.html')
}

async function take(
  browser: Browser,
  page: string,
  file: string,
  look: { width: number; scheme: 'light' | 'dark'; height?: number },
): Promise<void> {
  const tab = await browser.newPage({
    viewport: { width: look.width, height: look.height ?? 900 },
    colorScheme: look.scheme,
    deviceScaleFactor: look.height === undefined ? 1 : 2,
  })
  await tab.goto(pathToFileURL(resolve(page)).href)
  await tab.screenshot({ path: file, fullPage: look.height === undefined })
  const overflow = await tab.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')
  if (Number(overflow) > 0) throw new Error(`${page} is ${String(overflow)} px wider than ${look.width} px`)
  await tab.close()
}

async function allPages(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter(entry => entry.name === 'index.html' && !entry.parentPath.includes('/commit/'))
    .map(entry => join(entry.parentPath, entry.name))
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
try {
  if (looks === -1) {
    await mkdir(join(README_PICTURE, '..'), { recursive: true })
    await take(browser, await pullRequestPage(), README_PICTURE, { width: 1280, scheme: 'light', height: 1000 })
    console.log(README_PICTURE)
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
          await take(browser, page, join(folder, `${name}-${width}-${scheme}.png`), { width, scheme })
        }
  }
} finally {
  await browser.close()
}
