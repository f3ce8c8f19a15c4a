import { describe, expect, it } from '@jest/globals'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { deflateSync, gzipSync } from 'node:zlib'
import { diffLines } from '../../../kit/terraform/diff-text.ts'
import { compareAttributes } from '../../../kit/terraform/diff.ts'
import { createHider, createTextHider, type Hider } from '../../../kit/terraform/hide.ts'
import type { Json } from '../../../kit/terraform/json.ts'
import { parsePlan } from '../../../kit/terraform/plan.ts'
import { leaksIn } from '../../support/leaks.ts'

interface Given {
  readonly type?: string
  readonly address?: string
  readonly before?: unknown
  readonly after?: unknown
  readonly sensitive?: unknown
}

function hiderOf(changes: readonly Given[], patterns: readonly RegExp[] = []): Hider {
  const document = {
    resource_changes: changes.map(({ type = 'x_y', address, before = null, after = null, sensitive }, index) => ({
      address: address ?? `${type}.n${index}`,
      mode: 'managed',
      type,
      name: `n${index}`,
      change: {
        actions: before === null ? ['create'] : ['update'],
        before,
        after,
        before_sensitive: before === null ? false : sensitive,
        after_sensitive: sensitive,
      },
    })),
  }
  return createHider(parsePlan(JSON.stringify(document), 'plan'), patterns)
}

/** What a report says of each change. */
function told(hider: Hider): string[] {
  return hider.plan.changes.flatMap(change =>
    diffLines(compareAttributes(change), hider.hide).map(({ sign, text }) => `${sign} ${text}`),
  )
}

const marked = (values: Json): Given => ({ after: { marked: values }, sensitive: { marked: true } })

const MULTI = 'first line of it\n  ab\nlast line of it'

describe('R10: a value that is marked sensitive', () => {
  const secret = 's3cr3t/"<va+lue>é'
  const { hide, isTainted } = hiderOf([marked([secret, MULTI])])
  const base64 = (text: string, encoding: 'base64' | 'base64url' = 'base64') => Buffer.from(text).toString(encoding)

  it.each<[string, string]>([
    ['in base64 at offset 0', base64(`${secret} and more`)],
    ['in base64 at offset 1', base64(`x${secret} and more`)],
    ['in base64 at offset 2', base64(`xy${secret} and more`)],
    ['in base64url', base64(`user:${secret}`, 'base64url')],
    ['in hexadecimal', Buffer.from(secret).toString('hex')],
    ['in upper-case hexadecimal', Buffer.from(secret).toString('hex').toUpperCase()],
    ['in a URL', `https://x.example/?q=${encodeURIComponent(secret)}`],
    ['in JSON', JSON.stringify({ secret })],
    ['in JSON in JSON', JSON.stringify(JSON.stringify({ secret }))],
    ['in HTML', secret.replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&#34;')],
    ['in base64 of gzip', gzipSync(`#!/bin/sh\nexport PW='${secret}'\n`).toString('base64')],
    ['in hex of gzip', gzipSync(`export PW='${secret}'\n`).toString('hex')],
    ['in hex of gzip, as SQL writes it', `0x${gzipSync(`export PW='${secret}'\n`).toString('hex').toUpperCase()}`],
    ['in hex of base64', Buffer.from(base64(`PW=${secret}`)).toString('hex')],
    ['in hex of zlib, in lines', deflateSync(`export PW='${secret}'\n`).toString('hex').replaceAll(/.{60}/g, '$&\n')],
    ['in base64 of zlib', deflateSync(`export PW='${secret}'\n`).toString('base64')],
    [
      'in base64 of gzip, cut',
      gzipSync(`export PW='${secret}'\n${'x y z '.repeat(99)}`)
        .toString('base64')
        .slice(0, -24),
    ],
    ['in base64 in base64', base64(`write_files: ${base64(`pw: ${secret}`)}`)],
    ['in base64 of JSON', base64(JSON.stringify({ secret }))],
    ['of several lines, indented anew', `key: |\n${MULTI.replace(/^ */gm, '      ')}\n`],
    ['of several lines, with other line ends', MULTI.replaceAll('\n', '\r\n')],
    ['line by line', 'before\nlast line of it'],
  ])('is hidden %s', (_how, text) => {
    expect(leaksIn(text, [secret, MULTI, 'last line of it'])).not.toEqual([])
    expect(leaksIn(hide(text), [secret, MULTI, 'last line of it', 'é', 'ab'])).toEqual([])
    expect(isTainted(text)).toBe(true)
  })

  it.each([
    ['as openssl does it', 64, '\n'],
    ['as MIME does it', 76, '\r\n'],
    ['and indented', 76, '\n      '],
  ])('is hidden in base64 that is broken into lines %s, wherever it begins', (_how, width, end) => {
    for (let offset = 0; offset < width; offset++) {
      const packed = base64(`${'x'.repeat(offset)}${secret} and more${'y'.repeat(offset)}`)
      const text = `content: |${end}${packed.replaceAll(new RegExp(`.{${width}}`, 'g'), `$&${end}`)}\nmode: 0644\n`
      const shown = [...hide(text).matchAll(/[A-Za-z0-9+/]{8,}=*/g)].map(([run]) => run).join('')
      expect([offset, Buffer.from(shown, 'base64').includes(secret)]).toEqual([offset, false])
    }
  })

  it('is hidden with all its digits as a part of other texts when it is a long number', () => {
    const numbers = createHider(
      parsePlan(
        '{"resource_changes":[{"address":"x.y","type":"x","name":"y","change":{"actions":["create"],"after":' +
          '{"a":90071992547409931,"b":-7318492,"c":73184},"after_sensitive":{"a":true,"b":true,"c":true}}}]}',
        'plan',
      ),
      [],
    )
    expect(numbers.hide('id 90071992547409931 of acc-7318492, port 73184')).toBe('id *** of acc-***, port 73184')
  })

  it('is not looked for in what is too large, which is hidden unread', () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024)).toString('base64')
    const start = process.cpuUsage()
    expect(hide(bomb)).toBe('***')
    for (let index = 0; index < 60; index += 1) hide(`${index} ${bomb}`)
    expect(process.cpuUsage(start).user / 1000).toBeLessThan(2_000)
  })

  it('leaves base64 alone that holds nothing', () => {
    const harmless = [gzipSync('nothing here').toString('base64'), base64('a text without any of it at all')]
    const fresh = hiderOf([marked(secret)])
    for (const text of harmless) expect(fresh.hide(text)).toBe(text)
  })
})

