import { describe, expect, it } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { readOverrides } from '../../../actions/infracost-comment/src/overrides.ts'
import prices from '../../../actions/infracost-comment/src/prices.json' with { type: 'json' }
import { PRICE_KEYS } from '../../../actions/infracost-comment/src/price-sheet.ts'
import { RULES } from '../../../actions/infracost-comment/src/rules.ts'
import { billOf, compare, makePlan } from './plans.ts'

describe('own rates', () => {
  const yaml = 'prices:\n  us-east-1:\n    ec2/t3.micro: 0.008\n    ec2/x9.nano: "0.001"\n  "*":\n    ebs/gp2/gb: 0\n'

  it('go before the built-in prices and fill their gaps', () => {
    const overrides = readOverrides(yaml, 'rates.yml')
    expect(billOf('aws_instance', { instance_type: 't3.micro' }, { overrides }).total).toBe('5.84')
    expect(billOf('aws_instance', { instance_type: 'x9.nano' }, { overrides }).total).toBe('0.73')
    expect(billOf('aws_ebs_volume', { size: 9 }, { overrides, region: 'ap-south-1' }).total).toBe('0.00')
  })

  it('are counted in the origin of the prices', () => {
    const plan = makePlan([{ address: 'aws_instance.a', after: { instance_type: 't3.micro' } }])
    expect(compare(plan, { overrides: readOverrides(yaml, 'x') }).estimate.prices).toEqual({
      oldest: '',
      newest: '',
      regions: ['us-east-1'],
      ownRates: 2,
    })
  })

  it('can be JSON', () => {
    const overrides = readOverrides('{"prices": {"eu-west-1": {"nat/hour": 0.03}}}', 'rates.json')
    expect(overrides.get('eu-west-1')?.get('nat/hour')?.toFixed()).toBe('0.03')
  })
})

describe('the price sheet', () => {
  const entries = Object.entries(prices.prices).flatMap(([region, rates]) =>
    Object.entries(rates as Record<string, string[]>).map(([key, [usd, source]]) => ({ region, key, usd, source })),
  )

  it('holds decimal prices with a dated source, under keys that a rule can ask for', () => {
    const sources: Record<string, { date: string; text: string }> = prices.sources
    const strange = entries.filter(
      ({ key, usd, source }) =>
        !PRICE_KEYS.some(shape => shape.test(key)) ||
        !/^\d+(\.\d+)?$/.test(usd ?? '') ||
        !/^20\d\d-\d\d-\d\d$/.test(sources[source ?? '']?.date ?? ''),
    )
    expect(strange).toEqual([])
    expect(entries.length).toBeGreaterThan(600)
  })

  it('has two zones of a database at twice the price of one', () => {
    const single = entries.filter(({ key }) => key.startsWith('rds/') && key.includes('/single-az/db.'))
    const wrong = single.filter(({ region, key, usd }) => {
      const double = entries.find(entry => entry.region === region && entry.key === key.replace('single', 'multi'))
      return Math.abs(Number(double?.usd) - 2 * Number(usd)) > 1e-9
    })
    expect(single.length).toBeGreaterThan(40)
    expect(wrong).toEqual([])
  })
})

describe('the guide to costs', () => {
  const guide = readFileSync(new URL('../../../docs/cost.md', import.meta.url), 'utf8')

  it('names every type that is priced, and no other', () => {
    const table = guide.slice(guide.indexOf('## What is priced'), guide.indexOf('Types that cost nothing'))
    expect([...table.matchAll(/`(aws_\w+)`/g)].map(match => match[1]).sort()).toEqual([...RULES.keys()].sort())
  })

  it('says how many types of instances each region has', () => {
    for (const [region, rates] of Object.entries(prices.prices)) {
      const types = Object.keys(rates).filter(key => key.startsWith('ec2/')).length
      if (types > 0) expect(guide).toContain(`| \`${region}\` | ${types} EC2 types`)
    }
  })

  it('shows own rates that can be read', () => {
    const example = /```yaml\n(# infra\/rates.yml\n[\s\S]*?)```/.exec(guide)?.[1] ?? ''
    expect(readOverrides(example, 'rates.yml').get('eu-west-1')?.size).toBe(2)
  })
})
