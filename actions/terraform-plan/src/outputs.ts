import { ActionError, withOutputs } from '#kit/errors'
import type { Counts } from '#kit/terraform/plan'

/** What a workflow may decide by. */
export function countOutputs(counts: Counts, changesAnything: boolean) {
  return {
    'has-changes': String(changesAnything),
    'to-add': String(counts.create + counts.replace),
    'to-change': String(counts.update),
    'to-destroy': String(counts.delete + counts.replace),
    'to-replace': String(counts.replace),
    'to-import': String(counts.import),
    'to-move': String(counts.move),
    'to-forget': String(counts.forget),
  }
}

/** What is known of the plan is written although the step fails. */
export function failingWith(known: Readonly<Record<string, string>>): (error: unknown) => never {
  return error => {
    throw error instanceof ActionError ? withOutputs(error, { ...known, verdict: 'invalid' }) : error
  }
}
