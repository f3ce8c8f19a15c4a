import { ActionError, GateError } from '#kit/errors'
import { isList, isObject, member, numberText, parseJson, type Json, type JsonObject } from '#kit/terraform/json'
import Big from 'big.js'
import type { Component, Estimate, Project, Resource, Unknown } from './estimate.ts'

const MAKE_FILE = 'Make it with the Infracost CLI 0.10: "infracost diff --format json --out-file infracost.json".'

/**
 * Reads Infracost JSON 0.2 (Infracost CLI 0.10). Lenient about fields that are missing or new; amounts are taken exactly.
 * Totals are not read: they are made again from the charges.
 * @throws GateError (`invalid`) when the text is cut, is no such file, or is of another version
 */
export function readInfracost(text: string, name: string): Estimate {
  const unreadable = (problem: string, cause?: unknown): GateError =>
    new GateError(`${name} cannot be read as Infracost JSON: ${problem}`, {
      verdict: 'invalid',
      hint: MAKE_FILE,
      cause,
    })
  let document: Json
  try {
    document = parseJson(text.replace(/^\uFEFF/, ''))
  } catch (cause) {
    throw unreadable(text.trim() === '' ? 'it is empty' : 'it is not valid JSON; it may have been cut', cause)
  }
  if (!isObject(document)) throw unreadable('it is not a JSON object')
  if (
    member(document['summary'], 'total_monthly_cost') !== undefined ||
    member(document['summary'], 'costed_resources') !== undefined
  )
    throw unreadable('it was written by the Infracost CLI 2, which knows no difference between before and after')
  const version = document['version']
  if (version !== '0.2')
    throw unreadable(
      version === undefined ? 'it has no version' : `its version is ${JSON.stringify(version)}, known is "0.2"`,
    )
  const projects = document['projects']
  if (!isList(projects)) throw unreadable('it has no list of projects')
  const currency = textOf(document['currency']) ?? 'USD'
  if (!/^[A-Z]{3}$/.test(currency)) throw unreadable(`its currency ${JSON.stringify(currency)} is no ISO 4217 code`)
  try {
    return {
      currency,
      projects: projects.filter(isObject).map(readProject),
      steps: [],
      assumptions: [],
      unpricedRegions: [],
      prices: undefined,
    }
  } catch (thrown) {
    if (thrown instanceof UnreadableAmount) throw unreadable(thrown.message)
    throw thrown
  }
}

class UnreadableAmount extends ActionError {}

function readProject(project: JsonObject): Project {
  const metadata = project['metadata']
  const errors = [...messages(metadata, 'errors'), ...messages(metadata, 'currentErrors')]
  const pastErrors = messages(metadata, 'pastErrors')
  const module = textOf(member(metadata, 'terraformModulePath'))
  const workspace = textOf(member(metadata, 'terraformWorkspace'))
  const name = textOf(project['displayName']) ?? textOf(project['name']) ?? ''
  const past = readBreakdown(project['pastBreakdown'])
  const current = readBreakdown(project['breakdown'])
  const isSkipped = errors.length > 0 && current === null
  const summary = project['summary']
  return {
    name: [name, module, workspace === 'default' ? undefined : workspace].filter(Boolean).join(' · '),
    past: pastErrors.length > 0 ? null : past,
    current: isSkipped ? null : current,
    errors: [...errors, ...pastErrors.map(message => `before the change: ${message}`)],
    unknowns: readUnsupported(member(summary, 'unsupportedResourceCounts')),
    freeCount: countOf(member(summary, 'totalNoPriceResources')),
    resourceCount: countOf(member(summary, 'totalDetectedResources')),
  }
}

function messages(metadata: Json | undefined, key: string): readonly string[] {
  const listed = member(metadata, key)
  return (isList(listed) ? listed : [])
    .filter(item => member(item, 'isError') !== false)
    .map(item => textOf(member(item, 'message')) ?? 'no message')
}

function readUnsupported(counts: Json | undefined): readonly Unknown[] {
  return Object.entries(isObject(counts) ? counts : {}).map(([type, count]) => ({
    address: type,
    type,
    reason: 'type not priced',
    changed: false,
    count: countOf(count),
  }))
}

function readBreakdown(value: Json | undefined): readonly Resource[] | null {
  const resources = member(value, 'resources')
  return isList(resources) ? resources.filter(isObject).map(readResource) : null
}

function readResource(resource: JsonObject): Resource {
  const components = resource['costComponents']
  const subresources = resource['subresources']
  const read = {
    name: textOf(resource['name']) ?? '',
    type: textOf(resource['resourceType']),
    components: (isList(components) ? components : []).filter(isObject).map(readComponent),
    subresources: (isList(subresources) ? subresources : []).filter(isObject).map(readResource),
  }
  const cost = amount(resource, 'monthlyCost')
  const isBare = read.components.length === 0 && read.subresources.length === 0
  if (!isBare || cost === null) return read
  const whole: Component = {
    name: 'Monthly cost',
    unit: 'months',
    monthlyQuantity: new Big(1),
    price: cost,
    monthlyCost: cost,
    usageBased: false,
  }
  return { ...read, components: [whole] }
}

function readComponent(component: JsonObject): Component {
  const isMissing = component['priceNotFound'] === true
  const quantity = amount(component, 'monthlyQuantity')
  const cost = amount(component, 'monthlyCost')
  return {
    name: textOf(component['name']) ?? '',
    unit: textOf(component['unit']) ?? '',
    monthlyQuantity: quantity,
    price: isMissing ? null : amount(component, 'price'),
    monthlyCost: isMissing ? null : cost,
    usageBased: component['usageBased'] === true || (quantity === null && cost === null && !isMissing),
    ...(isMissing ? { unknown: `price unknown: ${textOf(component['name']) ?? ''}` } : {}),
  }
}

const DECIMAL = /^-?\d+(?:\.\d+)?$/

function amount(holder: JsonObject, key: string): Big | null {
  const value = holder[key]
  if (value === undefined || value === null) return null
  const digits =
    typeof value === 'string'
      ? value
      : isObject(value) || isList(value) || typeof value === 'boolean'
        ? ''
        : numberText(value)
  if (!DECIMAL.test(digits))
    throw new UnreadableAmount(`${key} of ${JSON.stringify(holder['name'])} is no decimal amount`)
  return new Big(digits)
}

function countOf(value: Json | undefined): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : 0
}

function textOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
