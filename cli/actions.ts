import type { Action } from '../kit/action.ts'

/** Every action, loaded when it is asked for; `npm run new-action` adds a line. */
export const ACTIONS: Readonly<Record<string, () => Promise<Action>>> = {}
