import { isList, isObject, member, numberText, type Json } from '#kit/terraform/json'
import { stepInto } from '#kit/terraform/plan'
import Big from 'big.js'

/** A charge cannot be worked out from the plan, for this reason. */
export class Undecided extends Error {
  override name = 'Undecided'
}

export interface Marks {
  /** True where Terraform learns the value only while it applies. */
  readonly unknown: Json | undefined
  readonly sensitive: Json | undefined
  /** The block's expressions: what the configuration itself sets. */
  readonly configured: Json | undefined
}

/**
 * The attributes of a resource or block as a rule reads them. One that the provider will fill in reads as not set; one that
 * the configuration sets to something not yet known, or that is sensitive, throws Undecided: neither is guessed or shown.
 */
export class Attributes {
  readonly #values: Json | undefined
  readonly #marks: Marks

  constructor(values: Json | undefined, marks: Marks) {
    this.#values = values
    this.#marks = marks
  }

  text(name: string): string | undefined {
    const value = this.#read(name)
    return typeof value === 'string' && value !== '' ? value : undefined
  }

  /** As `text`; throws Undecided when it is not set. */
  needed(name: string): string {
    const value = this.text(name)
    if (value === undefined) throw new Undecided(`unknown: ${name} is not set in the plan`)
    return value
  }

  number(name: string): Big | undefined {
    const value = this.#read(name)
    if (typeof value === 'string') return /^\d+(?:\.\d+)?$/.test(value) ? new Big(value) : undefined
    return value === undefined || isList(value) || isObject(value) || typeof value === 'boolean' || value === null
      ? undefined
      : new Big(numberText(value))
  }

  flag(name: string): boolean | undefined {
    const value = this.#read(name)
    if (value === 'true' || value === 'false') return value === 'true'
    return typeof value === 'boolean' ? value : undefined
  }

  /** How many elements a list or set has; `undefined` when it is not set. */
  size(name: string): number | undefined {
    const value = this.#read(name)
    return isList(value) ? value.length : undefined
  }

  blocks(name: string): readonly Attributes[] {
    const value = this.#read(name)
    if (!isList(value)) return []
    const configured = member(this.#marks.configured, name)
    return value.map(
      (block, index) =>
        new Attributes(block, {
          unknown: stepInto(member(this.#marks.unknown, name), index),
          sensitive: stepInto(member(this.#marks.sensitive, name), index),
          configured: stepInto(configured, index) ?? configured,
        }),
    )
  }

  /** As `text`, but `undefined` instead of Undecided. For ids that are compared and never shown. */
  plain(name: string): string | undefined {
    const value = member(this.#values, name)
    return typeof value === 'string' && value !== '' ? value : undefined
  }

  /** Whether the configuration sets it; false when there is no configuration, as for what is removed. */
  isConfigured(name: string): boolean {
    return member(this.#marks.configured, name) !== undefined
  }

  #read(name: string): Json | undefined {
    if (this.#marks.sensitive === true || member(this.#marks.sensitive, name) === true)
      throw new Undecided(`hidden: ${name} is sensitive`)
    const value = member(this.#values, name)
    if (value !== undefined && value !== null) return value
    const unknown = this.#marks.unknown === true || member(this.#marks.unknown, name) === true
    if (unknown && this.isConfigured(name)) throw new Undecided(`unknown until apply: ${name}`)
    return undefined
  }
}
