import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { isExpected, parseScript } from '../../../actions/load-gate/src/script.ts'
import { addressOf, allowTarget } from '../../../actions/load-gate/src/target.ts'
import { InputError } from '../../../kit/errors.ts'

const parse = (source: string) => parseScript(source, 'load.yml')

describe('a script', () => {
  it('is YAML with requests, whose names come from method and path without the query', () => {
    expect(parse('requests:\n  - path: /items?key=1\n  - {method: DELETE, path: /items/1, name: remove}\n')).toEqual({
      requests: [
        { name: 'GET /items', method: 'GET', path: '/items?key=1', headers: {}, body: undefined, expect: ['2xx'] },
        { name: 'remove', method: 'DELETE', path: '/items/1', headers: {}, body: undefined, expect: ['2xx'] },
      ],
      timeoutMilliseconds: 10_000,
    })
  })

  it('is JSON as well, with bodies that are texts or become JSON, and own headers before ours', () => {
    const source = JSON.stringify({
      timeout: '1m',
      requests: [
        { method: 'POST', path: '/a', body: { n: [1] }, expect: 201 },
        { method: 'PUT', path: '/b', body: 'n=1', headers: { 'X-Count': 3 }, expect: ['2xx', 404] },
        { method: 'POST', path: '/c', body: {}, headers: { 'Content-Type': 'application/vnd.x+json' } },
      ],
    })
    const { requests, timeoutMilliseconds } = parse(source)
    expect(timeoutMilliseconds).toBe(60_000)
    expect(requests.map(({ headers, body, expect: expected }) => [headers, body, expected])).toEqual([
      [{ 'content-type': 'application/json' }, '{"n":[1]}', ['201']],
      [{ 'X-Count': '3' }, 'n=1', ['2xx', '404']],
      [{ 'Content-Type': 'application/vnd.x+json' }, '{}', ['2xx']],
    ])
  })

  it('says which statuses are no error', () => {
    const [request] = parse('requests: [{path: /, expect: [2xx, 404]}]').requests
    expect([200, 204, 404].map(status => isExpected(request!, status))).toEqual([true, true, true])
    expect([302, 400, 500].map(status => isExpected(request!, status))).toEqual([false, false, false])
  })

  it.each([
    ['requests: 5', 'it holds no list "requests"', 'Write "requests:"'],
    ['- path: /', 'it holds no list "requests"', 'Write "requests:"'],
    ['requests: []', 'it holds 0 requests', 'from 1 to 500'],
    ['requests: [', 'it is not YAML', 'Correct the file'],
    ['requests: [{path: /, path: /b}]', 'it is not YAML', 'Correct the file'],
    ['requests: [5]', 'requests[0] is not a request', '- path: /api/items'],
    ['requests: [{}]', 'requests[0].path is missing', 'starts with one "/"'],
    ['requests: [{path: items}]', 'requests[0].path is "items"', 'starts with one "/"'],
    ['requests: [{path: /a b}]', 'requests[0].path is "/a b"', 'starts with one "/"'],
    ['requests: [{path: /, method: get}]', 'requests[0].method is "get"', 'Use one of GET'],
    ['requests: [{path: /, method: CONNECT}]', 'requests[0].method is "CONNECT"', 'Use one of GET'],
    ['requests: [{path: /, body: x}]', 'requests[0] has a body with GET', 'another method'],
    ['requests: [{path: /, expect: 600}]', 'requests[0].expect is 600', 'Write a status'],
    ['requests: [{path: /, expect: []}]', 'requests[0].expect is []', 'Write a status'],
    ['requests: [{path: /, expects: 200}]', 'requests[0] has the key "expects"', 'Use only name, method'],
    ['requests: [{path: /, name: ""}]', 'requests[0].name is ""', 'one line'],
    ['requests: [{path: /, headers: {host: x}}]', 'requests[0].headers has "host"', 'Leave it out'],
    ['requests: [{path: /, headers: {"a b": x}}]', 'requests[0].headers has "a b"', 'Leave it out'],
    ['requests: [{path: /, headers: {a: "x\\r\\ny: z"}}]', 'requests[0].headers.a is no header', 'on one line'],
    ['requests: [{path: /a, name: x}, {path: /b, name: x}]', "is another request's name too", 'its own "name"'],
    ['timeout: 5\nrequests: [{path: /}]', 'timeout is 5', 'from "1s" to "120s"'],
    ['timeout: 1h\nrequests: [{path: /}]', 'timeout is "1h"', 'from "1s" to "120s"'],
    ['rate: 5\nrequests: [{path: /}]', 'the file has the key "rate"', 'Use only requests, timeout'],
  ])('%j is refused: %s', (source, problem, fix) => {
    let thrown: unknown
    try {
      parse(source)
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(InputError)
    expect((thrown as InputError).message).toContain('input "script" is "load.yml"')
    expect((thrown as InputError).message).toContain(problem)
    expect((thrown as InputError).message).toContain(fix)
  })

  it('says everything that is wrong with it at once', () => {
    expect(() => parse('requests: [{path: a}, {path: /, method: X}]')).toThrow(/requests\[0\].*\n.*requests\[1\]/)
  })

  it('is not taken for more than it is when its aliases would fill the memory', () => {
    const list = (name: string, of: string) =>
      `${name}: &${name} [${Array.from({ length: 9 }, () => `*${of}`).join()}]\n`
    const bomb = `a: &a [1]\n${list('b', 'a')}${list('c', 'b')}${list('d', 'c')}requests: *d\n`
    expect(() => parse(bomb)).toThrow('its aliases make it too large')
  })
})

describe('R38: a load goes to a host that is allowed, and to no other', () => {
  it.each([
    ['https://staging.example/x', 'staging.example'],
    ['https://staging.example', 'STAGING.example'],
    ['https://staging.example.', 'staging.example'],
    ['https://staging.example', 'staging.example:443'],
    ['http://127.0.0.1:8080', '127.0.0.1'],
    ['http://127.0.0.1:8080', '127.0.0.1:8080'],
    ['http://[::1]:8080', '[::1]:8080'],
    ['https://bücher.example', 'bücher.example'],
  ])('%s is allowed by %s', (target, host) => {
    expect(allowTarget(target, ['other.example', host]).origin).toBe(new URL(target).origin)
  })

  it.each([
    ['https://staging.example', 'taging.example'],
    ['https://staging.example.evil.example', 'staging.example'],
    ['http://staging.example', 'staging.example:443'],
    ['http://127.0.0.1:8080', '127.0.0.1:80'],
    ['http://[::1]:8080', '127.0.0.1'],
  ])('%s is not allowed by %j', (target, host) => {
    expect(() => allowTarget(target, [host])).toThrow('is not in "allowed-hosts"')
  })

  it.each(['*', 'https://staging.example', 'a@b', 'a b', 'a/b', 'a:b', '', ':80'])(
    'the list holds no patterns or addresses: %j',
    host => expect(() => allowTarget('https://staging.example', [host])).toThrow('which is no host'),
  )

  it.each(['/\\evil.example/', '\\\\evil.example', 'https://evil.example/', '@evil.example/', ':80/'])(
    'a script cannot name another host: %j',
    path => expect(() => parse(JSON.stringify({ requests: [{ path }] }))).toThrow('starts with one "/"'),
  )

  it('whatever path a script may hold, the request goes to the target', () => {
    const target = allowTarget('https://staging.example:8443/shop/', ['staging.example'])
    const path = fc.string({ unit: fc.constantFrom(...'/\\@:.%?#a[]&;\u3002'), maxLength: 12 }).map(text => `/${text}`)
    fc.assert(
      fc.property(path, path => {
        let requests
        try {
          requests = parse(JSON.stringify({ requests: [{ path }] })).requests
        } catch {
          return
        }
        const url = new URL(addressOf(target, requests[0]!.path))
        expect([url.origin, url.username]).toEqual(['https://staging.example:8443', ''])
      }),
      { numRuns: 1_000 },
    )
  })
})
