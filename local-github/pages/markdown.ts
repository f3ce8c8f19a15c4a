import rehypeRaw from 'rehype-raw'
import rehypeSanitize from 'rehype-sanitize'
import rehypeStringify from 'rehype-stringify'
import remarkGfm from 'remark-gfm'
import remarkParse from 'remark-parse'
import remarkRehype from 'remark-rehype'
import { unified } from 'unified'
import { Html } from './html.ts'

interface Node {
  type: string
  tagName?: string
  value?: string
  properties?: Record<string, unknown>
  children?: Node[]
}

/** Where an absolute link of this server leads inside the pages; `undefined` for a link that is none of ours. */
export type LinkResolver = (url: string) => string | undefined

/**
 * Renders Markdown as GitHub does: GFM, raw HTML through GitHub's own allow-list (rehype-sanitize's default schema is
 * modelled on it), alerts, and coloured `diff` fences.
 */
export function renderMarkdown(markdown: string, resolveLink: LinkResolver = () => undefined): Html {
  const file = unified()
    .use(remarkParse)
    .use(remarkGfm)
    .use(remarkRehype, { allowDangerousHtml: true })
    .use(rehypeRaw)
    .use(rehypeSanitize)
    .use(() => tree => dress(tree as Node, resolveLink))
    .use(rehypeStringify)
    .processSync(markdown)
  return new Html(String(file))
}

/** After the sanitiser: what is added here is ours. */
function dress(tree: Node, resolveLink: LinkResolver): void {
  walk(tree, node => {
    if (node.tagName === 'a') dressLink(node, resolveLink)
    if (node.tagName === 'table') wrapTable(node)
    if (node.tagName === 'pre') dressFence(node)
    if (node.tagName === 'blockquote') dressAlert(node)
  })
}

function walk(node: Node, visit: (node: Node) => void): void {
  for (const child of node.children ?? []) {
    walk(child, visit)
    if (child.type === 'element') visit(child)
  }
}

function dressLink(node: Node, resolveLink: LinkResolver): void {
  const target = node.properties?.['href']
  if (typeof target !== 'string') return
  const local = resolveLink(target)
  node.properties = { ...node.properties, href: local ?? target, ...(local === undefined ? { rel: 'nofollow' } : {}) }
}

/** A wide table scrolls in its own box, not the page. */
function wrapTable(node: Node): void {
  const table: Node = { ...node }
  node.tagName = 'div'
  node.properties = { className: ['scroll'], tabIndex: 0, role: 'region', ariaLabel: 'Table' }
  node.children = [table]
}

const DIFF_CLASS: Readonly<Record<string, string>> = { '+': 'added', '-': 'removed', '@': 'hunk', '!': 'changed' }

function dressFence(node: Node): void {
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

const ALERT = /^\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\]\s*/

function dressAlert(node: Node): void {
  const first = node.children?.find(child => child.tagName === 'p')
  const text = first?.children?.[0]
  const kind = text?.type === 'text' ? ALERT.exec(text.value ?? '') : null
  if (!first || !text || !kind) return
  text.value = (text.value ?? '').slice(kind[0].length)
  const word = kind[1] ?? ''
  node.tagName = 'div'
  node.properties = { className: ['alert', `alert-${word.toLowerCase()}`] }
  node.children = [
    {
      type: 'element',
      tagName: 'p',
      properties: { className: ['alert-title'] },
      children: [{ type: 'text', value: word.charAt(0) + word.slice(1).toLowerCase() }],
    },
    ...(node.children ?? []),
  ]
}

function textOf(node: Node): string {
  return node.value ?? (node.children ?? []).map(textOf).join('')
}