describe('short values, truth values and numbers', () => {
  const hider = hiderOf([
    { after: { pin: 4711, code: 'x7Qz', on: true, one: 1 }, sensitive: { pin: true, code: true, on: true, one: true } },
    { after: { port: 4711, copy: 'x7Qz', text: 'port 4711 for x7Qz', on: true, one: 1, more: '4711' } },
  ])

  it('are hidden as whole values, and counted', () => {
    expect(told(hider)).toEqual([
      '+ pin = (sensitive)',
      '+ code = (sensitive)',
      '+ on = (sensitive)',
      '+ one = (sensitive)',
      '+ port = (sensitive)',
      '+ copy = (sensitive)',
      '+ text = "port 4711 for x7Qz"',
      '+ on = true',
      '+ one = 1',
      '+ more = (sensitive)',
    ])
    expect(hider.shortValues).toBe(7)
  })

  it('that are the same everywhere are hidden where the same object has a marked one', () => {
    const same = hiderOf([
      { after: { input: { on: true }, output: { on: true, off: false } }, sensitive: { input: true } },
    ])
    expect(told(same)).toEqual(['+ input = (sensitive)', '+ output.on = (sensitive)', '+ output.off = false'])
  })
})

describe('a change of what is hidden', () => {
  it('is seen without it', () => {
    const hider = hiderOf([
      marked(['first-secret', 'other-secret']),
      {
        before: { url: 'db?pw=first-secret', user_data: 'a\nfirst-secret', copy: 'first-secret' },
        after: { url: 'db?pw=other-secret', user_data: 'a\nother-secret', copy: 'other-secret' },
      },
    ])
    expect(told(hider).slice(1)).toEqual([
      '  url = "db?pw=***"  # changes where it is hidden',
      '  user_data:  # changes where it is hidden',
      '  copy = (sensitive)  # changes',
    ])
  })
})

