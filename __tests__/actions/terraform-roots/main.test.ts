import { describe, expect, it } from '@jest/globals'
import { inputs as spec } from '../../../actions/terraform-roots/src/inputs.ts'
import { main } from '../../../actions/terraform-roots/src/main.ts'
import type { PullRequests, RunContext } from '../../../kit/ports.ts'
import { inputsOf } from '../../support/action-inputs.ts'
import { FakeComments, FakeFiles, FakeLog, FakeSummary, makeRun } from '../../support/fakes.ts'
import { makeWorld } from '../terraform-plan/fake-terraform.ts'

const TREE = {
  'infra/network/main.tf': 'module "vpc" {\n  source = "../../modules/vpc"\n}\n',
  'infra/app/main.tf':
    'data "terraform_remote_state" "n" {\n  backend = "local"\n  config = { path = "../network/terraform.tfstate" }\n}\n',
  'infra/dns/main.tf': '',
  'modules/vpc/main.tf': '',
}

interface Scene {
  readonly tree?: Record<string, string>
  readonly changed?: readonly string[] | undefined
  readonly run?: Partial<RunContext>
}

function makeScene({ tree = TREE, run, ...given }: Scene = {}) {
  const asked: number[] = []
  const changed = 'changed' in given ? given.changed : []
  const [comments, log, summary] = [new FakeComments(), new FakeLog(), new FakeSummary()]
  const pullRequests: PullRequests = {
    ...makeWorld().ports.pullRequests,
    changedFiles: async number => {
      asked.push(number)
      return changed
    },
  }
  const ports = { comments, log, summary, pullRequests, files: new FakeFiles(tree), run: makeRun(run) }
  return { asked, comments, log, summary, ports }
}

const given = (values: Record<string, string> = {}) => inputsOf('terraform-roots', spec, values)
const ALL = ['infra/network', 'infra/app', 'infra/dns']

describe('which roots', () => {
  it.each<[string, readonly string[], Record<string, string>, readonly string[]]>([
    ['one of the root itself', ['infra/app/main.tf'], {}, ['infra/app']],
    ['a module of it', ['modules/vpc/x.tpl'], {}, ['infra/network']],
    [
      'several, what is depended on first',
      ['infra/app/a.tf', 'infra/network/n.tf'],
      {},
      ['infra/network', 'infra/app'],
    ],
    ['something else', ['README.md'], {}, []],
    ['what decides the version of all', ['.terraform-version'], {}, ALL],
    ['a file of variables beside the roots', ['common.tfvars'], { 'var-files': 'common.tfvars' }, ALL],
    ['a file of variables in one', ['infra/dns/prod.tfvars'], { 'var-files': 'prod.tfvars' }, ['infra/dns']],
    ['a file of the backend', ['s3.tfbackend'], { 'backend-config': 's3.tfbackend\nkey=x' }, ALL],
    ['the script that runs before', ['tools/login.sh'], { 'pre-run': 'tools/login.sh' }, ALL],
    [
      'one that a pattern leaves out',
      ['infra/app/a.tf', 'infra/dns/d.tf'],
      { roots: 'infra/*\n!infra/app' },
      ['infra/dns'],
    ],
    ['nothing, and all are asked for', [], { 'changed-only': 'false' }, ALL],
    ['nothing, and one folder is named', [], { roots: './infra/app/' }, ['infra/app']],
    [
      'one, by a declared order',
      ['infra/dns/d.tf', 'infra/app/a.tf'],
      { 'depends-on': 'infra/dns: infra/app' },
      ['infra/app', 'infra/dns'],
    ],
    ['one below working-directory', ['infra/app/a.tf'], { 'working-directory': 'infra' }, ['app']],
  ])('a pull request changes %s', async (_, changed, values, roots) => {
    const { ports } = makeScene({ changed })
    const outputs = await main(given(values), ports)
    expect([JSON.parse(outputs.roots), outputs.count]).toEqual([roots, String(roots.length)])
  })

  it('all of them outside of a pull request, and GitHub is not asked', async () => {
    const { ports, asked, log } = makeScene({ run: { pullRequest: undefined } })
    expect(JSON.parse((await main(given(), ports)).roots)).toEqual(ALL)
    expect([asked, log.notices]).toEqual([
      [],
      ['This run is of no pull request, so every root is taken, changed or not', '3 Terraform roots'],
    ])
  })

  it('all of them when the pull request has more files than GitHub lists, and says so', async () => {
    const { ports, summary } = makeScene({ changed: undefined })
    expect(JSON.parse((await main(given(), ports)).roots)).toEqual(ALL)
    expect(summary.text()).toMatch(
      /^\*\*shop\*\*: 3 Terraform roots, since GitHub does not list all files of so large a change\n/,
    )
  })

  it('says why, and what comes first, in a table and in outputs', async () => {
    const { ports, summary } = makeScene({ changed: ['infra/app/a|b.tf', 'modules/vpc/x.tf'] })
    const outputs = await main(given({ 'comment-key': 'prod' }), ports)
    expect(JSON.parse(outputs.reasons)).toEqual({
      'infra/network': ['modules/vpc/x.tf changed'],
      'infra/app': ['infra/app/a|b.tf changed'],
    })
    expect(outputs['artifact-pattern']).toBe('{slipway-plan-infra-network,slipway-plan-infra-app}')
    expect(summary.text()).toBe(
      [
        '**shop/prod**: 2 of 3 Terraform roots are changed',
        '| root | why | after |\n|---|---|---|\n| `infra/network` | modules/vpc/x.tf changed |  |\n| `infra/app` | infra/app/a&#124;b.tf changed | `infra/network` |',
        '<sub>aaaaaaa · run 3</sub>',
      ].join('\n\n'),
    )
  })
})

