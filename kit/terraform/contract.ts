import { createHash, createHmac, hkdfSync } from 'node:crypto'
import { canonicalText, isList, isObject, member, element, normalNumber, numberText, type Json } from './json.ts'
import type { OutputChange, Plan, ResourceChange, ValueChange } from './plan.ts'

export interface ContractContext {
  readonly root: string
  readonly workspace: string
  /** SHA-256 of the dependency lock file; `undefined` when the root has none. */
  readonly lockFileDigest: string | undefined
}

export interface ContractSecrets {
  /** Enters sensitive values as HMAC under a key made from this; without it they are a bare marker. */
  readonly planKey: string | undefined
  /** Whether a text holds a sensitive value. */
  readonly isTainted: (text: string) => boolean
}

/**
 * SHA-256 (hex) of what will happen: every effective change with its values before and after, outputs, and the versions
 * that are locked. Time, state and unchanged objects do not enter, so planning again gives the same digest. A secret enters
 * only under a key: a bare hash of it could be guessed.
 */
export function contractDigest(plan: Plan, context: ContractContext, secrets: ContractSecrets): string {
  const encode = encoder(secrets)
  const contract: Json = {
    version: 1,
    root: context.root,
    workspace: context.workspace,
    lockFile: context.lockFileDigest ?? null,
    errored: plan.errored,
    changes: sorted(plan.changes.filter(isPart).map(change => resourcePart(change, encode))),
    deferred: sorted(plan.deferred.map(({ reason, change }) => ({ reason, change: resourcePart(change, encode) }))),
    outputs: sorted(plan.outputs.filter(({ kind }) => kind !== 'no-op').map(output => outputPart(output, encode))),
    invocations: sorted(plan.invocations.map(invocation => encode('', [], invocation, false, false))),
  }
  return createHash('sha256').update(canonicalText(contract)).digest('hex')
}

function isPart(change: ResourceChange): boolean {
  return change.kind !== 'no-op' || change.previousAddress !== undefined || change.importId !== undefined
}

type Encode = (
  address: string,
  path: readonly (string | number)[],
  value: Json | undefined,
  unknown: Json | undefined,
  sensitive: Json | undefined,
) => Json

function resourcePart(change: ResourceChange, encode: Encode): Json {
  const { address } = change
  return {
    address,
    deposed: change.deposed ?? null,
    previousAddress: change.previousAddress ?? null,
    importId: change.importId ?? null,
    actions: change.actions,
    ...valuesPart(address, change, encode),
  }
}

function outputPart(output: OutputChange, encode: Encode): Json {
  return { name: output.name, actions: output.actions, ...valuesPart(`output.${output.name}`, output, encode) }
}

function valuesPart(address: string, change: ValueChange, encode: Encode): { before: Json; after: Json } {
  return {
    before: encode(address, ['before'], change.before, false, change.beforeSensitive),
    after: encode(address, ['after'], change.after, change.afterUnknown, change.afterSensitive),
  }
}

/** Leaves become texts with their type in front, so that `1` and `"1"`, or null and a missing member, never look alike. */
function encoder({ planKey, isTainted }: ContractSecrets): Encode {
  const key =
    planKey === undefined ? undefined : Buffer.from(hkdfSync('sha256', planKey, '', 'slipway contract leaves 1', 32))
  const hidden = (address: string, path: readonly (string | number)[], value: Json): string =>
    key === undefined
      ? 'hidden'
      : `hidden ${createHmac('sha256', key)
          .update(canonicalText([address, path, value]))
          .digest('hex')}`

  const encode: Encode = (address, path, value, unknown, sensitive) => {
    if (unknown === true) return sensitive === true ? 'unknown hidden' : 'unknown'
    if (sensitive === true) return value === undefined ? 'hidden missing' : hidden(address, path, value)
    if (isList(value))
      return value.map((item, index) =>
        encode(address, [...path, index], item, element(unknown, index), element(sensitive, index)),
      )
    if (isObject(value)) {
      const keys = new Set([...Object.keys(value), ...(isObject(unknown) ? Object.keys(unknown) : [])])
      const parts: [string, Json][] = []
      for (const name of keys) {
        const inner = member(value, name)
        const innerUnknown = member(unknown, name)
        if (inner === undefined && innerUnknown !== true && !isObject(innerUnknown)) continue
        parts.push([
          isTainted(name) ? hidden(address, path, name) : `.${name}`,
          encode(address, [...path, name], inner, innerUnknown, member(sensitive, name)),
        ])
      }
      return Object.fromEntries(parts)
    }
    if (value === undefined) return isObject(unknown) ? encode(address, path, {}, unknown, sensitive) : 'missing'
    if (value === null) return 'null'
    if (typeof value === 'string') return isTainted(value) ? hidden(address, path, value) : `text ${value}`
    if (typeof value === 'boolean') return `truth ${value}`
    const digits = numberText(value)
    return isTainted(digits) ? hidden(address, path, value) : `number ${normalNumber(digits)}`
  }
  return encode
}

function sorted(parts: readonly Json[]): readonly Json[] {
  return parts
    .map(part => ({ part, text: canonicalText(part) }))
    .sort((left, right) => (left.text < right.text ? -1 : left.text > right.text ? 1 : 0))
    .map(({ part }) => part)
}
