import type { JobFolders } from '../job-environment.ts'
import type { JobPlan } from '../job-plan.ts'
import type { LocalGitHub } from '../../local-github.ts'
import type { Artifact } from '../../model.ts'

/** What a stand-in may do: the same that the action's own code could. */
export interface StandInPorts {
  readonly plan: JobPlan
  readonly github: LocalGitHub
  readonly folders: JobFolders
  /** The step's environment; `PATH` in it is where tools are looked for. */
  readonly environment: Readonly<Record<string, string>>
  input(name: string): string
  /** `true` or `false` in any of YAML's spellings; throws for anything else. */
  flag(name: string): boolean
  /** A text of the `github` context. */
  context(key: string): string
  setOutput(name: string, value: string): void
  /** Kept for `post`. */
  saveState(name: string, value: string): void
  state(name: string): string
  log(line: string): void
  notice(text: string): void
  warning(text: string): void
  mask(value: string): void
  /** Runs without a shell and stops with the step. What it prints goes to the log, unless `quiet`. */
  run(
    file: string,
    args: readonly string[],
    options?: { cwd?: string; env?: Readonly<Record<string, string>>; quiet?: boolean },
  ): Promise<{ exitCode: number | null; output: string }>
  storeArtifact(artifact: NewArtifact): Artifact
}

export interface NewArtifact {
  readonly name: string
  readonly zip: Buffer
  readonly retentionDays: number
  readonly overwrite: boolean
}

/** One of GitHub's own actions, done by the runner itself. */
export interface StandIn {
  /** Input → default, `null` when it has none. An input that is not here is refused: the real action might have acted on it. */
  readonly inputs: Readonly<Record<string, string | null>>
  /** How it differs from the real one, in words. */
  readonly words: string
  main(ports: StandInPorts): Promise<void>
  post?(ports: StandInPorts): Promise<void>
}
