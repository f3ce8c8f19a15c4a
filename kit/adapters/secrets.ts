/** Shorter lines of a secret (`}`, `-`) would mask half of the log. */
const LEAST_LINE_CHARACTERS = 4

/** A secret whole, and each of its lines (rule R9). */
export function secretParts(value: string): readonly string[] {
  if (value.trim() === '') return []
  const linesOf = value
    .split(/[\r\n]+/)
    .map(line => line.trim())
    .filter(line => line.length >= LEAST_LINE_CHARACTERS)
  return [...new Set([value, ...linesOf])]
}

/** `text` with every secret replaced by `***`, the longest first. */
export function withoutSecrets(text: string, secrets: ReadonlySet<string>): string {
  return [...secrets]
    .sort((one, other) => other.length - one.length)
    .reduce((rest, secret) => rest.replaceAll(secret, '***'), text)
}
