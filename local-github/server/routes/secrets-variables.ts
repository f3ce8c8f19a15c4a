import type { Repository, Secret, Variable } from '../../model.ts'
import { defineRoutes } from '../context.ts'
import type { Context, Routes } from '../context.ts'
import { conflict, json, noContent, notFound, unprocessable } from '../reply.ts'
import { textOf } from '../request-body.ts'
import { findEnvironment } from '../shapes/environment.ts'

const ofRepository = '/repos/{owner}/{repo}/actions'
const ofEnvironment = '/repos/{owner}/{repo}/environments/{environment_name}'

/** Values of secrets are never served; they are set from outside the API, which would want them sealed. */
export const secretsVariablesRoutes: Routes = {
  ...routesUnder(ofRepository, 'secrets', 'variables', () => ''),
  ...routesUnder(ofEnvironment, 'environments', 'environments', context => {
    const environment = findEnvironment(context.core, context.repo, context.param('environment_name'))
    if (!environment) throw notFound()
    return environment.name
  }),
}

function routesUnder(
  path: string,
  secretsScope: string,
  variablesScope: string,
  environmentOf: (context: Context) => string,
): Routes {
  const variables = `${path}/variables`
  return defineRoutes({
    [`GET ${path}/secrets`]: {
      needs: `${secretsScope}:read`,
      role: 'write',
      handle: context => {
        const environment = environmentOf(context)
        const { core, repo } = context
        const secrets = core.store.secrets.filter(
          secret => secret.repositoryId === repo.id && secret.environment === environment,
        )
        return context.listIn('secrets', secrets, secret => ({ name: secret.name, ...timesOf(repo) }))
      },
    },
    [`GET ${path}/secrets/{secret_name}`]: {
      needs: `${secretsScope}:read`,
      role: 'write',
      handle: context => {
        const { name } = secretIn(context, environmentOf(context))
        return json(200, { name, ...timesOf(context.repo) })
      },
    },
    [`DELETE ${path}/secrets/{secret_name}`]: {
      needs: `${secretsScope}:write`,
      handle: context => {
        context.core.store.secrets.delete(secretIn(context, environmentOf(context)).id)
        return noContent()
      },
    },
    [`GET ${variables}`]: {
      needs: `${variablesScope}:read`,
      role: 'write',
      handle: context => {
        const found = variablesOf(context, environmentOf(context))
        return context.listIn('variables', found, variable => shape(context.repo, variable))
      },
    },
    [`POST ${variables}`]: {
      needs: `${variablesScope}:write`,
      handle: context => {
        const { core, repo, body } = context
        const environment = environmentOf(context)
        const name = checkedName(textOf(body, 'name') ?? '')
        if (variablesOf(context, environment).some(variable => variable.name === name)) {
          throw conflict('Already exists - Variable already exists')
        }
        const value = textOf(body, 'value') ?? ''
        core.store.variables.insert({ repositoryId: repo.id, environment, name, value })
        return json(201, {})
      },
    },
    [`GET ${variables}/{name}`]: {
      needs: `${variablesScope}:read`,
      role: 'write',
      handle: context => json(200, shape(context.repo, variableIn(context, environmentOf(context)))),
    },
    [`PATCH ${variables}/{name}`]: {
      needs: `${variablesScope}:write`,
      handle: context => {
        const { core, repo, body } = context
        const environment = environmentOf(context)
        const old = variableIn(context, environment)
        const name = checkedName(textOf(body, 'name') ?? old.name)
        const value = textOf(body, 'value') ?? old.value
        if (name === old.name) core.store.variables.update(old.id, { value })
        else {
          core.store.variables.delete(old.id)
          core.store.variables.insert({ repositoryId: repo.id, environment, name, value })
        }
        return noContent()
      },
    },
    [`DELETE ${variables}/{name}`]: {
      needs: `${variablesScope}:write`,
      handle: context => {
        context.core.store.variables.delete(variableIn(context, environmentOf(context)).id)
        return noContent()
      },
    },
  })
}

const timesOf = (repository: Repository) => ({
  created_at: repository.createdAt,
  updated_at: repository.createdAt,
})

const shape = (repository: Repository, variable: Variable) => ({
  name: variable.name,
  value: variable.value,
  ...timesOf(repository),
})

const variablesOf = (context: Context, environment: string): Variable[] =>
  context.core.store.variables.filter(
    variable => variable.repositoryId === context.repo.id && variable.environment === environment,
  )

function secretIn(context: Context, environment: string): Secret {
  const name = context.param('secret_name').toUpperCase()
  const found = context.core.store.secrets.find(
    secret =>
      secret.repositoryId === context.repo.id &&
      secret.environment === environment &&
      secret.name.toUpperCase() === name,
  )
  if (!found) throw notFound()
  return found
}

function variableIn(context: Context, environment: string): Variable {
  const name = context.param('name').toUpperCase()
  const found = variablesOf(context, environment).find(variable => variable.name === name)
  if (!found) throw notFound()
  return found
}

/** Names are kept in upper case. */
function checkedName(name: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || /^GITHUB_/i.test(name)) {
    throw unprocessable(
      'Variable name may only contain letters, digits and _, and may not start with a digit or GITHUB_.',
    )
  }
  return name.toUpperCase()
}
