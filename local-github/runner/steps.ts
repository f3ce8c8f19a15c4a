import { prepareAction, type ActionInstance } from './action-instance.ts'
import { runAction } from './action-phases.ts'
import {
  evaluateCondition,
  evaluateString,
  evaluateStringMap,
  evaluateToken,
  isTruthy,
  type Scope,
} from './evaluate.ts'
import { scopeOf, type Frame, type StepOutcome, type StepPlace, type StepResult, type StepScope } from './frame.ts'
import type { StepDefinition } from './job-plan.ts'
import type { StopReason } from './process-group.ts'
import { runScript } from './script.ts'
import { limitStep } from './step-limit.ts'
import { defaultName, nameAction } from './step-names.ts'

const nothing = { outputs: {} }

/** Runs one step of a list, from its condition to what `steps.<id>` says of it, and moves the list's status. */
export async function runStep(
  frame: Frame,
  definition: StepDefinition,
  instance: ActionInstance | null,
  place: StepPlace,
): Promise<StepOutcome> {
  const outcome = await attemptStep(frame, definition, instance, place)
  if (definition.id !== '') frame.outcomes.set(definition.id, outcome)
  if (outcome.conclusion === 'failure' && frame.status === 'success') frame.status = 'failure'
  if (outcome.conclusion === 'cancelled') frame.status = 'cancelled'
  return outcome
}

async function attemptStep(
  frame: Frame,
  definition: StepDefinition,
  instance: ActionInstance | null,
  place: StepPlace,
): Promise<StepOutcome> {
  const actionName = nameAction(frame, definition)
  let stepEnv: Readonly<Record<string, string>> = frame.env
  const holds = (): boolean => evaluateCondition(definition.condition, scopeOf(frame, stepEnv, actionName))
  try {
    stepEnv = { ...frame.env, ...evaluateStringMap(definition.env, scopeOf(frame, frame.env, actionName)) }
    if (!holds()) return { outcome: 'skipped', conclusion: 'skipped', ...nothing }
  } catch (error) {
    place.begin(defaultName(definition))
    place.output.error(explain(error))
    return { outcome: 'failure', conclusion: 'failure', ...nothing }
  }
  const limit = limitStep(frame.session, place.outer, holds)
  const evaluated = scopeOf(frame, stepEnv, actionName)
  const name = displayName(definition, evaluated)
  const scope: StepScope = {
    ...evaluated,
    frame,
    output: place.output,
    stepEnv,
    stop: limit.signal,
    actionName,
    displayName: name,
  }
  place.begin(name)
  let minutes = 0
  let end: { ok: boolean; outputs: Readonly<Record<string, string>> } = { ok: false, outputs: {} }
  try {
    if (definition.timeoutMinutes) {
      minutes = readMinutes(evaluateString(definition.timeoutMinutes, scope))
      limit.endAfter(minutes)
    }
    end = await runBody(scope, definition, instance)
  } catch (error) {
    place.output.error(explain(error))
  } finally {
    limit.release()
  }
  const reason = limit.signal.aborted ? (limit.signal.reason as StopReason) : null
  if (reason === 'timeout') {
    if (minutes > 0) place.output.error(`The action '${name}' has timed out after ${minutes} minutes.`)
  } else if (reason !== null) place.output.error('The operation was canceled.')
  const outcome =
    reason === 'cancel' || reason === 'force' ? 'cancelled' : end.ok && reason === null ? 'success' : 'failure'
  return { outcome, conclusion: conclude(outcome, definition, scope), outputs: end.outputs }
}

async function runBody(scope: StepScope, definition: StepDefinition, prepared: ActionInstance | null) {
  if (definition.uses === null) return await runScript(scope, definition)
  const { session } = scope.frame
  const words = session.parts.standInOf(definition.uses)
  if (words !== undefined) session.markStandIn(scope.output.number, words)
  const instance = prepared ?? (await prepareAction(scope.frame, definition))
  return await runAction(scope, definition, instance, runStep)
}

function displayName(definition: StepDefinition, scope: Scope): string {
  const token = definition.name
  try {
    if (token) return evaluateString(token, scope)
    if (definition.run) return `Run ${evaluateString(definition.run, scope).trimStart().split(/\r?\n/)[0] ?? ''}`
  } catch {
    return defaultName(definition)
  }
  return defaultName(definition)
}

function readMinutes(text: string): number {
  const minutes = Number(text)
  if (!(minutes > 0)) throw new Error(`timeout-minutes is "${text}": it must be a number above 0`)
  return minutes
}

function conclude(outcome: StepResult, definition: StepDefinition, scope: StepScope): StepResult {
  if (outcome !== 'failure' || !definition.continueOnError) return outcome
  try {
    return isTruthy(evaluateToken(definition.continueOnError, scope)) ? 'success' : 'failure'
  } catch (error) {
    scope.output.error(explain(error))
    return 'failure'
  }
}

function explain(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
