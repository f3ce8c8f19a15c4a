import { Unusable } from '#kit/inputs'
import { formatReference, parseReference, type ImageReference } from '#kit/oci/reference'

/** The value of `image:` in a compose file: a reference, or one with a variable whose default is the reference or its tag. */
export interface ImageValue {
  readonly reference: ImageReference
  /** Wins over the value in the file when it is set. */
  readonly variable: string | undefined
  /** The value in the same form, with another tag and digest. */
  write(next: { readonly tag: string; readonly digest: string | undefined }): string
}

const WHOLE = /^\$\{([A-Za-z_][A-Za-z0-9_]*)(:?-)([^${}]+)\}$/
const TAG = /^([^${}]+):\$\{([A-Za-z_][A-Za-z0-9_]*)(:?-)([^${}]*)\}$/

/** @throws Unusable when it is no reference, or one that more than one variable or default decides */
export function parseImageValue(value: string): ImageValue {
  const whole = WHOLE.exec(value)
  if (whole !== null) {
    const [, variable = '', sign = '', inner = ''] = whole
    const reference = parseReference(inner)
    return { reference, variable, write: next => `\${${variable}${sign}${formatReference({ ...reference, ...next })}}` }
  }
  const tagged = TAG.exec(value)
  if (tagged !== null) {
    const [, name = '', variable = '', sign = '', inner = ''] = tagged
    const { registry, path } = parseReference(name)
    const reference = parseReference(inner === '' ? name : `${name}:${inner}`)
    // `host:5000` before a tag of its own would be read as a tag.
    if (formatReference({ registry, path, tag: undefined, digest: undefined }) !== name)
      throw new Unusable('it has two tags', `Write "name:\${${variable}:-tag}"`)
    return {
      reference,
      variable,
      write: ({ tag, digest }) => `${name}:\${${variable}${sign}${tag}${digest === undefined ? '' : `@${digest}`}}`,
    }
  }
  if (value.includes('$')) throw composite(value)
  const reference = parseReference(value)
  return { reference, variable: undefined, write: next => formatReference({ ...reference, ...next }) }
}

function composite(value: string): Unusable {
  const names = [...value.matchAll(/\$\{?([A-Za-z_][A-Za-z0-9_]*)/g)].map(([, name]) => name ?? '')
  const which = names.length === 0 ? 'a "$"' : names.length === 1 ? `the variable ${names[0]}` : names.join(', ')
  return new Unusable(
    `${which} in it decides what runs, and the file does not say with what`,
    'Write the image out ("registry/name:tag"), or give its tag a default ("registry/name:${TAG:-latest}")',
  )
}
