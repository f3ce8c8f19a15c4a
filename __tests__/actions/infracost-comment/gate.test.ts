import { describe, expect, it } from '@jest/globals'
import Big from 'big.js'
import { judge, type Limits } from '../../../actions/infracost-comment/src/gate.ts'
import { compare, makePlan, type ObjectChange } from './plans.ts'

const volume = (size: number) => ({ size, type: 'gp2' })
const change = (before: number | undefined, after: number | undefined): ObjectChange => ({
  address: 'aws_ebs_volume.data',
  ...(before === undefined ? {} : { before: volume(before) }),
  ...(after === undefined ? {} : { after: volume(after) }),
})
const limits = (given: Partial<Record<keyof Limits, string>>): Limits => ({
  maxIncrease: given.maxIncrease === undefined ? undefined : new Big(given.maxIncrease),
  maxIncreasePercent: given.maxIncreasePercent === undefined ? undefined : new Big(given.maxIncreasePercent),
  maxTotal: given.maxTotal === undefined ? undefined : new Big(given.maxTotal),
})

describe('the gate', () => {
  it('cannot decide about a region of which it knows no price, whatever is priced elsewhere', () => {
    const zone = { address: 'aws_route53_zone.main', after: { name: 'shop.example' } }
    const before = { instance_type: 't3.large' }
    const there = { address: 'aws_instance.app', after: before }
    const judged = (changes: ObjectChange[], region: string | null, given: Parameters<typeof limits>[0]) =>
      judge(compare(makePlan(changes, region)), limits(given))
    expect(judged([zone, there], 'ap-southeast-2', { maxIncrease: '25' })).toMatchObject({
      verdict: 'invalid',
      reasons: ['no price of anything in ap-southeast-2 is known: give rates in "price-overrides"'],
    })
    expect(judged([zone, there], null, { maxIncrease: '25' })).toMatchObject({
      verdict: 'invalid',
      reasons: [expect.stringContaining('set "default-region"')],
    })
    const unchanged = [zone, { ...there, before }]
    expect(judged(unchanged, 'ap-southeast-2', { maxIncrease: '25' }).verdict).toBe('pass')
    expect(judged(unchanged, 'ap-southeast-2', { maxTotal: '25' }).verdict).toBe('invalid')
    expect(judged([zone, there], 'us-east-1', { maxIncrease: '250' }).verdict).toBe('pass')
  })

  it.each<[string, ObjectChange[], Partial<Record<keyof Limits, string>>, string, string | undefined]>([
    ['passes without a limit', [change(undefined, 10_000)], {}, 'pass', undefined],
    ['passes an increase of exactly the limit', [change(100, 350)], { maxIncrease: '25' }, 'pass', undefined],
    [
      'fails an increase of a cent more',
      [change(1000, 3501)],
      { maxIncrease: '250.09' },
      'fail',
      '+$250.10 a month is over the limit of +$250.09',
    ],
    [
      'fails any increase over a limit of nothing',
      [change(100, 101)],
      { maxIncrease: '0' },
      'fail',
      '+$0.10 a month is over the limit of $0.00',
    ],
    ['passes a decrease', [change(1000, 10)], { maxIncrease: '0', maxIncreasePercent: '0' }, 'pass', undefined],
    ['passes a percentage of exactly the limit', [change(100, 110)], { maxIncreasePercent: '10' }, 'pass', undefined],
    [
      'fails a larger percentage',
      [change(100, 111)],
      { maxIncreasePercent: '10' },
      'fail',
      '+11 % is over the limit of +10 %',
    ],
    [
      'fails any percentage of nothing',
      [change(undefined, 1)],
      { maxIncreasePercent: '500' },
      'fail',
      'there was no cost before, so any increase is over the limit of +500 %',
    ],
    ['passes no change of nothing', [], { maxIncreasePercent: '0' }, 'pass', undefined],
    ['passes a total of exactly the limit', [change(undefined, 100)], { maxTotal: '10' }, 'pass', undefined],
    [
      'fails a larger total, also when it goes down',
      [change(300, 200)],
      { maxTotal: '10' },
      'fail',
      '$20.00 a month is over the limit of $10.00 in total',
    ],
    [
      'names every limit that is crossed',
      [change(10, 300)],
      { maxIncrease: '1', maxTotal: '10' },
      'fail',
      '+$29.00 a month is over the limit of +$1.00\n$30.00 a month is over the limit of $10.00 in total',
    ],
    [
      'decides on what is known',
      [change(100, 110), { address: 'aws_sfn_state_machine.x', after: {} }],
      { maxIncrease: '5' },
      'pass',
      undefined,
    ],
    [
      'cannot decide when nothing has a price',
      [{ address: 'aws_sfn_state_machine.x', after: {} }],
      { maxIncrease: '5' },
      'invalid',
      'none of the 1 resources that may cost something could be priced',
    ],
    [
      'knows that nothing changes, whatever it costs',
      [{ address: 'aws_sfn_state_machine.x', before: {}, after: {} }],
      { maxIncrease: '5' },
      'pass',
      undefined,
    ],
    [
      'cannot judge a total of which nothing has a price',
      [{ address: 'aws_sfn_state_machine.x', before: {}, after: {} }],
      { maxTotal: '5' },
      'invalid',
      'none of the 1 resources that may cost something could be priced',
    ],
    [
      'reports without a limit also when nothing has a price',
      [{ address: 'aws_sfn_state_machine.x', after: {} }],
      {},
      'pass',
      undefined,
    ],
  ])('%s', (_, changes, given, verdict, reasons) => {
    const judgement = judge(compare(makePlan(changes)), limits(given))
    expect(judgement.verdict).toBe(verdict)
    expect(judgement.reasons.join('\n')).toBe(reasons ?? '')
  })
})
