const ENTRY = /^([0-9a-fA-F]{64})(?:\s+\*?(.+))?$/

/**
 * The SHA-256 of a file in a vendor's list: lines of `<hex>  <name>` as sha256sum writes them, or one bare sum.
 * @returns lower-case hex; `undefined` when the list has no entry for `fileName`, or two that differ
 */
export function sumOf(list: string, fileName: string): string | undefined {
  const entries = list
    .split(/\r?\n/)
    .map(line => ENTRY.exec(line.trim()))
    .filter(match => match !== null)
    .map(([, sum, name]) => ({ sum: sum!.toLowerCase(), name: name?.replace(/^.*\//, '') }))
  const bare = entries.length === 1 && entries[0]!.name === undefined
  const sums = new Set(entries.filter(entry => bare || entry.name === fileName).map(entry => entry.sum))
  return sums.size === 1 ? [...sums][0] : undefined
}
