import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { readHaproxy } from '../support/haproxy-routes.ts'
import { parseRule, readLabels, type Rule } from '../support/traefik-labels.ts'

const labels = {
  'traefik.enable': 'true',
  'traefik.http.routers.api.rule': 'PathPrefix(`/api`)',
  'traefik.http.routers.api.entryPoints': 'websecure',
  'traefik.http.routers.api.middlewares': 'again@docker',
  'traefik.http.routers.api.service': 'api',
  'traefik.http.services.api.loadbalancer.server.port': '8000',
  'traefik.http.middlewares.again.retry.attempts': '3',
}
const problemsOf = (changed: Record<string, string>) => {
  const all = Object.entries({ ...labels, ...changed }).filter(([, value]) => value !== '')
  return readLabels({ api: Object.fromEntries(all) }, ['web', 'websecure']).problems
}

describe('the reader of Traefik labels', () => {
  it('finds nothing wrong where nothing is', () => expect(problemsOf({})).toEqual([]))

  it.each([
    ['traefik.enable', '', 'api: traefik.enable is not "true"'],
    ['traefik.http.routers.api.rule', 'PathPrefix(/api)', 'a value in backticks or double quotes is missing at 11'],
    ['traefik.http.routers.api.rule', '', 'router api: rule "": a matcher is missing at 0'],
    ['traefik.http.routers.api.entryPoints', 'secure', 'there is no entrypoint "secure"'],
    ['traefik.http.routers.api.entryPoints', '', 'it names no entrypoint'],
    ['traefik.http.routers.api.middlewares', 'again,hsts', 'there is no middleware "hsts"'],
    ['traefik.http.routers.api.middlewares', '', 'middleware again: no router uses it'],
    ['traefik.http.routers.api.service', 'backend', 'there is no service "backend"'],
    ['traefik.http.routers.api.prioritiy', '1', 'traefik.http.routers.api.prioritiy is not a label of Traefik'],
    ['traefik.http.router.api.rule', 'Path(`/`)', 'traefik.http.router.api.rule is not a label of Traefik'],
    ['traefik.http.services.api.loadbalancer.server.port', '80000', 'cannot be "80000"'],
    ['traefik.http.services.api.loadbalancer.server.port', '', 'there is no service "api"'],
    ['traefik.http.services.api.loadbalancer.healthcheck.path', 'readyz', 'cannot be "readyz"'],
    ['traefik.http.services.api.loadbalancer.healthcheck.interval', '1 second', 'cannot be "1 second"'],
    ['traefik.http.services.other.loadbalancer.server.port', '80', 'service other: no router leads to it'],
    ['traefik.http.middlewares.again.retry.attempts', 'thrice', 'cannot be "thrice"'],
    ['traefik.http.middlewares.again.retry.attempt', '3', 'again.retry.attempt is not a label of Traefik'],
    ['traefik.http.routers.api.tls.domains[x].main', 'a.example', 'domains[x].main is not a label of Traefik'],
    ['traefik.http.routers.api.observability.accessLogs', 'no', 'cannot be "no"'],
    ['traefik.http.services.api.loadbalancer.server.scheme', 'ftp', 'cannot be "ftp"'],
    ['traefik.docker.networks', 'shop', 'traefik.docker.networks is not a label of Traefik'],
    ['traefik.tcp.routers.api.rule', 'HostSNI(`*`)', 'traefik.tcp.routers.api.rule is not of HTTP, and not read here'],
  ])('with %s: "%s" it says "%s"', (label, value, problem) => {
    expect(problemsOf({ [label]: value }).join('\n')).toContain(problem)
  })

  it.each([
    ['traefik.docker.network', 'shop_default'],
    ['traefik.http.routers.api.tls.domains[0].sans', 'a.example, b.example'],
    ['traefik.http.services.api.loadbalancer.sticky.cookie.httpOnly', 'true'],
    ['traefik.http.middlewares.again.headers.customRequestHeaders.X-Shop', 'one'],
  ])('takes %s, which its reference has', (label, value) => expect(problemsOf({ [label]: value })).toEqual([]))

  it('takes what two containers say of one middleware only when they say the same', () => {
    const [attempts, other] = ['traefik.http.middlewares.again.retry.attempts', 'traefik.enable']
    const read = (value: string) =>
      readLabels({ api: labels, web: { [other]: 'true', [attempts]: value } }, ['websecure'])
    expect(read('3').problems).toEqual([])
    expect(read('4').problems).toEqual([`${attempts} is both "3" and "4"`])
  })

  it('takes no two routers with the same rule', () => {
    const [rule, service] = [
      { 'traefik.http.routers.b.rule': 'PathPrefix("/api")' },
      { 'traefik.http.routers.b.service': 'api' },
    ]
    expect(problemsOf({ ...rule, ...service, 'traefik.http.routers.b.entrypoints': 'web' })).toEqual([
      'two routers have the same rule',
    ])
  })
})

