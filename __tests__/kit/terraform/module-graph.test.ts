import { describe, expect, it } from '@jest/globals'
import { changedRoots } from '../../../kit/terraform/changed-roots.ts'
import { readFolders, type Binary } from '../../../kit/terraform/folders.ts'
import { moduleGraph } from '../../../kit/terraform/module-graph.ts'
import { FakeFiles } from '../../support/fakes.ts'

type Tree = Readonly<Record<string, string>>

async function graphOf(tree: Tree, binary: Binary = 'terraform') {
  return moduleGraph(await readFolders(new FakeFiles(tree), binary))
}

const call = (...sources: string[]) =>
  sources.map((source, index) => `module "m${index}" {\n  source = "${source}"\n}\n`).join('')

describe('a folder is a root', () => {
  it.each<[string, Tree, string[]]>([
    ['when nobody calls it', { 'a/main.tf': '', 'b/main.tf': '' }, ['a', 'b']],
    ['at the top of the repository too', { 'main.tf': '', 'modules/x/main.tf': '' }, ['.']],
    [
      'and no module that another calls',
      { 'a/main.tf': call('../b'), 'b/main.tf': call('../c'), 'c/main.tf': '' },
      ['a'],
    ],
    [
      'and no module whose example calls it',
      { 'main.tf': '', 'examples/basic/main.tf': call('../..') },
      ['examples/basic'],
    ],
    [
      'and no module that a test calls',
      {
        'a/main.tf': '',
        'a/tests/x.tftest.hcl': 'run "s" {\n module {\n source = "./tests/setup"\n }\n}',
        'a/tests/setup/main.tf': '',
      },
      ['a'],
    ],
    [
      'and no module that configures a provider, as they once did',
      { 'a/main.tf': call('../b'), 'b/main.tf': 'provider "aws" {}' },
      ['a'],
    ],
    ['and nothing in "modules" that nobody calls', { 'a/main.tf': '', 'modules/x/main.tf': '' }, ['a']],
    ['but in "modules" what configures a provider', { 'modules/x/main.tf': 'provider "aws" {}' }, ['modules/x']],
    [
      'when it has a backend, whoever calls it',
      { 'a/main.tf': call('../b'), 'b/main.tf': 'terraform {\n backend "s3" {}\n}' },
      ['a', 'b'],
    ],
    ['when it has a cloud', { 'a/main.tf': call('../b'), 'b/main.tf': 'terraform {\n cloud {}\n}' }, ['a', 'b']],
    ['when it is locked', { 'a/main.tf': call('../b'), 'b/main.tf': '', 'b/.terraform.lock.hcl': '' }, ['a', 'b']],
    ['when it has values', { 'a/main.tf': call('../b'), 'b/main.tf': '', 'b/x.auto.tfvars': '' }, ['a', 'b']],
    ['when it is JSON', { 'a/main.tf.json': '{"module":{"x":{"source":"../b"}}}', 'b/main.tf': '' }, ['a']],
    ['when it cannot be read', { 'a/main.tf': 'what is this' }, ['a']],
    [
      'and none in a hidden folder or among packages',
      {
        '.terraform/modules/x/main.tf': '',
        'a/.terraform/x/main.tf': '',
        'node_modules/x/main.tf': '',
        'a/main.tf': '',
      },
      ['a'],
    ],
    [
      'and none without configuration',
      { 'a/x.tfvars': '', 'b/x.tftest.hcl': '', 'c/.hidden.tf': '', 'd/x.tf~': '' },
      [],
    ],
    ['and none of a circle of modules', { 'a/main.tf': call('../b'), 'b/main.tf': call('../a') }, []],
    ['though it calls itself', { 'a/main.tf': call('../a') }, ['a']],
  ])('%s', async (_, tree, roots) => {
    expect((await graphOf(tree)).roots).toEqual(roots)
  })

  it('by the files that its program reads', async () => {
    const tree = { 'a/main.tofu': call('../b'), 'a/main.tf': call('../c'), 'b/x.tf': '', 'c/x.tf': '' }
    expect((await graphOf(tree, 'tofu')).roots).toEqual(['a', 'c'])
    expect((await graphOf(tree)).roots).toEqual(['a', 'b'])
  })
})

