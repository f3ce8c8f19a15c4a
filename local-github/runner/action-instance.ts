import type { Frame } from './frame.ts'
import type { StepDefinition } from './job-plan.ts'
import type { ResolvedAction } from './uses.ts'

export type LoadedAction = Extract<ResolvedAction, { kind: 'action' }>

/** One use of an action in one job: its phases share state. */
export interface ActionInstance {
  readonly uses: string
  readonly action: ResolvedAction
  /** What the phases before this one saved. */
  readonly state: Record<string, string>
  /** Of a composite action: those of its steps that could be looked up before the job's first step, by position. */
  readonly children: ReadonlyMap<number, ActionInstance>
  /** Set once its post phase is on the list. */
  hasPost: boolean
}

export interface ActionEnd {
  readonly ok: boolean
  readonly outputs: Readonly<Record<string, string>>
}

const maxCompositeDepth = 9

/**
 * Looks up the action of a step and, for a composite one, the actions of its steps, but for those of the workspace: what that holds
 * is known when the step runs.
 */
export async function prepareAction(frame: Frame, definition: StepDefinition): Promise<ActionInstance> {
  return await prepare(frame, definition, frame.origin, frame.depth)
}

async function prepare(
  frame: Frame,
  definition: StepDefinition,
  origin: Frame['origin'],
  depth: number,
): Promise<ActionInstance> {
  const uses = definition.uses ?? ''
  if (depth > maxCompositeDepth) throw new Error(`Composite action depth exceeded max depth ${maxCompositeDepth}`)
  const action = await frame.session.parts.library.resolve(uses, origin)
  const children = new Map<number, ActionInstance>()
  if (action.kind === 'action' && action.file.runs.kind === 'composite') {
    for (const [index, step] of action.file.runs.steps.entries()) {
      if (step.uses === null || step.uses.startsWith('./')) continue
      children.set(index, await prepare(frame, step, action.origin, depth + 1))
    }
  }
  return { uses, action, state: {}, children, hasPost: false }
}

/** Whether there is anything for a pre phase to do. */
export function hasPre(instance: ActionInstance | undefined): boolean {
  if (!instance || instance.action.kind === 'stand-in') return false
  const { runs } = instance.action.file
  return runs.kind === 'javascript' ? runs.pre !== '' : [...instance.children.values()].some(hasPre)
}
