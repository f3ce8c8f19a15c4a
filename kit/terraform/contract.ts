import { createHash, createHmac, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto'
import { readConfiguration, type ConfiguredResource, type Configuration } from './plan-configuration.ts'
import { HIDDEN, HIDDEN_NEW, hmac, holdsUnknown, readLeaves, type LeafSecrets, type Leaves } from './contract-leaves.ts'
import { ignoredAt, isIgnoredWithin, type IgnorePath } from './ignore-paths.ts'
import { isList, isObject, member, type Json, type JsonObject } from './json.ts'
import type { OutputChange, Plan, ResourceChange, ValueChange } from './plan.ts'
import type { PlanSources, Source } from './plan-sources.ts'
import { sha256 } from './seal.ts'

/** What a plan's JSON does not say and what decides, too, what an apply does. */
export interface ContractFacts {
  readonly root: string
  readonly workspace: string
  readonly ignorePaths: readonly IgnorePath[]
  /** How much of the root is planned, and what runs before it. */
  readonly extent: { readonly targets: readonly string[]; readonly destroy: boolean; readonly preRun: string }
  /** SHA-256 of the dependency lock file; `undefined` when the root has none or was not planned here. */
  readonly lockFileDigest: string | undefined
  /** Where the state is, without what opens it. */
  readonly backend: Json
  /** Which state it is, whatever was done to it; `undefined` when the plan file does not tell. */
  readonly lineage: string | undefined
  /** Git trees of folders whose files are run: workflows, and modules with programs. */
  readonly trees: Readonly<Record<string, string>>
  /** The configuration that was planned; `undefined` when the plan file does not tell. */
  readonly sources?: PlanSources | undefined
}

export interface ContractSecrets {
  /** Enters sensitive values as HMAC under a key made from this; without it they are a bare marker. */
  readonly planKey: string | undefined
  /** Whether a text holds a sensitive value. */
  readonly isTainted: (text: string) => boolean
}

/** Everything that will happen to one object, or one fact that it depends on. */
export interface ContractPart {
  /** Address, `output.<name>`, or a word such as `backend`. */
  readonly subject: string
  /** As Terraform writes them; none for a fact. */
  readonly actions: readonly string[]
  readonly before: Leaves
  readonly after: Leaves
}

export interface DigestedPart extends ContractPart {
  /** Hex, made as the digest of the whole is. */
  readonly digest: string
}

/** What will happen, in a form that two plans can be compared in. It holds secrets and stays in memory. */
export interface Contract {
  /** Hex: HMAC-SHA256 under the key, SHA-256 without one. */
  readonly digest: string
  /** By subject. */
  readonly parts: readonly DigestedPart[]
  /** Without a key: sensitive values that will change, of which nobody can say to what. Each as subject and name. */
  readonly untold: readonly string[]
  readonly key: KeyObject | undefined
}

/**
 * Makes the contract of a plan: every effective change with its values before and after, outputs, moves, imports, deferred
 * changes, action invocations, what is run beside them, and where. Time, drift, order and unchanged objects do not enter, so
 * planning again gives the same digest. A secret enters only under a key: a bare hash of it could be guessed.
 */
export function makeContract(plan: Plan, facts: ContractFacts, { planKey, isTainted }: ContractSecrets): Contract {
  const key = planKey === undefined ? undefined : derive(planKey, 'slipway contract leaves 2')
  const secrets: LeafSecrets = { key, isTainted }
  const configuration = readConfiguration(plan)
  const untold: string[] = []
  const imports = importsOf(plan)
  const madeFrom = sourceReader(plan, secrets)
  const making: Making = {
    ...{ secrets, configuration, untold, madeFrom },
    ...{ ignored: facts.ignorePaths, sources: facts.sources },
  }
  const resource = (change: ResourceChange, reason: readonly string[] = []) =>
    resourcePart(change, reason, imports.get(change), making)
  const parts = [
    ...factParts(plan, facts, making),
    ...plan.changes.filter(isPart).map(change => resource(change)),
    ...plan.deferred.map(({ reason, change }) => resource(change, [`deferred: ${reason}`])),
    ...plan.outputs.filter(({ kind }) => kind !== 'no-op').map(output => outputPart(output, making)),
    ...plan.invocations.map(invocation => invocationPart(invocation, secrets, untold)),
  ]
  const texts = parts.map(part => ({ part, text: partText(part) })).sort((left, right) => order(left.text, right.text))
  const whole =
    planKey === undefined ? createHash('sha256') : createHmac('sha256', derive(planKey, 'slipway contract 2'))
  for (const { text } of texts) whole.update(`${text}\n`)
  const digested = texts.map(({ part, text }) => ({
    ...part,
    digest: key === undefined ? sha256(text) : hmac(key, text),
  }))
  return { digest: whole.digest('hex'), parts: digested, untold, key }
}

/** Canonical text of a part, with its secrets as they stand in its leaves. */
function partText({ subject, actions, before, after }: ContractPart): string {
  return JSON.stringify([subject, actions, sortedLeaves(before), sortedLeaves(after)])
}

function sortedLeaves(leaves: Leaves): string[] {
  return [...leaves.keys()].sort().flatMap(name => [name, leaves.get(name) ?? ''])
}

function order(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}

function derive(planKey: string, purpose: string): KeyObject {
  return createSecretKey(new Uint8Array(hkdfSync('sha256', planKey, '', purpose, 32)))
}

function isPart(change: ResourceChange): boolean {
  return change.kind !== 'no-op' || change.previousAddress !== undefined || change.importId !== undefined
}

/** Provisioners run when an object is made and when it is destroyed. */
export function runsProvisioners({ kind }: ResourceChange): boolean {
  return kind === 'create' || kind === 'replace' || kind === 'delete'
}

interface Making {
  readonly secrets: LeafSecrets
  readonly configuration: Configuration
  readonly untold: string[]
  readonly ignored: readonly IgnorePath[]
  readonly sources: PlanSources | undefined
  readonly madeFrom: MadeFrom
}

/** Leaves for the text that something is made from, and for the root's variables that it ends at. */
type MadeFrom = (subject: string, what: string, source: Source | undefined) => Leaves

function sourceReader({ document }: Plan, secrets: LeafSecrets): MadeFrom {
  const declared = member(member(document['configuration'], 'root_module'), 'variables')
  return (subject, what, source) => {
    const leaves = new Map<string, string>()
    if (source === undefined || source.text === '') return leaves
    // A secret that is written into the configuration is one all the same.
    const isSecret = secrets.key === undefined && secrets.isTainted(source.text)
    leaves.set(`(${what} as written)`, isSecret ? HIDDEN : `text ${sha256(source.text)}`)
    for (const name of source.variables) {
      const value = member(member(document['variables'], name), 'value')
      const sensitive = member(member(declared, name), 'sensitive') === true
      for (const leaf of readLeaves({ value, sensitive }, secrets, { address: subject, prefix: `(var.${name}) ` }))
        leaves.set(...leaf)
    }
    return leaves
  }
}

function resourcePart(
  change: ResourceChange,
  reason: readonly string[],
  importing: Json | undefined,
  making: Making,
): ContractPart {
  const { address, deposed, previousAddress } = change
  const subject = deposed === undefined ? address : `${address} (deposed ${deposed})`
  const { before, after } = valueLeaves(subject, change, making, address)
  const { configuration, sources, madeFrom } = making
  const configured = configuration.resource(address)
  const also = (prefix: string, value: Json | undefined) => {
    for (const [name, leaf] of readLeaves({ value }, making.secrets, { address: subject, prefix }))
      after.set(name, leaf)
  }
  after.set('(provider)', `text ${change.providerName}`)
  if (previousAddress !== undefined) before.set('(address)', `text ${previousAddress}`)
  if (importing !== undefined) also('(import) ', importing)
  const leaves = (found: Leaves) => {
    for (const leaf of found) after.set(...leaf)
  }
  if (runsProvisioners(change)) {
    also('(provisioners)', configured?.provisioners)
    if (configured === undefined || configured.provisioners !== undefined)
      leaves(madeFrom(subject, 'provisioners', sources?.provisioners(address)))
  }
  const open = openExpressions(configured, change.afterUnknown)
  also('(expressions) ', open)
  const names = Object.keys(open ?? {}).filter(name => !isIgnoredWithin(making.ignored, address, name))
  if (names.length > 0) leaves(madeFrom(subject, 'expressions', sources?.resource(address, new Set(names))))
  return { subject, actions: [...reason, ...change.actions], before, after }
}

/** What a value that only the apply will tell is made from: the one thing about it that a plan holds. */
function openExpressions(configured: ConfiguredResource | undefined, unknown: Json): JsonObject | undefined {
  if (!isObject(unknown) || !isObject(configured?.expressions)) return undefined
  const open = Object.entries(configured.expressions).filter(([name]) => holdsUnknown(member(unknown, name)))
  return open.length === 0 ? undefined : Object.fromEntries(open)
}

function outputPart(output: OutputChange, making: Making): ContractPart {
  const subject = `output.${output.name}`
  const { before, after } = valueLeaves(subject, output, making)
  if (holdsUnknown(output.afterUnknown)) {
    const value = making.configuration.output(output.name)
    for (const [name, leaf] of readLeaves({ value }, making.secrets, { address: subject, prefix: '(expression) ' }))
      after.set(name, leaf)
    if (ignoredAt(making.ignored, subject)?.([]) !== true)
      for (const leaf of making.madeFrom(subject, 'expression', making.sources?.output(output.name))) after.set(...leaf)
  }
  return { subject, actions: output.actions, before, after }
}

function valueLeaves(
  subject: string,
  change: ValueChange,
  { secrets, untold, ignored }: Making,
  address = subject,
): { before: Map<string, string>; after: Map<string, string> } {
  const isIgnored = ignored.length === 0 ? undefined : ignoredAt(ignored, address)
  const read = (value: Json, sensitive: Json, unknown: Json | undefined, hidden: Map<string, string>) =>
    readLeaves({ value, sensitive, unknown }, secrets, { address: subject, isIgnored, hidden })
  const hiddenBefore = new Map<string, string>()
  const hiddenAfter = new Map<string, string>()
  const before = read(change.before, change.beforeSensitive, undefined, hiddenBefore)
  const after = read(change.after, change.afterSensitive, change.afterUnknown, hiddenAfter)
  for (const [name, text] of hiddenAfter)
    if (hiddenBefore.get(name) !== text) {
      after.set(name, HIDDEN_NEW)
      untold.push(name === '' ? subject : `${subject}: ${name}`)
    }
  return { before, after }
}

/** Actions that Terraform invokes (1.14 on): their configuration has marks of its own, the rest is shown as it is. */
function invocationPart(invocation: JsonObject, secrets: LeafSecrets, untold: string[]): ContractPart {
  const { config_values: value, config_sensitive: sensitive, config_unknown: unknown, ...rest } = invocation
  const { address: named, ...said } = rest
  const subject = `action ${typeof named === 'string' ? named : ''}`
  const hidden = new Map<string, string>()
  const after = readLeaves({ value, sensitive, unknown }, secrets, { address: subject, hidden })
  untold.push(...[...hidden.keys()].map(name => `${subject}: ${name}`))
  for (const [name, leaf] of readLeaves({ value: said }, secrets, { address: subject, prefix: '(invoked) ' }))
    after.set(name, leaf)
  return { subject, actions: ['invoke'], before: new Map(), after }
}

function factParts(plan: Plan, facts: ContractFacts, making: Making): ContractPart[] {
  const { secrets, configuration, sources, madeFrom } = making
  const part = (
    subject: string,
    value: Json,
    { actions = [], also = new Map() }: { readonly actions?: readonly string[]; readonly also?: Leaves } = {},
  ): ContractPart => ({
    ...{ subject, actions, before: new Map() },
    after: new Map([...readLeaves({ value }, secrets, { address: subject }), ...also]),
  })
  const { root, workspace, ignorePaths, extent, lockFileDigest = null, backend, lineage = null, trees } = facts
  return [
    part('root', { root, workspace, ignorePaths: ignorePaths.map(({ source }) => source).sort() }),
    part('extent', { ...extent, targets: [...extent.targets].sort() }),
    part('lock file', { digest: lockFileDigest }),
    part('backend', backend),
    part('state', { lineage }),
    ...(plan.errored ? [part('plan', { errored: true })] : []),
    part('files that are run', trees),
    ...(isObject(configuration.providers) ? Object.entries(configuration.providers) : []).map(([name, provider]) =>
      part(`provider ${name}`, providerOf(provider, secrets.key !== undefined), {
        also: madeFrom(`provider ${name}`, 'settings', providerSource(provider, sources)),
      }),
    ),
    ...configuration.externals.map(({ address, expressions }) =>
      part(address, expressions, {
        actions: ['run'],
        also: madeFrom(address, 'expressions', sources?.resource(address, new Set(Object.keys(expressions ?? {})))),
      }),
    ),
  ]
}

/** Tags that a provider adds are seen in each object, where `ignore-paths` can name them. */
const SEEN_ELSEWHERE = new Set(['default_tags', 'default_labels', 'add_terraform_attribution_label'])

/** Of the settings that are no constants: a provider with another account or region does the same thing to other objects. */
function providerSource(provider: Json, sources: PlanSources | undefined): Source | undefined {
  const [name, alias, address, expressions] = ['name', 'alias', 'module_address', 'expressions'].map(key =>
    member(provider, key),
  )
  if (sources === undefined || typeof name !== 'string' || !isObject(expressions)) return undefined
  const open = Object.keys(expressions).filter(
    key => !SEEN_ELSEWHERE.has(key) && member(member(expressions, key), 'constant_value') === undefined,
  )
  if (open.length === 0) return undefined
  const inModule = typeof address === 'string' ? address : ''
  return sources.provider(inModule, name, typeof alias === 'string' ? alias : undefined, new Set(open))
}

/** Names of attributes of providers that are written into a configuration although they should not be. */
const SECRET_NAME = /pass|secret|token|key|cred|cert|auth|private|sas|conn/i

/** The lock file decides on versions. Without a key, constants that look like credentials are left out. */
function providerOf(provider: Json, isKeyed: boolean): Json {
  if (!isObject(provider)) return provider
  const { full_name: source = null, module_address: module = null, expressions = {} } = provider
  if (!isObject(expressions) || isKeyed) return { source, module, expressions }
  const open = Object.entries(expressions).map(([name, expression]) => [
    name,
    SECRET_NAME.test(name) ? HIDDEN : expression,
  ])
  return { source, module, expressions: Object.fromEntries(open) as JsonObject }
}

/** `importing` of each change as written: an id, or an identity (Terraform 1.12 on). */
function importsOf({ changes, document }: Plan): Map<ResourceChange, Json | undefined> {
  const listed = document['resource_changes']
  const entries = isList(listed) ? listed.filter(isObject) : []
  return new Map(changes.map((change, index) => [change, member(member(entries[index], 'change'), 'importing')]))
}
