import type { ReleaseAsset, Repository } from '../../model.ts'
import { simpleUserById } from './account.ts'
import type { ShapeContext } from './context.ts'
import { nodeId } from './node-id.ts'
import { repositoryUrl } from './repository.ts'

export function releaseAssetShape(github: ShapeContext, repository: Repository, asset: ReleaseAsset) {
  const url = `${repositoryUrl(github, repository)}/releases/assets/${asset.id}`
  return {
    url,
    browser_download_url: url,
    id: asset.id,
    node_id: nodeId('ReleaseAsset', asset.id),
    name: asset.name,
    label: asset.label,
    state: 'uploaded',
    content_type: asset.contentType,
    size: asset.size,
    digest: asset.digest,
    download_count: asset.downloads,
    created_at: asset.createdAt,
    updated_at: asset.updatedAt,
    uploader: simpleUserById(github, asset.uploaderId),
  }
}
