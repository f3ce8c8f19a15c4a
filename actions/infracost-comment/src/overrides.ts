import { InputError, type InputProblem } from '#kit/errors'
import { yamlProblem } from '#kit/yaml/problem'
import Big from 'big.js'
import { parse, YAMLParseError } from 'yaml'
import { PRICE_KEYS, type PriceOverrides } from './price-sheet.ts'

const INPUT = 'price-overrides'
const REGION = /^(?:\*|global|[a-z]{2}(?:-[a-z]+)+-\d)$/

/**
 * Reads own rates from YAML or JSON: `prices:`, then a region (`*` for any), then keys of the price sheet with USD.
 * @throws InputError with every bad entry together
 */
export function readOverrides(content: string, path: string): PriceOverrides {
  let document: unknown
  try {
    document = parse(content, { maxAliasCount: 0 })
  } catch (error) {
    throw new InputError([notYaml(path, error)])
  }
  const regions = isRecord(document) ? document['prices'] : undefined
  if (!isRecord(regions))
    throw new InputError([
      bad(path, 'it has no regions under "prices"', 'Write "prices:", below it a region, below it keys and rates'),
    ])
  const problems: InputProblem[] = []
  const strangers = Object.keys(document as object).filter(key => key !== 'prices')
  for (const key of strangers) problems.push(bad(path, `"${key}" is not known`, 'Only "prices" may stand at the top'))
  const overrides = new Map<string, ReadonlyMap<string, Big>>()
  for (const [region, rates] of Object.entries(regions)) {
    if (!REGION.test(region))
      problems.push(bad(path, `"${region}" is not a region`, 'Use one such as "eu-west-1", "global", or "*"'))
    else if (!isRecord(rates)) problems.push(bad(path, `"${region}" has no rates`, 'Write keys and rates below it'))
    else overrides.set(region, readRates(path, region, rates, problems))
  }
  if (problems.length > 0) throw new InputError(problems)
  return overrides
}

function notYaml(path: string, error: unknown): InputProblem {
  // What the library says of these two is about its own functions and options.
  if (error instanceof ReferenceError)
    return bad(path, 'it has an alias ("*name"), which is not followed', 'Write out what the alias stands for')
  if (!(error instanceof YAMLParseError)) throw error
  if (error.code === 'MULTIPLE_DOCS') return bad(path, 'it holds several documents', 'Keep one, without "---"')
  return bad(path, `it is not YAML: ${yamlProblem(error)}`, 'Correct the file')
}

function readRates(
  path: string,
  region: string,
  rates: Readonly<Record<string, unknown>>,
  problems: InputProblem[],
): ReadonlyMap<string, Big> {
  const read = new Map<string, Big>()
  for (const [key, value] of Object.entries(rates)) {
    const digits = typeof value === 'number' || typeof value === 'string' ? String(value) : ''
    if (!PRICE_KEYS.some(shape => shape.test(key)))
      problems.push(
        bad(path, `"${key}" of ${region} is no key of the price sheet`, "Slipway's docs/cost.md lists the keys"),
      )
    else if (!/^\d+(?:\.\d+)?(?:e-\d+)?$/.test(digits))
      problems.push(
        bad(
          path,
          // JSON knows no infinity and would call it null.
          `"${key}" of ${region} is ${typeof value === 'number' ? value : JSON.stringify(value)}`,
          'Write a rate in USD such as 0.0416',
        ),
      )
    else read.set(key, new Big(digits))
  }
  return read
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function bad(path: string, problem: string, fix: string): InputProblem {
  return { input: INPUT, value: path, problem, fix }
}
