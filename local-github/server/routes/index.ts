/** All routes. Each file brings its own; two that define the same route are a mistake. */
import type { Routes } from '../context.ts'
import type { Core } from '../core.ts'
import { createFeatureRoutes } from './features.ts'
import { metaRoutes } from './meta.ts'

export function createRoutes(core: Core): Routes {
  const files: readonly Routes[] = [metaRoutes, ...createFeatureRoutes(core)]
  const all: Record<string, Routes[string]> = {}
  for (const [name, route] of files.flatMap(routes => Object.entries(routes))) {
    if (all[name]) throw new Error(`${name} is defined twice`)
    all[name] = route
  }
  return all
}
