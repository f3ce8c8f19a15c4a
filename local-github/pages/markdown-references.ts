import type { MarkdownNode, MarkdownPlace } from './markdown.ts'

const REFERENCE =
  /(?<![\w/.@#&=-])(?:@(?<login>[A-Za-z\d](?:[A-Za-z\d-]{0,37}[A-Za-z\d])?)(?![\w/-])|(?<repository>[\w.-]+\/[\w.-]+)?#(?<number>\d{1,9})(?![\w-])|(?<sha>[0-9a-f]{7,40})(?![\w-]))/g

const CLOSED = new Set(['a', 'code', 'pre', 'kbd', 'samp', 'tt'])

/** Turns `#12`, `owner/name#12`, commits and `@login` into what GitHub shows, where they lead somewhere. */
export function linkReferences(node: MarkdownNode, place: MarkdownPlace): void {
  if (!node.children || CLOSED.has(node.tagName ?? '')) return
  node.children = node.children.flatMap(child => {
    if (child.type === 'text') return referencesIn(child.value ?? '', place)
    linkReferences(child, place)
    return [child]
  })
}

function referencesIn(value: string, place: MarkdownPlace): MarkdownNode[] {
  const nodes: MarkdownNode[] = []
  let last = 0
  for (const match of value.matchAll(REFERENCE)) {
    const node = referenceOf(match, place)
    if (!node) continue
    if (match.index > last) nodes.push({ type: 'text', value: value.slice(last, match.index) })
    nodes.push(node)
    last = match.index + match[0].length
  }
  if (last < value.length || nodes.length === 0) nodes.push({ type: 'text', value: value.slice(last) })
  return nodes
}

function referenceOf(match: RegExpExecArray, place: MarkdownPlace): MarkdownNode | undefined {
  const { login, repository, number, sha } = match.groups ?? {}
  if (login !== undefined)
    return place.isAccount?.(login)
      ? element('strong', { className: ['mention'] }, { type: 'text', value: match[0] })
      : undefined
  const href = sha !== undefined ? place.commit?.(sha) : place.issue?.(repository, Number(number))
  if (href === undefined) return undefined
  return element(
    'a',
    { href, ...(sha === undefined ? {} : { className: ['sha'] }), dataReference: '' },
    { type: 'text', value: sha?.slice(0, 7) ?? match[0] },
  )
}

function element(tagName: string, properties: Record<string, unknown>, child: MarkdownNode): MarkdownNode {
  return { type: 'element', tagName, properties, children: [child] }
}
