import type { ActionMetadata, Fields, Permissions, Workflow } from './metadata.ts'

/** Tables of Markdown, aligned so that they read well as text too. */

const NONE = 'None.'

export function inputsTable(inputs: Fields): string {
  const rows = Object.entries(inputs).map(([name, { description = '', required, default: value }]) => [
    code(name),
    sentence(description),
    required ? '**required**' : defaultCell(value),
  ])
  return table(['Input', 'What it is', 'Default'], rows)
}

export function fieldsTable(title: string, fields: Fields): string {
  const rows = Object.entries(fields).map(([name, { description = '', required }]) => [
    code(name),
    `${sentence(description)}${required ? ' **Required.**' : ''}`,
  ])
  return table([title, 'What it is'], rows)
}

export function permissionsTable(permissions: Permissions): string {
  const rows = Object.entries(permissions).map(([scope, { access, reason }]) => [code(`${scope}: ${access}`), reason])
  return table(['Permission', 'What for'], rows)
}

export function actionsTable(actions: readonly (readonly [string, ActionMetadata])[]): string {
  return table(
    ['Action', 'What it does'],
    actions.map(([folder, { description }]) => [
      `[${code(folder)}](actions/${folder}/README.md)`,
      sentence(description),
    ]),
  )
}

export function workflowSections(workflows: readonly Workflow[]): string {
  return workflows.map(workflowSection).join('\n\n')
}

function workflowSection({ file, purpose, call, jobs }: Workflow): string {
  const jobRows = Object.entries(jobs).map(([job, { permissions = {} }]) => [
    code(job),
    typeof permissions === 'string'
      ? code(permissions)
      : Object.entries(permissions)
          .map(([scope, access]) => code(`${scope}: ${access}`))
          .join(' ') || 'none',
  ])
  return [
    `## ${code(file)}`,
    purpose,
    inputsTable(call.inputs),
    `### Secrets of ${code(file)}\n\n${fieldsTable('Secret', call.secrets)}`,
    `### Outputs of ${code(file)}\n\n${fieldsTable('Output', call.outputs)}`,
    `### Permissions of ${code(file)}\n\n${table(['Job', 'Permissions of its token'], jobRows)}`,
  ]
    .filter(part => part !== '')
    .join('\n\n')
}

/** `document` with what stands between the markers of `section` replaced; `undefined` when a marker is missing. */
export function replaceSection(document: string, section: string, content: string): string | undefined {
  const [begin, end] = [`<!-- begin ${section} (npm run docs) -->`, `<!-- end ${section} -->`]
  const [from, to] = [document.indexOf(begin), document.indexOf(end)]
  if (from === -1 || to < from) return undefined
  return `${document.slice(0, from + begin.length)}\n\n${content}\n\n${document.slice(to)}`
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return NONE
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

function defaultCell(value: string | number | boolean | undefined): string {
  if (value === undefined || value === '') return ''
  return String(value)
    .trimEnd()
    .split('\n')
    .map(line => code(line))
    .join('<br>')
}

const code = (text: string) => `\`${text.replaceAll('|', '\\|')}\``
const sentence = (text: string) => text.trim().replace(/\s+/g, ' ').replaceAll('|', '\\|')
