import type { LocalGitHub } from '../../local-github.ts'

/** What a record needs to become GitHub's JSON: the other records and the addresses. */
export type ShapeContext = Pick<LocalGitHub, 'url' | 'apiUrl' | 'store'>
