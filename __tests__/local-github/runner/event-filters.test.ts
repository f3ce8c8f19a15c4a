import { expect, test } from '@jest/globals'
import {
  asksToSkip,
  matchesPatterns,
  startsWorkflow,
  type FilteredEvent,
} from '../../../local-github/runner/event-filters.ts'
import { parseWorkflowFile } from '../../../local-github/runner/workflow-file.ts'

const events = (on: string) =>
  parseWorkflowFile('.github/workflows/ci.yml', `on:\n${on}\njobs:\n  a: {runs-on: x, steps: [{run: a}]}`).events

const event = (parts: Partial<FilteredEvent>): FilteredEvent => ({
  name: 'push',
  action: '',
  ref: 'refs/heads/main',
  headMessage: 'Change',
  changedPaths: () => Promise.resolve(['src/app.ts', 'docs/guide.md']),
  ...parts,
})

const pull = { name: 'pull_request', action: 'opened' }

test.each<[string, string, Partial<FilteredEvent>, boolean]>([
  ['an event that it names', '  push:', {}, true],
  ['no event that it does not name', '  pull_request:', {}, false],
  ['a branch in `branches`', '  push: {branches: [main]}', {}, true],
  ['no branch beside `branches`', '  push: {branches: [main]}', { ref: 'refs/heads/x' }, false],
  ['a branch that a pattern takes away again', "  push: {branches: ['**', '!main']}", {}, false],
  ['a branch that a later pattern brings back', "  push: {branches: ['**', '!m*', main]}", {}, true],
  ['no branch in `branches-ignore`', '  push: {branches-ignore: [main]}', {}, false],
  ['a branch with a slash under `**`', "  push: {branches: ['feature/**']}", { ref: 'refs/heads/feature/a/b' }, true],
  [
    'no branch with a second slash under `*`',
    "  push: {branches: ['feature/*']}",
    { ref: 'refs/heads/feature/a/b' },
    false,
  ],
  ['no tag when only branches are filtered', '  push: {branches: [main]}', { ref: 'refs/tags/v1' }, false],
  ['a tag in `tags`', "  push: {tags: ['v*']}", { ref: 'refs/tags/v1' }, true],
  ['no branch when only tags are filtered', "  push: {tags: ['v*']}", {}, false],
  ['a tag whatever its paths are', "  push: {tags: ['v*'], paths: [none]}", { ref: 'refs/tags/v1' }, true],
  ['a path in `paths`', "  push: {paths: ['docs/**']}", {}, true],
  ['no push without a path in `paths`', "  push: {paths: ['infra/**']}", {}, false],
  ['no push whose paths are all ignored', "  push: {paths-ignore: ['docs/**', 'src/**']}", {}, false],
  ['a push of which one path is not ignored', "  push: {paths-ignore: ['docs/**']}", {}, true],
  ['a path that a later pattern takes away', "  push: {paths: ['docs/**', '!docs/guide.md']}", {}, false],
  [
    'anything when the diff cannot be had',
    '  push: {paths: [none]}',
    { changedPaths: () => Promise.resolve(null) },
    true,
  ],
  ['an opened pull request by default', '  pull_request:', pull, true],
  ['no closed pull request by default', '  pull_request:', { ...pull, action: 'closed' }, false],
  [
    'a closed pull request when it names that',
    '  pull_request: {types: [closed]}',
    { ...pull, action: 'closed' },
    true,
  ],
  ['a pull request by its base branch', '  pull_request: {branches: [main]}', pull, true],
  ['every type of other events', '  issue_comment:', { name: 'issue_comment', action: 'deleted' }, true],
  ['no push that asks to skip', '  push:', { headMessage: 'Change [skip ci]' }, false],
  [
    'a dispatch whose commit asks to skip',
    '  workflow_dispatch:',
    { name: 'workflow_dispatch', headMessage: '[skip ci]' },
    true,
  ],
  [
    'a named workflow that ran',
    '  workflow_run: {workflows: [CI]}',
    { name: 'workflow_run', workflowName: 'CI' },
    true,
  ],
  [
    'no other workflow that ran',
    '  workflow_run: {workflows: [CI]}',
    { name: 'workflow_run', workflowName: 'B' },
    false,
  ],
])('a workflow starts for %s', async (_words, on, parts, starts) => {
  expect(await startsWorkflow(events(on), event(parts))).toBe(starts)
})

test('paths are asked for only when a filter looks at them', async () => {
  const changedPaths = () => Promise.reject(new Error('asked'))
  expect(await startsWorkflow(events('  push: {branches: [main]}'), event({ changedPaths }))).toBe(true)
})

test.each([
  ['a [ci skip] b', true],
  ['a\n\n[no ci]', true],
  ['[skip actions]', true],
  ['a\n\nskip-checks: true', true],
  ['a\n\nOther: b\nskip-checks:true\n', true],
  ['skip-checks: true', false],
  ['skip ci', false],
])('%j asks to skip: %s', (message, asks) => {
  expect(asksToSkip(message)).toBe(asks)
})

test.each([
  ['*', 'main', true],
  ['*', 'a/b', false],
  ['**', 'a/b', true],
  ['**/docs/**', 'a/docs/b.md', true],
  ['**/docs/**', 'docs/b.md', true],
  ['**.js', 'a/b.js', true],
  ['*.js', 'a/b.js', false],
  ['v[12].[0-9]+.[0-9]+', 'v1.10.1', true],
  ['v[12].[0-9]+.[0-9]+', 'v3.0.0', false],
  ['*.jsx?', 'page.js', true],
  ['*.jsx?', 'page.jsx', true],
  ['a.b', 'axb', false],
  ['release/\\*', 'release/*', true],
])('pattern %s on %s: %s', (pattern, text, matches) => {
  expect(matchesPatterns([pattern], text)).toBe(matches)
})
