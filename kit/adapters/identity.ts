import { getIDToken } from '@actions/core'
import { ActionError } from '../errors.ts'
import type { Environment, Identity, Log } from '../ports.ts'

export function githubIdentity(environment: Environment, log: Log): Identity {
  return {
    async token(audience) {
      if (
        environment.get('ACTIONS_ID_TOKEN_REQUEST_URL') === undefined ||
        environment.get('ACTIONS_ID_TOKEN_REQUEST_TOKEN') === undefined
      )
        throw new ActionError('this job has no identity to sign in with', {
          hint: 'Add to the job:\npermissions:\n  id-token: write',
        })
      try {
        const token = await getIDToken(audience)
        log.secret(token)
        return token
      } catch (cause) {
        throw new ActionError('GitHub gave this job no identity token', { cause })
      }
    },
  }
}
