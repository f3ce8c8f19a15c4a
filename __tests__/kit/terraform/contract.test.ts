import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { differences, recordContract } from '../../../kit/terraform/contract-differences.ts'
import { makeContract, type Contract, type ContractFacts } from '../../../kit/terraform/contract.ts'
import { createHider } from '../../../kit/terraform/hide.ts'
import { ignorePaths } from '../../../kit/terraform/ignore-paths.ts'
import { parsePlan } from '../../../kit/terraform/plan.ts'
import { readSources } from '../../../kit/terraform/plan-sources.ts'
import { redactPatterns } from '../../../kit/terraform/redact-patterns.ts'
import { BIG, FACTS, plan, textOf, type Document, type Mutable } from './contract-plans.ts'
import { fixtureText } from './fixture.ts'

const KEY = 'a key of some length'

/** The contract under a key, and without one. */
function contractsOf(text: string, facts: ContractFacts = FACTS) {
  const read = parsePlan(text, 'plan')
  const { isTainted, hide } = createHider(read, [])
  return {
    hide,
    keyed: makeContract(read, facts, { planKey: KEY, isTainted }),
    bare: makeContract(read, facts, { planKey: undefined, isTainted }),
  }
}

const contractOf = (text: string, facts: ContractFacts = FACTS, planKey = KEY): Contract =>
  makeContract(parsePlan(text, 'plan'), facts, { planKey, isTainted: () => false })

const named = (one: Contract, other: Contract) => {
  const record = (contract: Contract) => recordContract(contract, text => text)
  return differences(record(one), record(other))
}

/** Always the same ones. */
const PLANS = fc.sample(plan, { numRuns: 100, seed: 20261121 })
const SOME = PLANS.slice(0, 25).map(document => ({
  document,
  text: textOf(document),
  ...contractsOf(textOf(document)),
}))

function chance(start: number): (below: number) => number {
  let state = start
  return below => ((state = (Math.imul(state, 1103515245) + 12345) >>> 0) >>> 16) % below
}

const copyOf = (document: Document): Document => structuredClone(document)

describe('R37: the contract of a plan', () => {
  it.each(['every-action', 'aws-create', 'secret-only', 'move-only', 'output-only'])(
    'is the same for %s planned again at another time',
    shape => {
      const text = fixtureText(shape)
      const again = text.replace(/"timestamp":"[^"]+"/, '"timestamp":"2030-01-01T00:00:00Z"')
      expect(again).not.toBe(text)
      expect(contractOf(again).digest).toBe(contractOf(text).digest)
    },
  )

  it('is the same, 100 times of 100, in any order and whatever a refresh saw beside it', () => {
    for (const [index, document] of PLANS.entries()) {
      const noise = `noise ${index}`
      const again = shuffled({ ...copyOf(document), timestamp: noise, applyable: true }, chance(index))
      again['resource_drift'] = [{ address: 'test_thing.r0', change: { actions: ['update'], before: noise, after: 1 } }]
      again['prior_state'] = {
        values: { root_module: { resources: [{ address: 'test_thing.r0', values: { noise } }] } },
      }
      again['relevant_attributes'] = [{ resource: noise }]
      const [one, other] = [contractsOf(textOf(document)), contractsOf(textOf(again))]
      expect([index, other.keyed.digest, other.bare.digest]).toEqual([index, one.keyed.digest, one.bare.digest])
    }
  })

  it('is the same when something changes that does not happen', () => {
    for (const { document, keyed } of SOME) {
      const again = copyOf(document)
      resource(again, 'test_thing.still')['before'] = { id: 'other' }
      again['variables'] = { unused: { value: 'x' } }
      again['planned_values'] = { root_module: {} }
      expect(contractOf(textOf(again)).digest).toBe(keyed.digest)
    }
  })

  it('is another one under another key', () => {
    const text = fixtureText('secret-only')
    expect(contractOf(text, FACTS, 'another key of length').digest).not.toBe(contractOf(text).digest)
  })
})

type Change = (document: Document, random: (below: number) => number) => Partial<ContractFacts> | void

const objects = (document: Document) => document.resource_changes.filter(({ address }) => /\.r\d/.test(String(address)))
const partsOf = (entry: Mutable | undefined) => entry?.['change'] as Mutable & { actions: string[] }
const resource = (document: Document, address: string) =>
  partsOf(document.resource_changes.find(entry => entry['address'] === address))
const first = (document: Document, address: string) =>
  document.resource_changes.find(entry => entry['address'] === address)!

/** A side of some object that has values. */
function side(document: Document, random: (below: number) => number): Mutable {
  const sides = objects(document).flatMap(entry => ['before', 'after'].map(name => partsOf(entry)[name]))
  const known = sides.filter(value => value !== null && typeof value === 'object' && 'password' in value)
  return known[random(known.length)] as Mutable
}