const matcher = fc.constantFrom('Host', 'Path', 'PathPrefix', 'Method').chain(name =>
  fc.string({ unit: fc.constantFrom(...'abz09./-'), minLength: 1, maxLength: 12 }).map(value => ({
    matcher: name,
    values: [name.startsWith('Path') ? `/${value}` : value],
  })),
)
const { rule } = fc.letrec<{ rule: Rule }>(tie => ({
  rule: fc.oneof(
    { maxDepth: 2 },
    matcher,
    tie('rule').map(not => ({ not })),
    fc.array(tie('rule'), { minLength: 2, maxLength: 3 }).map(all => ({ all })),
    fc.array(tie('rule'), { minLength: 2, maxLength: 3 }).map(any => ({ any })),
  ),
}))

function write(rule: Rule): string {
  if ('matcher' in rule) return `${rule.matcher}(${rule.values.map(value => `\`${value}\``).join(', ')})`
  if ('not' in rule) return `!(${write(rule.not)})`
  const [rules, operator] = 'all' in rule ? [rule.all, ' && '] : [rule.any, ' || ']
  return rules.map(inner => `(${write(inner)})`).join(operator)
}

describe('the parser of rules', () => {
  it('reads what was written, whatever it is', () => {
    fc.assert(fc.property(rule, wanted => expect(parseRule(write(wanted))).toEqual(wanted)))
  })

  it('binds "!" before "&&" before "||"', () => {
    const [a, b, c] = ['/a', '/b', '/c'].map(path => ({ matcher: 'Path', values: [path] }))
    expect(parseRule('!Path(`/a`) && Path(`/b`) || Path(`/c`)')).toEqual({ any: [{ all: [{ not: a }, b] }, c] })
  })

  it.each([
    'Path(`/a`) Path(`/b`)',
    'Path(`/a`',
    'Path()',
    'Path(`/a`, `/b`)',
    'Path(`a`)',
    'Paths(`/a`)',
    '(Path(`/a`)',
  ])('refuses %s', text => expect(() => parseRule(text)).toThrow(/^rule "/))
})

describe('the reader of haproxy.cfg', () => {
  it('reads frontends by port, rules in order and the servers behind them', () => {
    const { frontends, backends } = readHaproxy(`
frontend in # the only one
  bind :443 ssl crt /certificate
  http-response set-header X-A one two
  use_backend api if { path_beg /api }
  default_backend site
backend api
  http-check send meth GET uri /readyz
  server-template api 4 api:8000
backend site
  server one site:80 check
`)
    expect(frontends.get('443')).toEqual({
      tls: true,
      redirectsToHttps: false,
      routes: [
        ['/api', 'api'],
        ['/', 'site'],
      ],
      responseHeaders: new Map([['x-a', 'one two']]),
    })
    expect(backends.get('api')).toEqual({ address: 'api:8000', healthcheck: '/readyz' })
    expect(backends.get('site')).toEqual({ address: 'site:80', healthcheck: undefined })
  })

  it('does not pass over a rule that it cannot read', () => {
    expect(() => readHaproxy('frontend in\n  use_backend api if is_api')).toThrow('cannot read "if is_api"')
  })
})
