/** All routes. Each file brings its own; two that define the same route are a mistake. */
import type { Routes } from '../context.ts'
import type { Core } from '../core.ts'
import { serveDownloads } from '../downloads.ts'
import type { RateLimiter } from '../rate-limit.ts'
import { branchRoutes } from './branches.ts'
import { commitRoutes } from './commits.ts'
import { contentRoutes } from './contents.ts'
import { createFeatureRoutes } from './features.ts'
import { gitDataRoutes } from './git-data.ts'
import { metaRoutes } from './meta.ts'
import { repositoryRoutes } from './repositories.ts'

/** To be called once a server. */
export function createRoutes(core: Core, rateLimiter: RateLimiter): Routes {
  const downloads = serveDownloads(core)
  const files: readonly Routes[] = [
    metaRoutes(rateLimiter),
    repositoryRoutes,
    branchRoutes,
    commitRoutes(downloads),
    contentRoutes,
    gitDataRoutes,
    ...createFeatureRoutes(core, downloads),
  ]
  const all: Record<string, Routes[string]> = {}
  for (const [name, route] of files.flatMap(routes => Object.entries(routes))) {
    if (all[name]) throw new Error(`${name} is defined twice`)
    all[name] = route
  }
  return all
}