describe('no root is changed', () => {
  it('brings the comment of an earlier plan up to date and makes no new one', async () => {
    const { ports, comments } = makeScene({ changed: ['README.md'] })
    const outputs = await main(given({ 'comment-key': 'prod' }), ports)
    expect(outputs).toMatchObject({
      roots: '[]',
      count: '0',
      'artifact-pattern': '',
      'comment-url': expect.any(String),
    })
    expect(comments.written).toEqual([
      expect.objectContaining({ action: 'terraform-plan', key: 'prod', onlyUpdate: true, mode: 'update' }),
    ])
    expect(comments.written[0]?.body).toBe(
      '✅ **shop/prod**: no Terraform root is changed\n\nA merge of this pull request applies nothing here.\n\n<sub>aaaaaaa · run 3</sub>',
    )
  })

  it('says so in the summary alone without a key', async () => {
    const { ports, comments, summary } = makeScene()
    await main(given(), ports)
    expect([comments.written.length, summary.text()]).toEqual([
      0,
      '**shop**: no Terraform root is changed\n\n<sub>aaaaaaa · run 3</sub>',
    ])
  })
})

describe('it refuses', () => {
  const many = Object.fromEntries(Array.from({ length: 257 }, (_, index) => [`infra/r${index}/main.tf`, '']))
  const circle = {
    'a/main.tf': TREE['infra/app/main.tf'].replace('network', 'b'),
    'b/main.tf': TREE['infra/app/main.tf'].replace('network', 'a'),
  }
  it.each<[string, Scene, Record<string, string>, string]>([
    [
      'a pattern that matches nothing',
      {},
      { roots: 'live/*' },
      'input "roots" is "live/*": it matches no Terraform root',
    ],
    ['a pattern of modules', {}, { roots: 'modules/*' }, 'the folders that it matches are modules of others'],
    ['a folder without configuration among others', {}, { roots: 'infra/app\ninfra/x' }, 'input "roots" is "infra/x"'],
    [
      'a repository without roots',
      { tree: { 'README.md': '' } },
      {},
      'input "working-directory" is ".": no folder in it is a Terraform root',
    ],
    [
      'two roots with one artifact',
      { tree: { 'a/b/x.tf': '', 'a-b/x.tf': '' } },
      {},
      'input "roots" is "a-b and a/b": the plans of both would be the artifact slipway-plan-a-b',
    ],
    [
      'more roots than a matrix has jobs',
      { tree: many, run: { pullRequest: undefined } },
      {},
      '257 roots match, and a matrix has 256 jobs at most',
    ],
    ['a circle', { tree: circle, run: { pullRequest: undefined } }, {}, 'input "roots" is "a → b → a"'],
    [
      'a dependency on no root',
      {},
      { 'depends-on': 'infra/app: infra/x', 'changed-only': 'false' },
      'infra/x is no Terraform root',
    ],
  ])('%s', async (_, scene, values, reason) => {
    await expect(main(given(values), makeScene(scene).ports)).rejects.toThrow(reason)
  })
})
