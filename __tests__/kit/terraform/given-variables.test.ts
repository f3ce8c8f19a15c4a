import { describe, expect, it } from '@jest/globals'
import { environmentLiterals, givenLiterals, sensitiveVariables } from '../../../kit/terraform/given-variables.ts'

const CONFIGURATION = `
# variable "commented" { sensitive = true }
variable "open" {
  type    = string
  default = "seen"
}
variable "token" {
  description = "A token { with a brace"
  type        = object({ a = string, b = optional(string, "not a default") })
  default = {
    a = "first-default" // sensitive
    b = "say \\"it\\"\\n"
    list = ["in a list", 48151623]
  }
  sensitive   = true

  validation {
    condition     = length(var.token.a) > 2
    error_message = "Too short."
  }
}
variable "plain" {
  sensitive = false
  default = "seen too"
}
variable "unsure" {
  default   = <<-EOT
    several
    lines
  EOT
  sensitive = local.x
}
resource "terraform_data" "x" { input = { sensitive = true, default = "no variable" } }
`

describe('sensitive variables in files', () => {
  it('are found in HCL with the literals of their defaults', () => {
    const { names, defaults } = sensitiveVariables('main.tf', CONFIGURATION)
    expect([...names]).toEqual(['token', 'unsure'])
    expect(defaults).toEqual(['first-default', 'say "it"\n', 'in a list', '48151623', '    several\n    lines'])
  })

  it('are found in JSON', () => {
    const content = JSON.stringify({
      variable: { token: { sensitive: true, default: { a: ['deep', 7] } }, open: { default: 'seen' } },
    })
    const { names, defaults } = sensitiveVariables('main.tf.json', content)
    expect([[...names], defaults]).toEqual([['token'], ['deep', '7']])
    expect(sensitiveVariables('main.tf.json', '{').defaults).toEqual([])
  })

  it('have their values in files of variables', () => {
    const names = new Set(['token', 'other'])
    const content =
      'region = "seen"\ntoken = {\n  a = "one", region = "two"\n}\n"other" = <<EOT\nthree\nEOT\nlast = "seen"\n'
    expect(givenLiterals('x.tfvars', content, names)).toEqual(['one', 'two', 'three'])
    expect(
      givenLiterals('x.tfvars.json', '{"token":{"a":"one"},"region":"seen","other":12345678901234567890}', names),
    ).toEqual(['one', '12345678901234567890'])
  })

  it('have their values in the environment, also as an expression', () => {
    expect(environmentLiterals('plain "text"')).toEqual(['plain "text"'])
    expect(environmentLiterals('{ a = "one" }')).toEqual(['{ a = "one" }', 'one'])
  })

  it('take time that is linear in the file', () => {
    const start = process.cpuUsage()
    for (const part of ['{', '"', '<<A\n', '/*', 'a = ', 'variable "x" {', '"\\'])
      sensitiveVariables('main.tf', part.repeat(50_000))
    expect(process.cpuUsage(start).user / 1000).toBeLessThan(2_000)
  })
})