/** One change of one leaf for each class; what it returns replaces facts. */
const CLASSES: Readonly<Record<string, Change>> = {
  'null against missing': (document, random) => void delete side(document, random)['empty'],
  '1 against "1"': (document, random) => {
    const values = side(document, random)
    values['number'] = String(values['number'])
  },
  'a number beyond 2^53': (document, random) => {
    const values = side(document, random)
    values['big'] = `${BIG}${BigInt(String(values['big']).slice(BIG.length)) + 1n}`
  },
  'a secret only': (document, random) => {
    const values = side(document, random)
    values['password'] = flipped(String(values['password']), random)
  },
  'an unmarked copy of a secret only': (document, random) => {
    const values = side(document, random)
    values['copied'] = flipped(String(values['copied']), random)
  },
  'an output only': document => {
    partsOf({ change: document.output_changes['shown'] })['before'] = 'otherwise'
  },
  'a move': (document, random) => {
    const entry = random(2) === 0 ? first(document, 'test_thing.moved') : first(document, 'test_thing.still')
    entry['previous_address'] = 'test_thing.elsewhere'
  },
  'a forget': (document, random) => {
    const entry = objects(document)[random(objects(document).length)]
    const { actions } = partsOf(entry)
    partsOf(entry)['actions'] = actions[0] === 'forget' ? ['delete'] : ['forget']
  },
  'an import': (document, random) => {
    resource(document, 'test_thing.imported')['importing'] =
      random(2) === 0 ? { id: `known-${random(999)}` } : { id: 'known', identity: { account: random(999) } }
  },
  'a deposed object': (document, random) => {
    const deposed = document.resource_changes.find(entry => 'deposed' in entry)!
    if (random(2) === 0) deposed['deposed'] = `0bad${String(random(9999)).padStart(4, '0')}`
    else delete deposed['deposed']
  },
  'the order of a replace': document => {
    resource(document, 'test_thing.swapped')['actions'] = ['create', 'delete']
  },
  'the lock of providers': (_document, random) => ({ lockFileDigest: String(random(999)).padStart(64, '1') }),
  'the source of a provider': (document, random) => {
    const { test } = document.configuration.provider_config
    const provider = test as Mutable
    if (random(2) === 0) provider['full_name'] = `example.com/forged/test${random(999)}`
    else provider['expressions'] = { region: { constant_value: `eu-west-${random(999) + 2}` } }
  },
  'a provisioner': (document, random) => {
    const call = document.configuration.root_module.module_calls['a'] as { module: { resources: Mutable[] } }
    const program = call.module.resources[0]!
    const command =
      random(2) === 0 ? { constant_value: `make it ${random(999)}` } : { references: [`var.command${random(999)}`] }
    program['provisioners'] = [{ type: 'local-exec', expressions: { command } }]
  },
  'an external data source': (document, random) => {
    document.configuration.root_module.resources[0]!['expressions'] = {
      program: { constant_value: ['python3', `${random(999)}.py`] },
    }
  },
  'an action invocation': (document, random) => {
    document.action_invocations[0]!['config_values'] = { what: `x${random(999)}` }
  },
  'a deferred change': (document, random) => {
    if (random(2) === 0) document.deferred_changes[0]!['reason'] = `reason ${random(999)}`
    else partsOf(document.deferred_changes[0]!['resource_change'] as Mutable)['after'] = { id: `l${random(999)}` }
  },
  'a leaf that becomes unknown': (document, random) => {
    const parts = partsOf(objects(document)[random(objects(document).length)])
    parts['after_unknown'] = { ...(parts['after_unknown'] as Mutable), added: true }
  },
  'what an unknown leaf is made from': (document, random) => {
    const parts = resource(document, 'test_thing.r0')
    parts['after_unknown'] = { ...(parts['after_unknown'] as Mutable), id: true }
    const configured = document.configuration.root_module.resources[1]!
    configured['expressions'] = { id: { references: [`test_thing.r${random(999) + 2}.id`] } }
  },
  'a workflow': (_document, random) => ({ trees: { '.github/workflows': String(random(999)).padStart(40, 'b') } }),
  'the backend': (_document, random) => ({ backend: { type: 's3', bucket: 'states', key: `${random(999)}.tfstate` } }),
  'the state': (_document, random) => ({ lineage: `other ${random(999)}` }),
}

const SECRET_CLASSES = ['a secret only', 'an unmarked copy of a secret only']

