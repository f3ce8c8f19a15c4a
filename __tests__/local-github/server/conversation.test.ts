import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { failureOf, openScene, owner, pushBranch, repo } from './scene.ts'
import type { Scene } from './scene.ts'

let scene: Scene

beforeAll(async () => {
  scene = await openScene()
})

afterAll(async () => {
  const { violations } = scene.github
  await scene.close()
  expect(violations).toEqual([])
})

const newIssue = async (title = 'A question') => {
  const { data } = await scene.as('dan').rest.issues.create({ owner, repo, title, body: 'Why?' })
  return { owner, repo, issue_number: data.number }
}

const newPull = async (branch: string) => {
  await pushBranch(scene, branch, { [`${branch}.txt`]: 'text\n' })
  const { data } = await scene.as('bob').rest.pulls.create({ owner, repo, head: branch, base: 'main', title: branch })
  return { pull: { owner, repo, pull_number: data.number }, issue: { owner, repo, issue_number: data.number } }
}

describe('comments', () => {
  it('are written, read, edited and deleted, and told of', async () => {
    const issue = await newIssue()
    scene.told()
    const { issues } = scene.as('dan').rest
    const { data: made } = await issues.createComment({ ...issue, body: 'first' })
    expect(made).toMatchObject({ body: 'first', user: { login: 'dan' }, author_association: 'NONE' })
    expect(made.performed_via_github_app).toBeNull()
    const { data: edited } = await issues.updateComment({ owner, repo, comment_id: made.id, body: 'second' })
    expect(edited.body).toBe('second')
    expect((await issues.getComment({ owner, repo, comment_id: made.id })).data.body).toBe('second')
    await issues.deleteComment({ owner, repo, comment_id: made.id })
    expect(await failureOf(issues.getComment({ owner, repo, comment_id: made.id }))).toMatchObject({ status: 404 })
    expect(scene.events.map(event => event.ref)).toEqual(Array(3).fill('refs/heads/main'))
    expect(scene.told()).toEqual(['issue_comment.created', 'issue_comment.edited', 'issue_comment.deleted'])
  })

  it('come in pages with links, and since a time', async () => {
    const issue = await newIssue()
    for (let index = 0; index < 5; index++) {
      await scene.as('dan').rest.issues.createComment({ ...issue, body: `comment ${index}` })
    }
    const { data, headers } = await scene.as('dan').rest.issues.listComments({ ...issue, per_page: 2, page: 2 })
    expect(data.map(comment => comment.body)).toEqual(['comment 2', 'comment 3'])
    expect(headers.link).toMatch(/page=1>; rel="prev".*page=3>; rel="next".*page=3>; rel="last"/)
    const all = await scene.as('dan').paginate('GET /repos/{owner}/{repo}/issues/{issue_number}/comments', {
      ...issue,
      per_page: 2,
    })
    expect(all).toHaveLength(5)
    const since = '2099-01-01T00:00:00Z'
    expect((await scene.as('dan').rest.issues.listComments({ ...issue, since })).data).toEqual([])
    const everywhere = await scene.as('dan').rest.issues.listCommentsForRepo({ owner, repo, direction: 'desc' })
    expect(everywhere.data[0]?.body).toBe('comment 4')
  })

  it('carry the app whose token wrote them, and belong to their author', async () => {
    const { issue } = await newPull('commented')
    const job = scene.asJob({ 'pull-requests': 'write' })
    const { data } = await job.rest.issues.createComment({ ...issue, body: 'plan' })
    expect(data).toMatchObject({
      user: { login: 'github-actions[bot]', type: 'Bot' },
      performed_via_github_app: { slug: 'github-actions' },
    })
    const update = { owner, repo, comment_id: data.id, body: 'forged' }
    expect(await failureOf(scene.as('dan').rest.issues.updateComment(update))).toMatchObject({ status: 403 })
    expect((await scene.as('bob').rest.issues.updateComment(update)).data.user?.login).toBe('github-actions[bot]')
    expect(scene.events.at(-2)).toMatchObject({ name: 'issue_comment', byJobToken: true })
  })

  it('need the permission for what they are on', async () => {
    const issue = await newIssue()
    const pull = await newPull('permitted')
    const body = 'text'
    const onIssue = (permissions: Record<string, 'read' | 'write'>) =>
      scene.asJob(permissions).rest.issues.createComment({ ...issue, body })
    expect(await failureOf(onIssue({ 'pull-requests': 'write' }))).toMatchObject({
      status: 403,
      message: 'Resource not accessible by integration',
    })
    expect(await failureOf(onIssue({ issues: 'read' }))).toMatchObject({ status: 403 })
    expect((await onIssue({ issues: 'write' })).status).toBe(201)
    const onPull = await scene.asJob({ issues: 'write' }).rest.issues.createComment({ ...pull.issue, body })
    expect(onPull.status).toBe(201)
  })

  it.each([
    ['262,144 bytes pass', 'a'.repeat(262_144), 201],
    ['262,145 bytes do not', 'a'.repeat(262_145), 422],
    ['65,536 characters of four bytes pass', '😀'.repeat(65_536), 201],
    ['one more does not', '😀'.repeat(65_537), 422],
    ['nothing does not', ' \n', 422],
  ])('on github.com: %s', async (_name, body, status) => {
    const issue = await newIssue()
    const call = scene.as('dan').rest.issues.createComment({ ...issue, body })
    if (status === 201) expect((await call).status).toBe(201)
    else expect(await failureOf(call)).toMatchObject({ status: 422, message: 'Validation Failed' })
  })

  it('on a GHES-like server end at 65,536 characters, with the same words', async () => {
    const ghes = await openScene({ limits: 'ghes' })
    try {
      const { issues } = ghes.as('dan').rest
      const { data: issue } = await issues.create({ owner, repo, title: 'x' })
      const at = { owner, repo, issue_number: issue.number }
      expect((await issues.createComment({ ...at, body: '€'.repeat(65_536) })).status).toBe(201)
      expect(await failureOf(issues.createComment({ ...at, body: '€'.repeat(65_537) }))).toMatchObject({
        status: 422,
        body: { errors: [{ message: 'Body is too long (maximum is 65536 characters)' }] },
      })
      expect(ghes.github.violations).toEqual([])
    } finally {
      await ghes.close()
    }
  })

  it('are refused where the conversation is locked', async () => {
    const issue = await newIssue()
    await scene.as('bob').rest.issues.lock(issue)
    expect(await failureOf(scene.as('dan').rest.issues.createComment({ ...issue, body: 'x' }))).toMatchObject({
      status: 403,
    })
    await scene.as('bob').rest.issues.unlock(issue)
    expect((await scene.as('dan').rest.issues.createComment({ ...issue, body: 'x' })).status).toBe(201)
  })
})

