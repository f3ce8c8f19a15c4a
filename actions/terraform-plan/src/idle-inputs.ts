import { InputError } from '#kit/errors'
import type { Inputs } from './inputs.ts'

type Idle = Omit<Inputs, 'roots'>

/** They may hold what nobody should read. */
const UNTOLD: ReadonlySet<string> = new Set([
  'backend-config',
  'plan-key',
  'aws-access-key-id',
  'aws-secret-access-key',
])

/**
 * Refuses what shapes a plan where none is made.
 * @param mode the input that says so
 * @throws InputError with all of them
 */
export function refuseIdle(inputs: Idle, mode: 'plan-json' | 'plan-results'): void {
  const idle = Object.entries({ ...shaping(inputs), ...(mode === 'plan-results' ? judging(inputs) : {}) }).filter(
    ([, value]) => value !== '',
  )
  if (idle.length === 0) return
  const what = mode === 'plan-json' ? 'which is planned already' : 'whose plans are made and judged already'
  throw new InputError(
    idle.map(([input, value]) => ({
      input,
      ...(UNTOLD.has(input) ? {} : { value }),
      problem: `it has no effect on "${mode}", ${what}`,
      fix: `Leave it out, or leave out "${mode}" and let this step plan`,
    })),
  )
}

function shaping(inputs: Idle): Readonly<Record<string, string>> {
  return {
    'var-files': inputs['var-files'].join('\n'),
    'backend-config': inputs['backend-config'].join('\n'),
    targets: inputs.targets.join('\n'),
    destroy: inputs.destroy ? 'true' : '',
    'pre-run': inputs['pre-run'],
  }
}

function judging(inputs: Idle): Readonly<Record<string, string>> {
  return {
    'plan-json': inputs['plan-json'],
    workspace: inputs.workspace === 'default' ? '' : inputs.workspace,
    'plan-key': inputs['plan-key'] ?? '',
    'ignore-paths': inputs['ignore-paths'].map(({ source }) => source).join('\n'),
    policy: inputs.policy,
    'pass-env': inputs['pass-env'].join('\n'),
    'aws-role-arn': inputs['aws-role-arn'],
    'aws-region': inputs['aws-region'],
    'aws-access-key-id': inputs['aws-access-key-id'],
    'aws-secret-access-key': inputs['aws-secret-access-key'],
  }
}
