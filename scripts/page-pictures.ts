import { access, constants } from 'node:fs/promises'
import { delimiter, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import axe, { type AxeResults } from 'axe-core'
import { chromium, type Browser, type Page } from 'playwright-core'

/** Two dots for each of the 838 pixels that GitHub gives a README. */
export const README_WIDTH = 1120
const README_SCALE = (2 * 838) / README_WIDTH

/** Headless, from PATH, and quiet on the network. */
export async function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: await findBrowser(),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}

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

export interface Look {
  readonly width: number
  readonly scheme: 'light' | 'dark'
  /** Only the page's beginning, for the README. */
  readonly height?: number
}

/** Takes the picture; returns what is wrong with the page, one line each. */
export async function takePicture(browser: Browser, page: string, file: string, look: Look): Promise<string[]> {
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
