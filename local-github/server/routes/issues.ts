import type { Issue, Repository } from '../../model.ts'
import { defineRoutes } from '../context.ts'
import type { Context, Routes } from '../context.ts'
import { checkConversation, conversationRead, conversationWrite } from '../issue-access.ts'
import { emitIssue, labelNames, setLabels } from '../issue-labels.ts'
import { addTimeline, byOf, findIssue, isPull, nextNumber, sameName } from '../issue-records.ts'
import { emitPull } from '../pull-events.ts'
import type { PullRequests } from '../pull-requests.ts'
import { forbidden, invalidField, json, noContent, Refusal } from '../reply.ts'
import { isObject, listOf, textOf, textsOf } from '../request-body.ts'
import { findAccount, simpleUser } from '../shapes/account.ts'
import { issueShape } from '../shapes/issue.ts'
import { checkBody, checkTitle } from '../text-limits.ts'

const all = '/repos/{owner}/{repo}/issues'
const one = `${all}/{issue_number}`

export const issueRoutes = (pulls: PullRequests): Routes =>
  defineRoutes({
    [`GET ${all}`]: {
      needs: conversationRead,
      handle: context => context.list(listIssues(context), issue => shape(context, issue)),
    },
    [`POST ${all}`]: {
      needs: 'issues:write',
      role: 'read',
      handle: async context => {
        const made = shape(context, await openIssue(context))
        return json(201, made, { location: made.url })
      },
    },
    [`GET ${one}`]: {
      needs: conversationRead,
      handle: context => json(200, shape(context, issueIn(context, 'read'))),
    },
    [`PATCH ${one}`]: {
      needs: conversationWrite,
      role: 'read',
      handle: async context => json(200, shape(context, await editIssue(context, pulls))),
    },
    [`PUT ${one}/lock`]: {
      needs: conversationWrite,
      handle: context => {
        context.core.store.issues.update(issueIn(context, 'write').id, { locked: true })
        return noContent()
      },
    },
    [`DELETE ${one}/lock`]: {
      needs: conversationWrite,
      handle: context => {
        context.core.store.issues.update(issueIn(context, 'write').id, { locked: false })
        return noContent()
      },
    },
    [`POST ${one}/assignees`]: {
      needs: conversationWrite,
      handle: context => {
        const issue = issueIn(context, 'write')
        const added = assigneesOf(context)
        const assignees = [...new Set([...issue.assignees, ...added])].slice(0, 10)
        return json(201, shape(context, context.core.store.issues.update(issue.id, { assignees })))
      },
    },
    [`DELETE ${one}/assignees`]: {
      needs: conversationWrite,
      handle: context => {
        const issue = issueIn(context, 'write')
        const gone = textsOf(context.body, 'assignees')
        const assignees = issue.assignees.filter(login => !gone.some(name => sameName(name, login)))
        return json(200, shape(context, context.core.store.issues.update(issue.id, { assignees })))
      },
    },
    'GET /repos/{owner}/{repo}/assignees': {
      needs: conversationRead,
      handle: context => {
        const { core, repo } = context
        const accounts = core.store.accounts.filter(
          account => account.type !== 'Bot' && (account.id === repo.ownerId || account.login in repo.collaborators),
        )
        return context.list(accounts, account => simpleUser(core, account))
      },
    },
  })

const shape = (context: Context, issue: Issue) => issueShape(context.core, context.repo, issue)

function issueIn(context: Context, level: 'read' | 'write'): Issue {
  const issue = findIssue(context.core, context.repo, context.id('issue_number'))
  if (!isPull(issue)) checkEnabled(context.repo)
  checkConversation(context, issue, level)
  return issue
}

/** What is no pull request is out of reach where issues are turned off. */
function checkEnabled(repo: Repository): void {
  if (repo.hasIssues === false) throw new Refusal(410, 'Issues are disabled for this repo')
}

function listIssues(context: Context): Issue[] {
  const { core, repo, query } = context
  const state = query.get('state') ?? 'open'
  const labels = query.get('labels')?.split(',').filter(Boolean) ?? []
  const creator = query.get('creator')
  const assignee = query.get('assignee')
  const from = Date.parse(query.get('since') ?? '')
  const creatorId = creator === null ? undefined : findAccount(core, creator)?.id
  const found = core.store.issues
    .filter(issue => issue.repositoryId === repo.id && (isPull(issue) || repo.hasIssues !== false))
    .filter(issue => state === 'all' || issue.state === state)
    .filter(issue => labels.every(name => issue.labels.some(had => sameName(had, name))))
    .filter(issue => creator === null || issue.authorId === creatorId)
    .filter(issue => isAssigned(issue, assignee))
    .filter(issue => Number.isNaN(from) || Date.parse(issue.updatedAt) >= from)
  const key = query.get('sort') === 'updated' ? 'updatedAt' : 'createdAt'
  found.sort((a, b) => a[key].localeCompare(b[key]) || a.number - b.number)
  return query.get('direction') === 'asc' ? found : found.reverse()
}

