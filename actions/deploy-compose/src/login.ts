import { InputError } from '#kit/errors'
import type { Inputs } from './inputs.ts'

/**
 * Text of a `config.json` with the login, as docker keeps it; empty when none was given.
 * Format: https://github.com/docker/cli/blob/master/cli/config/configfile/file.go
 * @throws InputError when a part of the login is missing
 */
export function loginOf({
  registry,
  'registry-username': user,
  'registry-password': password,
}: Pick<Inputs, 'registry' | 'registry-username' | 'registry-password'>): string {
  const given = [registry, user, password].filter(value => value !== '').length
  if (given === 0) return ''
  if (given < 3)
    throw new InputError([
      {
        input: registry === '' ? 'registry' : user === '' ? 'registry-username' : 'registry-password',
        problem: 'it is empty, and a login takes all three',
        fix: 'Give "registry", "registry-username" and "registry-password", or none of them',
      },
    ])
  const server = registry === 'docker.io' ? 'https://index.docker.io/v1/' : registry
  return JSON.stringify({ auths: { [server]: { auth: Buffer.from(`${user}:${password}`).toString('base64') } } })
}
