/** Inputs of `workflow_dispatch` and `workflow_call`: what a file declares, and what a caller's values become. */
import { data } from '@actions/expressions'
import type { TemplateContext } from '@actions/workflow-parser/templates/template-context'
import {
  BooleanToken,
  MappingToken,
  SequenceToken,
  StringToken,
  type TemplateToken,
} from '@actions/workflow-parser/templates/tokens/index'
import { coerceString, evaluateToken, toExpressionData, type Scope } from './evaluate.ts'

type ExpressionData = data.ExpressionData

export interface InputDefinition {
  readonly name: string
  readonly type: 'string' | 'boolean' | 'number' | 'choice' | 'environment'
  readonly required: boolean
  readonly default: TemplateToken | null
  readonly options: string[]
}

export interface CallInterface {
  readonly inputs: InputDefinition[]
  readonly secrets: { readonly name: string; readonly required: boolean }[]
  readonly outputs: { readonly name: string; readonly value: TemplateToken }[]
}

/** A value that the declaration does not allow; the message is for the one who gave it. */
export class InputValueError extends Error {
  override readonly name = 'InputValueError'
}

export function readInterface(
  context: TemplateContext,
  on: TemplateToken,
): { dispatchInputs: InputDefinition[]; call: CallInterface | null } {
  const event = (name: string): TemplateToken | null | undefined => {
    if (on instanceof StringToken) return on.value === name ? null : undefined
    if (on instanceof SequenceToken) return [...on].some(item => item.toString() === name) ? null : undefined
    return on instanceof MappingToken ? on.find(name) : undefined
  }
  const dispatch = event('workflow_dispatch')
  const call = event('workflow_call')
  return {
    dispatchInputs: dispatch instanceof MappingToken ? readInputs(context, dispatch.find('inputs'), 'string') : [],
    call: call === undefined ? null : readCall(context, call instanceof MappingToken ? call : null),
  }
}

function readCall(context: TemplateContext, call: MappingToken | null): CallInterface {
  return {
    inputs: readInputs(context, call?.find('inputs'), 'string'),
    secrets: entriesOf(call?.find('secrets')).map(([name, secret]) => ({
      name,
      required: secret instanceof MappingToken && isTrue(secret.find('required')),
    })),
    outputs: entriesOf(call?.find('outputs')).flatMap(([name, output]) => {
      const value = output instanceof MappingToken ? output.find('value') : undefined
      return value ? [{ name, value }] : []
    }),
  }
}

function readInputs(
  context: TemplateContext,
  token: TemplateToken | undefined,
  defaultType: InputDefinition['type'],
): InputDefinition[] {
  return entriesOf(token).map(([name, input]) => {
    const mapping = input instanceof MappingToken ? input : null
    const options = mapping?.find('options')
    const definition: InputDefinition = {
      name,
      type: (mapping?.find('type')?.toString() ?? defaultType) as InputDefinition['type'],
      required: isTrue(mapping?.find('required')),
      default: mapping?.find('default') ?? null,
      options: options instanceof SequenceToken ? [...options].map(String) : [],
    }
    const literal = definition.default && !definition.default.isExpression ? definition.default : null
    const problem = literal && definition.type === 'choice' && !definition.options.includes(literal.toString())
    if (problem) context.error(literal, `The default of input '${name}' is not one of its options.`)
    return definition
  })
}

/** Of a call: every input has a value afterwards, of the declared type. Throws {@link InputValueError}. */
export function evaluateCallInputs(
  definitions: InputDefinition[],
  given: MappingToken | null,
  callerScope: Scope,
  defaultsScope: Scope,
): data.Dictionary {
  const values = new Map(entriesOf(given ?? undefined).map(([name, token]) => [name.toLowerCase(), token]))
  const inputs = new data.Dictionary()
  for (const definition of definitions) {
    const token = values.get(definition.name.toLowerCase())
    const value = token
      ? evaluateToken(token, callerScope)
      : definition.default && evaluateToken(definition.default, defaultsScope)
    inputs.add(definition.name, castCallInput(definition, value))
  }
  return inputs
}

