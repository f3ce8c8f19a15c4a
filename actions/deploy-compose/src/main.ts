import type { Outputs } from '#kit/action'
import type { Ports } from '#kit/ports'
import type { Inputs, outputs } from './inputs.ts'
import { renderReport } from './report.ts'

export async function main(
  inputs: Inputs,
  { files, log, summary }: Pick<Ports, 'files' | 'log' | 'summary'>,
): Promise<Outputs<typeof outputs>> {
  const path = await files.resolve('path', inputs.path, inputs['working-directory'])
  const sizeBytes = await files.size(path)
  log.notice(`${inputs.path}: ${sizeBytes} bytes`)
  await summary.write(renderReport(inputs.path, sizeBytes))
  return { size: String(sizeBytes) }
}
