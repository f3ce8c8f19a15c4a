import { formatReference, type ImageReference } from '#kit/oci/reference'
import type { HeldFile } from './contents.ts'
import { HOST_PROGRAM } from './host-program.ts'
import type { Plan } from './replacement.ts'

/** What the program on the host is told. */
export interface Release {
  readonly project: string
  readonly release: string
  readonly healthSeconds: number
  readonly drainSeconds: number
  /** Texts of the compose files, in their order. */
  readonly compose: readonly string[]
  readonly plan: Pick<Plan, 'groups' | 'replicas'>
  /** By service, what compose does not see the change of. */
  readonly contents: ReadonlyMap<string, string>
  /** Images by service that name no digest: the host pins what it pulled. */
  readonly unpinned: ReadonlyMap<string, ImageReference>
  /** What lies in the host's memory instead of in containers. */
  readonly held: readonly HeldFile[]
  /** Text of a `config.json` for docker, with a login; empty when none is needed. */
  readonly login: string
  /** How long the first answer of the smoke test may take to come. */
  readonly smokeSeconds: number
  /** Not sent; empty when there is no smoke test. */
  readonly smokeUrl: string
  /** In compose's own format, as `encodeDotenv` makes it. */
  readonly dotenv: string
  /** Lines that must be found nowhere in the project's folder afterwards. */
  readonly needles: readonly string[]
  /** Who deploys, one fact a line, for people who look at the host or find it locked. */
  readonly owner: string
}

const SMOKE_SPARE_SECONDS = 120

/** What the program is to do. */
export type Task = 'deploy' | 'outcome' | 'smoke-passed' | 'smoke-failed'

/**
 * Standard input of the bootstrap: the program, then a line for each fact, text in base64, so that no byte of it can be
 * taken for anything else; `end` tells a whole message from one that was cut.
 */
export function framesOf(task: Task, release: Release): string {
  const { project, healthSeconds, drainSeconds } = release
  const lines = [
    base64(HOST_PROGRAM),
    `task ${task}`,
    `project ${project}`,
    `release ${release.release}`,
    `health ${healthSeconds}`,
    `drain ${drainSeconds}`,
  ]
  if (task === 'deploy')
    lines.push(
      ...release.compose.map(text => `compose ${base64(text)}`),
      ...release.plan.groups.flatMap(({ kind, services }, number) =>
        services.map(name => `service ${number} ${kind} ${name} ${release.plan.replicas.get(name) ?? 1}`),
      ),
      ...[...release.contents].map(([service, text]) => `content ${service} ${base64(text)}`),
      ...[...release.unpinned].map(
        ([service, image]) => `pin ${service} ${formatReference(image)} ${nameOfDigests(image)}`,
      ),
      // The host waits for all ten answers, and for the connection that brings the verdict.
      `smoke ${release.smokeUrl === '' ? 0 : release.smokeSeconds + SMOKE_SPARE_SECONDS}`,
      ...release.held.map(({ kind, name, text }) => `held ${kind} ${name} ${base64(text)}`),
      `login ${base64(release.login)}`,
      `dotenv ${base64(release.dotenv)}`,
      `needles ${base64(release.needles.map(needle => `${needle}\n`).join(''))}`,
      `owner ${base64(release.owner)}`,
    )
  return [...lines, 'end', ''].join('\n')
}

/** As the engine writes it before the `@` of an image's `RepoDigests`. */
function nameOfDigests({ registry, path }: ImageReference): string {
  if (registry === undefined || registry === 'docker.io' || registry === 'index.docker.io')
    return path.replace(/^library\//, '')
  return `${registry}/${path}`
}

const base64 = (text: string) => Buffer.from(text).toString('base64')
