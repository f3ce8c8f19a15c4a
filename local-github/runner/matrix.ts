/** `strategy.matrix` as GitHub expands it. */
import { data } from '@actions/expressions'

type ExpressionData = data.ExpressionData
type Combination = Map<string, ExpressionData>

const maxCombinations = 256

export class MatrixError extends Error {
  override readonly name = 'MatrixError'
}

/** Each combination in order, as the `matrix` context. Throws {@link MatrixError}. */
export function expandMatrix(matrix: ExpressionData): data.Dictionary[] {
  if (!(matrix instanceof data.Dictionary)) throw new MatrixError('The matrix is not a mapping of lists.')
  const vectors = matrix.pairs().filter(({ key }) => !['include', 'exclude'].includes(key.toLowerCase()))
  const include = readFilter(matrix, 'include')
  const exclude = readFilter(matrix, 'exclude')

  let combinations: Combination[] = vectors.length > 0 ? [new Map()] : []
  for (const { key, value } of vectors) {
    if (!(value instanceof data.Array)) throw new MatrixError(`Matrix vector '${key}' is not a list.`)
    if (value.values().length === 0) throw new MatrixError(`Matrix vector '${key}' does not contain any values.`)
    combinations = combinations.flatMap(before => value.values().map(item => new Map([...before, [key, item]])))
    if (combinations.length > maxCombinations * 16) break
  }
  const kept = combinations.filter(combination => !exclude.some(filter => isExcluded(combination, filter)))
  const expanded = addIncluded(kept, include)
  if (expanded.length === 0) throw new MatrixError('The matrix must define at least one combination.')
  if (expanded.length > maxCombinations) {
    throw new MatrixError(`The matrix makes ${expanded.length} jobs; the most that GitHub makes is ${maxCombinations}.`)
  }
  return expanded.map(combination => new data.Dictionary(...[...combination].map(([key, value]) => ({ key, value }))))
}

function readFilter(matrix: data.Dictionary, key: string): data.Dictionary[] {
  const filter = matrix.get(key)
  if (filter === undefined || filter instanceof data.Null) return []
  if (!(filter instanceof data.Array)) throw new MatrixError(`The matrix's '${key}' is not a list.`)
  return filter.values().map(item => {
    if (!(item instanceof data.Dictionary)) throw new MatrixError(`An item of the matrix's '${key}' is not a mapping.`)
    return item
  })
}

/** A filter that names a key the matrix lacks matches nothing. */
function isExcluded(combination: Combination, filter: data.Dictionary): boolean {
  return filter.pairs().every(({ key, value }) => {
    const own = findValue(combination, key)
    return own !== undefined && matchesPart(own, value)
  })
}

/** An included item joins every combination whose original values it leaves alone; else it is a combination of its own. */
function addIncluded(combinations: Combination[], include: data.Dictionary[]): Combination[] {
  const originals = combinations.map(combination => new Map(combination))
  const added: Combination[] = []
  for (const item of include) {
    let joined = false
    combinations.forEach((combination, index) => {
      const original = originals[index] ?? new Map<string, ExpressionData>()
      const fits = item.pairs().every(({ key, value }) => {
        const own = findValue(original, key)
        return own === undefined || matchesPart(own, value)
      })
      if (!fits) return
      joined = true
      for (const { key, value } of item.pairs()) if (!findValue(original, key)) combination.set(key, value)
    })
    if (!joined) added.push(new Map(item.pairs().map(({ key, value }) => [key, value])))
  }
  return [...combinations, ...added]
}

function findValue(combination: Combination, key: string): ExpressionData | undefined {
  const lower = key.toLowerCase()
  return [...combination].find(([name]) => name.toLowerCase() === lower)?.[1]
}

/** Objects match by the keys that the filter names. */
function matchesPart(value: ExpressionData, filter: ExpressionData): boolean {
  if (filter instanceof data.Dictionary) {
    return (
      value instanceof data.Dictionary &&
      filter.pairs().every(pair => {
        const own = value.get(pair.key)
        return own !== undefined && matchesPart(own, pair.value)
      })
    )
  }
  if (filter instanceof data.Array) {
    return (
      value instanceof data.Array &&
      value.values().length === filter.values().length &&
      filter.values().every((item, index) => {
        const own = value.values()[index]
        return own !== undefined && matchesPart(own, item)
      })
    )
  }
  return value.primitive && value.kind === filter.kind && value.coerceString() === filter.coerceString()
}

/** The values that GitHub puts in brackets behind the job's name: leaves of the combination, in order. */
export function matrixSuffix(combination: data.Dictionary): string {
  const leaves = (value: ExpressionData): string[] => {
    if (value instanceof data.Dictionary || value instanceof data.Array) return value.values().flatMap(leaves)
    const text = value.coerceString()
    return text === '' ? [] : [text]
  }
  const text = combination.values().flatMap(leaves).join(', ')
  return text === '' ? '' : ` (${text})`
}
