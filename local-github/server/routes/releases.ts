import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Release } from '../../model.ts'
import { defineRoutes } from '../context.ts'
import type { Context } from '../context.ts'
import { zeroSha } from '../core.ts'
import { byOf } from '../issue-records.ts'
import { invalidField, json, noContent, notFound, unprocessable } from '../reply.ts'
import { flagOf, textOf } from '../request-body.ts'
import { releaseShape } from '../shapes/release.ts'
import { checkBody } from '../text-limits.ts'

const all = '/repos/{owner}/{repo}/releases'
const one = `${all}/{release_id}`

export const releaseRoutes = defineRoutes({
  [`GET ${all}`]: {
    needs: 'contents:read',
    handle: context => context.list(releasesOf(context).reverse(), release => shape(context, release)),
  },
  [`POST ${all}`]: {
    needs: 'contents:write',
    handle: async context => {
      const release = await createRelease(context)
      const made = shape(context, release)
      return json(201, made, { location: made.url })
    },
  },
  [`GET ${all}/latest`]: {
    needs: 'contents:read',
    handle: context => {
      const latest = releasesOf(context)
        .filter(release => !release.draft && !release.prerelease)
        .at(-1)
      if (!latest) throw notFound()
      return json(200, shape(context, latest))
    },
  },
  [`GET ${all}/tags/{tag}`]: {
    needs: 'contents:read',
    handle: context => {
      const found = releasesOf(context).find(release => release.tagName === context.param('tag') && !release.draft)
      if (!found) throw notFound()
      return json(200, shape(context, found))
    },
  },
  [`GET ${one}`]: { needs: 'contents:read', handle: context => json(200, shape(context, releaseIn(context))) },
  [`PATCH ${one}`]: {
    needs: 'contents:write',
    handle: async context => json(200, shape(context, await editRelease(context))),
  },
  [`DELETE ${one}`]: {
    needs: 'contents:write',
    handle: context => {
      const release = releaseIn(context)
      if (release.immutable) throw unprocessable('Cannot delete an immutable release.')
      const { store, stateFolder } = context.core
      for (const asset of store.releaseAssets.filter(({ releaseId }) => releaseId === release.id)) {
        store.releaseAssets.delete(asset.id)
        rmSync(join(stateFolder, asset.file), { force: true })
      }
      store.releases.delete(release.id)
      return noContent()
    },
  },
})

const shape = (context: Context, release: Release) => releaseShape(context.core, context.repo, release)

/** In the order of their making; drafts only for those who may write. */
const releasesOf = (context: Context): Release[] =>
  context.core.store.releases.filter(
    release => release.repositoryId === context.repo.id && (!release.draft || context.may('write')),
  )

/** The release of the route; 404 where there is none to see. */
export function releaseIn(context: Context): Release {
  const release = releasesOf(context).find(candidate => candidate.id === context.id('release_id'))
  if (!release) throw notFound()
  return release
}

function checkTag(context: Context, tagName: string, own?: Release): void {
  if (!/^[^\s~^:?*[\\]+$/.test(tagName) || tagName.includes('..') || tagName.startsWith('-')) {
    throw invalidField('Release', 'tag_name')
  }
  const taken = context.core.store.releases.find(
    release => release.repositoryId === context.repo.id && release.tagName === tagName && release.id !== own?.id,
  )
  if (taken) throw invalidField('Release', 'tag_name', 'already_exists')
}

async function createRelease(context: Context): Promise<Release> {
  const { core, repo, body, actor } = context
  const tagName = textOf(body, 'tag_name') ?? ''
  const text = textOf(body, 'body') ?? null
  const target = textOf(body, 'target_commitish') ?? repo.defaultBranch
  const draft = flagOf(body, 'draft') ?? false
  checkTag(context, tagName)
  checkBody('Release', text ?? '')
  if (!draft) await ensureTag(context, tagName, target)
  const at = core.timestamp()
  const release = core.store.releases.insert({
    repositoryId: repo.id,
    tagName,
    targetCommitish: target,
    name: textOf(body, 'name') ?? null,
    body: text,
    draft,
    prerelease: flagOf(body, 'prerelease') ?? false,
    immutable: false,
    authorId: actor.id,
    createdAt: at,
    publishedAt: draft ? null : at,
  })
  if (!draft) await tellPublished(context, release)
  return release
}

async function editRelease(context: Context): Promise<Release> {
  const { core, body } = context
  const old = releaseIn(context)
  const tagName = textOf(body, 'tag_name') ?? old.tagName
  const target = textOf(body, 'target_commitish') ?? old.targetCommitish
  const text = textOf(body, 'body')
  const draft = flagOf(body, 'draft') ?? old.draft
  if (old.immutable && (tagName !== old.tagName || target !== old.targetCommitish || draft)) {
    throw unprocessable('Cannot change the tag of an immutable release.')
  }
  if (tagName !== old.tagName) checkTag(context, tagName, old)
  if (text !== undefined) checkBody('Release', text)
  if (!draft) await ensureTag(context, tagName, target)
  const name = textOf(body, 'name')
  const release = core.store.releases.update(old.id, {
    tagName,
    targetCommitish: target,
    draft,
    prerelease: flagOf(body, 'prerelease') ?? old.prerelease,
    publishedAt: draft ? old.publishedAt : (old.publishedAt ?? core.timestamp()),
    ...(name === undefined ? {} : { name }),
    ...(text === undefined ? {} : { body: text }),
  })
  if (old.draft && !draft) await tellPublished(context, release)
  return release
}

/** A published release has a tag: the one that is there, else one on the target. */
async function ensureTag(context: Context, tagName: string, target: string): Promise<void> {
  const { core, repo } = context
  const git = core.git(repo.id)
  const ref = `refs/tags/${tagName}`
  if ((await git.readRef(ref)) !== null) return
  const sha = await git.commitOf(target)
  if (sha === null) throw invalidField('Release', 'target_commitish')
  await core.updateRef(repo, { ref, to: sha, from: zeroSha }, byOf(context))
}

async function tellPublished(context: Context, release: Release): Promise<void> {
  const ref = `refs/tags/${release.tagName}`
  const sha = await context.core.git(context.repo.id).commitOf(ref)
  if (sha === null) return
  for (const action of ['published', 'released']) {
    if (action === 'released' && release.prerelease) continue
    context.emit({ name: 'release', action, payload: { release: shape(context, release) }, ref, sha })
  }
}
