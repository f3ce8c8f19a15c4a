import { ActionError, InputError } from '#kit/errors'
import { repositoryOf, type ImageReference } from '#kit/oci/reference'
import type { Build } from './build-settings.ts'
import type { Compose } from './compose.ts'

/** One image to build, and the services that are to run it. */
export interface PlannedImage {
  readonly image: ImageReference
  readonly repository: string
  readonly build: Build
  readonly services: readonly string[]
}

/**
 * Which images to build under `tag`: one a repository. A service without `build:` runs what another one of the list builds.
 * @param names services; every one with `build:` when empty
 * @throws InputError or ActionError when a service has no image or nothing builds it
 */
export function planImages(compose: Compose, names: readonly string[], tag: string): readonly PlannedImage[] {
  const chosen = names.length === 0 ? compose.built : names
  if (chosen.length === 0)
    throw new InputError([
      {
        input: 'services',
        problem: `no service of ${compose.file.name} has "build:"`,
        fix: 'Give one "build:" and "image:", or another "compose-file"',
      },
    ])
  const services = chosen.map(name => compose.service(name))
  const repositories = [...new Set(services.map(({ image }) => repositoryOf(image.reference)))]
  return repositories.map(repository => {
    const mine = services.filter(({ image }) => repositoryOf(image.reference) === repository)
    const builders = mine.filter(({ build }) => build !== undefined)
    const [first] = builders
    if (first?.build === undefined)
      throw new InputError([
        {
          input: 'services',
          value: mine.map(({ name }) => name).join('\n'),
          problem: `nothing in the list builds ${repository}`,
          fix: `Give ${mine[0]?.name ?? 'the service'} "build:" in ${compose.file.name}, or name the service that builds it too`,
        },
      ])
    const other = builders.find(({ build }) => JSON.stringify(build) !== JSON.stringify(first.build))
    if (other !== undefined)
      throw new ActionError(`${first.name} and ${other.name} build ${repository} in two ways`, {
        hint: 'Give them images of their own, or the same "build:"',
      })
    const { registry, path } = first.image.reference
    return {
      image: { registry, path, tag, digest: undefined },
      repository,
      build: first.build,
      services: mine.map(({ name }) => name),
    }
  })
}
