import type { Tool } from '../ports.ts'

/** A tool as its vendor writes it: `OpenTofu 1.12.6`. */
export function toolText({ name, version }: Pick<Tool, 'name' | 'version'>): string {
  return `${name === 'tofu' ? 'OpenTofu' : 'Terraform'} ${version}`
}
