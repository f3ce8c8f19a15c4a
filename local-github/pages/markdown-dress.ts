import { textOf, type MarkdownNode, type MarkdownPlace } from './markdown.ts'

/** A cell with more text than this keeps a width at which it can be read; its table then scrolls in its own box. */
const LONG_CELL = 24

/** After the sanitiser: what is added here is ours. */
export function dress(tree: MarkdownNode, place: MarkdownPlace, idPrefix: string): void {
  const ids = new Set<string>()
  dropSources(tree)
  orderHeadings(tree, place, idPrefix)
  walk(tree, node => {
    const id = node.properties?.['id']
    if (typeof id === 'string') ids.add(id)
  })
  walk(tree, node => {
    if (node.tagName === 'img') dressImage(node)
    if (node.tagName === 'a')
      dressLink(node, place, target => (ids.has(idPrefix + target) ? idPrefix + target : target))
    if (node.tagName === 'th' || node.tagName === 'td') dressCell(node)
    if (node.tagName === 'table') wrapTable(node)
    if (node.tagName === 'pre') dressFence(node)
    if (node.tagName === 'blockquote') dressAlert(node)
    if (node.tagName === 'input')
      node.properties = {
        ...node.properties,
        ariaLabel: node.properties?.['checked'] === true ? 'Completed task' : 'Incomplete task',
      }
  })
}

function walk(node: MarkdownNode, visit: (node: MarkdownNode) => void): void {
  for (const child of node.children ?? []) {
    walk(child, visit)
    if (child.type === 'element') visit(child)
  }
}

/** What `<picture>` would choose from: its picture becomes a link, so that nothing is left to choose. */
function dropSources(node: MarkdownNode): void {
  if (!node.children) return
  node.children = node.children.filter(child => child.tagName !== 'source')
  node.children.forEach(dropSources)
}

/** Levels without a gap below `topHeading`, so that a page has one h1 and no jump; each looks as its author wrote it. */
function orderHeadings(tree: MarkdownNode, place: MarkdownPlace, idPrefix: string): void {
  const open: number[] = []
  const slugs = new Map<string, number>()
  walk(tree, node => {
    const written = /^h([1-6])$/.exec(node.tagName ?? '')?.[1]
    if (written === undefined) return
    while (open.length > 0 && (open.at(-1) ?? 0) >= Number(written)) open.pop()
    open.push(Number(written))
    node.tagName = `h${Math.min(6, (place.topHeading ?? 2) + open.length - 1)}`
    const classes = node.properties?.['className']
    node.properties = { ...node.properties, className: Array.isArray(classes) ? classes : [`md-h${written}`] }
    if (place.kind !== 'file' || node.properties['id'] !== undefined) return
    const slug = textOf(node)
      .toLowerCase()
      .trim()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-')
    const before = slugs.get(slug) ?? 0
    slugs.set(slug, before + 1)
    node.properties['id'] = `${idPrefix}${slug}${before === 0 ? '' : `-${before}`}`
  })
}

function dressLink(node: MarkdownNode, place: MarkdownPlace, idOf: (target: string) => string): void {
  const { href: target, dataReference, ...others } = node.properties ?? {}
  if (typeof target !== 'string') return
  walk(node, inner => {
    if (inner.tagName === 'a') Object.assign(inner, { tagName: 'span', properties: {} })
  })
  if (dataReference !== undefined) node.properties = { ...others, href: target }
  else if (target.startsWith('#')) node.properties = { ...others, href: `#${idOf(target.slice(1))}` }
  else {
    const local = place.resolveLink?.(target)
    if (local?.short !== undefined && textOf(node) === target) node.children = [{ type: 'text', value: local.short }]
    if (local) node.properties = { ...others, href: local.href }
    else if (/^(https?:\/\/|mailto:)/i.test(target)) node.properties = { ...others, href: target, rel: ['nofollow'] }
    else unlink(node, others)
  }
}

/** A path inside the repository: the pages show no files, and a link that leads nowhere is worse than none. */
function unlink(node: MarkdownNode, properties: Record<string, unknown>): void {
  node.tagName = 'span'
  node.properties = { ...properties, title: 'A file of the repository' }
}