it('knows the modules of a root at any depth, in circles and out of the repository too', async () => {
  const graph = await graphOf({
    'live/a/main.tf': call('../../m/x', '../../../other', 'hashicorp/consul/aws', './gone'),
    'm/x/main.tf': call('../y', './inner'),
    'm/y/main.tf': call('../x'),
    'm/x/inner/main.tf': '',
  })
  expect(graph.usedBy('live/a')).toEqual(['../other', 'live/a/gone', 'm/x', 'm/x/inner', 'm/y'])
})

const TREE: Tree = {
  'live/dev/main.tf': call('../../modules/vpc', '../../modules/app'),
  'live/dev/terraform.tfvars': '',
  'live/prod/main.tf': call('../../modules/vpc'),
  'live/prod/lambda/src/index.js': '',
  'modules/vpc/main.tf': `${call('../net')}locals {\n  a = file("\${path.module}/../../policies/vpc.json")\n}`,
  'modules/vpc/templates/a.tpl': '',
  'modules/net/main.tf': 'locals {\n  a = file("shared/names.txt")\n}',
  'modules/app/main.tf': '',
  'modules/unused/main.tf': '',
  'live/other/main.tf': 'locals {\n  a = "${path.root}/../../policies"\n}',
}

describe('a root is changed', () => {
  it.each<[string, string, Readonly<Record<string, readonly string[]>>]>([
    ['by a file of its own', 'live/dev/main.tf', { 'live/dev': ['live/dev/main.tf changed'] }],
    ['by its values', 'live/dev/terraform.tfvars', { 'live/dev': ['live/dev/terraform.tfvars changed'] }],
    ['by its lock file', 'live/dev/.terraform.lock.hcl', { 'live/dev': ['live/dev/.terraform.lock.hcl changed'] }],
    [
      'by a file in a folder below',
      'live/prod/lambda/src/index.js',
      { 'live/prod': ['live/prod/lambda/src/index.js changed'] },
    ],
    ['by a module', 'modules/app/main.tf', { 'live/dev': ['modules/app/main.tf changed'] }],
    [
      'by a module of a module',
      'modules/net/main.tf',
      { 'live/dev': ['modules/net/main.tf changed'], 'live/prod': ['modules/net/main.tf changed'] },
    ],
    [
      'by a template below a module',
      'modules/vpc/templates/a.tpl',
      { 'live/dev': ['modules/vpc/templates/a.tpl changed'], 'live/prod': ['modules/vpc/templates/a.tpl changed'] },
    ],
    [
      'by a file that an expression names',
      'policies/vpc.json',
      {
        'live/dev': ['policies/vpc.json changed'],
        'live/other': ['policies/vpc.json changed'],
        'live/prod': ['policies/vpc.json changed'],
      },
    ],
    [
      'by a file that a module reads where Terraform runs',
      'live/prod/shared/names.txt',
      { 'live/prod': ['live/prod/shared/names.txt changed'] },
    ],
    ['by a folder that an expression names', 'policies/other.json', { 'live/other': ['policies/other.json changed'] }],
    [
      'by what decides the version above it',
      'live/.terraform-version',
      {
        'live/dev': ['live/.terraform-version changed'],
        'live/other': ['live/.terraform-version changed'],
        'live/prod': ['live/.terraform-version changed'],
      },
    ],
    ['by nothing outside of everything', 'README.md', {}],
    ['by no module that nobody uses', 'modules/unused/main.tf', {}],
    ['by no version of another folder', 'modules/.terraform-version', {}],
  ])('%s', async (_, path, expected) => {
    const graph = await graphOf(TREE)
    const found = changedRoots(graph.roots, graph, [path])
    expect(Object.fromEntries(found.map(({ root, reasons }) => [root, reasons]))).toEqual(expected)
  })

  it('by a module that is gone with the change', async () => {
    const graph = await graphOf({ 'a/main.tf': call('../modules/gone'), 'b/main.tf': '' })
    expect(changedRoots(graph.roots, graph, ['modules/gone/main.tf'])).toEqual([
      { root: 'a', reasons: ['modules/gone/main.tf changed'] },
    ])
  })

  it('by files of variables that only the caller knows of', async () => {
    const graph = await graphOf(TREE)
    expect(changedRoots(['live/dev'], graph, ['values/dev.tfvars'], () => ['./values/dev.tfvars'])).toEqual([
      { root: 'live/dev', reasons: ['values/dev.tfvars changed'] },
    ])
  })

  it('through a link to a file', async () => {
    const files = new FakeFiles({ 'a/main.tf': '', 'b/main.tf': '', 'common/providers.tf': '', 'a/providers.tf': '' })
    const walk = files.walk.bind(files)
    files.walk = async (...asked) =>
      (await walk(...asked)).map(file =>
        file.path === 'a/providers.tf' ? { ...file, target: 'common/providers.tf' } : file,
      )
    const graph = moduleGraph(await readFolders(files, 'terraform'))
    expect(changedRoots(['a', 'b'], graph, ['common/providers.tf'])).toEqual([
      { root: 'a', reasons: ['common/providers.tf changed'] },
    ])
  })

  it('at the top by all that belongs to no other folder', async () => {
    const graph = await graphOf({ 'main.tf': call('./modules/x'), 'modules/x/main.tf': '', 'modules/y/main.tf': '' })
    const isChangedBy = (path: string) => changedRoots(graph.roots, graph, [path]).length === 1
    expect(['src/a.py', 'modules/x/main.tf', 'modules/y/main.tf'].map(isChangedBy)).toEqual([true, true, false])
  })

  it.each<[string, Tree, string]>([
    [
      'a path that is put together',
      { 'm/main.tf': 'locals {\n  a = file(var.x)\n}' },
      'm/main.tf:2 reads a path that is not literal',
    ],
    [
      'a source that is put together',
      { 'm/main.tf': 'module "x" {\n  source = var.x\n}' },
      'm/main.tf:1 calls a module whose source is not literal',
    ],
    [
      'a file that cannot be read',
      { 'm/main.tf': 'locals {\n  a = "\n}' },
      'm/main.tf:2 cannot be read: a string is not closed',
    ],
    ['JSON that cannot be read', { 'm/main.tf.json': '{' }, 'm/main.tf.json:1 cannot be read: it is not valid JSON'],
  ])('when it cannot be told: %s', async (_, tree, reason) => {
    const graph = await graphOf({ 'a/main.tf': call('../m'), 'b/main.tf': '', ...tree })
    expect(changedRoots(graph.roots, graph, [])).toEqual([{ root: 'a', reasons: [reason] }])
  })

  it('by a link that leads out of the repository', async () => {
    const files = new FakeFiles({ 'a/main.tf': '' })
    files.walk = async () => [{ path: 'a/main.tf', target: undefined }]
    const graph = moduleGraph(await readFolders(files, 'terraform'))
    expect(changedRoots(graph.roots, graph, [])[0]?.reasons).toEqual([
      'a/main.tf:1 cannot be read: it is a link that leads out of the repository',
    ])
  })

  it('when a file is too large to look into', async () => {
    const graph = await graphOf({ 'a/main.tf': `# ${'x'.repeat(4 * 1024 * 1024)}` })
    expect(changedRoots(graph.roots, graph, [])[0]?.reasons).toEqual([
      'a/main.tf:1 cannot be read: it is larger than 4 MiB',
    ])
  })
})
