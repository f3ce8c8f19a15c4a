/** Branches and tags by name. Their protection is in branch-rules.ts. */
import type { Repository } from '../../model.ts'
import { ruleOf } from '../branch-protection.ts'
import { type Context, defineRoutes } from '../context.ts'
import { zeroSha } from '../core.ts'
import type { Core } from '../core.ts'
import { byOf } from '../issue-records.ts'
import { json, notFound, type Reply, unprocessable } from '../reply.ts'
import { textOf } from '../request-body.ts'
import { commitShape } from '../shapes/commit.ts'
import { nodeId } from '../shapes/node-id.ts'
import { repositoryHtmlUrl, repositoryUrl } from '../shapes/repository.ts'
import { moveRef } from './git-data.ts'

const path = '/repos/{owner}/{repo}/branches'

export const branchRoutes = defineRoutes({
  [`GET ${path}`]: {
    needs: 'contents:read',
    handle: async context => {
      const { core, repo } = context
      const wanted = context.query.get('protected')
      const branches = [...(await core.git(repo.id).refs('refs/heads/'))]
        .map(([ref, sha]) => ({ name: ref.slice('refs/heads/'.length), sha }))
        .filter(({ name }) => wanted === null || String(ruleOf(core, repo, name) !== undefined) === wanted)
      return context.list(branches, ({ name, sha }) => ({
        name,
        commit: { sha, url: `${repositoryUrl(core, repo)}/commits/${sha}` },
        protected: ruleOf(core, repo, name) !== undefined,
      }))
    },
  },
  [`GET ${path}/{branch}`]: {
    needs: 'contents:read',
    handle: async context => json(200, await branchShape(context.core, context.repo, context.param('branch'))),
  },
  [`POST ${path}/{branch}/rename`]: { needs: 'contents:write', handle: rename },
  'GET /repos/{owner}/{repo}/tags': {
    needs: 'contents:read',
    handle: async context => {
      const { core, repo } = context
      const git = core.git(repo.id)
      const url = repositoryUrl(core, repo)
      const names = [...(await git.refs('refs/tags/')).keys()].map(ref => ref.slice('refs/tags/'.length)).reverse()
      return context.list(names, async name => {
        const sha = (await git.commitOf(`refs/tags/${name}`)) ?? ''
        return {
          name,
          node_id: nodeId('Commit', `${repo.id} refs/tags/${name}`),
          commit: { sha, url: `${url}/commits/${sha}` },
          zipball_url: `${url}/zipball/refs/tags/${name}`,
          tarball_url: `${url}/tarball/refs/tags/${name}`,
        }
      })
    },
  },
})

async function branchShape(core: Core, repository: Repository, branch: string): Promise<object> {
  const git = core.git(repository.id)
  const sha = await git.readRef(`refs/heads/${branch}`)
  if (sha === null) throw notFound('Branch not found')
  const rule = ruleOf(core, repository, branch)
  const self = `${repositoryUrl(core, repository)}/branches/${encodeURIComponent(branch)}`
  return {
    name: branch,
    commit: commitShape(core, repository, await git.commit(sha)),
    _links: { self, html: `${repositoryHtmlUrl(core, repository)}/tree/${branch}` },
    protected: rule !== undefined,
    protection: {
      enabled: rule !== undefined,
      required_status_checks: {
        enforcement_level: rule && rule.requiredChecks.length > 0 ? 'non_admins' : 'off',
        contexts: rule?.requiredChecks ?? [],
        checks: (rule?.requiredChecks ?? []).map(context => ({ context, app_id: null })),
      },
    },
    protection_url: `${self}/protection`,
  }
}

async function rename(context: Context): Promise<Reply> {
  const { core, repo } = context
  const [from, to] = [context.param('branch'), textOf(context.body, 'new_name') ?? '']
  const git = core.git(repo.id)
  const sha = await git.readRef(`refs/heads/${from}`)
  if (sha === null) throw notFound('Branch not found')
  if ((await git.try(['check-ref-format', '--branch', to])).status !== 0)
    throw unprocessable('new_name is not a valid branch name')
  await moveRef(context, `refs/heads/${to}`, sha, { from: zeroSha })
  if (repo.defaultBranch === from) {
    core.store.repositories.update(repo.id, { defaultBranch: to })
    await git.text(['symbolic-ref', 'HEAD', `refs/heads/${to}`])
  }
  await core.updateRef(repo, { ref: `refs/heads/${from}`, to: null, rulesChecked: true }, byOf(context))
  return json(201, await branchShape(core, context.repo, to))
}
