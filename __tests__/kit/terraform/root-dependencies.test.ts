import { describe, expect, it } from '@jest/globals'
import { InputError } from '../../../kit/errors.ts'
import { readFolders } from '../../../kit/terraform/folders.ts'
import { moduleGraph } from '../../../kit/terraform/module-graph.ts'
import { dependencies, rootDependencies } from '../../../kit/terraform/root-dependencies.ts'
import { allDependencies, inOrder } from '../../../kit/terraform/root-order.ts'
import { FakeFiles } from '../../support/fakes.ts'

const s3 = (settings: string) => `terraform {\n  backend "s3" {\n${settings}\n  }\n}\n`
const reads = (backend: string, config: string) =>
  `data "terraform_remote_state" "network" {\n  backend = "${backend}"\n  config = {\n${config}\n  }\n}\n`

async function dependenciesOf(tree: Record<string, string>, declared = '', backendConfig: readonly string[] = []) {
  const graph = moduleGraph(await readFolders(new FakeFiles(tree), 'terraform'))
  return Object.fromEntries(
    rootDependencies(graph.roots, graph, {
      'depends-on': dependencies.parse(declared),
      'backend-config': backendConfig,
      'working-directory': '.',
    }),
  )
}

describe('a root depends on the one whose state it reads', () => {
  const KEPT = s3('bucket = "states"\nkey = "network.tfstate"')
  const cases: readonly (readonly [string, boolean, string, string, (readonly string[])?])[] = [
    ['the same bucket and key', true, KEPT, reads('s3', 'bucket = "states"\nkey = "network.tfstate"')],
    ['also on one line', true, KEPT, reads('s3', 'bucket = "states", key = "network.tfstate"')],
    ['also with names in quotes and colons', true, KEPT, reads('s3', '"bucket": "states"\n"key": "network.tfstate"')],
    ['another key', false, KEPT, reads('s3', 'bucket = "states"\nkey = "dns.tfstate"')],
    ['another bucket', false, KEPT, reads('s3', 'bucket = "others"\nkey = "network.tfstate"')],
    ['another backend', false, KEPT, reads('gcs', 'bucket = "states"\nkey = "network.tfstate"')],
    ['a key that is put together', false, KEPT, reads('s3', 'bucket = "states"\nkey = "${var.x}.tfstate"')],
    ['a bucket that is put together', true, KEPT, reads('s3', 'bucket = var.bucket\nkey = "network.tfstate"')],
    ['an expression about the key', false, KEPT, reads('s3', 'bucket = "states"\nkey = join("", ["network.tfstate"])')],
    [
      'a backend whose bucket an input gives',
      true,
      s3('key = "network.tfstate"'),
      reads('s3', 'bucket = "states"\nkey = "network.tfstate"'),
      ['bucket=states'],
    ],
    [
      'a backend whose bucket an input gives, another one',
      false,
      s3('key = "network.tfstate"'),
      reads('s3', 'bucket = "others"\nkey = "network.tfstate"'),
      ['bucket=states'],
    ],
    [
      'a backend of a type that nobody knows',
      false,
      KEPT.replace('"s3"', '"x"'),
      reads('x', 'key = "network.tfstate"'),
    ],
    [
      'a workspace of an organization',
      true,
      'terraform {\n  cloud {\n    organization = "acme"\n    workspaces {\n      name = "network"\n    }\n  }\n}\n',
      reads('remote', 'organization = "acme"\nworkspaces = { name = "network" }'),
    ],
    [
      'a workspace of another organization',
      false,
      'terraform {\n  cloud {\n    organization = "acme"\n    workspaces {\n      name = "network"\n    }\n  }\n}\n',
      reads('remote', 'organization = "other"\nworkspaces = { name = "network" }'),
    ],
    ['a state in its own folder', true, '', reads('local', 'path = "../network/terraform.tfstate"')],
    ['one by way of path.module', true, '', reads('local', 'path = "${path.module}/../network/terraform.tfstate"')],
    ['one with another name', false, '', reads('local', 'path = "../network/other.tfstate"')],
    [
      'one with a name that its backend gives',
      true,
      'terraform {\n  backend "local" {\n    path = "states/x.tfstate"\n  }\n}\n',
      reads('local', 'path = "../network/states/x.tfstate"'),
    ],
    [
      'one whose name an input gives',
      true,
      'terraform {\n  backend "local" {}\n}\n',
      reads('local', 'path = "/states/x.tfstate"'),
      ['path=/states/x.tfstate'],
    ],
  ]
  it.each(cases.map(row => [row[0], row] as const))('%s', async (_, [, isOne, kept, read, backendConfig]) => {
    const tree = { 'network/main.tf': `locals {}\n${kept}`, 'app/main.tf': `${s3('key = "app.tfstate"')}${read}` }
    // The application's own backend is another one where the input gives the key.
    if (backendConfig?.some(line => line.startsWith('path='))) tree['app/main.tf'] = read
    expect(await dependenciesOf(tree, '', backendConfig)).toEqual({ app: isOne ? ['network'] : [], network: [] })
  })

  it('also when a local module reads it, from the folder of the module', async () => {
    const tree = {
      'live/network/main.tf': 'locals {}',
      'live/app/main.tf': 'module "m" {\n  source = "../../modules/m"\n}\n',
      'modules/m/main.tf': reads('local', 'path = "${path.module}/../../live/network/terraform.tfstate"'),
    }
    expect(await dependenciesOf(tree)).toEqual({ 'live/app': ['live/network'], 'live/network': [] })
  })

  it('also in the JSON of Terraform', async () => {
    const tree = {
      'network/main.tf.json': JSON.stringify({ terraform: { backend: { s3: { bucket: 'b', key: 'n' } } } }),
      'app/main.tf.json': JSON.stringify({
        data: { terraform_remote_state: { net: { backend: 's3', config: { bucket: 'b', key: 'n' } } } },
      }),
    }
    expect(await dependenciesOf(tree)).toEqual({ app: ['network'], network: [] })
  })

  it('and on what depends-on says, whose lines name roots', async () => {
    const tree = { 'a/x.tf': '', 'b/x.tf': '', 'c/x.tf': '' }
    expect(await dependenciesOf(tree, 'a: b, ./c/\nb: c')).toEqual({ a: ['b', 'c'], b: ['c'], c: [] })
    await expect(dependenciesOf(tree, 'a: b, d')).rejects.toThrow(
      'input "depends-on" is "a: b, d": d is no Terraform root. Name folders of roots relative to "working-directory"',
    )
  })

  it.each(['a', 'a:', ': b', 'a: b,,c'])('refuses the line %j', line => {
    expect(() => dependencies.parse(line)).toThrow('does not say which root depends on which')
  })
})

describe('the order', () => {
  const dependsOn = new Map([
    ['a', ['b']],
    ['b', ['c']],
    ['c', []],
    ['d', []],
  ])

  it('puts what is depended on first, by way of roots that are left out too', () => {
    expect(inOrder(['a', 'b', 'c', 'd'], dependsOn)).toEqual(['c', 'b', 'a', 'd'])
    expect(inOrder(['a', 'c', 'd'], dependsOn)).toEqual(['c', 'a', 'd'])
    expect(allDependencies('a', ['a', 'c', 'd'], dependsOn)).toEqual(['c'])
  })

  it('names the roots of a circle', () => {
    const circle = new Map([...dependsOn, ['c', ['b']]] as const)
    expect(() => inOrder(['a'], circle)).toThrow(InputError)
    expect(() => inOrder(['a'], circle)).toThrow(
      'input "roots" is "b → c → b": these roots depend on each other in a circle, so none of them can be applied first',
    )
  })
})
