import type { Environment, Files } from '../ports.ts'
import { environmentLiterals, givenLiterals, sensitiveVariables } from './given-variables.ts'
import { createHider, createTextHider, type TextHider } from './hide.ts'
import { parseJson, type Json } from './json.ts'
import { parsePlan } from './plan.ts'
import type { Session } from './session.ts'

interface KnownSecrets {
  /** Variable files that were given, absolute. */
  readonly varFiles: readonly string[]
  /** Where a plan file may lie that was not finished. */
  readonly planFile: string
}

/**
 * What can be known to be secret when planning failed: all that an unfinished plan file and the state tell; and values
 * and defaults of sensitive variables, from the files and variables that Terraform reads. Nothing of it throws.
 */
export async function hiderAfterFailure(
  session: Pick<Session, 'terraform' | 'folder'>,
  { varFiles, planFile }: KnownSecrets,
  patterns: readonly RegExp[],
  ports: { readonly files: Files; readonly environment: Environment },
): Promise<TextHider> {
  const given = await givenSecrets(session.folder, varFiles, ports)
  const state = await readState(session)
  const unfinished = (await ports.files.exists(planFile))
    ? await orNothing(session.terraform.show(planFile))
    : undefined
  if (unfinished !== undefined) {
    const read = async () => createHider(parsePlan(unfinished, 'the plan'), patterns, given).withState(state)
    const hider = await orNothing(read())
    if (hider !== undefined) return hider
  }
  return createTextHider(state, given, patterns)
}

/** The state's document; `null` when it cannot be read. */
export async function readState({ terraform }: Pick<Session, 'terraform'>): Promise<Json> {
  return (await orNothing(terraform.showState().then(parseJson))) ?? null
}

async function givenSecrets(
  folder: string,
  varFiles: readonly string[],
  { files, environment }: { readonly files: Files; readonly environment: Environment },
): Promise<string[]> {
  const read = async (path: string) => [path, (await orNothing(files.readText(path))) ?? ''] as const
  const listed = (await orNothing(files.list(folder))) ?? []
  const configuration = await Promise.all(
    listed.filter(name => /\.(?:tf|tofu)(?:\.json)?$/.test(name)).map(name => read(`${folder}/${name}`)),
  )
  const declared = configuration.map(([path, content]) => sensitiveVariables(path, content))
  const names = new Set(declared.flatMap(variables => [...variables.names]))
  // https://developer.hashicorp.com/terraform/language/values/variables#variable-definitions-tfvars-files
  const loaded = listed.filter(name => /(?:^terraform|\.auto)\.tfvars(?:\.json)?$/.test(name))
  const values = await Promise.all([...loaded.map(name => `${folder}/${name}`), ...varFiles].map(read))
  return [
    ...declared.flatMap(({ defaults }) => defaults),
    ...values.flatMap(([path, content]) => givenLiterals(path, content, names)),
    ...[...names].flatMap(name => {
      const value = environment.get(`TF_VAR_${name}`)
      return value === undefined ? [] : environmentLiterals(value)
    }),
  ]
}

async function orNothing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work
  } catch {
    return undefined
  }
}
