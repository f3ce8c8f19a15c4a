import { describe, expect, it } from '@jest/globals'
import { readSources, type ModuleFiles } from '../../../kit/terraform/plan-sources.ts'

const ROOT = `
variable "cidr" {}
variable "unused" {}
locals {
  name   = "shop-\${local.suffix}" # with a comment
  suffix = var.suffix
  loop   = local.loop
}
module "network" {
  for_each = { main = var.cidr }
  source   = "./network"
  range    = each.value
  script   = "echo \${local.name}"
}
resource "aws_iam_policy" "read" {
  name   = "read"
  policy = jsonencode({ Action = "s3:GetObject", Resource = aws_s3_bucket.b.arn, Net = module.network["main"].id })
}
resource "aws_instance" "app" {
  count     = var.size
  user_data = "\${aws_s3_bucket.b.arn} \${count.index}"
  dynamic "disk" {
    for_each = var.disks
    content { size = disk.value }
  }
}
removed {
  from = aws_instance.old
  provisioner "local-exec" { command = "echo gone" }
}
removed { from = aws_instance.quiet }
output "arn" {
  description = "words"
  value       = "a:\${aws_s3_bucket.b.arn}"
}
provider "aws" {
  alias  = "east"
  region = var.region
  assume_role { role_arn = local.role }
}
provider "aws" { region = "eu-west-1" }
`
const NETWORK = `
variable "range" {}
variable "script" {}
variable "mode" { default = "open" }
data "external" "look" { program = ["sh", "-c", var.mode] }
resource "null_resource" "run" {
  triggers = { a = var.range }
  provisioner "local-exec" { command = var.script }
  connection { host = var.range }
}
output "id" { value = "n-\${null_resource.run.id}" }
`
const files = (change: { root?: string; network?: string; more?: Record<string, string> } = {}): ModuleFiles =>
  new Map([
    ['', new Map(Object.entries({ 'main.tf': change.root ?? ROOT, ...change.more }))],
    ['network', new Map([['main.tf', change.network ?? NETWORK]])],
  ])
const names = (...listed: string[]) => new Set(listed)
const sources = readSources(files())

describe('the text that an argument is made from', () => {
  it('is its own, with the outputs of modules that it names and what these are made from', () => {
    const { text, variables } = sources.resource('aws_iam_policy.read', names('policy'))
    expect(text).toContain('s3:GetObject')
    expect(text).toContain('n-${null_resource . run . id}')
    expect(text).not.toContain('name = "read"')
    expect(variables).toEqual([])
  })

  it('goes through locals and arguments of modules to variables of the root', () => {
    const { text, variables } = sources.provisioners('module.network["main"].null_resource.run')
    expect(text).toContain('command = var . script')
    expect(text).toContain('script = "echo ${local . name}"')
    expect(text).toContain('local.name = "shop-${local . suffix}"')
    expect(variables).toEqual(['cidr', 'suffix'])
  })

  it('has the default of a module’s variable', () => {
    const { text } = sources.resource('module.network["main"].data.external.look', names('program'))
    expect(text).toContain('var.mode = "open"')
  })

  it('has blocks, dynamic ones too, and what an object is repeated over', () => {
    expect(sources.resource('aws_instance.app[0]', names('user_data')).variables).toEqual(['size'])
    expect(sources.resource('aws_instance.app[0]', names('disk')).variables).toEqual(['disks'])
  })

  it('ends where a local names itself', () => {
    const looped = readSources(files({ root: ROOT.replace('value       = "a:', 'value = "${local.loop}') }))
    expect(looped.output('arn').text).toContain('local.loop')
  })

  it('is that of a removed block for an object that is configured no more', () => {
    expect(sources.provisioners('aws_instance.old').text).toContain('echo gone')
    expect(sources.provisioners('aws_instance.old').text).not.toContain('quiet')
  })

  it('is the value of an output and the settings of a provider', () => {
    expect(sources.output('arn').text).toBe('value = "a:${aws_s3_bucket . b . arn}"')
    const east = sources.provider('', 'aws', 'east', names('region', 'assume_role'))
    expect([east.text.includes('role_arn = local . role'), east.variables]).toEqual([true, ['region']])
    expect(sources.provider('', 'aws', undefined, names('region')).text).toBe('region = "eu-west-1"')
  })

  it('is nothing for what is not there', () => {
    expect(sources.resource('module.none.aws_x.y', names('a'))).toEqual({ text: '', variables: [] })
  })
})

describe('what counts as the same text', () => {
  const policy = (root: string) => readSources(files({ root })).resource('aws_iam_policy.read', names('policy')).text
  const before = policy(ROOT)

  it.each([
    ['a comment', ROOT.replace('name   = "read"', 'name   = "read" # why')],
    ['layout', ROOT.replace('{ Action', '{\n\n    Action')],
    ['another argument', ROOT.replace('= "read"', '= "write"')],
    ['another object', `${ROOT}\nresource "aws_x" "y" { z = 1 }`],
  ])('%s is left out', (_, root) => expect(policy(root)).toBe(before))

  it.each([
    ['a literal', ROOT.replace('GetObject', '*')],
    ['a name', ROOT.replace('Resource = aws_s3_bucket.b', 'Resource = aws_s3_bucket.c')],
    ['a template that looks like a text', ROOT.replace('"s3:GetObject"', '"$${x}"')],
  ])('%s is not', (_, root) => expect(policy(root)).not.toBe(before))

  it('a text that shows an insertion is told from one that has it', () => {
    const output = (value: string) => readSources(files({ root: `output "o" { value = ${value} }` })).output('o').text
    expect(output('"${var.x}"')).not.toBe(output('"$${var . x}"'))
    expect(output('"a"')).not.toBe(output('a'))
  })

  it('files in JSON and those that cannot be read count as a whole', () => {
    const of = (more: Record<string, string>) => readSources(files({ more })).output('arn').text
    expect(of({ 'x.tf.json': '{"a":1}' })).not.toBe(of({ 'x.tf.json': '{"a":2}' }))
    expect(of({ 'x.tf.json': '{"a":1}' })).toBe(of({ 'x.tf.json': '{ "a": 1 }' }))
    expect(of({ 'x.tf': '}' })).not.toBe(of({ 'x.tf': '} }' }))
  })
})
