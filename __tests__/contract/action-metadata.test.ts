import { describe, expect, it } from '@jest/globals'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { ACTIONS } from '../../cli/actions.ts'
import type { InputError } from '../../kit/errors.ts'
import { readInputs, type InputSpec } from '../../kit/inputs.ts'
import { listActions, listWorkflows, readAction, ROOT, type Fields, type Permissions } from '../../scripts/metadata.ts'
import { findOutputReferences, findUses, yamlBlocks } from '../support/yaml-uses.ts'

interface ActionCode {
  readonly inputs: InputSpec
  readonly outputs: readonly string[]
  readonly permissions: Permissions
}

const actions = await Promise.all(
  (await listActions()).map(async name => ({
    name,
    metadata: await readAction(name),
    code: (await import(join(ROOT, 'actions', name, 'src', 'inputs.ts'))) as ActionCode,
    main: (await import(join(ROOT, 'actions', name, 'src', 'main.ts'))) as { main: unknown; post?: unknown },
  })),
)
const workflows = await listWorkflows()
const table = actions.map(action => [action.name, action] as const)

function filesBelow(folder: string, wanted: RegExp): readonly string[] {
  if (!existsSync(join(ROOT, folder))) return []
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter(file => wanted.test(file) && !/(^|\/)(node_modules|dist)\//.test(file))
    .map(file => join(folder, file))
}

/** Every piece of YAML that a user may copy or run, with where it stands. */
const pieces: readonly (readonly [string, string])[] = [
  ...['.github/workflows', 'examples']
    .flatMap(folder => filesBelow(folder, /\.ya?ml$/))
    .map(file => [file, read(file)] as const),
  ...['README.md', 'CONTRIBUTING.md', ...['docs', 'examples', 'actions'].flatMap(folder => filesBelow(folder, /\.md$/))]
    .filter(file => existsSync(join(ROOT, file)))
    .flatMap(file => yamlBlocks(read(file)).map((block, index) => [`${file}, block ${index + 1}`, block] as const)),
]

function read(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8')
}

const isSentence = (text = '') => /^[A-Z`"][\s\S]*\.$/.test(text.trim())
const required = (fields: Fields) =>
  Object.keys(fields).filter(name => fields[name]!.required && fields[name]!.default === undefined)

describe('every action', () => {
  it('is an action: there are some', () => expect(actions.length).toBeGreaterThan(0))

  it.each(table)('%s: action.yml and code name the same inputs and outputs', (_, { metadata, code }) => {
    expect(Object.keys(metadata.inputs).sort()).toEqual(Object.keys(code.inputs).sort())
    expect(Object.keys(metadata.outputs).sort()).toEqual([...code.outputs].sort())
  })

  it.each(table)('%s: every text is a sentence', (_, { metadata }) => {
    const texts = Object.entries({ ...metadata.inputs, ...metadata.outputs }).map(([name, field]) => [
      name,
      field.description,
    ])
    expect([['action', metadata.description], ...texts].filter(([, text]) => !isSentence(text))).toEqual([])
  })

  it.each(table)('%s: an input that may be left out has a default, or says what empty means', (_, { metadata }) => {
    const silent = Object.entries(metadata.inputs)
      .filter(([, { required, default: value, description = '' }]) =>
        required ? value !== undefined : (value === undefined || value === '') && !/\bEmpty means\b/.test(description),
      )
      .map(([name]) => name)
    expect(silent).toEqual([])
  })

  it.each(table)('%s: every default can be used', (_, { metadata, code }) => {
    const defaultOf = (name: string) => String(metadata.inputs[name]?.default ?? '')
    let bad: readonly string[] = []
    try {
      readInputs(
        code.inputs,
        name => (defaultOf(name).includes('${{') ? '' : defaultOf(name)),
        () => undefined,
      )
    } catch (error) {
      bad = (error as InputError).problems.map(({ input }) => input)
    }
    expect(bad.filter(name => !metadata.inputs[name]?.required)).toEqual([])
  })

  it.each(table)('%s: a secret has no default but the token of the job', (_, { metadata, code }) => {
    for (const [name, parser] of Object.entries(code.inputs))
      if (parser.secret) expect(['', '${{ github.token }}']).toContain(String(metadata.inputs[name]?.default ?? ''))
  })

  it.each(table)('%s: runs its bundle on Node 24, and its post step when it has one', (name, { metadata, main }) => {
    expect(metadata.runs).toEqual({
      using: 'node24',
      main: 'dist/index.js',
      ...(main.post === undefined ? {} : { post: 'dist/index.js' }),
    })
    expect(existsSync(join(ROOT, 'actions', name, 'dist', 'index.js'))).toBe(true)
    expect(existsSync(join(ROOT, 'actions', name, 'dist', 'licenses.txt'))).toBe(true)
  })

  it.each(table)('%s: is branded and described', (name, { metadata }) => {
    expect(metadata.name).not.toBe('')
    expect(metadata.branding).toEqual({ icon: expect.any(String), color: expect.any(String) })
    const readme = read(`actions/${name}/README.md`)
    expect(
      yamlBlocks(readme).some(block => findUses(block).some(({ uses }) => uses.includes(`/actions/${name}`))),
    ).toBe(true)
  })

  it('has a page of docs/ that leads to its README, and a place in the README of the repository', () => {
    const pages = filesBelow('docs', /\.md$/).map(read)
    const hidden = actions.filter(({ name }) => !pages.some(page => page.includes(`](../actions/${name}/README.md)`)))
    const unnamed = actions.filter(
      ({ name }) => !read('README.md').includes(`[\`${name}\`](actions/${name}/README.md)`),
    )
    expect({ hidden: hidden.map(({ name }) => name), unnamed: unnamed.map(({ name }) => name) }).toEqual({
      hidden: [],
      unnamed: [],
    })
  })

  it.each(table)('%s: runs on a terminal too', name => expect(Object.keys(ACTIONS)).toContain(name))
})