function castCallInput(definition: InputDefinition, value: ExpressionData | null): ExpressionData {
  if (value === null || value instanceof data.Null) return emptyValue(definition)
  const fits =
    definition.type === 'boolean'
      ? value instanceof data.BooleanData
      : definition.type === 'number'
        ? value instanceof data.NumberData
        : value.primitive
  if (!fits) {
    throw new InputValueError(
      `Input '${definition.name}' is a ${definition.type}, but was given '${coerceString(value)}'.` +
        (definition.type === 'string' ? '' : ' An output is a string: wrap it in fromJSON().'),
    )
  }
  return definition.type === 'string' ? new data.StringData(coerceString(value)) : value
}

function emptyValue(definition: InputDefinition): ExpressionData {
  if (definition.type === 'boolean') return new data.BooleanData(false)
  return definition.type === 'number' ? new data.NumberData(0) : new data.StringData('')
}

/** Known before anything runs: names that the callee lacks, and required ones that the caller leaves out. */
export function callProblems(
  call: CallInterface,
  given: { with: MappingToken | null; secrets: MappingToken | 'inherit' | null },
): string[] {
  const inputs = entriesOf(given.with ?? undefined).map(([name]) => name.toLowerCase())
  const secrets = given.secrets instanceof MappingToken ? entriesOf(given.secrets).map(([name]) => name) : []
  const lower = (names: { name: string }[]): string[] => names.map(({ name }) => name.toLowerCase())
  return [
    ...inputs
      .filter(name => !lower(call.inputs).includes(name))
      .map(name => `Invalid input, ${name} is not defined in the referenced workflow.`),
    ...call.inputs
      .filter(input => input.required && !inputs.includes(input.name.toLowerCase()))
      .map(input => `Input ${input.name} is required, but not provided while calling.`),
    ...secrets
      .filter(name => !lower(call.secrets).includes(name.toLowerCase()))
      .map(name => `Invalid secret, ${name} is not defined in the referenced workflow.`),
    ...call.secrets
      .filter(secret => secret.required && given.secrets !== 'inherit')
      .filter(secret => !secrets.some(name => name.toLowerCase() === secret.name.toLowerCase()))
      .map(secret => `Secret ${secret.name} is required, but not provided while calling.`),
  ]
}

/** Of `workflow_dispatch`: the typed `inputs`, and the strings that `github.event.inputs` holds. */
export function readDispatchInputs(
  definitions: InputDefinition[],
  given: Readonly<Record<string, unknown>>,
): { inputs: data.Dictionary; eventInputs: Record<string, string> } {
  const unknown = Object.keys(given).filter(name => !definitions.some(definition => definition.name === name))
  if (unknown.length > 0) throw new InputValueError(`Unexpected inputs provided: ${JSON.stringify(unknown)}`)
  const inputs = new data.Dictionary()
  const eventInputs: Record<string, string> = {}
  for (const definition of definitions) {
    const value = given[definition.name]
    const text = value === undefined || value === null ? (definition.default?.toString() ?? '') : String(value)
    const typed = castDispatchInput(definition, text)
    inputs.add(definition.name, typed)
    eventInputs[definition.name] = text === '' && definition.type === 'boolean' ? 'false' : text
  }
  return { inputs, eventInputs }
}

function castDispatchInput(definition: InputDefinition, text: string): ExpressionData {
  const refuse = (expected: string): never => {
    throw new InputValueError(`Provided value '${text}' for input '${definition.name}' is not ${expected}`)
  }
  if (text === '' && definition.required) throw new InputValueError(`Required input '${definition.name}' not provided`)
  if (definition.type === 'boolean') {
    if (!['true', 'false', ''].includes(text)) refuse('a boolean')
    return toExpressionData(text === 'true')
  }
  if (definition.type === 'number') {
    if (text !== '' && !Number.isFinite(Number(text))) refuse('a number')
    return text === '' ? new data.StringData('') : new data.NumberData(Number(text))
  }
  if (definition.type === 'choice' && text !== '' && !definition.options.includes(text)) {
    refuse(`in the list of allowed values: ${definition.options.join(', ')}`)
  }
  return new data.StringData(text)
}

function entriesOf(token: TemplateToken | undefined | null): [string, TemplateToken][] {
  return token instanceof MappingToken ? [...token].map(({ key, value }) => [key.toString(), value]) : []
}

function isTrue(token: TemplateToken | undefined | null): boolean {
  return token instanceof BooleanToken && token.value
}
