import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { readFile } from 'node:fs/promises'
import type { WorkflowRun } from '../../local-github/model.ts'
import { leaksIn } from '../support/leaks.ts'
import { openRedactionWorld, plantedValue, type Published, type RedactionWorld } from './redaction-world.ts'

/**
 * Real terraform through the real workflows: a plan, an apply, and one of each that fails, with 200 secrets that reach
 * Terraform by variables alone and are copied to where nothing marks them.
 */

const some = (kind: string, count: number, decorate = (text: string) => text) =>
  Array.from({ length: count }, (_, index) => decorate(plantedValue(kind, index)))

const PLANTED = {
  marked: some('marked', 50),
  json: some('json', 20, text => `${text}"\\<&`),
  base64: some('base64', 20),
  gzip: some('gzip', 15),
  hexed: some('hexed', 10),
  url: some('url', 10, text => `${text}/?&é`),
  html: some('html', 5, text => `${text}<&>`),
  multi: some('multi', 20, text => `${text}\n  ab\n${text.slice(6)}-end`),
  outputs: some('output', 10),
  errors: some('error', 10),
}
const NUMBERS = Array.from({ length: 15 }, (_, index) => 731_845_000_000 + index * 7_919)
const SHORT = Array.from({ length: 10 }, (_, index) => `^${index}~Q`)
const PINS = [48_151, 62_342, 73_155, 80_441, 91_733]
const CANARY = 'a-harmless-canary'
const COUNT = Object.values(PLANTED).flat().length + NUMBERS.length + SHORT.length + PINS.length

