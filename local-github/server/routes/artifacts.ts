import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Artifact } from '../../model.ts'
import { defineRoutes } from '../context.ts'
import type { Context, Routes } from '../context.ts'
import type { Downloads } from '../downloads.ts'
import { json, noContent, notFound, redirect, Refusal } from '../reply.ts'
import { artifactShape } from '../shapes/run.ts'

const all = '/repos/{owner}/{repo}/actions/artifacts'
const one = `${all}/{artifact_id}`

export const artifactRoutes = (downloads: Downloads): Routes =>
  defineRoutes({
    [`GET ${all}`]: { needs: 'actions:read', handle: context => list(context, () => true) },
    'GET /repos/{owner}/{repo}/actions/runs/{run_id}/artifacts': {
      needs: 'actions:read',
      handle: context => {
        const runId = context.id('run_id')
        if (context.core.store.runs.get(runId)?.repositoryId !== context.repo.id) throw notFound()
        return list(context, artifact => artifact.runId === runId)
      },
    },
    [`GET ${one}`]: {
      needs: 'actions:read',
      handle: context => json(200, artifactShape(context.core, context.repo, artifactIn(context))),
    },
    [`DELETE ${one}`]: {
      needs: 'actions:write',
      handle: context => {
        const artifact = artifactIn(context)
        context.core.store.artifacts.delete(artifact.id)
        rmSync(join(context.core.stateFolder, artifact.file), { force: true })
        return noContent()
      },
    },
    [`GET ${one}/{archive_format}`]: {
      needs: 'actions:read',
      handle: context => {
        const artifact = artifactIn(context)
        if (context.param('archive_format') !== 'zip') throw notFound()
        if (isExpired(context, artifact)) throw new Refusal(410, 'Artifact has expired')
        const content = { file: join(context.core.stateFolder, artifact.file) }
        const fileName = `${artifact.name}.zip`
        return redirect(302, downloads.link({ contentType: 'application/zip', fileName, content }))
      },
    },
  })

const isExpired = (context: Context, artifact: Artifact): boolean =>
  artifact.expired || Date.parse(artifact.expiresAt) <= context.core.now()

function artifactIn(context: Context): Artifact {
  const artifact = context.core.store.artifacts.get(context.id('artifact_id'))
  if (artifact?.repositoryId !== context.repo.id) throw notFound()
  return artifact
}

/** Newest first, unless the query asks otherwise. */
function list(context: Context, belongs: (artifact: Artifact) => boolean) {
  const { core, repo, query } = context
  const name = query.get('name')
  const found = core.store.artifacts
    .filter(artifact => artifact.repositoryId === repo.id && belongs(artifact))
    .filter(artifact => name === null || artifact.name === name)
  if (query.get('direction') !== 'asc') found.reverse()
  return context.listIn('artifacts', found, artifact =>
    artifactShape(core, repo, { ...artifact, expired: isExpired(context, artifact) }),
  )
}
