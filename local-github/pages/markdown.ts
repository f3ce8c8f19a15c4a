import rehypeRaw from 'rehype-raw'
import rehypeSanitize, { defaultSchema } from 'rehype-sanitize'
import rehypeStringify from 'rehype-stringify'
import remarkGfm from 'remark-gfm'
import remarkParse from 'remark-parse'
import remarkRehype from 'remark-rehype'
import { unified } from 'unified'
import { Html } from './html.ts'
import { dress } from './markdown-dress.ts'
import { linkReferences } from './markdown-references.ts'

export interface MarkdownNode {
  type: string
  tagName?: string
  value?: string
  properties?: Record<string, unknown>
  children?: MarkdownNode[]
}

/** What Markdown means where it stands. Everything is optional: without a place nothing of this server is known. */
export interface MarkdownPlace {
  /**
   * `comment`: a line break in the source is a line break, as in GitHub's comments and descriptions. `file`: it is not, and
   * headings have anchors.
   */
  readonly kind?: 'comment' | 'file'
  /** Makes ids unique on a page that holds several texts. */
  readonly scope?: string
  /** Level of the outermost heading, so that the page's headings stay in order. Default 2. */
  readonly topHeading?: number
  /** The page of an absolute address of this server, and how GitHub shortens such an address; nothing for other hosts. */
  readonly resolveLink?: (url: string) => { readonly href: string; readonly short?: string } | undefined
  /** The page of `#12`, or of `owner/name#12`. */
  readonly issue?: (repository: string | undefined, number: number) => string | undefined
  /** The page of a commit that is in the repository, by 7 to 40 digits. */
  readonly commit?: (sha: string) => string | undefined
  readonly isAccount?: (login: string) => boolean
}

/**
 * Renders Markdown as GitHub does: GFM, raw HTML through GitHub's own allow-list (rehype-sanitize's default schema is
 * modelled on it), alerts, references, and coloured `diff` fences.
 */
export function renderMarkdown(markdown: string, place: MarkdownPlace = {}): Html {
  const idPrefix = place.scope === undefined ? 'user-content-' : `user-content-${place.scope}-`
  const tree = parsed(markdown, place.kind === 'comment', idPrefix)
  linkReferences(tree, place)
  dress(tree, place, idPrefix)
  return new Html(OUTPUT.stringify(tree as Parameters<typeof OUTPUT.stringify>[0]))
}

const OUTPUT = unified().use(rehypeStringify)
const LONG_TEXT = 16_384
const MOST_KEPT = 8
const kept = new Map<string, MarkdownNode>()

/** The sanitised tree, for the caller to change. Of long texts the last few are kept: a live page asks twice a second. */
function parsed(markdown: string, breaks: boolean, idPrefix: string): MarkdownNode {
  if (markdown.length < LONG_TEXT) return parse(markdown, breaks, idPrefix)
  const key = `${idPrefix}\0${breaks}\0${markdown}`
  const tree = kept.get(key) ?? parse(markdown, breaks, idPrefix)
  kept.delete(key)
  kept.set(key, tree)
  for (const oldest of kept.keys()) if (kept.size > MOST_KEPT) kept.delete(oldest)
  return copyOf(tree)
}

function copyOf(node: MarkdownNode): MarkdownNode {
  return node.children ? { ...node, children: node.children.map(copyOf) } : { ...node }
}

function parse(markdown: string, breaks: boolean, clobberPrefix: string): MarkdownNode {
  const pipeline = unified()
    .use(remarkParse)
    .use(remarkGfm)
    .use(() => tree => {
      if (breaks) breakLines(tree as MarkdownNode)
    })
    .use(remarkRehype, { allowDangerousHtml: true, clobberPrefix: '' })
    .use(rehypeRaw)
    .use(rehypeSanitize, { ...defaultSchema, clobberPrefix })
  return pipeline.runSync(pipeline.parse(markdown)) as MarkdownNode
}

function breakLines(node: MarkdownNode): void {
  if (!node.children) return
  node.children = node.children.flatMap((child): MarkdownNode[] => {
    if (child.type !== 'text') {
      breakLines(child)
      return [child]
    }
    return (child.value ?? '')
      .split(/\r?\n/)
      .flatMap((value, index) => [...(index > 0 ? [{ type: 'break' }] : []), { type: 'text', value }])
  })
}

export function textOf(node: MarkdownNode): string {
  return node.value ?? (node.children ?? []).map(textOf).join('')
}