describe('R37: a change of one leaf changes the contract and is named:', () => {
  it.each(Object.keys(CLASSES))('%s, 25 times of 25', name => {
    for (const [index, { document, keyed, bare }] of SOME.entries()) {
      const changed = copyOf(document)
      const facts = { ...FACTS, ...CLASSES[name]!(changed, chance(index * 7919 + name.length)) }
      const other = contractsOf(textOf(changed), facts)
      expect([index, other.keyed.digest === keyed.digest]).toEqual([index, false])
      expect(named(keyed, other.keyed).length).toBeGreaterThan(0)
      if (!SECRET_CLASSES.includes(name)) expect([index, other.bare.digest === bare.digest]).toEqual([index, false])
    }
  })

  it('every value of every change of a real plan', () => {
    const text = fixtureText('every-action')
    const original = contractOf(text).digest
    const count = leavesOf(effectiveChanges(text).changes).length
    expect(count).toBeGreaterThan(100)
    for (let index = 0; index < count; index++) {
      const { document, changes } = effectiveChanges(text)
      const [holder, key] = leavesOf(changes)[index]!
      const target = holder as Record<string | number, unknown>
      const before = target[key]
      target[key] = typeof before === 'boolean' ? !before : before === null ? 'not null' : `${String(before)} changed`
      expect([key, before, contractOf(JSON.stringify(document)).digest === original]).toEqual([key, before, false])
    }
  })
})

describe('R10: without a key', () => {
  it('neither digest nor record holds a trace of a secret, so that nobody can try values against them', () => {
    for (const { text, keyed, bare } of SOME) {
      const guessed = secretsIn(text).reduce(
        (guess, secret) => guess.replaceAll(secret, `${secret.slice(0, -9)}another0`),
        text,
      )
      expect(guessed).not.toBe(text)
      const guess = contractsOf(guessed)
      expect(guess.bare.digest).toBe(bare.digest)
      expect(recordContract(guess.bare, text => text)).toEqual(recordContract(bare, text => text))
      expect(guess.keyed.digest).not.toBe(keyed.digest)
    }
  })

  it('holds no trace of what only `redact` hides either', () => {
    const contractOfPin = (pin: string) => {
      const change = { actions: ['update'], before: { note: 'PIN-0000' }, after: { note: pin } }
      const read = parsePlan(JSON.stringify({ resource_changes: [{ address: 'a.b', change }] }), 'plan')
      const { isTainted } = createHider(read, redactPatterns.parse('PIN-\\d+'))
      return makeContract(read, FACTS, { planKey: undefined, isTainted })
    }
    const [one, other] = [contractOfPin('PIN-4711'), contractOfPin('PIN-4712')]
    expect(recordContract(one, text => text)).toEqual(recordContract(other, text => text))
    expect([one.digest, one.untold]).toEqual([other.digest, ['a.b: note']])
    expect(contractOfPin('no pin').digest).not.toBe(one.digest)
  })

  it('names the sensitive values that change', () => {
    const read = (shape: string) => contractsOf(fixtureText(shape)).bare.untold
    expect(read('secret-only')).toEqual([expect.stringMatching(/^terraform_data\.\w+: input/)])
    expect(read('aws-create')).toEqual([])
    expect(read('move-only')).toEqual([])
  })

  it('knows one that stays as it is from one that changes', () => {
    const text = (after: string) =>
      JSON.stringify({
        resource_changes: [
          {
            address: 'a.b',
            change: {
              actions: ['update'],
              before: { password: 'correct horse', size: 1 },
              after: { password: after, size: 2 },
              before_sensitive: { password: true },
              after_sensitive: { password: true },
            },
          },
        ],
      })
    expect(contractsOf(text('correct horse')).bare.untold).toEqual([])
    expect(contractsOf(text('battery staple')).bare.untold).toEqual(['a.b: password'])
    expect(contractsOf(text('correct horse')).bare.digest).not.toBe(contractsOf(text('battery staple')).bare.digest)
  })
})

describe('a record of a contract', () => {
  it('holds no secret, with a key or without', () => {
    for (const { text, hide, keyed, bare } of SOME) {
      expect(secretsIn(text).length).toBeGreaterThan(1)
      const record = JSON.stringify([keyed, bare].map(contract => recordContract(contract, hide)))
      for (const secret of secretsIn(text)) expect(record).not.toContain(secret)
    }
  })
})

