import { ActionError } from '#kit/errors'
import type { Ports } from '#kit/ports'

const ANSWERS = 10
const PAUSE_MILLISECONDS = 1_000
const ANSWER_TIMEOUT_MILLISECONDS = 10_000

/**
 * Asks until the first 200, for at most `seconds`, and then nine times more, each over a connection of its own: old and new
 * containers may both serve, and a bad one among them must not be missed. Redirects are not followed.
 * @returns what was wrong, `''` when every answer was good
 */
export async function smokeTest(
  url: string,
  seconds: number,
  { http, clock }: Pick<Ports, 'http' | 'clock'>,
): Promise<string> {
  const ask = async (): Promise<string> => {
    try {
      const { status } = await http.request({ method: 'GET', url, timeoutMilliseconds: ANSWER_TIMEOUT_MILLISECONDS })
      return status === 200 ? '' : `answered ${status}`
    } catch (error) {
      if (error instanceof ActionError) return 'did not answer'
      throw error
    }
  }
  const end = clock.now() + seconds * 1_000
  let wrong = await ask()
  while (wrong !== '' && clock.now() < end) {
    await clock.sleep(PAUSE_MILLISECONDS)
    wrong = await ask()
  }
  for (let asked = 1; asked < ANSWERS && wrong === ''; asked += 1) {
    wrong = await ask()
    if (wrong !== '') return `${new URL(url).host} ${wrong} to one of ${asked + 1} requests`
  }
  return wrong === '' ? '' : `${new URL(url).host} ${wrong} within ${seconds} s`
}
