import { data, Evaluator, Lexer, Parser } from '@actions/expressions'
import type { FunctionDefinition } from '@actions/expressions/funcs/info'
import { TokenType } from '@actions/expressions/lexer'
import {
  BasicExpressionToken,
  BooleanToken,
  MappingToken,
  NullToken,
  NumberToken,
  SequenceToken,
  StringToken,
  type TemplateToken,
} from '@actions/workflow-parser/templates/tokens/index'

type ExpressionData = data.ExpressionData

/** What an expression may name: contexts, and the functions beyond the engine's own. */
export interface Scope {
  readonly contexts: data.Dictionary
  readonly functions?: Map<string, FunctionDefinition>
}

/** Throws with the expression in the message, when it is malformed or names what the scope lacks. */
export function evaluateExpression(expression: string, scope: Scope): ExpressionData {
  const functions = scope.functions ?? new Map<string, FunctionDefinition>()
  const contextNames = scope.contexts.pairs().map(pair => pair.key)
  try {
    const tree = new Parser(lex(expression), contextNames, [...functions.values()]).parse()
    return new Evaluator(tree, scope.contexts, functions).evaluate()
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new Error(`Cannot evaluate \`${expression}\`: ${reason}`, { cause: error })
  }
}

/** The engine's lexer turns only the first `''` of a text back into a quote, which breaks scripts that hold several. */
function lex(expression: string) {
  const { tokens } = new Lexer(expression).lex()
  return tokens.map(token =>
    token.type === TokenType.STRING ? { ...token, value: token.lexeme.slice(1, -1).replaceAll("''", "'") } : token,
  )
}

export function evaluateToken(token: TemplateToken, scope: Scope): ExpressionData {
  if (token instanceof BasicExpressionToken) return evaluateExpression(token.expression, scope)
  if (token instanceof StringToken) return new data.StringData(token.value)
  if (token instanceof NumberToken) return new data.NumberData(token.value)
  if (token instanceof BooleanToken) return new data.BooleanData(token.value)
  if (token instanceof NullToken) return new data.Null()
  if (token instanceof SequenceToken) {
    const array = new data.Array()
    for (const item of token) array.add(evaluateToken(item, scope))
    return array
  }
  if (token instanceof MappingToken) {
    const dictionary = new data.Dictionary()
    for (const { key, value } of token) dictionary.add(evaluateString(key, scope), evaluateToken(value, scope))
    return dictionary
  }
  throw new Error(`Cannot evaluate a ${token.typeName()} here`)
}

export function evaluateString(token: TemplateToken, scope: Scope): string {
  return coerceString(evaluateToken(token, scope))
}

/** A mapping of strings, as `env` and `with` are. An expression may give the whole mapping. */
export function evaluateStringMap(token: TemplateToken | null | undefined, scope: Scope): Record<string, string> {
  if (!token) return {}
  const value = evaluateToken(token, scope)
  if (!(value instanceof data.Dictionary)) return {}
  return Object.fromEntries(value.pairs().map(pair => [pair.key, coerceString(pair.value)]))
}

export function evaluateCondition(expression: string, scope: Scope): boolean {
  return isTruthy(evaluateExpression(expression, scope))
}

/** Objects and arrays become the words that GitHub prints for them. */
export function coerceString(value: ExpressionData): string {
  return value.coerceString()
}

export function isTruthy(value: ExpressionData): boolean {
  if (value instanceof data.Null) return false
  if (value instanceof data.BooleanData) return value.value
  if (value instanceof data.NumberData) return value.value !== 0 && !Number.isNaN(value.value)
  if (value instanceof data.StringData) return value.value !== ''
  return true
}

/** JSON-like data as the engine's. `undefined` is left out of objects. */
export function toExpressionData(value: unknown): ExpressionData {
  if (value === null || value === undefined) return new data.Null()
  if (typeof value === 'string') return new data.StringData(value)
  if (typeof value === 'number') return new data.NumberData(value)
  if (typeof value === 'boolean') return new data.BooleanData(value)
  if (Array.isArray(value)) return new data.Array(...value.map(toExpressionData))
  if (typeof value === 'object') {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined)
    return new data.Dictionary(...entries.map(([key, item]) => ({ key, value: toExpressionData(item) })))
  }
  throw new Error(`A ${typeof value} has no place in an expression`)
}

export function fromExpressionData(value: ExpressionData): unknown {
  if (value instanceof data.Array) return value.values().map(fromExpressionData)
  if (value instanceof data.Dictionary) {
    return Object.fromEntries(value.pairs().map(pair => [pair.key, fromExpressionData(pair.value)]))
  }
  if (value instanceof data.Null) return null
  return value.value
}
