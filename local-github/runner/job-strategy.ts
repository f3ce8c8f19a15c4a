/** `strategy`: the instances that a job makes. */
import { data } from '@actions/expressions'
import { evaluateString, evaluateToken, isTruthy, toExpressionData, type Scope } from './evaluate.ts'
import type { JobDefinition } from './job-definition.ts'
import { expandMatrix, matrixSuffix } from './matrix.ts'

export interface JobInstance {
  readonly index: number
  /** As the list of jobs shows it, without the names of callers. */
  readonly name: string
  /** The job's contexts with `strategy` and `matrix`. */
  readonly contexts: data.Dictionary
}

export interface ExpandedJob {
  readonly instances: JobInstance[]
  readonly failFast: boolean
  readonly maxParallel: number
}

/** Throws with the reason, when the strategy or the name cannot be evaluated. */
export function expandJob(job: JobDefinition, contexts: data.Dictionary): ExpandedJob {
  const strategy = job.strategy ? evaluateToken(job.strategy, { contexts }) : null
  const part = (key: string): data.ExpressionData | null => {
    const value = strategy instanceof data.Dictionary ? strategy.get(key) : undefined
    return value === undefined || value instanceof data.Null ? null : value
  }
  const matrix = part('matrix')
  const combinations: (data.Dictionary | null)[] = matrix ? expandMatrix(matrix) : [null]
  const failFast = isTruthy(part('fail-fast') ?? new data.BooleanData(true))
  const maxParallel = Math.max(1, part('max-parallel')?.number() ?? combinations.length)
  const instances = combinations.map((combination, index) => {
    const strategyContext = {
      'fail-fast': failFast,
      'job-index': index,
      'job-total': combinations.length,
      'max-parallel': maxParallel,
    }
    const own = new data.Dictionary(
      ...contexts.pairs(),
      { key: 'strategy', value: toExpressionData(strategyContext) },
      { key: 'matrix', value: combination ?? new data.Null() },
    )
    return { index, contexts: own, name: instanceName(job, { contexts: own }, combination) }
  })
  return { instances, failFast, maxParallel }
}

function instanceName(job: JobDefinition, scope: Scope, combination: data.Dictionary | null): string {
  const given = job.name ? evaluateString(job.name, scope) : ''
  const suffix = combination && !(given !== '' && job.name?.isExpression) ? matrixSuffix(combination) : ''
  return `${given === '' ? job.key : given}${suffix}`
}

/** Of a job that never got as far as its strategy. */
export function plainName(job: JobDefinition): string {
  return job.name && !job.name.isExpression && job.name.toString() !== '' ? job.name.toString() : job.key
}
