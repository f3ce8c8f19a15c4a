import { ActionError } from '#kit/errors'
import { repositoryOf } from '#kit/oci/reference'
import { runNumberOf, type TagTemplate } from '#kit/oci/tag'
import { readYaml, spliceScalars, type ScalarEdit } from '#kit/yaml/splice'
import { readCompose, type Service } from './compose.ts'

/** What a service is to run: the intent, which holds on any head. */
export interface Target {
  readonly service: string
  /** As `repositoryOf` writes it: where the image was pushed. */
  readonly repository: string
  readonly tag: string
  readonly digest: string | undefined
}

export interface Change {
  readonly service: string
  /** Other services that run the same line of the file. */
  readonly sharedWith: readonly string[]
  /** `superseded`: a newer run's tag stands, and stays. */
  readonly outcome: 'changed' | 'unchanged' | 'superseded'
  readonly before: { readonly tag: string | undefined; readonly digest: string | undefined }
  readonly line: number
}

export interface Update {
  readonly changes: readonly Change[]
  /** The new file; `undefined` when it stays as it is. */
  readonly bytes: Uint8Array | undefined
  /** Values that were replaced: several services can share one. */
  readonly editedValues: number
}

export interface Policy {
  readonly template: TagTemplate
  readonly allowDowngrade: boolean
}

/**
 * Applies the intent to a compose file as it stands at some head. Only the images' own bytes change (rule R22), and a tag
 * of a newer run stays.
 * @param dotenv the `.env` beside the file, whose variables win over defaults in it; `''` when there is none
 * @throws ActionError when the file changed so that the intent does not fit it any more
 */
export function updateCompose(
  file: { readonly name: string; readonly bytes: Uint8Array },
  targets: readonly Target[],
  policy: Policy,
  dotenv: string,
): Update {
  const yaml = readYaml(file.name, file.bytes)
  const compose = readCompose(yaml)
  const edits = new Map<unknown, ScalarEdit>()
  const changes = targets.map((target): Change => {
    const service = compose.service(target.service)
    requireFit(file.name, service, target, dotenv)
    const { tag, digest } = service.image.reference
    const told = { service: service.name, sharedWith: service.sharedWith, before: { tag, digest }, line: service.line }
    if (!policy.allowDowngrade && isNewer(policy.template, tag, target.tag)) return { ...told, outcome: 'superseded' }
    const value = service.image.write(target)
    if (value === service.scalar.value) return { ...told, outcome: 'unchanged' }
    edits.set(service.scalar, { scalar: service.scalar, value })
    return { ...told, outcome: 'changed' }
  })
  if (edits.size === 0) return { changes, bytes: undefined, editedValues: 0 }
  return { changes, bytes: spliceScalars(yaml, [...edits.values()]).bytes, editedValues: edits.size }
}

/** Only tags of the template's form have an order; any other tag is replaced. */
function isNewer(template: TagTemplate, standing: string | undefined, ours: string): boolean {
  const [theirs, own] = [
    standing === undefined ? undefined : runNumberOf(template, standing),
    runNumberOf(template, ours),
  ]
  return theirs !== undefined && own !== undefined && theirs > own
}

function requireFit(name: string, service: Service, target: Target, dotenv: string): void {
  const { image, line } = service
  const standing = repositoryOf(image.reference)
  if (standing !== target.repository)
    throw new ActionError(`${name}:${line}: ${service.name} now runs ${standing}, and ${target.repository} was built`, {
      hint: 'Run the job again on the newest commit',
    })
  if (image.variable !== undefined && new RegExp(`^\\s*(?:export\\s+)?${image.variable}\\s*=`, 'm').test(dotenv))
    throw new ActionError(
      `${name}:${line}: the image of ${service.name} is decided by ${image.variable} in the .env file beside it`,
      { hint: `Remove ${image.variable} from .env, so that the default in ${name} counts` },
    )
}
