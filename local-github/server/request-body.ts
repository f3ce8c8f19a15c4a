/** Reads values of a request body that the description has already checked. Pure. */
export type Body = Readonly<Record<string, unknown>>

export const textOf = (body: Body, name: string): string | undefined => {
  const value = body[name]
  return typeof value === 'string' ? value : undefined
}

export const flagOf = (body: Body, name: string): boolean | undefined => {
  const value = body[name]
  return typeof value === 'boolean' ? value : undefined
}

export const numberOf = (body: Body, name: string): number | undefined => {
  const value = body[name]
  return typeof value === 'number' ? value : undefined
}

export const objectOf = (body: Body, name: string): Body | undefined => {
  const value = body[name]
  return isObject(value) ? value : undefined
}

export const listOf = (body: Body, name: string): readonly unknown[] | undefined => {
  const value = body[name]
  return Array.isArray(value) ? value : undefined
}

export const textsOf = (body: Body, name: string): string[] =>
  (listOf(body, name) ?? []).filter(value => typeof value === 'string')

export const isObject = (value: unknown): value is Body =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