describe('labels', () => {
  it('are set, replaced and taken from a pull request, each with its event', async () => {
    const { issue, pull } = await newPull('labelled')
    const { issues } = scene.as('carol').rest
    scene.told()
    const { data: added } = await issues.addLabels({ ...issue, labels: ['infra', 'big'] })
    expect(added.map(label => [label.name, label.color])).toEqual([
      ['infra', 'ededed'],
      ['big', 'ededed'],
    ])
    await issues.addLabels({ ...issue, labels: ['INFRA'] })
    await issues.removeLabel({ ...issue, name: 'big' })
    expect(await failureOf(issues.removeLabel({ ...issue, name: 'big' }))).toMatchObject({
      status: 404,
      message: 'Label does not exist',
    })
    await issues.setLabels({ ...issue, labels: ['small'] })
    expect((await scene.as('dan').rest.pulls.get(pull)).data.labels.map(label => label.name)).toEqual(['small'])
    await issues.removeAllLabels(issue)
    expect((await issues.listLabelsOnIssue(issue)).data).toEqual([])
    expect(scene.told()).toEqual([
      'pull_request.labeled',
      'pull_request.labeled',
      'pull_request.unlabeled',
      'pull_request.unlabeled',
      'pull_request.labeled',
      'pull_request.unlabeled',
    ])
    expect(await failureOf(scene.as('dan').rest.issues.addLabels({ ...issue, labels: ['x'] }))).toMatchObject({
      status: 403,
    })
  })

  it('belong to the repository under one name in any case', async () => {
    const { issues } = scene.as('bob').rest
    const made = await issues.createLabel({ owner, repo, name: 'cost', color: '00ff00', description: 'money' })
    expect(made.data).toMatchObject({ name: 'cost', color: '00ff00', default: false })
    expect(await failureOf(issues.createLabel({ owner, repo, name: 'Cost' }))).toMatchObject({
      status: 422,
      body: { errors: [{ code: 'already_exists', field: 'name' }] },
    })
    expect(await failureOf(issues.createLabel({ owner, repo, name: 'x', color: 'red' }))).toMatchObject({ status: 422 })
    const issue = await newIssue()
    await issues.addLabels({ ...issue, labels: ['cost'] })
    await issues.updateLabel({ owner, repo, name: 'cost', new_name: 'price' })
    expect((await issues.get(issue)).data.labels).toMatchObject([{ name: 'price' }])
    expect((await issues.getLabel({ owner, repo, name: 'PRICE' })).data.name).toBe('price')
    await issues.deleteLabel({ owner, repo, name: 'price' })
    expect((await issues.get(issue)).data.labels).toEqual([])
    expect((await issues.listLabelsForRepo({ owner, repo, per_page: 100 })).data.map(one => one.name)).toContain(
      'infra',
    )
  })
})

