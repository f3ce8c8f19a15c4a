import type { Issue, Label } from '../../model.ts'
import { defineRoutes } from '../context.ts'
import type { Context } from '../context.ts'
import { checkConversation, conversationRead, conversationWrite } from '../issue-access.ts'
import { checkLabelName, labelNames, setLabels } from '../issue-labels.ts'
import { findIssue, findLabel, sameName } from '../issue-records.ts'
import { invalidField, json, noContent, notFound } from '../reply.ts'
import type { Reply } from '../reply.ts'
import { listOf, textOf } from '../request-body.ts'
import { labelShape, labelsOf } from '../shapes/issue.ts'

const all = '/repos/{owner}/{repo}/labels'
const one = `${all}/{name}`
const ofIssue = '/repos/{owner}/{repo}/issues/{issue_number}/labels'

export const labelRoutes = defineRoutes({
  [`GET ${all}`]: {
    needs: conversationRead,
    handle: context => {
      const labels = context.core.store.labels.filter(label => label.repositoryId === context.repo.id)
      return context.list(labels, label => shape(context, label))
    },
  },
  [`POST ${all}`]: {
    needs: conversationWrite,
    handle: context => {
      const { core, repo, body } = context
      const name = textOf(body, 'name') ?? ''
      checkLabelName(name)
      checkFree(context, name)
      const label = core.store.labels.insert({
        repositoryId: repo.id,
        name,
        color: colorOf(context) ?? 'ededed',
        description: descriptionOf(context) ?? null,
      })
      const made = shape(context, label)
      return json(201, made, { location: made.url })
    },
  },
  [`GET ${one}`]: { needs: conversationRead, handle: context => json(200, shape(context, labelIn(context))) },
  [`PATCH ${one}`]: {
    needs: conversationWrite,
    handle: context => {
      const { core, repo, body } = context
      const label = labelIn(context)
      const name = textOf(body, 'new_name') ?? label.name
      checkLabelName(name)
      if (!sameName(name, label.name)) checkFree(context, name)
      const updated = core.store.labels.update(label.id, {
        name,
        color: colorOf(context) ?? label.color,
        description: descriptionOf(context) ?? label.description,
      })
      const replace = (names: readonly string[]): string[] => names.map(had => (had === label.name ? name : had))
      eachWith(context, label, issue => core.store.issues.update(issue.id, { labels: replace(issue.labels) }))
      return json(200, labelShape(core, repo, updated))
    },
  },
  [`DELETE ${one}`]: {
    needs: conversationWrite,
    handle: context => {
      const { core } = context
      const label = labelIn(context)
      eachWith(context, label, issue =>
        core.store.issues.update(issue.id, { labels: issue.labels.filter(name => name !== label.name) }),
      )
      core.store.labels.delete(label.id)
      return noContent()
    },
  },
  [`GET ${ofIssue}`]: {
    needs: conversationRead,
    handle: context => {
      const issue = issueIn(context, 'read')
      return context.list(labelsOf(context.core, issue), label => shape(context, label))
    },
  },
  [`POST ${ofIssue}`]: {
    needs: conversationWrite,
    role: 'triage',
    handle: async context => {
      const issue = issueIn(context, 'write')
      return answer(context, await setLabels(context, issue, [...issue.labels, ...wantedOf(context)]))
    },
  },
  [`PUT ${ofIssue}`]: {
    needs: conversationWrite,
    role: 'triage',
    handle: async context => answer(context, await setLabels(context, issueIn(context, 'write'), wantedOf(context))),
  },
  [`DELETE ${ofIssue}`]: {
    needs: conversationWrite,
    role: 'triage',
    handle: async context => {
      await setLabels(context, issueIn(context, 'write'), [])
      return noContent()
    },
  },
  [`DELETE ${ofIssue}/{name}`]: {
    needs: conversationWrite,
    role: 'triage',
    handle: async context => {
      const issue = issueIn(context, 'write')
      const name = context.param('name')
      if (!issue.labels.some(had => sameName(had, name))) throw notFound('Label does not exist')
      const left = issue.labels.filter(had => !sameName(had, name))
      return answer(context, await setLabels(context, issue, left))
    },
  },
})

const shape = (context: Context, label: Label) => labelShape(context.core, context.repo, label)

const wantedOf = (context: Context): string[] => labelNames(listOf(context.body, 'labels') ?? [])

const answer = (context: Context, issue: Issue): Reply =>
  json(
    200,
    labelsOf(context.core, issue).map(label => shape(context, label)),
  )

function issueIn(context: Context, level: 'read' | 'write'): Issue {
  const issue = findIssue(context.core, context.repo, context.id('issue_number'))
  checkConversation(context, issue, level)
  return issue
}

function labelIn(context: Context): Label {
  const label = findLabel(context.core, context.repo, context.param('name'))
  if (!label) throw notFound()
  return label
}

function checkFree(context: Context, name: string): void {
  if (findLabel(context.core, context.repo, name)) throw invalidField('Label', 'name', 'already_exists')
}

function colorOf(context: Context): string | undefined {
  const color = textOf(context.body, 'color')
  if (color !== undefined && !/^[0-9a-fA-F]{6}$/.test(color)) throw invalidField('Label', 'color')
  return color
}

function descriptionOf(context: Context): string | undefined {
  const description = textOf(context.body, 'description')
  if (description !== undefined && [...description].length > 100) {
    throw invalidField('Label', 'description', 'custom', 'description is too long (maximum is 100 characters)')
  }
  return description
}

function eachWith(context: Context, label: Label, change: (issue: Issue) => void): void {
  context.core.store.issues
    .filter(issue => issue.repositoryId === context.repo.id && issue.labels.includes(label.name))
    .forEach(change)
}
