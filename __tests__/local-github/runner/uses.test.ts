import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { openBench, type Files, type JobBench } from './job-bench.ts'

/** A JavaScript action that says in which phase it runs, and what it sees. */
function talkingAction(name: string, phases: { pre?: boolean; post?: boolean; postIf?: string } = {}): Files {
  const script = (phase: string): string => `
import { appendFileSync } from 'node:fs'

const { env } = process
console.log('${name} ${phase} ' + (env['INPUT_SAY'] ?? '') + ' state=' + (env['STATE_from-main'] ?? ''))
appendFileSync(env['GITHUB_STATE'], 'from-main=${phase}\\n')
appendFileSync(env['GITHUB_OUTPUT'], 'said=${name}\\n')
`
  return {
    [`${name}/action.yml`]: `name: ${name}
description: says what it does
inputs:
  say:
    description: a word
    default: default-word
runs:
  using: node24
  main: main.mjs
${phases.pre ? '  pre: pre.mjs\n' : ''}${phases.post ? '  post: post.mjs\n' : ''}${phases.postIf ? `  post-if: ${phases.postIf}\n` : ''}`,
    [`${name}/main.mjs`]: script('main'),
    ...(phases.pre ? { [`${name}/pre.mjs`]: script('pre') } : {}),
    ...(phases.post ? { [`${name}/post.mjs`]: script('post') } : {}),
  }
}

function composite(steps: string, more = ''): string {
  return `name: c\ndescription: c\n${more}runs:\n  using: composite\n  steps:\n${steps.trim().replace(/^/gm, '    ')}\n`
}

let bench: JobBench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(async () => {
  await bench.close()
})

const linesWith = (log: string, word: string): string[] => log.split('\n').filter(line => line.includes(word))

it.each([
  ['hashicorp/setup-terraform@v3', 'there is no repository hashicorp/setup-terraform on the local GitHub'],
  ['actions/cache@v4', 'none of the actions that have a stand-in'],
  ['actions/checkout@v7', 'the local runner knows this action only at actions/checkout@3d3c42e5'],
  ['docker://alpine:3', 'the local runner has none'],
  ['tools/nowhere', 'is no action'],
])('`uses: %s` fails the job before any of its steps, with the reason', async (uses, reason) => {
  const { job, result, log } = await bench.run(`- run: echo first\n- uses: ${uses}`)
  expect(result.conclusion).toBe('failure')
  expect(log).toContain(reason)
  expect(job.steps.map(step => `${step.name}: ${step.conclusion}`)).toEqual([
    'Set up job: failure',
    'Complete job: success',
  ])
})

