import { MappingToken, type TemplateToken } from '@actions/workflow-parser/templates/tokens/index'
import { evaluateString, evaluateToken, isTruthy, type Scope } from './evaluate.ts'

/** `jobs.<key>.environment`. */
export interface EnvironmentReference {
  readonly name: string
  /** Read after the last step. */
  readonly url: TemplateToken | null
  /** Whether GitHub keeps a deployment record. */
  readonly deployment: boolean
}

/** Null for a job in no environment; an empty name is none, as on GitHub. */
export function readEnvironment(token: TemplateToken | null, scope: Scope): EnvironmentReference | null {
  if (!token) return null
  const part = (key: string): TemplateToken | null => (token instanceof MappingToken ? (token.find(key) ?? null) : null)
  const nameToken = token instanceof MappingToken ? part('name') : token
  const name = nameToken ? evaluateString(nameToken, scope) : ''
  const deployment = part('deployment')
  if (name === '') return null
  return { name, url: part('url'), deployment: !deployment || isTruthy(evaluateToken(deployment, scope)) }
}