/** Which permission the use of a port needs. */
const PORTS: readonly (readonly [RegExp, string])[] = [
  [/\bcomments\.upsert\b/, 'pull-requests: write'],
  [/\bissues\.(raise|resolve)\b/, 'issues: write'],
  [/\bstatuses\.set\b/, 'statuses: write'],
  [/\bchecks\.(complete|progress)\b/, 'checks: write'],
  [/\bchecks\.own\b/, 'checks: read'],
  [/\bdeployments\.(create|setStatus)\b/, 'deployments: write'],
  [/\blabels\.(add|remove)\b/, 'pull-requests: write'],
  [/\brepository\.(mergedPullRequests|labels)\b/, 'pull-requests: read'],
  [/\brepository\.(successfulRuns|runsAt)\b/, 'actions: read'],
  [/\brepository\.(treeOf|changedFiles|readFile|readFolder)\b/, 'contents: read'],
  [/\bpullRequests\.(read|commits|changedFiles|comment|labelledBy|approvals)\b/, 'pull-requests: read'],
  [/\bpullRequests\.(react|dismissApproval)\b/, 'pull-requests: write'],
  [/\bworkflowRuns\.rerunFailed\b/, 'actions: write'],
  [/\bcommits\.commit\b/, 'contents: write'],
  [/\bidentity\.token\b/, 'id-token: write'],
]

