import { code } from '#kit/report/inline'

export function renderReport(path: string, sizeBytes: number): string {
  return `## ${code(path)}: ${sizeBytes.toLocaleString('en-US')} bytes`
}
