import { InputError } from '#kit/errors'
import { Unusable, type Parser } from '#kit/inputs'
import { isList, jsonOrNothing } from '#kit/terraform/json'
import { roots as oneRoot } from '#kit/terraform/root'

/** Folders of roots, one per line or as a JSON list of texts. Of these only `[]` may name none. */
export const roots: Parser<readonly string[]> = {
  parse(raw) {
    const listed = raw.startsWith('[') ? ofJson(raw) : linesOf(raw)
    if (listed === undefined)
      throw new Unusable('it is not a JSON list of texts', 'Write the folders one per line, or as ["infra/dev"]')
    if (listed.length === 0 && raw === '')
      throw new Unusable('it names no root', 'Name the folder of one Terraform root')
    return [...new Set(listed.map(oneRoot.parse))]
  },
}

function linesOf(raw: string): string[] {
  return raw
    .split(/\r?\n/)
    .map(line => line.trim())
    .filter(line => line !== '')
}

function ofJson(raw: string): readonly string[] | undefined {
  const value = jsonOrNothing(raw)
  return isList(value) && value.every(root => typeof root === 'string') ? value : undefined
}

/** Inputs with the one root that is planned. */
export type OfOneRoot<I> = Omit<I, 'roots'> & { readonly roots: string }

/** @throws InputError unless exactly one is named */
export function onlyRoot<I extends { readonly roots: readonly string[] }>(inputs: I): OfOneRoot<I> {
  const [root, ...more] = inputs.roots
  if (root !== undefined && more.length === 0) return { ...inputs, roots: root }
  throw new InputError([
    {
      input: 'roots',
      value: inputs.roots.join('\n'),
      problem: `it names ${inputs.roots.length === 0 ? 'no root' : `${inputs.roots.length} roots`}`,
      fix: 'Name one root; use a job of a matrix for each root',
    },
  ])
}
