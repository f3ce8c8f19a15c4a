import { describe, expect, it } from '@jest/globals'
import { readConfiguration, type Read } from '../../../kit/terraform/configuration.ts'

const readsOf = (text: string, name = 'main.tf') => readConfiguration(name, text).reads

describe('what an expression reads', () => {
  it.each<[string, string, Omit<Read, 'line'>[]]>([
    ['a literal is relative to where Terraform runs', 'file("a/b.txt")', [{ base: 'root', path: 'a/b.txt' }]],
    ['path.module is the folder of the file', 'file("${path.module}/x.tpl")', [{ base: 'module', path: './x.tpl' }]],
    ['path.root is the root', 'filemd5("${path.root}/x")', [{ base: 'root', path: './x' }]],
    ['so is path.cwd', 'filebase64("${ path.cwd }/x")', [{ base: 'root', path: './x' }]],
    [
      'a template and its values',
      'templatefile("x.tpl", { a = file("y") })',
      [
        { base: 'root', path: 'x.tpl' },
        { base: 'root', path: 'y' },
      ],
    ],
    ['the folder alone', 'fileset(path.module, "*.json")', [{ base: 'module', path: '.' }]],
    ['a folder of files', 'fileset("${path.module}/p", "**")', [{ base: 'module', path: './p' }]],
    ['a pattern that climbs', 'fileset(path.module, "../**")', [{ base: 'module', path: undefined }]],
    ['a pattern that is put together', 'fileset(path.module, var.p)', [{ base: 'module', path: undefined }]],
    ['a path that is a value', 'file(var.path)', [{ base: 'root', path: undefined }]],
    ['a path that is put together', 'file("x/${var.env}.json")', [{ base: 'root', path: undefined }]],
    ['a path that begins well', 'file("${path.module}/${var.env}.json")', [{ base: 'module', path: undefined }]],
    ['a path that two strings make', 'file(join("/", ["a", "b"]))', [{ base: 'root', path: undefined }]],
    ['a sibling of the folder', '"${path.module}-other/x"', [{ base: 'module', path: undefined }]],
    ['an argument of a resource', '"${path.module}/../lambda"', [{ base: 'module', path: './../lambda' }]],
    ['a call inside of a string', '"a ${file("b")} c"', [{ base: 'root', path: 'b' }]],
    ['a call over lines', 'templatefile(\n  "x",\n  {}\n)', [{ base: 'root', path: 'x' }]],
    ['the namespace of the program', 'core::file("x")', [{ base: 'root', path: 'x' }]],
    ['no function of a provider', 'provider::disk::file("x")', []],
    ['no argument of that name', '{ file = "x" }', []],
    ['nothing in a comment', '1 # file("x")', []],
    ['nothing in text', '"file(\\"x\\")"', []],
  ])('%s', (_, expression, expected) => {
    expect(readsOf(`locals {\n  a = ${expression}\n}\n`).map(({ base, path }) => ({ base, path }))).toEqual(expected)
  })

  it('keeps its line, in heredocs too, and comes once', () => {
    expect(readsOf('locals {\n  a = <<E\nx\n${file("b")}\nE\n  c = [file("b"), file("b")]\n}')).toEqual([
      { base: 'root', path: 'b', line: 4 },
      { base: 'root', path: 'b', line: 6 },
    ])
  })
})

const FACTS = `
terraform {
  required_version = "~> 1.9"
  required_providers {
    aws = { source = "hashicorp/aws", configuration_aliases = [aws.peer] }
  }
  backend "s3" {}
}
provider "aws" { region = "eu-west-1" }
module "a" { source = "../a" }
module "b" {
  source = var.source
}
module "c" {
  for_each = {}
  source   = "hashicorp/consul/aws"
}
module "incomplete" {}
`

it('tells what a file says', () => {
  expect(readConfiguration('x.tf', FACTS)).toEqual({
    moduleCalls: [
      { source: '../a', line: 10 },
      { source: undefined, line: 11 },
      { source: 'hashicorp/consul/aws', line: 14 },
    ],
    reads: [],
    requiredVersions: [{ constraint: '~> 1.9', line: 3 }],
    hasBackend: true,
    hasProvider: true,
    needsProviders: true,
    statePlace: { type: 's3', settings: new Map(), path: undefined },
    readStates: [],
  })
})

it('tells the same of JSON, whose lists and comments are as Terraform reads them', () => {
  const document = {
    '//': 'written by a program',
    terraform: [{ required_version: '~> 1.9', backend: { s3: {} } }],
    provider: { aws: [{ region: 'x' }, { alias: 'y', region: 'z' }] },
    module: { a: { source: '../a' }, b: [{ source: '${var.source}' }] },
    locals: { text: '${file("${path.module}/x")} and ${templatefile("y", {})}' },
  }
  expect(readConfiguration('x.tf.json', JSON.stringify(document))).toEqual({
    moduleCalls: [
      { source: '../a', line: 1 },
      { source: undefined, line: 1 },
    ],
    reads: [
      { base: 'module', path: './x', line: 1 },
      { base: 'root', path: 'y', line: 1 },
    ],
    requiredVersions: [{ constraint: '~> 1.9', line: 1 }],
    hasBackend: true,
    hasProvider: true,
    needsProviders: false,
    statePlace: { type: 's3', settings: new Map(), path: undefined },
    readStates: [],
  })
})

it.each([
  ['provider "aws" {}', true],
  ['provider "aws" {\n alias = "peer"\n}', false],
  ['provider "aws" {\n alias = "peer"\n region = "x"\n}', true],
  ['terraform {\n cloud {}\n}', false],
])('%j configures a provider: %s', (text, configures) => {
  expect(readConfiguration('x.tf', text).hasProvider).toBe(configures)
})

it('takes the modules that a test runs for calls', () => {
  const text = 'run "setup" {\n  module {\n    source = "./tests/setup"\n  }\n}\n'
  expect(readConfiguration('x.tftest.hcl', text).moduleCalls).toEqual([{ source: './tests/setup', line: 2 }])
})

it.each([
  ['x.tf', 'a = ', 'a has no value'],
  ['x.tf.json', '{"a":', 'it is not valid JSON'],
])('refuses %s that is cut', (name, text, problem) => {
  expect(() => readConfiguration(name, text)).toThrow(problem)
})