describe('a JavaScript action', () => {
  it('runs from its own repository, on this Node, with inputs, outputs and state', async () => {
    bench.commit('tools/js', {
      'show/action.yml': `name: show
description: shows its inputs
inputs:
  plain: { description: a }
  with space: { description: b, default: 'a default' }
  kept-hyphen: { description: c, default: '\${{ github.repository }}' }
  must: { description: d, required: true }
  old: { description: e, deprecationMessage: use plain }
runs:
  using: node24
  main: dist/index.js
`,
      'show/dist/index.js': `
for (const [key, value] of Object.entries(process.env).sort()) if (key.startsWith('INPUT_')) console.log(key + '=' + value)
console.log('node ' + process.versions.node.split('.')[0], process.cwd() === process.env.GITHUB_WORKSPACE, process.env.GITHUB_ACTION_REPOSITORY, process.env.GITHUB_ACTION_REF)
`,
    })
    const { log, job, result } = await bench.run(`
- uses: tools/js/show@main
  with:
    plain: given
    old: x
    unknown: y
`)
    expect(result.conclusion).toBe('success')
    expect(linesWith(log, 'INPUT_')).toEqual([
      'INPUT_KEPT-HYPHEN=octo/app',
      'INPUT_MUST=',
      'INPUT_OLD=x',
      'INPUT_PLAIN=given',
      'INPUT_UNKNOWN=y',
      'INPUT_WITH_SPACE=a default',
    ])
    expect(log).toContain(`node ${process.versions.node.split('.')[0]} true tools/js main`)
    expect(job.annotations.map(annotation => annotation.message)).toEqual([
      "Unexpected input(s) 'unknown', valid inputs are ['plain', 'with space', 'kept-hyphen', 'must', 'old']",
      'Input required and not supplied: must',
      "Input 'old' has been deprecated with message: use plain",
    ])
  })

  it('that fails has said why itself: the runner adds no exit code', async () => {
    bench.commit('tools/fails', {
      'action.yml': 'name: f\ndescription: f\nruns:\n  using: node24\n  main: main.mjs\n',
      'main.mjs': "console.log('::error::the reason'); process.exitCode = 1",
    })
    const { job, result } = await bench.run('- uses: tools/fails@main')
    expect(result.conclusion).toBe('failure')
    expect(job.annotations.map(annotation => annotation.message)).toEqual(['the reason'])
  })

  it('has pre steps before and post steps after all others, the post steps in reverse, with their state', async () => {
    bench.commit('tools/phases', {
      ...talkingAction('a', { pre: true, post: true }),
      ...talkingAction('b', { post: true }),
    })
    const { log, job } = await bench.run(`
- run: echo first main
- uses: tools/phases/a@main
  with: { say: hi }
- name: B
  uses: tools/phases/b@main
`)
    expect(log.split('\n').filter(line => /^(a|b|first) /.test(line))).toEqual([
      'a pre hi state=',
      'first main',
      'a main hi state=pre',
      'b main default-word state=',
      'b post default-word state=main',
      'a post hi state=main',
    ])
    expect(job.steps.map(step => step.name)).toEqual([
      'Set up job',
      'Pre Run tools/phases/a@main',
      'Run echo first main',
      'Run tools/phases/a@main',
      'B',
      'Post B',
      'Post Run tools/phases/a@main',
      'Complete job',
    ])
  })

  it('runs its post step after a failure, unless its condition says otherwise, and not when it never ran', async () => {
    bench.commit('tools/posts', {
      ...talkingAction('kept', { post: true }),
      ...talkingAction('choosy', { post: true, postIf: 'success()' }),
      ...talkingAction('late', { post: true }),
    })
    const { log, job, result } = await bench.run(`
- uses: tools/posts/kept@main
- uses: tools/posts/choosy@main
- run: exit 1
- uses: tools/posts/late@main
`)
    expect(result.conclusion).toBe('failure')
    expect(log).toContain('kept post')
    expect(log).not.toContain('choosy post')
    expect(log).not.toMatch(/^late/m)
    expect(job.steps.find(step => step.name.startsWith('Post Run tools/posts/choosy'))?.conclusion).toBe('skipped')
    expect(job.steps.some(step => step.name.startsWith('Post Run tools/posts/late'))).toBe(false)
  })

  it.each([
    ['node16', 'failure', 'runs on "node16", which GitHub\'s runner does not have any more'],
    ['node20', 'success', 'it runs on Node 24'],
    ['docker', 'failure', 'is a Docker action'],
  ])('for %s ends in %s', async (using, conclusion, message) => {
    bench.commit(`old/${using}`, {
      'action.yml': `name: o\ndescription: o\nruns:\n  using: ${using}\n  ${using === 'docker' ? 'image: Dockerfile' : 'main: main.js'}\n`,
      'main.js': 'console.log("ran")',
    })
    const { result, log } = await bench.run(`- uses: old/${using}@main`)
    expect(log).toContain(message)
    expect(result.conclusion).toBe(conclusion)
  })
})

describe('where `uses` leads', () => {
  it("`./` is the workspace, so that a called workflow gets the caller's files; `$/` is the own repository", async () => {
    const own = bench.commit('lib/workflows', {
      'act/action.yml': composite('- run: echo "from the library"\n  shell: bash'),
    })
    const { log } = await bench.run(
      `
- run: |
    mkdir act
    printf '%s\\n' 'name: c' 'description: c' 'runs:' '  using: composite' '  steps:' \\
      '    - run: echo "from the workspace"' '      shell: bash' > act/action.yml
- uses: ./act
- uses: $/act
`,
      { source: own },
    )
    expect(log.split('\n').filter(line => line.startsWith('from '))).toEqual(['from the workspace', 'from the library'])
  })

  it('`./` without a checkout says what is missing', async () => {
    const { result, log } = await bench.run('- uses: ./nowhere')
    expect(result.conclusion).toBe('failure')
    expect(log).toContain('Did you forget to run actions/checkout before running your local action?')
  })

  it('`$/` inside an action of another repository is that repository at that commit', async () => {
    const inner = composite('- run: echo "inner of tools"\n  shell: bash')
    bench.commit('tools/nest', { 'inner/action.yml': inner, 'outer/action.yml': composite('- uses: $/inner') })
    const { log, result } = await bench.run('- uses: tools/nest/outer@main')
    expect(result.conclusion).toBe('success')
    expect(log).toContain('\ninner of tools\n')
  })

  it.each([
    ['docker://alpine:3', 'needs a container engine'],
    ['nobody/nothing@v1', 'there is no repository nobody/nothing on the local GitHub'],
    ['octo/app/missing@main', "Can't find 'action.yml'"],
    ['octo/app@nowhere', "unable to find version 'nowhere'"],
    ['$/act@v1', 'takes no @ref'],
    [
      'actions/checkout@v4',
      'the local runner knows this action only at actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1',
    ],
    ['secret/actions@main', 'is private and does not share its actions'],
  ])('%s is an error before any step runs', async (uses, message) => {
    bench.commit('secret/actions', { 'action.yml': 'name: x' }, { private: true, actionsShared: false })
    const { result, job, log } = await bench.run(`- run: echo never\n- if: false\n  uses: ${uses}`)
    expect(result.conclusion).toBe('failure')
    expect(log).toContain(message)
    expect(log).toContain(uses)
    expect(log).not.toContain('never')
    expect(job.steps.map(step => [step.name, step.conclusion])).toEqual([
      ['Set up job', 'failure'],
      ['Complete job', 'success'],
    ])
  })

  it('an action.yml that is not valid names line and column', async () => {
    bench.commit('tools/broken', { 'action.yml': 'name: x\ndescription: x\nruns:\n  using: composite\n  stepz: []\n' })
    const { log } = await bench.run('- uses: tools/broken@main')
    expect(log).toMatch(/tools\/broken@main \(Line: 5, Col: 3\): Unexpected value 'stepz'/)
  })
})

