import { createHash } from 'node:crypto'
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { LocalGitHub } from '../local-github.ts'
import type { Artifact } from '../model.ts'
import type { JobPlan } from './job-plan.ts'
import type { NewArtifact } from './stand-ins/stand-in.ts'

const dayMilliseconds = 86_400_000
const forbidden = /["*:<>|?\r\n\\/]/

/**
 * Keeps an artifact of a run. Its name is taken for the run's attempt, unless it may be overwritten.
 * @throws for a name that GitHub refuses and for one that is taken
 */
export function storeArtifact(github: LocalGitHub, plan: JobPlan, artifact: NewArtifact): Artifact {
  const { name, zip } = artifact
  const bad = forbidden.exec(name)
  if (name === '' || bad)
    throw new Error(
      `The artifact name is not valid: ${JSON.stringify(name)}. It must not be empty or contain any of " : < > | * ? \\ / or a line end`,
    )
  const { run } = plan
  const taken = github.store.artifacts.find(
    other => other.runId === run.id && other.attempt === run.attempt && other.name === name && !other.expired,
  )
  if (taken && !artifact.overwrite)
    throw new Error(
      `Failed to CreateArtifact: Received non-retryable error: Failed request: (409) Conflict: an artifact with this name already exists on the workflow run: ${name}`,
    )
  if (taken) {
    github.store.artifacts.delete(taken.id)
    rmSync(join(github.stateFolder, taken.file), { force: true })
  }
  const digest = createHash('sha256').update(zip).digest('hex')
  const file = join('artifacts', String(run.id), `${digest}-${github.now()}.zip`)
  const path = join(github.stateFolder, file)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(`${path}.new`, zip)
  renameSync(`${path}.new`, path)
  const record = github.store.artifacts.insert({
    repositoryId: run.repositoryId,
    runId: run.id,
    attempt: run.attempt,
    name,
    size: zip.length,
    digest: `sha256:${digest}`,
    expired: false,
    createdAt: time(github.now()),
    expiresAt: time(github.now() + artifact.retentionDays * dayMilliseconds),
    file,
  })
  github.changed()
  return record
}

function time(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, 'Z')
}
