import { awsInputs } from '#kit/aws'
import {
  duration,
  flag,
  oneOf,
  operand,
  required,
  text,
  Unusable,
  variableNames,
  type Parsed,
  type Parser,
} from '#kit/inputs'
import { knownHosts, privateKey } from '#kit/ssh'
import { extraVariables } from './extra-variables.ts'

/** A path that must be given. */
const path: Parser<string> = { parse: raw => operand.parse(required.parse(raw)) }

/** Ansible reads a limit that begins with "@" as the name of a file, which need not be one of the workspace. */
const limit: Parser<string> = {
  parse(raw) {
    if (raw.startsWith('@'))
      throw new Unusable('it names a file', 'Write hosts and groups, separated by commas, such as "app,web1"')
    return operand.parse(raw)
  },
}

const vaultPassword: Parser<string> = {
  secret: true,
  parse(raw) {
    if (/[\r\n]/.test(raw)) throw new Unusable('it has more than one line', 'Give the password alone')
    return raw
  },
}

export const inputs = {
  playbook: path,
  inventory: path,
  limit,
  'extra-vars': extraVariables,
  check: flag,
  'ssh-key': privateKey,
  'known-hosts': knownHosts,
  'host-keys-from': oneOf('known-hosts', 'console'),
  'host-keys-timeout': duration,
  ...awsInputs,
  'vault-password': vaultPassword,
  'working-directory': text,
  'pass-env': variableNames,
} as const
export type Inputs = Parsed<typeof inputs>

export const outputs = ['changed', 'failed', 'unreachable', 'recap'] as const

export const permissions = {
  contents: { access: 'read', reason: 'The step before checks out the repository.' },
  'id-token': { access: 'write', reason: 'With `aws-role-arn`: the job proves to AWS who it is.' },
} as const