describe('issues', () => {
  it('share their numbers with pull requests, and are closed with a reason', async () => {
    const issue = await newIssue('Numbers')
    const { issue: pull } = await newPull('numbered')
    expect(pull.issue_number).toBe(issue.issue_number + 1)
    const { issues } = scene.as('carol').rest
    scene.told()
    const { data } = await issues.update({ ...issue, state: 'closed', state_reason: 'not_planned', assignees: ['bob'] })
    expect(data).toMatchObject({ state: 'closed', state_reason: 'not_planned', assignee: { login: 'bob' } })
    expect(scene.told()).toEqual(['issues.closed'])
    const { data: open } = await issues.listForRepo({ owner, repo, creator: 'dan', per_page: 100 })
    expect(open.map(one => one.number)).not.toContain(issue.issue_number)
    const { data: pulls } = await issues.listForRepo({ owner, repo, creator: 'bob', per_page: 100 })
    expect(pulls.find(one => one.number === pull.issue_number)?.pull_request?.url).toMatch(/pulls/)
    expect(await failureOf(scene.as('dan').rest.issues.update({ ...pull, title: 'x' }))).toMatchObject({ status: 403 })
  })

  it('are gone where they are turned off, and pull requests are not', async () => {
    const issue = await newIssue('Before')
    const { issue: pull } = await newPull('without-issues')
    const { issues, repos } = scene.as('alice').rest
    const turn = async (on: boolean) => (await repos.update({ owner, repo, has_issues: on })).data.has_issues
    expect(await turn(false)).toBe(false)
    const gone = { status: 410, message: 'Issues are disabled for this repo' }
    expect(await failureOf(issues.create({ owner, repo, title: 'x' }))).toMatchObject(gone)
    expect(await failureOf(issues.update({ ...issue, state: 'closed' }))).toMatchObject(gone)
    const { data: left } = await issues.listForRepo({ owner, repo, state: 'all', per_page: 100 })
    expect(left.filter(one => one.pull_request === undefined)).toEqual([])
    expect((await issues.update({ ...pull, title: 'Still there' })).data.title).toBe('Still there')
    expect(await turn(true)).toBe(true)
    const { data } = await issues.update({ ...issue, state: 'closed', state_reason: 'duplicate' })
    expect(data.state_reason).toBe('duplicate')
  })

  it.each([
    ['an empty title', { title: ' ' }],
    ['a body over 65,536 characters', { title: 'x', body: 'a'.repeat(65_537) }],
  ])('are refused with %s', async (_name, fields) => {
    expect(await failureOf(scene.as('dan').rest.issues.create({ owner, repo, ...fields }))).toMatchObject({
      status: 422,
    })
  })
})

