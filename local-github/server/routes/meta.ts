/** Who am I, who is that, how much is left. */
import { defineRoutes } from '../context.ts'
import { forbidden, json, notFound } from '../reply.ts'
import { privateUser, publicUser } from '../shapes/account.ts'

export const metaRoutes = defineRoutes({
  'GET /user': {
    needs: null,
    handle: ({ core, actor, token }) => {
      if (token?.kind !== 'user') throw forbidden('Resource not accessible by integration')
      return json(200, privateUser(core, actor))
    },
  },
  'GET /users/{username}': {
    needs: null,
    handle: ({ core, param }) => {
      const account = core.account(param('username'))
      if (!account) throw notFound()
      return json(200, publicUser(core, account))
    },
  },
})
