import type { Element, Root as HtmlRoot, RootContent } from 'hast'
import type { Node, Root } from 'mdast'
import rehypeRaw from 'rehype-raw'
import remarkGfm from 'remark-gfm'
import remarkParse from 'remark-parse'
import remarkRehype from 'remark-rehype'
import { unified } from 'unified'

/** Reads Markdown as GitHub does, by a parser that is not ours. */
export function parseMarkdown(markdown: string): Root {
  return unified().use(remarkParse).use(remarkGfm).parse(markdown)
}

/** The HTML that a reader gets, before it is sanitised. */
export function renderMarkdown(markdown: string): HtmlRoot {
  const pipeline = unified()
    .use(remarkParse)
    .use(remarkGfm)
    .use(remarkRehype, { allowDangerousHtml: true })
    .use(rehypeRaw)
  return pipeline.runSync(pipeline.parse(markdown)) as HtmlRoot
}

export function typesIn(node: Node): Set<string> {
  const children = 'children' in node ? (node.children as Node[]) : []
  return new Set([node.type, ...children.flatMap(child => [...typesIn(child)])])
}

export function tagsIn(node: HtmlRoot | RootContent): string[] {
  const children = 'children' in node ? node.children : []
  const own = node.type === 'element' ? [node.tagName] : node.type === 'comment' ? ['!--'] : []
  return [...own, ...children.flatMap(child => tagsIn(child as RootContent))]
}

export function textOf(node: HtmlRoot | RootContent): string {
  if (node.type === 'text') return node.value
  return 'children' in node ? node.children.map(child => textOf(child as RootContent)).join('') : ''
}

export function elementsIn(root: HtmlRoot): Element[] {
  return root.children.filter(child => child.type === 'element')
}
