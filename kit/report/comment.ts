import { isNewer, isSameComment, isSameReport, parseMarker, type Marker } from './marker.ts'

/** Who is behind a token, or wrote a comment. */
export interface Author {
  readonly login: string
  /** `User`, `Bot`, … */
  readonly type: string
  /** Slug of the app whose token wrote it, where GitHub says so. */
  readonly appSlug: string | undefined
}

export interface ExistingComment {
  readonly id: number
  readonly url: string
  readonly body: string
  readonly author: Author | undefined
}

export type CommentDecision = 'create' | 'update' | 'unchanged' | 'outdated'

export interface CommentPlan {
  readonly decision: CommentDecision
  /** The comment that stands: the oldest own one. */
  readonly standing: ExistingComment | undefined
  /** Own ones beside it, to be deleted. */
  readonly duplicates: readonly ExistingComment[]
  /** Ones with our marker by somebody else: left alone, not trusted, worth one warning (rule R1). */
  readonly forged: readonly ExistingComment[]
}

/**
 * Decides what becomes of a sticky comment. Bodies are looked at for the marker and for equality only: nothing is read out
 * of a comment (rule R4).
 * @param comments all comments of the issue, over all pages
 * @param login of the identity behind the token; `x[bot]` for an app
 */
export function planComment(
  comments: readonly ExistingComment[],
  wanted: { readonly login: string; readonly marker: Marker; readonly body: string },
): CommentPlan {
  const marked = comments.flatMap(comment => {
    const marker = parseMarker(comment.body)
    return marker !== undefined && isSameComment(marker, wanted.marker) ? [{ comment, marker }] : []
  })
  const own = marked
    .filter(({ comment }) => isOwn(comment.author, wanted.login))
    .sort((one, other) => one.comment.id - other.comment.id)
  const forged = marked.filter(({ comment }) => !isOwn(comment.author, wanted.login)).map(({ comment }) => comment)
  const standing = own[0]?.comment
  const duplicates = own.slice(1).map(({ comment }) => comment)
  return { decision: decide(own, wanted), standing, duplicates, forged }
}

/** Own comments that continued the report when it was longer: those behind its first `parts`. */
export function planLeftovers(
  comments: readonly ExistingComment[],
  wanted: { readonly login: string; readonly marker: Marker; readonly parts: number },
): readonly ExistingComment[] {
  return comments.filter(({ author, body }) => {
    const marker = parseMarker(body)
    if (marker === undefined || !isSameReport(marker, wanted.marker) || !isOwn(author, wanted.login)) return false
    return (marker.part ?? 1) > wanted.parts && !isNewer(marker, wanted.marker)
  })
}

function decide(
  own: readonly { comment: ExistingComment; marker: Marker }[],
  wanted: { readonly marker: Marker; readonly body: string },
): CommentDecision {
  const [standing] = own
  if (standing === undefined) return 'create'
  if (own.some(({ marker }) => isNewer(marker, wanted.marker))) return 'outdated'
  return isSameBody(standing.comment.body, wanted.body) ? 'unchanged' : 'update'
}

/** GitHub may change line ends and drop trailing space. */
export function isSameBody(one: string, other: string): boolean {
  const normal = (body: string) => body.replace(/\r\n/g, '\n').trimEnd()
  return normal(one) === normal(other)
}

/** Rule R1: the exact login, the kind that goes with it, and the app where GitHub names one. */
export function isOwn(author: Author | undefined, login: string): boolean {
  if (author?.login !== login) return false
  if (!login.endsWith('[bot]')) return author.type === 'User'
  return author.type === 'Bot' && (author.appSlug === undefined || `${author.appSlug}[bot]` === login)
}
