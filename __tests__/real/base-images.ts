import { execFileSync } from 'node:child_process'
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, realpathSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { cached, makeDebian } from './debian.ts'
import type { DockerEngine } from './docker-engine.ts'

/** Names that the shop's Dockerfiles and compose files use, and the stage of `base-images/Dockerfile` that stands for each. */
const IMAGES = {
  'python:3.12-slim': 'python',
  'node:24-slim': 'node',
  'nginx:1.28-alpine': 'nginx',
  'haproxy:3.2-alpine': 'haproxy',
  'postgres:17-alpine': 'postgres',
} as const

const PACKAGES = [
  ...['python3', 'python3-pip', 'nginx-light', 'haproxy', 'postgresql-17'],
  ...['busybox', 'ca-certificates', 'libatomic1'],
]
const SETTINGS = [
  '--variant=essential',
  '--essential-hook=mkdir -p "$1/etc/postgresql-common" && ' +
    'echo "create_main_cluster = false" > "$1/etc/postgresql-common/createcluster.conf"',
]

const SOURCES = join(import.meta.dirname, 'base-images')

/**
 * The images on disk, as the folder of a registry that has them below `library/`, as Docker Hub has. Made once (3 minutes).
 * @param start an engine and a registry, which begins with the images of a folder
 */
export function baseImages(start: (images: string | undefined) => Promise<DockerEngine>): Promise<string> {
  const files = readdirSync(SOURCES).map(name => readFileSync(join(SOURCES, name), 'utf8'))
  return cached('base-images', [...files, JSON.stringify(IMAGES), ...PACKAGES, ...SETTINGS], async folder => {
    const context = join(folder, 'context')
    mkdirSync(context)
    cpSync(SOURCES, context, { recursive: true })
    copyFileSync('/etc/ssl/certs/ca-certificates.crt', join(context, 'ca-certificates.crt'))
    copyFileSync(process.execPath, join(context, 'node'))
    cpSync(npmFolder(), join(context, 'npm'), { recursive: true })
    const tar = join(folder, 'debian.tar')
    await makeDebian(tar, PACKAGES, SETTINGS)
    const engine = await start(undefined)
    try {
      await engine.docker('import', tar, 'debian:latest')
      for (const [name, stage] of Object.entries(IMAGES)) {
        const image = `${engine.registry}/library/${name}`
        await engine.docker('build', '--target', stage, '--tag', image, context)
        await engine.docker('push', image)
      }
      cpSync(engine.registryFolder, join(folder, 'registry'), { recursive: true })
    } finally {
      await engine.close()
    }
    execFileSync('rm', ['-rf', context, tar])
  })
}

/** Of the npm that this machine runs. */
function npmFolder(): string {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  const npm = folders.map(folder => join(folder, 'npm')).find(existsSync)
  if (npm === undefined) throw new Error('npm was not found on PATH')
  return dirname(dirname(realpathSync(npm)))
}
