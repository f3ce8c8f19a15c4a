import type { Log } from '#kit/ports'

export interface Work<T> {
  /** Of its group in the log. */
  readonly title: string
  begin(tell: (line: string) => void): Promise<T>
}

/**
 * Begins all at once and tells of them one after the other, each in a group: what the one whose turn it is says comes as it says
 * it, what the others say is held until then.
 * @returns what each came to, in the order of the works
 * @throws what the first of them in this order threw, when all are over
 */
export async function sideBySide<T>(works: readonly Work<T>[], log: Log): Promise<readonly T[]> {
  const begun = works.map(({ title, begin }) => {
    const held: string[] = []
    let tell = (line: string): void => {
      held.push(line)
    }
    const over = begin(line => tell(line))
    const take = () => {
      for (const line of held) log.info(line)
      tell = line => {
        log.info(line)
      }
      return over
    }
    return { title, over, take }
  })
  const ended = Promise.allSettled(begun.map(({ over }) => over))
  try {
    const results: T[] = []
    for (const { title, take } of begun) results.push(await log.group(title, take))
    return results
  } finally {
    await ended
  }
}
