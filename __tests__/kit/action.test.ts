import { describe, expect, it } from '@jest/globals'
import { explain, runAction, type Host } from '../../kit/action.ts'
import { ActionError, ApiError, CommandError, GateError, withOutputs } from '../../kit/errors.ts'
import {
  duration,
  flag,
  integer,
  keyValues,
  lines,
  oneOf,
  optional,
  required,
  secret,
  text,
  url,
  variableNames,
} from '../../kit/inputs.ts'
import type { Ports } from '../../kit/ports.ts'
import { FakeLog } from '../support/fakes.ts'

class FakeHost implements Host {
  readonly phase: 'main' | 'post'
  readonly log = new FakeLog()
  readonly failures: string[] = []
  readonly written: Record<string, string> = {}
  readonly given: Readonly<Record<string, string>>
  closed = 0

  constructor(given: Readonly<Record<string, string>> = {}, phase: 'main' | 'post' = 'main') {
    this.given = given
    this.phase = phase
  }
  input(name: string): string {
    return this.given[name] ?? ''
  }
  state(name: string): string {
    return `state of ${name}`
  }
  setOutput(name: string, value: string): void {
    this.written[name] = value
  }
  fail(why: string): void {
    this.failures.push(why)
  }
  async ports(): Promise<Ports> {
    return { log: this.log } as unknown as Ports
  }
  async close(): Promise<void> {
    this.closed++
  }
}

function fail(why: string): never {
  throw new Error(why)
}

function withoutStack(): Error {
  return Object.defineProperty(new Error('x'), 'stack', { get: () => fail('shown') })
}

const throwing = (thrown: unknown) => ({
  name: 'x',
  inputs: {},
  outputs: ['verdict'],
  main: () => Promise.reject(thrown),
})

describe('runAction', () => {
  it('gives main its inputs and writes what it returns', async () => {
    const host = new FakeHost({ who: ' Ada ' })
    await runAction(
      { name: 'x', inputs: { who: text }, outputs: ['greeting'], main: async ({ who }) => ({ greeting: `hi ${who}` }) },
      host,
    )
    expect(host).toMatchObject({ written: { greeting: 'hi Ada' }, failures: [], closed: 1 })
  })

  it('says why it is red also when the outputs cannot be written', async () => {
    const host = new FakeHost()
    host.setOutput = () => fail('no space left')
    const error = withOutputs(new ActionError('the plan was refused'), { verdict: 'fail' })
    await expect(runAction(throwing(error), host)).rejects.toThrow('no space left')
    expect(host).toMatchObject({ failures: ['the plan was refused'], closed: 1 })
  })

  it('reports all bad inputs together, each with its name, value and fix, and runs nothing', async () => {
    const host = new FakeHost({ roots: '', comment: 'off', 'lock-timeout': '5 minutes', 'plan-key': 'hunter2hunter2' })
    let ran = false
    await runAction(
      {
        name: 'x',
        inputs: {
          roots: required,
          comment: oneOf('update', 'recreate', 'none'),
          'lock-timeout': duration,
          'plan-key': secret,
        },
        outputs: [],
        main: async () => ((ran = true), {}),
      },
      host,
    )
    expect(ran).toBe(false)
    expect(host.failures).toEqual([
      [
        'input "roots" is "": it is required. Give it a value under "with:"',
        'input "comment" is "off": it is not a known value. Use one of "update", "recreate", "none"',
        'input "lock-timeout" is "5 minutes": it is not a duration. Write it as "90s", "15m" or "1h30m"',
      ].join('\n'),
    ])
    expect(host.failures[0]).not.toContain('hunter2')
    expect(host.closed).toBe(1)
  })

  it('R9: hides every secret before anything is parsed', async () => {
    const host = new FakeHost({ token: 'hunter2', bad: 'x' })
    await runAction({ name: 'x', inputs: { bad: flag, token: secret }, outputs: [], main: async () => ({}) }, host)
    expect(host.failures).toHaveLength(1)
    expect(host.log.secrets).toEqual(['hunter2'])
  })

  it.each([
    ['an Error', new Error('boom'), /bug in Slipway.*boom/s],
    ['a text', 'boom', /bug in Slipway.*boom/],
    ['undefined', undefined, /bug in Slipway.*undefined/],
    ['null', null, /bug in Slipway.*null/],
    ['what cannot be asked', new Proxy({}, { getPrototypeOf: () => fail('asked') }), /bug in Slipway.*has no text/],
    ['an Error that cannot be shown', withoutStack(), /bug in Slipway.*has no text/],
    ['an object without a prototype', Object.create(null), /bug in Slipway/],
    ['an ActionError', new ActionError('no plan', { hint: 'make one' }), /^no plan\nmake one$/],
  ])('ends red when main throws %s', async (_, thrown, shown) => {
    const host = new FakeHost()
    await runAction(throwing(thrown), host)
    expect(host.failures).toHaveLength(1)
    expect(host.failures[0]).toMatch(shown)
    expect(host.closed).toBe(1)
  })

  it('writes the outputs that were known when it failed', async () => {
    const host = new FakeHost()
    const error = withOutputs(new GateError('too dear', { verdict: 'fail' }), { verdict: 'fail', stranger: 'x' })
    await runAction(throwing(error), host)
    expect(host).toMatchObject({ written: { verdict: 'fail' }, failures: ['too dear'] })
  })

  it.each([
    ['the inputs', { roots: 'infra', key: 'hunter2' }, { roots: 'infra', key: 'hunter2' }],
    ['none of them when they cannot be used, which main has said', { key: 'hunter2' }, undefined],
  ])('runs post with the saved state and %s', async (_what, given, expected) => {
    const host = new FakeHost(given, 'post')
    const seen: unknown[] = []
    await runAction(
      {
        name: 'x',
        inputs: { roots: required, key: secret },
        outputs: [],
        main: async () => ({}),
        post: async (state, _ports, inputs) => void seen.push(state('folder'), inputs),
      },
      host,
    )
    expect(seen).toEqual(['state of folder', expected])
    expect(host).toMatchObject({ failures: [], closed: 1 })
    expect(host.log.secrets).toEqual(['hunter2'])
  })
})

