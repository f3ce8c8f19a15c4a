import { HOST_PROGRAM } from './host-program.ts'

/** What the program on the host is told. */
export interface Release {
  readonly project: string
  readonly release: string
  readonly healthSeconds: number
  readonly drainSeconds: number
  /** Text of the compose file. */
  readonly compose: string
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
      `compose ${base64(release.compose)}`,
      `dotenv ${base64(release.dotenv)}`,
      `needles ${base64(release.needles.map(needle => `${needle}\n`).join(''))}`,
      `owner ${base64(release.owner)}`,
    )
  return [...lines, 'end', ''].join('\n')
}

const base64 = (text: string) => Buffer.from(text).toString('base64')