/** Our own source that an action is made of, followed through its imports. */
function sourceOf(entry: string, seen = new Set<string>()): string {
  const path = relative(ROOT, entry)
  if (seen.has(path) || path.startsWith('kit/adapters/') || path === 'kit/ports.ts') return ''
  seen.add(path)
  const source = read(path)
  const imports = [...source.matchAll(/^(?:import|export) (?!type\b)[^'"]*from '((?:#kit|\.{1,2})\/[^']+)'/gm)].map(
    ([, from]) => from!,
  )
  const files = imports.map(from =>
    from.startsWith('#kit/') ? join(ROOT, 'kit', `${from.slice(5)}.ts`) : join(entry, '..', from),
  )
  return [source, ...files.map(file => sourceOf(file, seen))].join('\n')
}

/** What an action needs where it is used so: one comment on plans that others made takes no more than that comment. */
function permissionsOf({ name, code }: (typeof actions)[number], given: readonly string[]): Permissions {
  const isFanIn = name === 'terraform-plan' && given.includes('plan-results')
  return Object.fromEntries(Object.entries(code.permissions).filter(([scope]) => !isFanIn || scope === 'pull-requests'))
}

function usedIn(content: unknown) {
  return findUses(JSON.stringify(content)).flatMap(({ uses, given }) =>
    actions
      .filter(({ name }) => uses === `$/actions/${name}`)
      .map(action => ({ name: action.name, permissions: permissionsOf(action, given) })),
  )
}

describe('permissions', () => {
  it.each(table)('R29: %s documents what its code needs, and nothing else', (name, { code }) => {
    const source = sourceOf(join(ROOT, 'actions', name, 'src', 'main.ts'))
    const needed = new Map<string, string>()
    for (const [use, permission] of PORTS) {
      const [scope, access] = permission.split(': ') as [string, string]
      if (use.test(source) && needed.get(scope) !== 'write') needed.set(scope, access)
    }
    const documented = Object.entries(code.permissions).map(([scope, { access }]) => [scope, access] as const)
    // Reading the checkout is the step before's need, and every job's that has files.
    const withoutCheckout = (entries: Iterable<readonly [string, string]>) =>
      [...entries].filter(([scope, access]) => scope !== 'contents' || access !== 'read').sort()
    expect(withoutCheckout(documented)).toEqual(withoutCheckout(needed))
  })

  it.each(workflows.map(workflow => [workflow.file, workflow] as const))(
    'R29: a job of %s may do what its actions need',
    file => {
      const jobs = workflows.find(workflow => workflow.file === file)!.jobs as Record<
        string,
        { permissions?: Record<string, string> }
      >
      for (const [job, content] of Object.entries(jobs)) {
        for (const { name, permissions } of usedIn(content))
          for (const [scope, { access }] of Object.entries(permissions))
            expect(
              `${job} for ${name}: ${scope}: ${rank(content.permissions?.[scope]) >= rank(access) ? access : 'too little'}`,
            ).toBe(`${job} for ${name}: ${scope}: ${access}`)
      }
    },
  )

  it.each(workflows.map(workflow => [workflow.file, workflow] as const))(
    'R29: a job of %s may do no more than its actions need',
    (_, { jobs }) => {
      for (const [job, content] of Object.entries(jobs)) {
        const needed = new Map<string, string>()
        const text = JSON.stringify(content)
        if (text.includes('actions/checkout@')) needed.set('contents', 'read')
        if (text.includes('"run-id"')) needed.set('actions', 'read')
        // The login may be at GitHub's own registry, which takes the job's token.
        if (text.includes('docker login')) needed.set('packages', 'write')
        else if (text.includes('"registry-password"')) needed.set('packages', 'read')
        for (const { permissions } of usedIn(content))
          for (const [scope, { access }] of Object.entries(permissions))
            if (rank(access) > rank(needed.get(scope))) needed.set(scope, access)
        expect([job, content.permissions]).toEqual([job, Object.fromEntries(needed)])
      }
    },
  )

  it.each(workflows.map(workflow => [workflow.file, workflow] as const))(
    'R29: the table of docs/workflows.md says what the jobs of %s may do',
    (file, { jobs }) => {
      const [, section = ''] = read('docs/workflows.md').split(`### Permissions of \`${file}\``)
      const rows = [...(section.split('\n#')[0] ?? '').matchAll(/^\| `([\w-]+)` \| (.*) \|$/gm)]
      const table = rows.map(([, job, scopes = '']) => [
        job,
        Object.fromEntries([...scopes.matchAll(/`([\w-]+): (\w+)`/g)].map(([, scope, access]) => [scope, access])),
      ])
      expect(Object.fromEntries(table)).toEqual(
        Object.fromEntries(Object.entries(jobs).map(([job, { permissions }]) => [job, permissions])),
      )
    },
  )

  it.each(table)('R29: the README of %s says what its code needs', (name, { code }) => {
    const [, section = ''] = read(`actions/${name}/README.md`).split('<!-- begin permissions')
    const rows = [...(section.split('<!-- end')[0] ?? '').matchAll(/^\| `([\w-]+): (\w+)` \| (.*) \|$/gm)]
    expect(rows.map(([, scope, access, reason]) => [scope, { access, reason }])).toEqual(
      Object.entries(code.permissions),
    )
  })
})

it('R36: the documents give both forms of the subject of an identity', () => {
  for (const form of [/repo:owner\/name:/, /repo:owner@ID\/name@ID:/]) expect(read('SECURITY.md')).toMatch(form)
})

const rank = (access: string | undefined) => ['none', 'read', 'write'].indexOf(access ?? 'none')

describe('what users copy and run', () => {
  it.each(pieces)('%s gives our actions and workflows what they take', (_, yaml) => {
    for (const { uses, given, secrets } of findUses(yaml)) {
      const action = actions.find(
        ({ name }) =>
          uses === `$/actions/${name}` ||
          uses.startsWith(`./actions/${name}`) ||
          uses.includes(`slipway/actions/${name}@`),
      )
      const workflow = workflows.find(({ file }) => uses.includes(`/.github/workflows/${file}`))
      const takes = action?.metadata.inputs ?? workflow?.call.inputs
      if (takes === undefined) {
        expect(uses).not.toMatch(/^\$\/|slipway\//)
        continue
      }
      expect(given.filter(name => !(name in takes))).toEqual([])
      expect(required(takes).filter(name => !given.includes(name))).toEqual([])
      expect(secrets.filter(name => !(name in (workflow?.call.secrets ?? {})))).toEqual([])
    }
  })

  it.each(pieces)('%s reads only outputs that exist', (_, yaml) => {
    const uses = findUses(yaml)
    for (const { step, output } of findOutputReferences(yaml)) {
      const action = actions.find(({ name }) =>
        uses.some(({ id, uses }) => id === step && uses.includes(`/actions/${name}`)),
      )
      if (action) expect(Object.keys(action.metadata.outputs)).toContain(output)
    }
  })
})
