import { isOwn, type Author } from './comment.ts'
import { formatMarker, isNewer, isSameComment, parseMarker, type Marker } from './marker.ts'

export interface ExistingIssue {
  readonly number: number
  readonly url: string
  readonly body: string
  readonly isOpen: boolean
  /** GitHub's word for how it was closed: `completed`, `not_planned`, `duplicate`. */
  readonly closedAs: string | undefined
  readonly author: Author | undefined
}

/** `settle`: a person closed it before what it tells of was gone; only its mark is brought up to date. */
export type IssueDecision =
  'open' | 'update' | 'reopen' | 'unchanged' | 'dismissed' | 'close' | 'settle' | 'outdated' | 'absent'

export interface IssuePlan {
  readonly decision: IssueDecision
  /** The issue that stands: the oldest own one, open or closed. */
  readonly standing: ExistingIssue | undefined
  /** Own ones beside it that are open, to be closed. */
  readonly duplicates: readonly ExistingIssue[]
  /** Ones with our marker by somebody else: left alone, not trusted, worth one warning (rule R1). */
  readonly forged: readonly ExistingIssue[]
}

/** In place of a digest: what was the matter is gone, and the issue was closed for it. */
const GONE = 'gone'
const MARK = /^<!-- digest=([0-9a-f]{64}|gone) -->$/

/**
 * A body with its marks before it. The second one says what the issue tells of, so that a run knows whether it says the same,
 * and whether an issue that is closed was closed because that was gone.
 * @param digest SHA-256 in hex; `undefined`: it is gone
 */
export function markIssue(marker: Marker, digest: string | undefined, body: string): string {
  return `${formatMarker(marker)}\n<!-- digest=${digest ?? GONE} -->\n${body}`
}

/** The body without its marks. */
export function unmarkIssue(body: string): string {
  const lines = body.split(/\r?\n/)
  return lines.slice(MARK.test(lines[1] ?? '') ? 2 : 1).join('\n')
}

/**
 * Decides what becomes of a standing issue. Its marks are read for no more than whether there is anything to write: who may edit
 * the issue could close it as well.
 * @param issues those with the label, open and closed, over all pages; no pull requests
 * @param wanted `digest` of what is the matter; `undefined`: it is gone
 */
export function planIssue(
  issues: readonly ExistingIssue[],
  wanted: { readonly login: string; readonly marker: Marker; readonly digest: string | undefined },
): IssuePlan {
  const marked = issues.flatMap(issue => {
    const marker = parseMarker(issue.body)
    return marker !== undefined && isSameComment(marker, wanted.marker) ? [{ issue, marker }] : []
  })
  const own = marked
    .filter(({ issue }) => isOwn(issue.author, wanted.login))
    .sort((one, other) => one.issue.number - other.issue.number)
  const [first, ...others] = own
  const isOutdated = own.some(({ marker }) => isNewer(marker, wanted.marker))
  return {
    decision: isOutdated ? 'outdated' : decide(first?.issue, wanted.digest),
    standing: first?.issue,
    duplicates: others.map(({ issue }) => issue).filter(({ isOpen }) => isOpen),
    forged: marked.filter(({ issue }) => !isOwn(issue.author, wanted.login)).map(({ issue }) => issue),
  }
}

function decide(standing: ExistingIssue | undefined, digest: string | undefined): IssueDecision {
  const told = standing && MARK.exec(standing.body.split(/\r?\n/)[1] ?? '')?.[1]
  if (digest === undefined) {
    if (standing === undefined) return 'absent'
    // Open although it is gone: a person opened it again, for a reason of their own.
    if (told === GONE) return standing.isOpen ? 'unchanged' : 'absent'
    return standing.isOpen ? 'close' : 'settle'
  }
  if (standing === undefined) return 'open'
  if (standing.isOpen) return told === digest ? 'unchanged' : 'update'
  // Closed as completed is a claim that it is gone, and it is not.
  const isDismissed = standing.closedAs === 'not_planned' || standing.closedAs === 'duplicate'
  return isDismissed && told === digest ? 'dismissed' : 'reopen'
}
