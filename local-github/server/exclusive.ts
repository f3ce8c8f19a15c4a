/** One at a time for each key; the others wait in order. */
export type Exclusive = <T>(key: number, work: () => Promise<T>) => Promise<T>

export function createExclusive(): Exclusive {
  const tails = new Map<number, Promise<unknown>>()
  return (key, work) => {
    const before = tails.get(key) ?? Promise.resolve()
    const result = before.then(work, work)
    tails.set(key, result)
    const forget = (): void => {
      if (tails.get(key) === result) tails.delete(key)
    }
    result.then(forget, forget)
    return result
  }
}
