import { describe, expect, it } from '@jest/globals'
import { addresses, extentRemarks } from '../../../kit/terraform/extent.ts'

describe('the input "targets"', () => {
  it.each([
    'aws_instance.app',
    'aws_instance.app[0]',
    'aws_instance.app["a.b"]',
    'aws_instance.app["a\\"]b"]',
    'data.aws_ami.base',
    'module.network',
    'module.network["eu-1"].module.subnet[2].aws_subnet.main["a"]',
    'aws_größe.x-y',
  ])('takes %s', address => expect(addresses.parse(address)).toEqual([address]))

  it.each([
    '-destroy',
    'aws_instance',
    'module',
    'aws_instance.app[x]',
    'aws_instance.app["a]',
    'aws_instance.app extra',
    'a.b.c',
    'module.x.y',
    'data.module.x',
  ])('refuses %s', address => expect(() => addresses.parse(address)).toThrow('is not the address of'))

  it('takes one a line, and is quick about a long one that is none', () => {
    expect(addresses.parse('a.b\n\n  module.c\n')).toEqual(['a.b', 'module.c'])
    expect(() => addresses.parse(`${'module.a["\\"].'.repeat(5000)}!`)).toThrow('is not the address of')
  })
})

describe('what a reader must not overlook', () => {
  it('is nothing for a plan of the whole root', () => {
    expect(extentRemarks({ targets: [], destroy: false, 'pre-run': '' })).toEqual([])
  })

  it('is a destroy plan, targets and a script before Terraform', () => {
    expect(extentRemarks({ targets: ['a.b', 'a.c["`"]'], destroy: true, 'pre-run': 'scripts/zip.sh' })).toEqual([
      '**This is a destroy plan**: it takes away what the root manages, whatever its files say.',
      '**Only** `a.b`, <code>a.c&#91;&#34;&#96;&#34;&#93;</code> and what that depends on is planned; the rest of the root is left out.',
      'The script `scripts/zip.sh` runs before Terraform.',
    ])
  })
})
