import type { Check, CheckAnnotation, CheckProgress, Checks } from '../ports.ts'
import { cut } from '../report/cut.ts'
import { LIMITS } from '../report/limits.ts'
import { shortenEnd } from '../report/shorten.ts'
import type { Data, GitHubClient, Parameters } from './github-client.ts'
import type { Place } from './github-comments.ts'
import type { TokenIdentity } from './github-token-identity.ts'

const LIST = 'GET /repos/{owner}/{repo}/commits/{ref}/check-runs'
const READ = 'GET /repos/{owner}/{repo}/check-runs/{check_run_id}'
const CREATE = 'POST /repos/{owner}/{repo}/check-runs'
const UPDATE = 'PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}'

type CheckRun = Data<typeof LIST>['check_runs'][number]
type Output = NonNullable<Parameters<typeof UPDATE>['output']>
type ApiAnnotation = NonNullable<Output['annotations']>[number]

const ENDING = '*Shortened: a check has room for 64 KiB. The whole is in the run’s summary.*'

/**
 * Check runs. The verdict goes out first, with the first 50 annotations; more are appended, which GitHub does not do twice
 * over safely, so the number that is there is read before any is sent again.
 */
export function githubChecks(client: GitHubClient, place: Place, identity: TokenIdentity): Checks {
  /** By external id: a check that is brought up to date again and again is looked for once. */
  const known = new Map<string, number>()

  async function* ours(sha: string, name?: string, reader = client): AsyncIterable<CheckRun> {
    const login = await identity()
    const named = name === undefined ? {} : { check_name: client.scrub(name) }
    const query = { ...place, ref: sha, ...named, filter: 'all' as const }
    for await (const { check_runs } of reader.pages(LIST, { ...query, per_page: LIMITS.pageSize }))
      yield* check_runs.filter(run => `${run.app?.slug}[bot]` === login)
  }
  const finder = (check: CheckProgress) => async (reader: GitHubClient) => {
    for await (const run of ours(check.sha, check.name, reader))
      if (run.external_id === client.scrub(check.externalId)) return run
    return undefined
  }
  const identified = (check: CheckProgress) => ({
    ...place,
    name: client.scrub(check.name),
    head_sha: check.sha,
    external_id: client.scrub(check.externalId),
  })

  return {
    async progress(check) {
      const output = outputOf(check, client)
      const id = known.get(check.externalId) ?? Number((await finder(check)(client))?.id ?? 0)
      if (id > 0) await client.request(UPDATE, { ...place, check_run_id: id, status: 'in_progress', output })
      const made =
        id > 0
          ? { id }
          : await client.createOnce(CREATE, { ...identified(check), status: 'in_progress', output }, finder(check))
      known.set(check.externalId, Number(made.id))
    },
    async complete(check) {
      const annotations = (check.annotations ?? []).map(annotation => apiAnnotation(annotation, client))
      const output = outputOf(check, client)
      const existing = await finder(check)(client)
      const result = { status: 'completed' as const, conclusion: check.conclusion }
      if (existing === undefined) {
        const first = { ...output, annotations: annotations.slice(0, LIMITS.checkAnnotationsPerRequest) }
        const made = await client.createOnce(CREATE, { ...identified(check), ...result, output: first }, finder(check))
        await append(client, place, Number(made.id), output, annotations, first.annotations.length)
        return { url: made.html_url ?? '' }
      }
      const updated = await client.request(UPDATE, { ...place, check_run_id: existing.id, ...result, output })
      await append(client, place, Number(existing.id), output, annotations, existing.output.annotations_count)
      return { url: updated.html_url ?? '' }
    },
    async own(sha, name) {
      const found: CheckRun[] = []
      for await (const run of ours(sha, name)) found.push(run)
      return found
        .sort((one, other) => Number(other.id) - Number(one.id))
        .map(run => ({
          name: run.name,
          externalId: run.external_id ?? '',
          conclusion: run.conclusion ?? undefined,
          text: run.output.text ?? '',
          url: run.html_url ?? '',
        }))
    },
  }
}

interface Written {
  readonly title: string
  readonly summary: string
  readonly text?: string
}

function outputOf(check: CheckProgress & Partial<Pick<Check, 'text'>>, client: GitHubClient): Written {
  const budget = { bytes: LIMITS.checkOutputBytes, characters: LIMITS.checkOutputBytes }
  return {
    title: shortenEnd(client.scrub(check.title), LIMITS.checkAnnotationTitleCharacters),
    summary: cut(client.scrub(check.summary), budget, ENDING),
    ...(check.text === undefined ? {} : { text: cut(client.scrub(check.text), budget, ENDING) }),
  }
}

/** Sends `annotations` from the `from`th on, a batch at a time; a batch that may have arrived is not sent again. */
async function append(
  client: GitHubClient,
  place: Place,
  id: number,
  output: Written,
  annotations: readonly ApiAnnotation[],
  from: number,
): Promise<void> {
  let sent = from
  while (sent < annotations.length) {
    const batch = annotations.slice(sent, sent + LIMITS.checkAnnotationsPerRequest)
    const expected = sent + batch.length
    await client.updateOnce(
      UPDATE,
      { ...place, check_run_id: id, output: { ...output, annotations: batch } },
      async reader => {
        const run = await reader.request(READ, { ...place, check_run_id: id })
        return run.output.annotations_count >= expected ? run : undefined
      },
    )
    sent = expected
  }
}

function apiAnnotation(annotation: CheckAnnotation, client: GitHubClient): ApiAnnotation {
  const start = annotation.line ?? 1
  const end = annotation.endLine ?? start
  const columns = start === end && annotation.column !== undefined
  return {
    path: annotation.file,
    start_line: start,
    end_line: end,
    annotation_level: annotation.level,
    message: cutBytes(client.scrub(annotation.message), LIMITS.checkAnnotationMessageBytes),
    ...(annotation.title === undefined
      ? {}
      : { title: shortenEnd(client.scrub(annotation.title), LIMITS.checkAnnotationTitleCharacters) }),
    ...(columns
      ? { start_column: annotation.column ?? 1, end_column: annotation.endColumn ?? annotation.column ?? 1 }
      : {}),
  }
}

function cutBytes(text: string, bytes: number): string {
  return Buffer.byteLength(text) <= bytes ? text : shortenEnd(text, Math.floor(bytes / 4))
}