describe('reviews', () => {
  it('approve, ask for changes, are dismissed, and are not for the author', async () => {
    const { pull } = await newPull('reviewed')
    const { pulls } = scene.as('alice').rest
    await scene.as('bob').rest.pulls.requestReviewers({ ...pull, reviewers: ['alice', 'carol'] })
    scene.told()
    const { data } = await pulls.createReview({ ...pull, event: 'REQUEST_CHANGES', body: 'No' })
    expect(data).toMatchObject({ state: 'CHANGES_REQUESTED', user: { login: 'alice' } })
    const requested = await pulls.listRequestedReviewers(pull)
    expect(requested.data.users.map(user => user.login)).toEqual(['carol'])
    await scene.as('bob').rest.pulls.dismissReview({ ...pull, review_id: data.id, message: 'Done' })
    expect((await pulls.getReview({ ...pull, review_id: data.id })).data.state).toBe('DISMISSED')
    expect(await failureOf(scene.as('bob').rest.pulls.createReview({ ...pull, event: 'APPROVE' }))).toMatchObject({
      status: 422,
      body: { errors: ['Can not approve your own pull request'] },
    })
    const { data: pending } = await pulls.createReview(pull)
    expect(pending.state).toBe('PENDING')
    expect((await scene.as('bob').rest.pulls.listReviews(pull)).data).toHaveLength(1)
    await pulls.submitReview({ ...pull, review_id: pending.id, event: 'APPROVE' })
    expect((await scene.as('bob').rest.pulls.listReviews(pull)).data.map(one => one.state)).toEqual([
      'DISMISSED',
      'APPROVED',
    ])
    expect(scene.told()).toEqual([
      'pull_request_review.submitted',
      'pull_request_review.dismissed',
      'pull_request_review.submitted',
    ])
    expect(await failureOf(scene.as('bob').rest.pulls.requestReviewers({ ...pull, reviewers: ['dan'] }))).toMatchObject(
      {
        status: 422,
      },
    )
  })

  it('that approve are dismissed by a push where the rule says so', async () => {
    const { pull } = await newPull('stale')
    scene.github.store.branchRules.insert({
      repositoryId: scene.repository.id,
      pattern: 'main',
      requiredApprovals: 1,
      dismissStaleReviews: true,
      requiredChecks: [],
      requireUpToDate: false,
      allowForcePush: false,
      allowDeletion: false,
      enforceAdmins: false,
    })
    const { pulls } = scene.as('alice').rest
    await pulls.createReview({ ...pull, event: 'APPROVE' })
    await scene.work.commit('More', { 'more.txt': 'x\n' })
    scene.told()
    await scene.work.git('push', '-q', 'origin', 'stale')
    expect((await pulls.listReviews(pull)).data.map(review => review.state)).toEqual(['DISMISSED'])
    expect((await pulls.get(pull)).data.mergeable_state).toBe('blocked')
    expect(scene.told()).toEqual(['pull_request.synchronize', 'pull_request_review.dismissed', 'push'])
    const rule = scene.github.store.branchRules.find(() => true)
    if (rule) scene.github.store.branchRules.delete(rule.id)
  })
})

describe('a timeline', () => {
  it('tells commits, labels, comments, reviews and the merge in their order', async () => {
    const { issue, pull } = await newPull('told')
    await scene.as('bob').rest.issues.addLabels({ ...issue, labels: ['infra'] })
    await scene.as('dan').rest.issues.createComment({ ...issue, body: 'Nice' })
    await scene.as('alice').rest.pulls.createReview({ ...pull, event: 'APPROVE' })
    await scene.work.git('commit', '-q', '--amend', '-m', 'Other words')
    await scene.work.git('push', '-q', '--force', 'origin', 'told')
    await scene.as('alice').rest.pulls.merge(pull)
    const { data } = await scene.as('dan').rest.issues.listEventsForTimeline(issue)
    expect(data.map(item => item.event)).toEqual([
      'committed',
      'labeled',
      'commented',
      'reviewed',
      'head_ref_force_pushed',
      'merged',
      'closed',
    ])
    const { data: events } = await scene.as('dan').rest.issues.listEvents(issue)
    expect(events.map(item => item.event)).toEqual(['labeled', 'head_ref_force_pushed', 'merged', 'closed'])
  })
})