describe('what the JSON of a plan does not hold', () => {
  const text = (variables: object = {}) =>
    JSON.stringify({
      resource_changes: [
        {
          address: 'a.b',
          change: { actions: ['create'], before: null, after: { known: 1 }, after_unknown: { policy: true } },
        },
      ],
      variables,
      configuration: {
        provider_config: {
          a: { name: 'a', full_name: 'x/a', expressions: { region: { references: ['var.region'] } } },
        },
        root_module: {
          resources: [{ address: 'a.b', mode: 'managed', expressions: { policy: { references: ['c.d.id'] } } }],
          variables: { region: {}, token: { sensitive: true } },
        },
      },
    })
  const main = (policy = 'read') =>
    `provider "a" { region = var.region }\nresource "a" "b" { policy = "${policy} \${c.d.id} \${var.token}" }`
  const facts = (configuration: string, more: Partial<ContractFacts> = {}) => ({
    ...{ ...FACTS, ...more },
    sources: readSources(new Map([['', new Map([['main.tf', configuration]])]])),
  })
  const given = (token = 'secret-one-1', region = 'eu') => ({ region: { value: region }, token: { value: token } })
  const named = (one: Contract, other: Contract) =>
    differences(...([one, other].map(each => recordContract(each, name => name)) as [never, never])).map(
      ({ subject, names }) => `${subject} ${names.join()}`,
    )

  it.each([
    ['the text around an unknown value', text(given()), main('write'), 'a.b (expressions as written)'],
    ['the variable of a provider', text(given('secret-one-1', 'us')), main(), 'provider a (var.region) '],
    ['a secret in an unknown value', text(given('secret-two-2')), main(), 'a.b (var.token) '],
  ])('%s is part of it', (_, changed, configuration, difference) => {
    const before = contractOf(text(given()), facts(main()))
    const after = contractOf(changed, facts(configuration))
    expect(named(before, after)).toEqual([difference])
  })

  it('is left out where ignore-paths names the argument', () => {
    const paths = { ignorePaths: ignorePaths.parse('a.b.policy') }
    expect(contractOf(text(given('secret-two-2')), facts(main('write'), paths)).digest).toBe(
      contractOf(text(given()), facts(main(), paths)).digest,
    )
  })

  it('holds no trace of a secret without a key', () => {
    const bare = (token: string) => contractsOf(text(given(token)), facts(main(token))).bare
    expect(bare('secret-one-1').digest).toBe(bare('secret-two-2').digest)
  })
})

describe('ignore-paths', () => {
  const text = (sha: string, actions: readonly string[] = ['update']) =>
    JSON.stringify({
      resource_changes: [
        {
          address: 'a.b[0]',
          change: { actions, before: { tags: { Sha: '0' } }, after: { tags: { Sha: sha, Name: 'x' } } },
        },
      ],
    })
  const facts = (lines: string) => ({ ...FACTS, ignorePaths: ignorePaths.parse(lines) })

  it('leaves out what may differ, and nothing else', () => {
    const given = facts('*.tags["Sha"]')
    const digest = (of: string) => contractOf(of, given).digest
    expect(digest(text('1'))).toBe(digest(text('2')))
    expect(digest(text('1').replace('"x"', '"y"'))).not.toBe(digest(text('1')))
  })

  it('never covers what is done', () => {
    const given = facts('a.b.tags')
    const digest = (of: string) => contractOf(of, given).digest
    expect(digest(text('1', ['delete', 'create']))).not.toBe(digest(text('1')))
  })

  it('is part of the contract itself, so that plan and apply must be given the same', () => {
    expect(contractOf(text('1'), facts('*.tags.Other')).digest).not.toBe(contractOf(text('1')).digest)
  })
})

const secretsIn = (text: string) => [...new Set(text.match(/secret-[A-Za-z0-9]{16}/g))]

function flipped(text: string, random: (below: number) => number): string {
  const at = text.length - 1 - random(8)
  return `${text.slice(0, at)}${text[at] === 'x' ? 'y' : 'x'}${text.slice(at + 1)}`
}

/** Lists of changes in another order, and the members of every object too. */
function shuffled(document: Document, random: (below: number) => number): Document {
  const order = <T>(items: readonly T[]): T[] =>
    items
      .map(item => ({ item, at: random(1000) }))
      .sort((left, right) => left.at - right.at)
      .map(({ item }) => item)
  const members = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(members)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(order(Object.entries(value)).map(([key, item]) => [key, members(item)]))
  }
  const again = members(document) as Document
  for (const list of ['resource_changes', 'deferred_changes', 'action_invocations'] as const)
    again[list] = order(again[list])
  return again
}

type Leaf = [holder: Record<string, unknown> | unknown[], key: string | number]

function leavesOf(value: unknown, found: Leaf[] = []): Leaf[] {
  if (typeof value !== 'object' || value === null) return found
  for (const key of Object.keys(value)) {
    const holder = value as Record<string, unknown>
    if (typeof holder[key] === 'object' && holder[key] !== null) leavesOf(holder[key], found)
    else found.push([holder, key])
  }
  return found
}

function effectiveChanges(text: string): { document: Record<string, unknown>; changes: unknown[] } {
  const document = JSON.parse(text) as Record<string, unknown>
  const parts = ['actions', 'before', 'after']
  const changes = (document['resource_changes'] as { address: string; change: Record<string, unknown> }[])
    .filter(({ change }) => (change['actions'] as string[])[0] !== 'no-op')
    .map(({ change }) => Object.fromEntries(parts.map(part => [part, change[part]])))
  return { document, changes }
}
