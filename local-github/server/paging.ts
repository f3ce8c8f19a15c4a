/** `page` and `per_page`, and the Link header that leads through the pages. Pure. */
export interface Page<T> {
  readonly items: readonly T[]
  readonly headers: Record<string, string>
}

const wholeNumber = (text: string | null, fallback: number): number => {
  const value = Number(text)
  return text !== null && Number.isInteger(value) && value > 0 ? value : fallback
}

/** `url` is the whole URL of the request; its other query values stay. */
export function pageOf<T>(items: readonly T[], url: URL): Page<T> {
  const size = Math.min(wholeNumber(url.searchParams.get('per_page'), 30), 100)
  const page = wholeNumber(url.searchParams.get('page'), 1)
  const last = Math.max(1, Math.ceil(items.length / size))
  const link = (number: number, rel: string): string => {
    const target = new URL(url)
    target.searchParams.set('page', String(number))
    return `<${target.href}>; rel="${rel}"`
  }
  const links = [
    ...(page > 1 ? [link(Math.min(page - 1, last), 'prev')] : []),
    ...(page < last ? [link(page + 1, 'next'), link(last, 'last')] : []),
    ...(page > 1 ? [link(1, 'first')] : []),
  ]
  return {
    items: items.slice((page - 1) * size, page * size),
    headers: links.length > 0 ? { link: links.join(', ') } : {},
  }
}