function isAssigned(issue: Issue, assignee: string | null): boolean {
  if (assignee === null) return true
  if (assignee === 'none') return issue.assignees.length === 0
  return assignee === '*' ? issue.assignees.length > 0 : issue.assignees.some(login => sameName(login, assignee))
}

/** Logins that the body names; each must be known. */
function assigneesOf(context: Context): string[] {
  const named = (listOf(context.body, 'assignees') ?? []).flatMap(value =>
    typeof value === 'string' ? value : isObject(value) ? (textOf(value, 'login') ?? []) : [],
  )
  const single = textOf(context.body, 'assignee')
  return [...named, ...(single === undefined ? [] : [single])].map(login => {
    const account = findAccount(context.core, login)
    if (!account) throw invalidField('Issue', 'assignees')
    return account.login
  })
}

const titleOf = (context: Context): string | undefined => {
  const { title } = context.body
  return typeof title === 'number' ? String(title) : textOf(context.body, 'title')
}

async function openIssue(context: Context): Promise<Issue> {
  const { core, repo, body, actor } = context
  checkEnabled(repo)
  const title = titleOf(context) ?? ''
  const text = textOf(body, 'body') ?? null
  checkTitle('Issue', title)
  checkBody('Issue', text ?? '')
  const assignees = context.may('triage') ? assigneesOf(context) : []
  const at = core.timestamp()
  const made = core.store.issues.insert({
    repositoryId: repo.id,
    number: nextNumber(core, repo),
    title,
    body: text,
    state: 'open',
    stateReason: null,
    authorId: actor.id,
    labels: [],
    assignees,
    locked: false,
    createdAt: at,
    updatedAt: at,
    closedAt: null,
  })
  await emitIssue(context, made, 'opened')
  const labels = listOf(body, 'labels')
  return labels && context.may('triage') ? setLabels(context, made, labelNames(labels)) : made
}

async function editIssue(context: Context, pulls: PullRequests): Promise<Issue> {
  const { core, body, actor } = context
  const issue = issueIn(context, 'write')
  if (issue.authorId !== actor.id && !context.may('triage')) throw forbidden('Must have triage access to Repository.')
  const title = titleOf(context)
  const text = body['body'] === null ? null : textOf(body, 'body')
  if (title !== undefined) checkTitle('Issue', title)
  if (typeof text === 'string') checkBody('Issue', text)
  const assign = 'assignees' in body || 'assignee' in body
  const edited = core.store.issues.update(issue.id, {
    updatedAt: core.timestamp(),
    ...(title === undefined ? {} : { title }),
    ...(text === undefined ? {} : { body: text }),
    ...(assign ? { assignees: assigneesOf(context) } : {}),
  })
  await tellEdited(context, issue, edited)
  const labels = listOf(body, 'labels')
  if (labels) await setLabels(context, edited, labelNames(labels))
  const state = textOf(body, 'state')
  if (state !== undefined && state !== issue.state) await setState(context, pulls, edited, state)
  return findIssue(core, context.repo, issue.number)
}

async function tellEdited(context: Context, before: Issue, after: Issue): Promise<void> {
  const changes = {
    ...(before.title === after.title ? {} : { title: { from: before.title } }),
    ...(before.body === after.body ? {} : { body: { from: before.body ?? '' } }),
  }
  if (Object.keys(changes).length === 0) return
  if (isPull(after)) await emitPull(context.core, after, 'edited', byOf(context), { changes })
  else await emitIssue(context, after, 'edited', { changes })
}

async function setState(context: Context, pulls: PullRequests, issue: Issue, state: string): Promise<void> {
  const { core, actor } = context
  if (isPull(issue)) {
    if (state === 'closed') await pulls.close(issue.id, byOf(context))
    else if (issue.pullRequest.merged) throw invalidField('PullRequest', 'state')
    else await pulls.reopen(issue.id, byOf(context))
    return
  }
  const closed = state === 'closed'
  const reason = textOf(context.body, 'state_reason')
  const closedAs = reason === 'not_planned' || reason === 'duplicate' ? reason : 'completed'
  const updated = core.store.issues.update(issue.id, {
    state: closed ? 'closed' : 'open',
    stateReason: closed ? closedAs : 'reopened',
    closedAt: closed ? core.timestamp() : null,
  })
  addTimeline(core, updated, closed ? 'closed' : 'reopened', actor, '')
  await emitIssue(context, updated, closed ? 'closed' : 'reopened')
}
