import type { Deployments } from '../ports.ts'
import { LIMITS } from '../report/limits.ts'
import { shortenEnd } from '../report/shorten.ts'
import { ApiError } from '../errors.ts'
import type { GitHubClient } from './github-client.ts'
import type { Place } from './github-comments.ts'
import type { TokenIdentity } from './github-token-identity.ts'

const LIST = 'GET /repos/{owner}/{repo}/deployments'
const CREATE = 'POST /repos/{owner}/{repo}/deployments'
const STATUSES = 'GET /repos/{owner}/{repo}/deployments/{deployment_id}/statuses'
const SET_STATUS = 'POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses'

/** Deployments: the idempotency key is kept in the payload, so that a deployment is found again whatever happened. */
export function githubDeployments(client: GitHubClient, place: Place, identity: TokenIdentity): Deployments {
  return {
    async deployedSha(environment, abbreviated) {
      const query = { ...place, environment: client.scrub(environment), per_page: LIMITS.pageSize }
      for await (const page of client.pages(LIST, query)) {
        const found = page.find(({ sha }) => sha.startsWith(abbreviated))
        if (found !== undefined) return found.sha
      }
      return undefined
    },
    async lastSuccess(task, subject) {
      const login = await identity()
      const wanted = client.scrub(subject)
      for await (const page of client.pages(LIST, { ...place, task, per_page: LIMITS.pageSize }))
        for (const deployment of page) {
          if (deployment.creator?.login !== login || payloadOf(deployment.payload).subject !== wanted) continue
          const id = Number(deployment.id)
          // A success that is over was followed by `inactive`, so all statuses are looked at.
          for await (const statuses of client.pages(STATUSES, {
            ...place,
            deployment_id: id,
            per_page: LIMITS.pageSize,
          })) {
            const success = statuses.find(({ state }) => state === 'success')
            if (success !== undefined) return { sha: deployment.sha, url: success.log_url ?? '' }
          }
        }
      return undefined
    },
    async create({ ref, environment, description, idempotencyKey, requiredContexts, task = 'deploy', subject }) {
      const key = client.scrub(idempotencyKey)
      const named = client.scrub(environment)
      const find = async (reader: GitHubClient) => {
        const query = { ...place, environment: named, task, per_page: LIMITS.pageSize }
        for await (const page of reader.pages(LIST, query)) {
          const ours = page.find(deployment => payloadOf(deployment.payload).slipway === key)
          if (ours !== undefined) return { id: Number(ours.id) }
        }
        return undefined
      }
      const existing = await find(client)
      if (existing !== undefined) return existing
      const made = await client.createOnce(
        CREATE,
        {
          ...place,
          ref,
          task,
          environment: named,
          description: shorten(client, description),
          auto_merge: false,
          // GitHub's default asks for all statuses of the commit, which include the run that deploys.
          required_contexts: [...(requiredContexts ?? [])],
          payload: { slipway: key, ...(subject === undefined ? {} : { subject }) },
        },
        find,
      )
      if (!('id' in made))
        throw new ApiError(`GitHub made no deployment: ${made.message ?? ''}`, { route: CREATE, status: 202 })
      return { id: Number(made.id) }
    },
    async setStatus(id, state, { description = '', logUrl, environmentUrl }) {
      const wanted = {
        state,
        description: shorten(client, description),
        ...(logUrl === undefined ? {} : { log_url: client.scrub(logUrl) }),
        ...(environmentUrl === undefined ? {} : { environment_url: client.scrub(environmentUrl) }),
      }
      await client.createOnce(SET_STATUS, { ...place, deployment_id: id, ...wanted }, async reader => {
        const [newest] = await reader.request(STATUSES, { ...place, deployment_id: id, per_page: 1 })
        return newest?.state === state &&
          newest.description === wanted.description &&
          (newest.log_url ?? '') === (wanted.log_url ?? '') &&
          (newest.environment_url ?? '') === (wanted.environment_url ?? '')
          ? newest
          : undefined
      })
    },
  }
}

function shorten(client: GitHubClient, description: string): string {
  return shortenEnd(client.scrub(description), LIMITS.deploymentDescriptionCharacters)
}

/** GitHub gives a payload back as an object or as its JSON. */
function payloadOf(payload: unknown): { readonly slipway?: unknown; readonly subject?: unknown } {
  if (typeof payload === 'string') {
    try {
      return payloadOf(JSON.parse(payload))
    } catch {
      return {}
    }
  }
  return typeof payload === 'object' && payload !== null ? payload : {}
}
