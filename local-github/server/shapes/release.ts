import type { Release, Repository } from '../../model.ts'
import { simpleUserById } from './account.ts'
import type { ShapeContext } from './context.ts'
import { nodeId } from './node-id.ts'
import { releaseAssetShape } from './release-asset.ts'
import { repositoryHtmlUrl, repositoryUrl } from './repository.ts'

export function releaseShape(github: ShapeContext, repository: Repository, release: Release) {
  const api = repositoryUrl(github, repository)
  const url = `${api}/releases/${release.id}`
  const tag = encodeURIComponent(release.tagName)
  return {
    url,
    html_url: `${repositoryHtmlUrl(github, repository)}/releases/tag/${tag}`,
    assets_url: `${url}/assets`,
    upload_url: `${url}/assets{?name,label}`,
    tarball_url: release.draft ? null : `${api}/tarball/${tag}`,
    zipball_url: release.draft ? null : `${api}/zipball/${tag}`,
    id: release.id,
    node_id: nodeId('Release', release.id),
    tag_name: release.tagName,
    target_commitish: release.targetCommitish,
    name: release.name,
    body: release.body,
    draft: release.draft,
    prerelease: release.prerelease,
    immutable: release.immutable,
    created_at: release.createdAt,
    published_at: release.publishedAt,
    author: simpleUserById(github, release.authorId),
    assets: github.store.releaseAssets
      .filter(({ releaseId }) => releaseId === release.id)
      .map(asset => releaseAssetShape(github, repository, asset)),
  }
}