describe('inputs that cannot be read', () => {
  const refuse = async (refused: (inputs: object, ports: Ports) => Promise<void>) => {
    const host = new FakeHost({ commit: 'abc' })
    await runAction(
      { name: 'x', inputs: { commit: text, rate: required }, outputs: [], main: () => fail('main ran'), refused },
      host,
    )
    return host
  }

  it('are told, after the action had its say with those that can be read', async () => {
    const seen: object[] = []
    const host = await refuse(async inputs => void seen.push(inputs))
    expect(seen).toEqual([{ commit: 'abc' }])
    expect(host.failures).toEqual(['input "rate" is "": it is required. Give it a value under "with:"'])
  })

  it('stay the reason when the action cannot have its say', async () => {
    const host = await refuse(() => Promise.reject(new ActionError('no permission')))
    expect(host.log.warnings).toEqual(['no permission'])
    expect(host.failures).toEqual(['input "rate" is "": it is required. Give it a value under "with:"'])
  })
})

describe('what is said of a failure', () => {
  it('holds the command, its last words, the causes and what to do', () => {
    const cause = new Error('disk full', { cause: new Error('quota') })
    const error = new CommandError({
      file: 'terraform',
      args: ['plan'],
      exitCode: 1,
      stderr: 'Error: x',
      cause,
      hint: 'Free space',
    })
    expect(explain(error)).toBe('terraform plan ended with 1\nError: x\nbecause: disk full\nbecause: quota\nFree space')
  })

  it('does not hang on causes that go in a circle', () => {
    const error = new ActionError('one', { cause: new Error('two') })
    ;(error.cause as Error).cause = error
    expect(explain(error)).toBe('one\nbecause: two')
  })

  it('holds the permission to add', () => {
    const error = new ApiError('not allowed', { route: 'POST /x', status: 403, permission: 'pull-requests: write' })
    expect(explain(error)).toBe('not allowed\nAdd to the job:\npermissions:\n  pull-requests: write')
  })

  it('says when a gate could not decide', () => {
    expect(explain(new GateError('no data', { verdict: 'invalid' }))).toMatch(/could not decide, so it failed/)
  })
})

describe('inputs', () => {
  it.each([
    ['90s', 90],
    ['15m', 900],
    ['1h30m', 5400],
    ['2h', 7200],
  ])('reads the duration %s', (raw, seconds) => expect(duration.parse(raw)).toBe(seconds))

  it.each(['', '5', '5 m', 'h', '1.5h', '-1m', '1m1h', 'PT1H'])('refuses the duration %j', raw =>
    expect(() => duration.parse(raw)).toThrow('not a duration'),
  )

  it.each([
    ['0', 0],
    ['007', 7],
  ])('reads the whole number %s', (raw, value) => expect(integer().parse(raw)).toBe(value))

  it.each(['', '1.0', '1e3', '-1', 'NaN', '0x10', '99999999999999999'])('refuses the whole number %j', raw =>
    expect(() => integer().parse(raw)).toThrow('not a whole number'),
  )

  it('names the bounds of a whole number', () => {
    expect(() => integer(1, 5).parse('6')).toThrow(expect.objectContaining({ fix: 'Use a number from 1 to 5' }))
  })

  it.each([
    ['true', true],
    ['false', false],
  ])('reads the flag %s', (raw, value) => expect(flag.parse(raw)).toBe(value))
  it.each(['yes', 'True', '1', ''])('refuses the flag %j', raw => expect(() => flag.parse(raw)).toThrow('not a flag'))

  it('reads lists and pairs, one per line', () => {
    expect(lines.parse('a\r\n\n  b ')).toEqual(['a', 'b'])
    expect(keyValues.parse('A=1\nB = x=y \nC=')).toEqual({ A: '1', B: 'x=y', C: '' })
    expect(() => keyValues.parse('A')).toThrow('the line "A" has no name and value')
    expect(() => keyValues.parse('A=1\nA=2')).toThrow('the name "A" comes twice')
    expect(variableNames.parse('AWS_REGION\nTF_VAR_x')).toEqual(['AWS_REGION', 'TF_VAR_x'])
    expect(() => variableNames.parse('A=1')).toThrow('not the name of a variable')
  })

  it.each(['ftp://x', 'x', 'https://user:pass@host/', 'https://host/?sig=1', 'https://host/#x', '/path'])(
    'refuses the address %j',
    raw => expect(() => url.parse(raw)).toThrow(),
  )

  it('takes an empty text for nothing where that is allowed', () => {
    expect(optional(duration).parse('')).toBeUndefined()
    expect(optional(duration).parse('1m')).toBe(60)
    expect(url.parse('')).toBe('')
  })
})