/** A page asks no other host for anything, so a picture is a link to it. */
function dressImage(node: MarkdownNode): void {
  const source = node.properties?.['src']
  const alt = node.properties?.['alt']
  node.tagName = typeof source === 'string' && /^https?:\/\//i.test(source) ? 'a' : 'span'
  node.children = [{ type: 'text', value: typeof alt === 'string' && alt !== '' ? alt : 'picture' }]
  node.properties = {
    className: ['picture'],
    ...(node.tagName === 'a' ? { href: source, rel: ['nofollow'], dataReference: '' } : {}),
  }
}

function dressCell(node: MarkdownNode): void {
  const { length } = textOf(node).trim()
  if (length === 0 && node.tagName === 'th') node.tagName = 'td'
  if (length > LONG_CELL) node.properties = { ...node.properties, className: ['long'] }
  walk(node, inner => {
    if (inner.tagName === 'code' && inner.children) inner.children = inner.children.flatMap(breakable)
  })
}

/** An address may break behind its dots, rather than in a name. */
function breakable(node: MarkdownNode): MarkdownNode[] {
  const parts = node.type === 'text' ? (node.value ?? '').split(/(?<=[./])(?=[^./\s])/) : []
  if (parts.length < 2) return [node]
  return parts.flatMap((value, index): MarkdownNode[] => [
    ...(index > 0 ? [{ type: 'element', tagName: 'wbr', properties: {}, children: [] }] : []),
    { type: 'text', value },
  ])
}

/** A wide table scrolls in its own box, not the page. */
function wrapTable(node: MarkdownNode): void {
  const table: MarkdownNode = { ...node }
  node.tagName = 'div'
  node.properties = { className: ['scroll'], tabIndex: 0, role: 'group', ariaLabel: 'Table' }
  node.children = [table]
}

const DIFF_CLASS: Readonly<Record<string, string>> = { '+': 'added', '-': 'removed', '@': 'hunk', '!': 'changed' }

function dressFence(node: MarkdownNode): void {
  node.properties = { ...node.properties, tabIndex: 0 }
  const code = node.children?.find(child => child.tagName === 'code')
  const classes = code?.properties?.['className']
  if (!code || !Array.isArray(classes) || !classes.includes('language-diff')) return
  const lines = textOf(code).replace(/\n$/, '').split('\n')
  code.children = lines.map(line => ({
    type: 'element',
    tagName: 'span',
    properties: { className: ['diff-line', ...(DIFF_CLASS[line[0] ?? ''] ? [DIFF_CLASS[line[0] ?? '']] : [])] },
    children: [{ type: 'text', value: line === '' ? '\n' : line }],
  }))
}

const ALERT = /^\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\][^\S\n]*(?:\n|$)/i

/** GitHub's alert: the marker stands alone in its line, and something follows it. */
function dressAlert(node: MarkdownNode): void {
  const first = node.children?.find(child => child.tagName === 'p')
  const text = first?.children?.[0]
  const kind = text?.type === 'text' ? ALERT.exec(text.value ?? '') : null
  if (!first?.children || !text || !kind) return
  const alone = kind[0] === text.value
  if (alone && first.children.length > 1 && first.children[1]?.tagName !== 'br') return
  const rest = alone
    ? first.children.slice(2)
    : [{ ...text, value: text.value?.slice(kind[0].length) ?? '' }, ...first.children.slice(1)]
  const body = (node.children ?? []).flatMap(child =>
    child !== first ? [child] : rest.length === 0 ? [] : [{ ...first, children: rest }],
  )
  if (body.every(child => textOf(child).trim() === '')) return
  const word = (kind[1] ?? '').toLowerCase()
  node.tagName = 'div'
  node.properties = { className: ['alert', `alert-${word}`] }
  node.children = [
    {
      type: 'element',
      tagName: 'p',
      properties: { className: ['alert-title'] },
      children: [{ type: 'text', value: word.charAt(0).toUpperCase() + word.slice(1) }],
    },
    ...body,
  ]
}
