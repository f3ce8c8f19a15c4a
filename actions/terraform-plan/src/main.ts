import type { Outputs } from '#kit/action'
import type { Ports } from '#kit/ports'
import type { Inputs, outputs } from './inputs.ts'
import { planRoot } from './plan-root.ts'
import { reportRoots } from './report-roots.ts'
import { onlyRoot } from './roots.ts'

export { post } from './post.ts'

export async function main(inputs: Inputs, ports: Ports): Promise<Outputs<typeof outputs>> {
  return inputs['plan-results'] === '' ? planRoot(onlyRoot(inputs), ports) : reportRoots(inputs, ports)
}
