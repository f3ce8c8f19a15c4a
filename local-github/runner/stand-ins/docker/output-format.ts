import { notImplemented } from './command-words.ts'

/**
 * The few templates of `--format` that pipelines use: `{{.A.B}}`, `{{json .A}}`, `{{json .}}`, `{{index .A 0}}` with text around them.
 * @throws Error for any other, and for what the data does not have
 */
export function formatOutput(template: string, data: unknown): string {
  if (template === 'json') return JSON.stringify(data)
  return template.replace(/\{\{(.*?)\}\}/gs, (_, inner: string) => {
    const [, verb, path, index] =
      /^-?\s*(?:(json|index)\s+)?(\.[A-Za-z.]*|\.)(?:\s+(\d+|"[^"]*"))?\s*-?$/.exec(inner.trim()) ?? []
    if (path === undefined || (verb === 'index') !== (index !== undefined)) throw notImplemented(`--format ${template}`)
    const value = follow(data, path, template)
    if (verb === 'json') return JSON.stringify(value)
    const found = index === undefined ? value : item(value, index, template)
    if (typeof found !== 'string' && typeof found !== 'number' && typeof found !== 'boolean')
      throw notImplemented(`--format ${template}`)
    return String(found)
  })
}

function follow(data: unknown, path: string, template: string): unknown {
  let value = data
  for (const key of path.split('.').filter(part => part !== '')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key))
      throw new Error(`template parsing error: "${template}": there is no field ${key}`)
    value = (value as Record<string, unknown>)[key]
  }
  return value
}

function item(value: unknown, index: string, template: string): unknown {
  if (Array.isArray(value)) {
    const found: unknown = value[Number(index)]
    if (found === undefined)
      throw new Error(`template: "${template}": error calling index: index out of range: ${index}`)
    return found
  }
  const key = index.replace(/^"|"$/g, '')
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : ''
}