const VARIABLES = {
  TF_VAR_planted: JSON.stringify(PLANTED),
  TF_VAR_numbers: JSON.stringify(NUMBERS),
  TF_VAR_short: JSON.stringify(SHORT),
  TF_VAR_pins: JSON.stringify(PINS),
  // Terraform has no function for it, and a provider may.
  TF_VAR_encoded: JSON.stringify([
    ...PLANTED.hexed.map((text, index) => {
      const hex = Buffer.from(text).toString('hex')
      return index % 2 === 0 ? hex : hex.toUpperCase()
    }),
    ...PLANTED.html.map(text => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')),
  ]),
}

const root = (stateFile: string, extra = '') => `
terraform {
  backend "local" {
    path = ${JSON.stringify(stateFile)}
  }
}

variable "planted" {
  type      = map(list(string))
  sensitive = true
}

variable "numbers" {
  type      = list(number)
  sensitive = true
}

variable "short" {
  type      = list(string)
  sensitive = true
}

variable "pins" {
  type      = list(number)
  sensitive = true
}

variable "encoded" {
  type = list(string)
}

locals {
  open   = nonsensitive(var.planted)
  canary = "${CANARY}"
}

# The provider copies input to output, and marks input alone.
resource "terraform_data" "marked" {
  count = length(local.open.marked)
  input = { password = var.planted.marked[count.index], user = "app" }
}

resource "terraform_data" "short" {
  input = { words = var.short, pins = var.pins }
}

resource "terraform_data" "numbers" {
  input = { all = var.numbers, text = "account \${nonsensitive(var.numbers[0])}" }
}

resource "terraform_data" "unmarked" {
  input = {
    json    = [for text in local.open.json : jsonencode({ password = text, user = "app" })]
    twice   = jsonencode(jsonencode(local.open.json))
    base64  = [for index, text in local.open.base64 : base64encode("\${substr("xyz", 0, index % 3)}\${text}")]
    gzip    = [for text in local.open.gzip : base64gzip("#!/bin/sh\\nexport PASSWORD='\${text}'\\n")]
    url     = [for text in local.open.url : "https://shop.example/?key=\${urlencode(text)}"]
    encoded = var.encoded
    keys    = { for text in slice(local.open.marked, 0, 3) : text => "a key" }
  }
}

resource "terraform_data" "scripts" {
  for_each = toset([for index in range(length(local.open.multi)) : tostring(index)])
  input    = <<-EOT
    setup:
      script: |
        \${indent(8, local.open.multi[tonumber(each.key)])}
      mode: fast
  EOT
}

resource "terraform_data" "canary" {
  input = { name = local.canary, packed = base64gzip("packed \${local.canary}") }
}

check "login" {
  assert {
    condition     = length(local.canary) == 0
    error_message = "\${local.canary} cannot log in with \${local.open.errors[0]}"
  }
}

output "copied" {
  value = local.open.outputs
}

output "hidden" {
  value     = var.planted.outputs
  sensitive = true
}

output "canary" {
  value = local.canary
}

output "inventory_ini" {
  value = "[app]\\n\${local.canary} ansible_host=10.0.0.1\\n"
}
${extra}`

const PLAN_FAILS = `
resource "terraform_data" "broken" {
  lifecycle {
    precondition {
      condition     = length(local.canary) == 0
      error_message = "\${local.canary}: no login with \${local.open.errors[1]}, nor with \${base64encode("x\${local.open.errors[2]}")}."
    }
  }
}
`

const APPLY_FAILS = `
resource "terraform_data" "made" {}

resource "terraform_data" "keeper" {
  input = sensitive(terraform_data.made.id)
}

resource "terraform_data" "failing" {
  depends_on = [terraform_data.keeper]
  provisioner "local-exec" {
    command     = "echo \\"$CANARY $LOGIN $MADE\\" >&2; exit 3"
    environment = { CANARY = local.canary, LOGIN = local.open.errors[3], MADE = terraform_data.made.id }
  }
}
`

let world: RedactionWorld
let published: Published
let runs: WorkflowRun[]
/** A secret that the apply itself made. */
let made: string

beforeAll(async () => {
  world = await openRedactionWorld(VARIABLES)
  const { stateFile } = world
  const first = await world.propose('first', { 'infra/main.tf': root(stateFile) })
  const applied = await world.merge(first.number)
  const broken = await world.propose('broken', { 'infra/main.tf': root(stateFile, PLAN_FAILS) })
  const failing = await world.propose('failing', { 'infra/main.tf': root(stateFile, APPLY_FAILS) })
  const failed = await world.merge(failing.number)
  runs = [first.run, applied, broken.run, failing.run, failed]
  const state = JSON.parse(await readFile(stateFile, 'utf8')) as {
    resources: { name: string; instances: { attributes: { id: string } }[] }[]
  }
  made = state.resources.find(({ name }) => name === 'made')?.instances[0]?.attributes.id ?? ''
  published = await world.published()
}, 900_000)

afterAll(() => world?.close(), 60_000)

it('goes as it should: a plan and an apply, and one of each that fails', () => {
  expect(COUNT).toBe(200)
  expect(runs.map(({ conclusion }) => conclusion)).toEqual(['success', 'success', 'failure', 'success', 'failure'])
  expect(world.github.violations).toEqual([])
  const verdicts = published.logs.join('\n').match(/"verdict": "\w+"/g)
  expect([...new Set(verdicts)].sort()).toEqual(['"verdict": "fail"', '"verdict": "invalid"', '"verdict": "pass"'])
  expect(made).toMatch(/^[0-9a-f-]{36}$/)
})

describe.each(['requests', 'logs', 'records', 'artifacts'] as const)('R10: in the %s', channel => {
  it('no planted secret is found, in whatever encoding', () => {
    const long = [...Object.values(PLANTED).flat(), ...NUMBERS.map(String), made]
    expect(leaksIn(published[channel], long)).toEqual([])
  }, 300_000)

  it('no short one is found as a value', () => {
    const text = published[channel].join('\n')
    expect(SHORT.filter(value => text.includes(value))).toEqual([])
    expect(PINS.filter(pin => new RegExp(`(?:= |: |")${pin}\\b`).test(text))).toEqual([])
  })

  it('the search finds a canary', () => {
    expect(leaksIn(published[channel], [CANARY])).toEqual([CANARY])
  }, 300_000)
})

describe('the comment', () => {
  const commentsOf = () => world.github.store.comments.filter(({ body }) => body.includes('terraform-plan'))

  it('still says what happens, under names that are seen', () => {
    const [first] = commentsOf()
    expect(first?.body).toMatch(/adds 7\d/)
    expect(first?.body).toContain('terraform_data.marked[0…49]')
    expect(first?.body).toContain('input.name = "a-harmless-canary"')
    expect(leaksIn(first?.body ?? '', [`packed ${CANARY}`])).toEqual([`packed ${CANARY}`])
    expect(first?.body).toMatch(/\d+ short values hidden/)
  })

  it('says why there is no plan, and what stood in the words is hidden alone', () => {
    const said = commentsOf().map(({ body }) => body)
    expect(said.join('\n')).toMatch(/a-harmless-canary: no login with \*\*\*, nor with \*\*\*\./)
  })
})

it('the summary of a failed apply has the cause without what the apply made', () => {
  const { jobs, checkRuns } = world.github.store
  const summaries = [...jobs.filter(() => true), ...checkRuns.filter(() => true)].map(record => JSON.stringify(record))
  expect(summaries.join('\n')).toMatch(/apply failed/)
  expect(summaries.join('\n')).toMatch(/a-harmless-canary \*\*\* \*\*\*/)
})
