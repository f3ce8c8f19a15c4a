import { flag, lines, text, Unusable, type Parsed, type Parser } from '../inputs.ts'
import { code } from '../report/inline.ts'

const NAME = '[\\p{ID_Start}_][\\p{ID_Continue}-]*'
const INDEX = '(?:\\[(?:\\d+|"(?:[^"\\\\]|\\\\.)*")\\])?'
const MODULE = `module\\.${NAME}${INDEX}`
const OBJECT = `(?:data\\.)?(?!module\\.)${NAME}\\.${NAME}${INDEX}`
const ADDRESS = new RegExp(`^(?:${MODULE}(?:\\.${MODULE})*(?:\\.${OBJECT})?|${OBJECT})$`, 'u')

/**
 * Addresses of objects or modules, one per line.
 * Source: https://developer.hashicorp.com/terraform/cli/state/resource-addressing
 */
export const addresses: Parser<readonly string[]> = {
  parse: raw =>
    lines.parse(raw).map(line => {
      if (!ADDRESS.test(line))
        throw new Unusable(
          `${JSON.stringify(line)} is not the address of an object or a module`,
          'Write one a line, such as aws_instance.app["a"] or module.network',
        )
      return line
    }),
}

/** How much of a root is planned, and what runs before it. */
export const extentInputs = {
  targets: addresses,
  destroy: flag,
  'pre-run': text,
} as const
export type Extent = Parsed<typeof extentInputs>

/** What a reader must not overlook: that the plan is not of the whole root, or not what the configuration asks for. Markdown. */
export function extentRemarks({ targets, destroy, 'pre-run': script }: Extent): readonly string[] {
  const remarks: string[] = []
  if (destroy) remarks.push('**This is a destroy plan**: it takes away what the root manages, whatever its files say.')
  if (targets.length > 0)
    remarks.push(
      `**Only** ${targets.map(code).join(', ')} and what that depends on is planned; the rest of the root is left out.`,
    )
  if (script !== '') remarks.push(`The script ${code(script)} runs before Terraform.`)
  return remarks
}