describe('places that hold secrets by their nature', () => {
  it('are found however deep they lie, where no name leads to them', () => {
    const after = { instance_details: [{ launch_details: [{ metadata: { user_data: 'export A=1' } }] }] }
    const [line] = told(hiderOf([{ type: 'oci_core_instance_configuration', after }]))
    expect(line).toBe('+ instance_details[0].launch_details[0].metadata.user_data = (sensitive)')
  })

  const containers = (image: string, password: string) =>
    JSON.stringify([{ name: 'app', image, environment: [{ name: 'DB_PASSWORD', value: password }] }])

  it.each<[string, string, unknown, unknown, string[]]>([
    [
      'containers of ECS',
      'aws_ecs_task_definition',
      { container_definitions: containers('shop:1', 'letmein-1') },
      { container_definitions: containers('shop:2', 'letmein-2') },
      [
        '- container_definitions[0].image = "shop:1"',
        '+ container_definitions[0].image = "shop:2"  # in app',
        '  container_definitions[0].environment[0].value = (sensitive)  # changes, in DB_PASSWORD',
      ],
    ],
    [
      'containers of ECS at first',
      'aws_ecs_task_definition',
      null,
      { family: 'shop', container_definitions: containers('shop:1', 'letmein-1') },
      ['+ family = "shop"', '+ container_definitions = (sensitive)'],
    ],
    [
      'containers of Kubernetes',
      'kubernetes_deployment_v1',
      null,
      {
        spec: [{ template: [{ spec: [{ container: [{ image: 'a', env: [{ name: 'PW', value: 'letmein-1' }] }] }] }] }],
      },
      [
        '+ spec[0].template[0].spec[0].container[0].image = "a"',
        '+ spec[0].template[0].spec[0].container[0].env[0].name = "PW"',
        '+ spec[0].template[0].spec[0].container[0].env[0].value = (sensitive)',
      ],
    ],
    [
      'a function of AWS',
      'aws_lambda_function',
      { handler: 'a', environment: [{ variables: { STAGE: 'prod', PW: 'letmein-1' } }] },
      { handler: 'b', environment: [{ variables: { STAGE: 'prod', PW: 'letmein-2' } }] },
      ['- handler = "a"', '+ handler = "b"', '  environment[0].variables.PW = (sensitive)  # changes'],
    ],
    ['the start of a machine', 'aws_instance', null, { user_data: 'pw=letmein-1' }, ['+ user_data = (sensitive)']],
    [
      'the start of a machine of another cloud',
      'linode_instance',
      null,
      { metadata: [{ user_data: 'pw=letmein-1' }] },
      ['+ metadata[0].user_data = (sensitive)'],
    ],
    [
      'what a machine starts with, put together',
      'cloudinit_config',
      null,
      { part: [{ filename: 'a.sh', content: 'pw=letmein-1' }] },
      ['+ part[0].filename = "a.sh"', '+ part[0].content = (sensitive)'],
    ],
    [
      'the parameters of a stack',
      'aws_cloudformation_stack',
      null,
      { name: 'a', parameters: { DbPassword: 'letmein-1' } },
      ['+ name = "a"', '+ parameters.DbPassword = (sensitive)'],
    ],
    [
      'a manifest of a Secret',
      'kubernetes_manifest',
      null,
      { manifest: { kind: 'Secret', data: { pw: 'bGV0bWVpbi0x' } } },
      ['+ manifest.kind = "Secret"', '+ manifest.data.pw = (sensitive)'],
    ],
    [
      'and not of a ConfigMap',
      'kubernetes_manifest',
      null,
      { manifest: { kind: 'ConfigMap', data: { level: 'debug' } } },
      ['+ manifest.kind = "ConfigMap"', '+ manifest.data.level = "debug"'],
    ],
    [
      'a parameter',
      'aws_ssm_parameter',
      null,
      { type: 'SecureString', value: 'letmein-1' },
      ['+ type = "SecureString"', '+ value = (sensitive)'],
    ],
    [
      'and not a plain one',
      'aws_ssm_parameter',
      null,
      { type: 'String', value: 'eu-west-1' },
      ['+ type = "String"', '+ value = "eu-west-1"'],
    ],
  ])('are hidden, and their names and changes are seen: %s', (_what, type, before, after, expected) => {
    const hider = hiderOf([{ type, before, after }])
    expect(told(hider)).toEqual(expected)
  })

  it('make a secret of what stands there only where nothing else can stand', () => {
    const hider = hiderOf([
      { type: 'random_password', after: { result: 'made-at-random' } },
      { type: 'aws_lambda_function', after: { environment: [{ variables: { REGION: 'eu-west-1' } }] } },
      { after: { copy: 'made-at-random', region: 'eu-west-1' } },
    ])
    expect(told(hider).slice(-2)).toEqual(['+ copy = (sensitive)', '+ region = "eu-west-1"'])
    expect(hider.secrets).toEqual(['made-at-random'])
  })

  it('keep the contract from hashing a text in which one lies', () => {
    const text = containers('shop:1', 'letmein-1')
    const hider = hiderOf([{ type: 'aws_ecs_task_definition', after: { container_definitions: text } }])
    expect(hider.isTainted(text)).toBe(true)
    expect(hider.secrets).toEqual([])
  })

  const pem = ['-----BEGIN PRIVATE KEY-----', 'MIIEvQIBADANBgkq', '-----END PRIVATE KEY-----'].join('\n')
  it.each([
    ['postgres://app:hunter2@db/shop', 'postgres://***@db/shop'],
    ['Server=db;User Id=app;Password=hunter2;Encrypt=true', 'Server=db;User Id=app;Password=***;Encrypt=true'],
    [
      'Endpoint=sb://x/;SharedAccessKeyName=all;SharedAccessKey=aHVudGVyMg==',
      'Endpoint=sb://x/;SharedAccessKeyName=all;SharedAccessKey=***',
    ],
    ['AccountName=shop;AccountKey=aHVudGVyMg==;', 'AccountName=shop;AccountKey=***;'],
    [`key: ${pem}`, 'key: ***'],
    [Buffer.from(JSON.stringify({ private_key: pem })).toString('base64'), '***'],
    ['{"auths":{"r.example":{"auth":"YXBwOmh1bnRlcjI="}}}', '{"auths":{"r.example":{"auth":"***"}}}'],
    ['admin:$apr1$abcdefgh$ZZZZZZZZZZZZZZZZZZZZZZ', 'admin:***'],
    ['password policy: at least 12', 'password policy: at least 12'],
  ])('are known by their shape anywhere: %s', (text, expected) => {
    expect(createTextHider(null, [], []).hide(text)).toBe(expected)
  })
})

