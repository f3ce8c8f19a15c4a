import { fileURLToPath } from 'node:url'
import type { StandInProgram } from '../../stand-in-programs.ts'

/**
 * A `docker` for machines without a Docker engine.
 * @param store folder of its images; what one job built, the next one has, as with an engine
 */
export function dockerProgram(store: string): StandInProgram {
  return {
    name: 'docker',
    script: fileURLToPath(new URL('docker.ts', import.meta.url)),
    words: 'no Docker engine: a stand-in for docker answered, which packs folders as images and executes no Dockerfile',
    variables: { SLIPWAY_DOCKER_STORE: store },
  }
}
