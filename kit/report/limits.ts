/**
 * Every limit of GitHub's that we write against, in one place. Measured or documented in 2026; units in the names.
 * "Characters" are Unicode code points.
 */
export const LIMITS = {
  /** Comment body on github.com: UTF-8 bytes stored, whatever the text of its 422 says. */
  commentBytes: 262_144,
  /** Comment body on GHES, and the body of a pull request. */
  commentCharacters: 65_536,
  /** Sources disagree whether an issue's body may be as long as a comment; this many it takes everywhere. */
  issueBodyCharacters: 65_536,
  issueTitleCharacters: 256,
  statusDescriptionCharacters: 140,
  deploymentDescriptionCharacters: 140,
  statusesPerContext: 1_000,
  /** Check output's summary and text, each. Documented as characters, counted as bytes in refusals: the smaller wins. */
  checkOutputBytes: 65_535,
  checkAnnotationsPerRequest: 50,
  checkAnnotationMessageBytes: 65_536,
  checkAnnotationTitleCharacters: 255,
  /** `::error::` and its like: of each level in one step. */
  logAnnotationsPerLevel: 10,
  logAnnotationCharacters: 4_096,
  /** Of one step, what others wrote included. Over it the whole summary is lost. */
  summaryBytes: 1_048_576,
  pageSize: 100,
  /** Files that a comparison of commits lists; it does not say when there are more. */
  comparedFiles: 300,
  /** Files that a pull request lists; it does not say when there are more. */
  pullRequestFiles: 3_000,
  matrixJobs: 256,
} as const
