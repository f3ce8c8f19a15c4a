import type { Action } from '../kit/action.ts'

/** Every action, loaded when it is asked for. Written by `npm run docs`. */
export const ACTIONS: Readonly<Record<string, () => Promise<Action>>> = {
  'infracost-comment': async () => ({
    name: 'infracost-comment',
    ...(await import('../actions/infracost-comment/src/inputs.ts')),
    ...(await import('../actions/infracost-comment/src/main.ts')),
  }),
  'terraform-plan': async () => ({
    name: 'terraform-plan',
    ...(await import('../actions/terraform-plan/src/inputs.ts')),
    ...(await import('../actions/terraform-plan/src/main.ts')),
  }),
  'terraform-validate': async () => ({
    name: 'terraform-validate',
    ...(await import('../actions/terraform-validate/src/inputs.ts')),
    ...(await import('../actions/terraform-validate/src/main.ts')),
  }),
}
