import { createHash, randomUUID } from 'node:crypto'
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ReleaseAsset } from '../../model.ts'
import { type Context, defineRoutes, type Routes } from '../context.ts'
import type { Downloads } from '../downloads.ts'
import { invalidField, json, noContent, notFound, redirect, Refusal, type Reply, unprocessable } from '../reply.ts'
import { textOf } from '../request-body.ts'
import { releaseAssetShape } from '../shapes/release-asset.ts'
import { releaseIn } from './releases.ts'

const ofRelease = '/repos/{owner}/{repo}/releases/{release_id}/assets'
const one = '/repos/{owner}/{repo}/releases/assets/{asset_id}'

export const releaseAssetRoutes = (downloads: Downloads): Routes =>
  defineRoutes({
    [`GET ${ofRelease}`]: {
      needs: 'contents:read',
      handle: context => context.list(assetsOf(context, releaseIn(context).id), asset => shape(context, asset)),
    },
    [`POST ${ofRelease}`]: { needs: 'contents:write', takesBytes: true, handle: upload },
    [`GET ${one}`]: {
      needs: 'contents:read',
      handle: context => {
        const asset = assetIn(context)
        if (!String(context.headers['accept'] ?? '').includes('application/octet-stream')) {
          return json(200, shape(context, asset))
        }
        const { contentType, name: fileName } = asset
        context.core.store.releaseAssets.update(asset.id, { downloads: asset.downloads + 1 })
        const content = { file: join(context.core.stateFolder, asset.file) }
        return redirect(302, downloads.link({ contentType, fileName, content }))
      },
    },
    [`PATCH ${one}`]: {
      needs: 'contents:write',
      handle: context => {
        const { core, body } = context
        const old = assetIn(context)
        checkMutable(context, old.releaseId)
        const name = textOf(body, 'name') ?? old.name
        checkName(context, old.releaseId, name, old)
        const label = textOf(body, 'label') ?? old.label
        const changed = core.store.releaseAssets.update(old.id, { name, label, updatedAt: core.timestamp() })
        return json(200, shape(context, changed))
      },
    },
    [`DELETE ${one}`]: {
      needs: 'contents:write',
      handle: context => {
        const { core } = context
        const asset = assetIn(context)
        checkMutable(context, asset.releaseId)
        core.store.releaseAssets.delete(asset.id)
        rmSync(join(core.stateFolder, asset.file), { force: true })
        return noContent()
      },
    },
  })

const shape = (context: Context, asset: ReleaseAsset) => releaseAssetShape(context.core, context.repo, asset)

const assetsOf = (context: Context, releaseId: number): ReleaseAsset[] =>
  context.core.store.releaseAssets.filter(asset => asset.releaseId === releaseId)

function assetIn(context: Context): ReleaseAsset {
  const asset = context.core.store.releaseAssets.get(context.id('asset_id'))
  const release = asset && context.core.store.releases.get(asset.releaseId)
  if (asset?.repositoryId !== context.repo.id || (release?.draft && !context.may('write'))) throw notFound()
  return asset
}

function checkMutable(context: Context, releaseId: number): void {
  if (context.core.store.releases.get(releaseId)?.immutable) {
    throw unprocessable('Cannot change the assets of an immutable release.')
  }
}

function checkName(context: Context, releaseId: number, name: string, own?: ReleaseAsset): void {
  if (name === '' || name.includes('/')) throw invalidField('ReleaseAsset', 'name')
  const taken = assetsOf(context, releaseId).some(asset => asset.name === name && asset.id !== own?.id)
  if (taken) throw invalidField('ReleaseAsset', 'name', 'already_exists')
}

function upload(context: Context): Reply {
  const { core, repo, query, bytes, actor } = context
  const release = releaseIn(context)
  checkMutable(context, release.id)
  // GitHub puts dots where its storage takes no other signs.
  const name = (query.get('name') ?? '').replace(/[^\w.+@-]+/g, '.')
  checkName(context, release.id, name)
  if (bytes.length === 0) throw new Refusal(400, 'Bad Content-Length')
  const file = join('release-assets', randomUUID())
  const path = join(core.stateFolder, file)
  mkdirSync(join(core.stateFolder, 'release-assets'), { recursive: true })
  writeFileSync(`${path}.new`, bytes)
  renameSync(`${path}.new`, path)
  const at = core.timestamp()
  const asset = core.store.releaseAssets.insert({
    repositoryId: repo.id,
    releaseId: release.id,
    name,
    label: query.get('label'),
    contentType: String(context.headers['content-type'] ?? 'application/octet-stream'),
    size: bytes.length,
    digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
    downloads: 0,
    uploaderId: actor.id,
    createdAt: at,
    updatedAt: at,
    file,
  })
  const made = shape(context, asset)
  return json(201, made, { location: made.url })
}