describe('a composite action', () => {
  it('has inputs, outputs, its own steps and the environment of its step', async () => {
    bench.commit('tools/full', {
      'action.yml': composite(
        `- id: one
  run: |
    echo "value=\${{ inputs.word }}-\${{ inputs.other }}" >> "$GITHUB_OUTPUT"
    echo "env: $AROUND, inputs: [\${INPUT_WORD:-}], action path: $(basename "$GITHUB_ACTION_PATH")"
    cat "$GITHUB_ACTION_PATH/data.txt"
  shell: bash
- run: echo "WRITTEN=by the composite" >> "$GITHUB_ENV"
  shell: bash
- if: steps.one.outputs.value == 'never'
  run: echo "not this"
  shell: bash`,
        `inputs:
  word: { description: w, default: w }
  other: { description: o, default: '\${{ github.actor }}' }
outputs:
  result: { description: r, value: '\${{ steps.one.outputs.value }}' }
`,
      ),
      'data.txt': 'data beside it\n',
    })
    const { log, result, job } = await bench.run(`
- id: use
  uses: tools/full@main
  with: { word: hello }
  env: { AROUND: outer }
- run: echo "[\${{ steps.use.outputs.result }}] [\${{ steps.one.outputs.value }}] [$WRITTEN]"
`)
    expect(result.conclusion).toBe('success')
    expect(log).toContain('env: outer, inputs: [], action path: ')
    expect(log).toContain('data beside it')
    expect(log).toContain('\n[hello-octo] [] [by the composite]\n')
    expect(log).not.toContain('\nnot this')
    expect(job.steps.map(step => step.name)).not.toContain('one')
  })

  it('runs on after a failure only what asks for it, and is red', async () => {
    bench.commit('tools/fails', {
      'action.yml': composite(`- run: exit 4
  shell: bash
- run: echo "inner skipped"
  shell: bash
- if: failure()
  run: echo "inner cleanup"
  shell: bash`),
    })
    const { log, result } = await bench.run(
      `- uses: tools/fails@main\n- run: echo outer skipped\n- if: failure()\n  run: echo outer cleanup`,
    )
    expect(result.conclusion).toBe('failure')
    expect(log).toContain('\ninner cleanup')
    expect(log).toContain('\nouter cleanup')
    expect(log).not.toMatch(/^(inner|outer) skipped/m)
  })

  it('needs a shell for each of its scripts', async () => {
    bench.commit('tools/noshell', { 'action.yml': composite('- run: echo x') })
    const { log, result } = await bench.run('- uses: tools/noshell@main')
    expect(result.conclusion).toBe('failure')
    expect(log).toMatch(/Required property is missing: shell/)
  })

  it('collects the post steps of what it uses into one of its own, in reverse', async () => {
    bench.commit('tools/inposts', {
      ...talkingAction('x', { pre: true, post: true }),
      ...talkingAction('y', { post: true }),
      'action.yml': composite('- uses: $/x\n- uses: $/y'),
    })
    const { log, job } = await bench.run('- uses: tools/inposts@main\n- run: echo last main')
    expect(log.split('\n').filter(line => /^(x|y|last) /.test(line))).toEqual([
      'x pre default-word state=',
      'x main default-word state=pre',
      'y main default-word state=',
      'last main',
      'y post default-word state=main',
      'x post default-word state=main',
    ])
    expect(job.steps.filter(step => step.name.startsWith('Post'))).toHaveLength(2)
  })

  it.each([
    [10, 'success'],
    [11, 'failure'],
  ])('nested %i deep ends in %s', async (levels, conclusion) => {
    const files: Record<string, string> = {}
    for (let level = 1; level < levels; level++) files[`n${level}/action.yml`] = composite(`- uses: $/n${level + 1}`)
    files[`n${levels}/action.yml`] = composite('- run: echo "the bottom"\n  shell: bash')
    bench.commit(`deep/n${levels}`, files)
    const { log, result } = await bench.run(`- uses: deep/n${levels}/n1@main`)
    expect(result.conclusion).toBe(conclusion)
    if (conclusion === 'failure') expect(log).toContain('Composite action depth exceeded max depth 9')
    else expect(log).toContain('\nthe bottom')
  })
})
