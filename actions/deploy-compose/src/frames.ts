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
  /** In compose's own format, as `encodeDotenv` makes it. */
  readonly dotenv: string
  /** Lines that must be found nowhere in the project's folder afterwards. */
  readonly needles: readonly string[]
  /** Who deploys, one fact a line, for people who look at the host or find it locked. */
  readonly owner: string
}

/**
 * Standard input of the bootstrap: the program, then a line for each fact, text in base64, so that no byte of it can be
 * taken for anything else; `end` tells a whole message from one that was cut.
 */
export function framesOf(task: 'deploy' | 'outcome', release: Release): string {
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
      `dotenv ${base64(release.dotenv)}`,
      `needles ${base64(release.needles.map(needle => `${needle}\n`).join(''))}`,
      `owner ${base64(release.owner)}`,
    )
  return [...lines, 'end', ''].join('\n')
}

const base64 = (text: string) => Buffer.from(text).toString('base64')
