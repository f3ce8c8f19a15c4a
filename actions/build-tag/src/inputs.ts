import { flag, lines, oneOf, secret, text, Unusable, variableNames, type Parsed, type Parser } from '#kit/inputs'
import { parseTagTemplate, type TagTemplate } from '#kit/oci/tag'
import { repositoryPath } from '#kit/repository-path'

const SERVICE = /^[A-Za-z0-9._-]+$/

/** Names of services of the compose file, one per line. */
const serviceNames: Parser<readonly string[]> = {
  parse(raw) {
    const names = lines.parse(raw)
    const wrong = names.find(name => !SERVICE.test(name))
    if (wrong !== undefined)
      throw new Unusable(
        `${JSON.stringify(wrong)} is no name of a service`,
        'Write the names of services of the compose file, one per line',
      )
    const twice = names.find((name, index) => names.indexOf(name) !== index)
    if (twice !== undefined) throw new Unusable(`${JSON.stringify(twice)} is there twice`, 'Name each service once')
    return names
  },
}

const tagTemplate: Parser<TagTemplate> = { parse: parseTagTemplate }

/** Name of a branch, by the rules of `git check-ref-format`. */
const branchName: Parser<string> = {
  parse(raw) {
    if (/^refs\//.test(raw)) throw new Unusable('it is a whole ref', 'Give the name of the branch: "integration"')
    const isBad = /^[-./]|[\x00-\x20\x7f~^:?*[\\]|\.\.|@\{|\/\/|\/\.|\.lock(?:\/|$)|[/.]$/.test(raw) || raw === '@'
    if (raw !== '' && isBad) throw new Unusable('git allows no such name', 'Give the name of a branch: "integration"')
    return raw
  },
}

/** A file of the repository that may be committed; `''` when not given. */
const committable: Parser<string> = {
  parse(raw) {
    // Where it leads with "working-directory" before it is looked at later; what is wrong in any folder, here.
    if (raw !== '') repositoryPath(raw.replace(/^(?:\.\.?\/+)+/, ''))
    return raw
  },
}

export const inputs = {
  services: serviceNames,
  'compose-file': committable,
  'working-directory': text,
  tag: tagTemplate,
  push: flag,
  'update-files': flag,
  'digest-pin': flag,
  commit: oneOf('api', 'none'),
  branch: branchName,
  'allow-downgrade': flag,
  'pass-env': variableNames,
  'github-token': secret,
} as const
export type Inputs = Parsed<typeof inputs>

export const outputs = [
  'tag',
  'images',
  'digests',
  'changed-services',
  'updated-files',
  'commit-sha',
  'superseded',
] as const

export const permissions = {
  contents: { access: 'write', reason: 'The new tags are a commit on the branch.' },
} as const
