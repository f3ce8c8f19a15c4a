import { formatReference, isDigest, repositoryOf, parseReference, type ImageReference } from '#kit/oci/reference'
import type { Completed, Environment, Exec, Log } from '#kit/ports'
import type { Build } from './build-settings.ts'
import { sideBySide, type Work } from './side-by-side.ts'

/** How docker finds its engine, its builder and its logins. No secret: logins lie in files that these name. */
const DOCKER_VARIABLES = [
  ...['DOCKER_HOST', 'DOCKER_CONFIG', 'DOCKER_CONTEXT', 'DOCKER_TLS_VERIFY', 'DOCKER_CERT_PATH', 'DOCKER_API_VERSION'],
  ...['DOCKER_BUILDKIT', 'BUILDX_BUILDER', 'BUILDX_CONFIG', 'XDG_RUNTIME_DIR', 'XDG_CONFIG_HOME', 'SSH_AUTH_SOCK'],
] as const

export interface ImageBuild {
  readonly image: ImageReference
  /** Absolute. */
  readonly contextFolder: string
  /** Absolute. */
  readonly dockerfile: string
  readonly settings: Build
  readonly labels: Readonly<Record<string, string>>
}

/** The docker CLI, classic or with buildx: nothing here needs more than `build`, `push` and `image inspect`. */
export function dockerCli({ exec, log, environment }: { exec: Exec; log: Log; environment: Environment }) {
  const env: Record<string, string> = {}
  for (const name of DOCKER_VARIABLES) {
    const value = environment.get(name)
    if (value !== undefined) env[name] = value
  }
  const run = (title: string, args: readonly string[]): Work<Completed> => ({
    title,
    begin: tell => exec.run({ file: 'docker', args, env, onStdoutLine: tell, onStderrLine: tell }),
  })
  const digestOf = async (image: ImageReference, pushed: string): Promise<string | undefined> => {
    const said = pushedDigest(pushed, image.tag ?? '')
    if (said !== undefined) return said
    // Docker CLIs word the line above as they like; what the engine keeps is the same everywhere.
    const args = ['image', 'inspect', '--format', '{{json .RepoDigests}}', '--', formatReference(image)]
    const inspected = await exec.run({ file: 'docker', args, env })
    return keptDigest(inspected.stdout, image)
  }
  return {
    async build(builds: readonly ImageBuild[]): Promise<void> {
      const works = builds.map(build => run(`docker build ${formatReference(build.image)}`, buildArguments(build)))
      await sideBySide(works, log)
    },
    /** The digests that the registry has the images under; `undefined` for one that docker does not tell. */
    async push(images: readonly ImageReference[]): Promise<readonly (string | undefined)[]> {
      const texts = images.map(formatReference)
      const pushed = await sideBySide(
        texts.map(text => run(`docker push ${text}`, ['push', '--', text])),
        log,
      )
      return Promise.all(images.map((image, index) => digestOf(image, pushed[index]?.stdout ?? '')))
    },
  }
}

export function buildArguments({ image, contextFolder, dockerfile, settings, labels }: ImageBuild): readonly string[] {
  return [
    'build',
    ...['--tag', formatReference(image)],
    ...['--file', dockerfile],
    ...(settings.target === undefined ? [] : ['--target', settings.target]),
    ...settings.args.flatMap(([name, value]) => ['--build-arg', value === undefined ? name : `${name}=${value}`]),
    ...Object.entries(labels).flatMap(([name, value]) => ['--label', `${name}=${value}`]),
    ...['--', contextFolder],
  ]
}

/** From the last line of `docker push`: `5-0a3087a: digest: sha256:… size: 1782`. */
export function pushedDigest(stdout: string, tag: string): string | undefined {
  for (const line of stdout.split('\n').reverse()) {
    const [, of, digest = ''] = /^(\S+): digest: (\S+) size: \d+\s*$/.exec(line.trim()) ?? []
    if (of === tag && isDigest(digest)) return digest
  }
  return undefined
}

/** From `RepoDigests`, where an image that was pushed to several registries has several; more than one here decides nothing. */
export function keptDigest(json: string, image: ImageReference): string | undefined {
  let listed: unknown
  try {
    listed = JSON.parse(json)
  } catch {
    return undefined
  }
  if (!Array.isArray(listed)) return undefined
  const digests = new Set<string>()
  for (const text of listed) {
    if (typeof text !== 'string' || !text.includes('@')) continue
    const reference = parseReference(text)
    if (reference.digest !== undefined && repositoryOf(reference) === repositoryOf(image)) digests.add(reference.digest)
  }
  return digests.size === 1 ? [...digests][0] : undefined
}