describe('addresses', () => {
  const key = 'key-that-is-secret'
  const hider = hiderOf([
    marked([key, 'other-secret']),
    { address: `x_y.each["${key}"]`, after: { name: key } },
    { address: 'x_y.plain["other-secret-too"]', after: { name: 'n' } },
  ])

  it('stay, also where a copy of a secret is a key, which is counted so that it can be said', () => {
    expect(hider.plan.changes.map(({ address }) => address)).toContain(`x_y.each["${key}"]`)
    expect(hider.inAddresses).toBe(2)
  })

  it('are not blanked in the log, where the rest of the secret’s copies are hidden', () => {
    expect(hider.secrets).toEqual([])
    expect(hider.hide('pw=other-secret')).toBe('pw=***')
  })

  const folder = join(import.meta.dirname, 'fixtures')
  const plans = readdirSync(folder, { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .flatMap(({ name }) => [`${name}/plan.json`, `${name}/tofu/plan.json`])
    .filter(path => existsSync(join(folder, path)))

  it.each(plans)('names, types, keys and ids of the real plan %s are all seen', path => {
    const plan = parsePlan(readFileSync(join(folder, path), 'utf8'), path)
    const fixture = createHider(plan, [])
    for (const [index, change] of plan.changes.entries()) {
      const { address, type, name, moduleAddress = '', index: at = '', previousAddress = '', importId = '' } = change
      for (const part of [address, type, name, moduleAddress, String(at), previousAddress, importId])
        expect(fixture.hide(part)).toBe(part)
      for (const [values, marks, before] of [
        [change.before, fixture.plan.changes[index]?.beforeSensitive, change.beforeSensitive],
        [change.after, fixture.plan.changes[index]?.afterSensitive, change.afterSensitive],
      ] as const)
        for (const attribute of ['id', 'name', 'arn', 'bucket', 'tags', 'cidr_block']) {
          expect(memberOf(marks, attribute)).toEqual(memberOf(before, attribute))
          const value = memberOf(values, attribute)
          if (typeof value === 'string') expect(fixture.hide(value)).toBe(value)
        }
    }
    expect(fixture.inAddresses).toBe(0)
  })
})

it('a marked value that is not there hides neither what else is empty nor what is false', () => {
  const after = { password: null, tags: null, public: false, id: 'a' }
  const document = {
    resource_changes: [
      {
        ...{ address: 'x_y.a', mode: 'managed', type: 'x_y', name: 'a' },
        change: { actions: ['create'], before: null, after, after_sensitive: { password: true, password_wo: true } },
      },
    ],
  }
  const { plan } = createHider(parsePlan(JSON.stringify(document), 'plan'), [])
  expect(plan.changes[0]?.afterSensitive).toEqual({ password: true, password_wo: true })
})

function memberOf(value: Json | undefined, key: string): Json | undefined {
  return (value as Record<string, Json> | null | undefined)?.[key]
}

describe('a state', () => {
  it('adds what it marks', () => {
    const hider = hiderOf([{ after: { a: 1 } }])
    const state = {
      values: {
        root_module: { resources: [{ type: 'x', values: { p: 'made-later' }, sensitive_values: { p: true } }] },
      },
    }
    expect(hider.hide('pw made-later')).toBe('pw made-later')
    expect(hider.withState(state).hide('pw made-later')).toBe('pw ***')
    expect(createTextHider(state, ['given-value'], []).hide('made-later given-value')).toBe('*** ***')
    expect(createTextHider(null, [], [/given-\w+/g]).hide('made-later given-value')).toBe('made-later ***')
  })
})
