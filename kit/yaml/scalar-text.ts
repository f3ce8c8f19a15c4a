import { isScalar, parseDocument } from 'yaml'

/** How a scalar is written in a file. */
export type ScalarForm = 'plain' | 'single' | 'double'

/**
 * A one-line scalar in the form of the one that it replaces. A plain one stays plain only where YAML 1.1 and 1.2 both read
 * it as this text; else it gets double quotes.
 * @param place where it stands: inside of `[…]` or `{…}`, `,[]{}` need quotes
 * @throws RangeError for line ends and control characters, which have no place in a value of ours
 */
export function scalarText(value: string, form: ScalarForm, place: 'block' | 'flow'): string {
  if (/[^\x20-\x7e\u{a0}-\u{d7ff}\u{e000}-\u{fefe}\u{ff00}-\u{fffd}\u{10000}-\u{10ffff}]/u.test(value))
    throw new RangeError('a value with line ends or control characters cannot be spliced')
  if (form === 'single') return `'${value.replaceAll("'", "''")}'`
  if (form === 'plain' && isPlain(value, place)) return value
  return `"${value.replace(/[\\"]/g, '\\$&')}"`
}

function isPlain(value: string, place: 'block' | 'flow'): boolean {
  if (place === 'flow' && /[,[\]{}]/.test(value)) return false
  // A key before it, as in the file: `- x` and `? x` are plain nowhere else.
  return (['1.1', '1.2'] as const).every(version => {
    const document = parseDocument(`key: ${value}\n`, { version, logLevel: 'silent' })
    if (document.errors.length > 0 || document.warnings.length > 0) return false
    // Not by what it stands for: `*x` is an alias of nothing, and no text.
    const node = document.get('key', true)
    return isScalar(node) && node.value === value
  })
}
