import { canonicalText, isList, isObject, member, parseJson, type Json } from './json.ts'
import type { Exposure } from './exposure.ts'

/**
 * What a policy in JSON text gives to everybody, or to somebody without a limit. Read are AWS's documents (`Statement`) and
 * Google's (`bindings`). Each opening carries its statement, so that a changed statement counts as a new one.
 */
export function policyOpenings(text: string): readonly Exposure[] {
  let document: Json
  try {
    document = parseJson(text)
  } catch {
    return [{ what: 'a policy that is no JSON', certain: false }]
  }
  return [
    ...listOf(member(document, 'Statement')).flatMap(statementOpenings),
    ...listOf(member(document, 'bindings')).flatMap(bindingOpenings),
  ]
}

function statementOpenings(statement: Json): Exposure[] {
  if (member(statement, 'Effect') !== 'Allow') return []
  const found: Exposure[] = []
  // Whom a condition lets through cannot be told from the text.
  const certain = member(statement, 'Condition') === undefined
  const told = canonicalText(statement)
  if (isEverybody(member(statement, 'Principal')) || member(statement, 'NotPrincipal') !== undefined)
    found.push({ what: `allows everybody: ${told}`, certain })
  const isEverything = hasStar(member(statement, 'Action')) || member(statement, 'NotAction') !== undefined
  if (isEverything && hasStar(member(statement, 'Resource')))
    found.push({ what: `allows everything: ${told}`, certain })
  return found
}

/** `"*"`, `{"AWS": "*"}`, `{"AWS": ["…", "*"]}`. */
function isEverybody(principal: Json | undefined): boolean {
  if (isObject(principal)) return Object.values(principal).some(hasStar)
  return hasStar(principal)
}

function bindingOpenings(binding: Json): Exposure[] {
  return listOf(member(binding, 'members')).flatMap(one =>
    one === 'allUsers' || one === 'allAuthenticatedUsers'
      ? [{ what: `${String(member(binding, 'role'))} for ${one}`, certain: member(binding, 'condition') === undefined }]
      : [],
  )
}

const hasStar = (value: Json | undefined) => listOf(value).some(one => one === '*' || one === '*:*')

const listOf = (value: Json | undefined): readonly Json[] =>
  isList(value) ? value : value === undefined || value === null ? [] : [value]
