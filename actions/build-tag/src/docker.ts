import { formatReference, isDigest, repositoryOf, parseReference, type ImageReference } from '#kit/oci/reference'
import type { Environment, Exec, Log } from '#kit/ports'
import type { Build } from './build-settings.ts'

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
  const run = (args: readonly string[]) =>
    exec.run({ file: 'docker', args, env, onStdoutLine: line => log.info(line), onStderrLine: line => log.info(line) })
  return {
    async build(build: ImageBuild): Promise<void> {
      const image = formatReference(build.image)
      await log.group(`docker build ${image}`, () => run(buildArguments(build)))
    },
    /** The digest that the registry has the image under; `undefined` when docker does not tell. */
    async push(image: ImageReference): Promise<string | undefined> {
      const text = formatReference(image)
      const { stdout } = await log.group(`docker push ${text}`, () => run(['push', '--', text]))
      const said = pushedDigest(stdout, image.tag ?? '')
      if (said !== undefined) return said
      // Docker CLIs word the line above as they like; what the engine keeps is the same everywhere.
      const inspected = await exec.run({
        file: 'docker',
        args: ['image', 'inspect', '--format', '{{json .RepoDigests}}', '--', text],
        env,
      })
      return keptDigest(inspected.stdout, image)
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
