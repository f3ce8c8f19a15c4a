import { expect, it } from '@jest/globals'
import { main } from '../../../actions/load-gate/src/main.ts'
import { ActionError } from '../../../kit/errors.ts'
import { realFolders, type Entry } from '../../support/real-folders.ts'
import type { LoadResult } from '../../../kit/ports.ts'
import { FakeLoadGenerator } from '../../support/fakes.ts'
import { given, world } from './world.ts'

/** What users get wrong, on a real disk: the whole text that they see, and no verdict but the one that says so. */
interface Case {
  readonly given?: Readonly<Record<string, string>>
  readonly files?: Readonly<Record<string, Entry>>
  readonly engine?: FakeLoadGenerator
  readonly said: string
}

const resets = (retried: number): Partial<LoadResult> => ({ started: 100, retried })
const HEADER = 'timeStamp,elapsed,label,success\n'
const ROWS = Array.from({ length: 200 }, (_, index) => `${1_000 + index * 10},${index % 50},GET /,true\n`).join('')
const firstRows = (count: number) => ROWS.split(/^/m).slice(0, count).join('')
const results = { engine: 'none', target: '', 'allowed-hosts': '', results: 'r.jtl' }
const ofFile = (content: Entry, more: Readonly<Record<string, string>> = {}) => ({
  given: { ...results, ...more },
  files: { 'r.jtl': content },
})
const ofScript = (content: Entry) => ({ given: { script: 'load.yml' }, files: { 'load.yml': content } })

/** Wrong values, noticed before the commit is looked at. */
const VALUES: Readonly<Record<string, Case>> = {
  'an engine that is not there': {
    given: { engine: 'k6' },
    said: 'input "engine" is "k6": it is not a known value. Use one of "embedded", "none"',
  },
  'an address of no web': {
    given: { target: 'ftp://x' },
    said: 'input "target" is "ftp://x": it is not an address. Use one that starts with "https://"',
  },
  'an address with a password': {
    given: { target: 'https://u:hunter22@x' },
    said: 'input "target": it holds a user name or password. Give the address without them',
  },
  'a rate of nothing': {
    given: { rate: '0' },
    said: 'input "rate" is "0": it is not a rate that one process can send. Give the requests a second, over 0 and up to 5000: "50" or "50/s"',
  },
  'a rate over what one process sends': {
    given: { rate: '9999' },
    said: 'input "rate" is "9999": it is not a rate that one process can send. Give the requests a second, over 0 and up to 5000: "50" or "50/s"',
  },
  'a rate a minute': {
    given: { rate: '50/min' },
    said: 'input "rate" is "50/min": it is not a rate that one process can send. Give the requests a second, over 0 and up to 5000: "50" or "50/s"',
  },
  'no time at all': {
    given: { duration: '0s' },
    said: 'input "duration" is "0s": it is not a duration for a load. Use one from "1s" to "6h"',
  },
  'a time without unit': {
    given: { duration: '30' },
    said: 'input "duration" is "30": it is not a duration. Write it as "90s", "15m" or "1h30m"',
  },
  nobody: {
    given: { users: '0' },
    said: 'input "users" is "0": it is not a number of users. Use a whole number from 1 to 1000',
  },
  'half a commit': {
    given: { sha: 'abc1234' },
    said: 'input "sha" is "abc1234": it is not the full name of a commit. Give 40 hexadecimal digits, in lower case',
  },
  'a name of a status that no commit can have': {
    given: { 'status-context': 'a\u0000b' },
    said: 'input "status-context" is "a\\u0000b": it is not the name of a status. Use up to 100 printable ASCII characters: "load-gate"',
  },
  'R38: no limit': {
    given: { thresholds: '' },
    said: 'input "thresholds" is "": it has no limit, and a gate without one lets all pass. Write it as "p95(latency) < 300ms", "error_rate < 1%" or "p99(latency){GET /api/items} < 1s"',
  },
  'R38: a limit without unit': {
    given: { thresholds: 'p95(latency) < 300' },
    said: 'input "thresholds" is "p95(latency) < 300": "p95(latency) < 300" has no unit. Put one of "us", "ms", "s", "m" behind the number, such as "300ms"',
  },
  'R38: a limit that is none': {
    given: { thresholds: 'p95(latency) < fast' },
    said: 'input "thresholds" is "p95(latency) < fast": "p95(latency) < fast" has no number as its limit. Write it as "p95(latency) < 300ms", "error_rate < 1%" or "p99(latency){GET /api/items} < 1s"',
  },
  'R38: a measure that is none': {
    given: { thresholds: 'p95(latncy) < 1s' },
    said: 'input "thresholds" is "p95(latncy) < 1s": "p95(latncy) < 1s" has the metric "latncy", which there is not. Did you mean "latency"?',
  },
  'R38: a percentile over 100': {
    given: { thresholds: 'p101(latency) < 1s' },
    said: 'input "thresholds" is "p101(latency) < 1s": "p101(latency) < 1s" has the percentile "p101". Use one from "p0.0001" to "p99.9999", such as "p95"',
  },
  'several at once': {
    given: { rate: 'x', users: '1e2', duration: '7h' },
    said: 'input "rate" is "x": it is not a rate that one process can send. Give the requests a second, over 0 and up to 5000: "50" or "50/s"\ninput "duration" is "7h": it is not a duration for a load. Use one from "1s" to "6h"\ninput "users" is "1e2": it is not a number of users. Use a whole number from 1 to 1000',
  },
}

/** What is noticed once the commit says `pending`: the status ends as an error, and nothing was sent. */
const REFUSED: Readonly<Record<string, Case>> = {
  'nowhere to send to': {
    given: { target: '' },
    said: 'input "target" is "": the embedded engine has nowhere to send to. Give the address of the application, or "engine: none" with "results"',
  },
  'results for an engine that makes its own': {
    given: { results: 'a.jtl' },
    said: 'input "results" is "a.jtl": the embedded engine makes its own. Leave it out, or give "engine: none"',
  },
  'a target that nothing is sent to': {
    given: { engine: 'none', results: 'a.jtl' },
    said: 'input "target" is "https://staging.example": it has no effect without an engine. Leave it out, or give "engine: embedded"',
  },
  'nothing to judge': {
    given: { engine: 'none', target: '' },
    said: 'input "results" is "": there is nothing to judge. Give the path of a JMeter CSV file, or "engine: embedded" with "target"',
  },
  'a file of results that is not there': {
    given: results,
    said: 'input "results" is "r.jtl": there is no such file. Give the path of a JMeter CSV file (JTL), relative to "working-directory"',
  },
  'a folder in the place of results': {
    given: results,
    files: { 'r.jtl/x': '' },
    said: '<workspace>/r.jtl cannot be read: it is a folder\nGive the path of a file that this job may read',
  },
  'results behind a link to the outside': {
    ...ofFile({ linkTo: '/etc/hostname' }),
    said: 'input "results" is "r.jtl": it leads out of the workspace. Give a path inside the repository, relative to "working-directory"',
  },
  'a script that is not there': {
    given: { script: 'load.yml' },
    said: 'input "script" is "load.yml": there is no such file. Give the path of a YAML or JSON file, relative to "working-directory"',
  },
  'a script above the workspace': {
    given: { script: '../load.yml' },
    said: 'input "script" is "../load.yml": it leads out of the workspace. Give a path inside the repository, relative to "working-directory"',
  },
  'a script of 2 MB': {
    ...ofScript(`#${'x'.repeat(2_000_000)}\n`),
    said: 'input "script" is "load.yml": the file is larger than 1 MiB. Send fewer or smaller requests',
  },
  'a script with tabs': {
    ...ofScript('requests:\n\t- path: /\n'),
    said: 'input "script" is "load.yml": it is not YAML: Tabs are not allowed as indentation at line 2, column 1. Correct the file',
  },
  'a script without requests': {
    ...ofScript(''),
    said: 'input "script" is "load.yml": it holds no list "requests". Write "requests:" and below it "- path: /api/items"',
  },
  'a script with two keys of a name': {
    ...ofScript('requests: []\nrequests: []\n'),
    said: 'input "script" is "load.yml": it is not YAML: Map keys must be unique at line 2, column 1. Correct the file',
  },
  'R38: a request to another host': {
    ...ofScript('requests:\n  - path: //evil.example/\n'),
    said: 'input "script" is "load.yml": requests[0].path is "//evil.example/". Write a path that starts with one "/": "/api/items?page=2"',
  },
  'a script with several mistakes': {
    ...ofScript('timeout: 1h\nrequests:\n  - {path: /, method: get}\n  - {path: /, body: x}\n  - {pth: /}\n'),
    said: 'input "script" is "load.yml": requests[0].method is "get". Use one of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\ninput "script" is "load.yml": requests[1] has a body with GET. Leave the body out, or use another method\ninput "script" is "load.yml": requests[2] has the key "pth". Use only name, method, path, headers, body, expect\ninput "script" is "load.yml": requests[2].path is missing. Write a path that starts with one "/": "/api/items?page=2"\ninput "script" is "load.yml": timeout is "1h". Write a duration from "1s" to "120s"',
  },
  'R38: no host is allowed': {
    given: { 'allowed-hosts': '' },
    said: 'the target\'s host "staging.example" is not in "allowed-hosts", which is empty\nThe gate could not decide, so it failed.\nIf this host may be put under load, add to the step:\nwith:\n  allowed-hosts: staging.example',
  },
  'R38: another host is allowed': {
    given: { 'allowed-hosts': 'example' },
    said: 'the target\'s host "staging.example" is not in "allowed-hosts" (example)\nThe gate could not decide, so it failed.\nIf this host may be put under load, add to the step:\nwith:\n  allowed-hosts: staging.example',
  },
  'R38: another port is allowed': {
    given: { 'allowed-hosts': 'staging.example:8443' },
    said: 'the target\'s host "staging.example" is not in "allowed-hosts" (staging.example:8443)\nThe gate could not decide, so it failed.\nIf this host may be put under load, add to the step:\nwith:\n  allowed-hosts: staging.example',
  },
  'R38: a pattern is allowed': {
    given: { 'allowed-hosts': '*.example' },
    said: '"allowed-hosts" holds "*.example", which is no host\nThe gate could not decide, so it failed.\nWrite a name or an address, with a port where only that one is meant: "staging.example.com" or "127.0.0.1:8080".',
  },
  'more requests than one process sends': {
    given: { rate: '5000', duration: '1h' },
    said: 'input "duration" is "3600s": at 5000/s it makes 18,000,000 requests. Stay within 10,000,000 requests',
  },
}

/** What the results themselves say: a verdict of `invalid`, with report and check. */
const INVALID: Readonly<Record<string, Case>> = {
  'R38: an empty file': {
    ...ofFile(''),
    said: 'shop: load test invalid: r.jtl: it is empty\nThe gate could not decide, so it failed.\nPut the test right and run it again.',
  },
  'R38: a first line alone': {
    ...ofFile(HEADER),
    said: 'shop: load test invalid: there is no sample\nThe gate could not decide, so it failed.\nPut the test right and run it again.',
  },
  'R38: rows without a first line': {
    ...ofFile(ROWS),
    said: 'shop: load test invalid: r.jtl: its first line has no column "elapsed", "label", "success"; run JMeter with -Jjmeter.save.saveservice.print_field_names=true and output_format=csv\nThe gate could not decide, so it failed.\nPut the test right and run it again.',
  },
  'R38: a file that was cut': {
    ...ofFile(`${HEADER}${ROWS.slice(0, -4)}`),
    said: 'shop: load test invalid: r.jtl: it is truncated: its last row is not whole\nThe gate could not decide, so it failed.\nPut the test right and run it again.',
  },
  'R38: a quote that nobody closed': {
    ...ofFile(`${HEADER}${ROWS}9,1,"GET /,true\n`),
    said: 'shop: load test invalid: r.jtl: it is truncated: its last row is not whole\nThe gate could not decide, so it failed.\nPut the test right and run it again.',
  },
  'R38: times of day': {
    ...ofFile(`${HEADER}12:00:01,1,GET /,true\n`),
    said: 'shop: load test invalid: r.jtl: its timeStamp is "12:00:01"; run JMeter with -Jjmeter.save.saveservice.timestamp_format=ms\nThe gate could not decide, so it failed.\nPut the test right and run it again.',
  },
  'R38: something else than CSV': {
    ...ofFile('<?xml version="1.0"?>\n<testResults version="1.2">\n'),
    said: 'shop: load test invalid: r.jtl: its first line has no column "elapsed", "label", "success"; run JMeter with -Jjmeter.save.saveservice.print_field_names=true and output_format=csv\nThe gate could not decide, so it failed.\nPut the test right and run it again.',
  },
  'R38: 3 rows of 103 that nobody can read': {
    ...ofFile(`${HEADER}${firstRows(100)}x\nx\nx\n`),
    said: 'shop: load test invalid: r.jtl: 3 of its 103 rows cannot be read\nThe gate could not decide, so it failed.\nPut the test right and run it again.',
  },
  'R38: a limit that selects nothing': {
    ...ofFile(`\uFEFF${HEADER}${ROWS}`.replaceAll('\n', '\r\n'), { thresholds: 'p95(latency){GET /itms*} < 1s' }),
    said: 'shop: load test invalid: p95(latency){GET /itms*} < 1s: no endpoint fits "GET /itms*"; there are "GET /"\nThe gate could not decide, so it failed.\nPut the test right and run it again.',
  },
  'R38: a percentile of too few samples': {
    ...ofFile(`${HEADER}${firstRows(10)}`, { thresholds: 'p99(latency) < 1s' }),
    said: 'shop: load test invalid: p99(latency) < 1s: 10 samples are too few, it takes 100\nThe gate could not decide, so it failed.\nPut the test right and run it again.',
  },
  'R38: an engine that started half of it': {
    engine: new FakeLoadGenerator(() => ({}), { started: 50 }),
    said: 'shop: load test invalid: the rate was not reached: 25/s reached of 50/s asked, as all 10 users were busy; raise "users" or lower "rate"\nThe gate could not decide, so it failed.\nPut the test right and run it again.',
  },
  'R38: an application that resets more kept connections than idle ones': {
    engine: new FakeLoadGenerator(() => ({}), resets(5)),
    said: 'shop: load test invalid: 5 of 100 requests (5 %) were reset on kept connections, more than closing idle ones explains; look for workers of the server that die, or raise its keep-alive time-out\nThe gate could not decide, so it failed.\nPut the test right and run it again.',
  },
  'R38: an application that is not there': {
    engine: new FakeLoadGenerator(() => ({ status: undefined, failure: 'ECONNREFUSED' })),
    said: 'shop: load test invalid: none of 100 requests was answered (ECONNREFUSED)\nThe gate could not decide, so it failed.\nPut the test right and run it again.',
  },
}

async function refuse({ given: changes = {}, files = {}, engine }: Case) {
  const folders = realFolders(files)
  const ports = { ...world(engine), files: folders.files }
  const before = folders.state()
  let outputs: Readonly<Record<string, string>> = {}
  const said = await folders.said(async () =>
    main(given(changes), ports).catch((thrown: unknown) => {
      if (thrown instanceof ActionError) outputs = thrown.outputs
      throw thrown
    }),
  )
  const { checks, statuses, summary, loadGenerator } = ports
  const wasJudged = checks.completed.length > 0
  const made = {
    statuses: statuses.written.map(({ state }) => state),
    sent: loadGenerator.loads.length,
    wasJudged,
    verdict: outputs['verdict'],
  }
  // A verdict comes with its two files in the job's temporary folder; anything else leaves nothing at all.
  if (!wasJudged) expect([folders.state(), summary.parts]).toEqual([before, []])
  expect(folders.workspaceState()).toEqual((before as { workspace: unknown }).workspace)
  return { said, made }
}

it.each(Object.entries(VALUES))('%s', async (_, bad) => {
  const { said, made } = await refuse(bad)
  expect(said).toBe(bad.said)
  expect(made).toEqual({ statuses: [], sent: 0, wasJudged: false, verdict: undefined })
})

it.each(Object.entries(REFUSED))('%s', async (_, bad) => {
  const { said, made } = await refuse(bad)
  expect(said).toBe(bad.said)
  expect(made).toEqual({ statuses: ['pending', 'error'], sent: 0, wasJudged: false, verdict: 'invalid' })
})

it.each(Object.entries(INVALID))('%s', async (_, bad) => {
  const { said, made } = await refuse(bad)
  expect(said).toBe(bad.said)
  expect(made).toEqual({
    statuses: ['pending', 'error'],
    sent: bad.engine === undefined ? 0 : 1,
    wasJudged: true,
    verdict: 'invalid',
  })
})

it('R38: a gate that falls over leaves an error on the commit, and no file', async () => {
  const ports = world()
  ports.loadGenerator.run = () => Promise.reject(new Error('out of memory'))
  const folders = realFolders({})
  const before = folders.state()
  const said = await folders.said(() => main(given(), { ...ports, files: folders.files }))
  expect(said).toMatch(/^This is a bug in Slipway, please report it: Error: out of memory\n/)
  expect([folders.state(), ports.statuses.written.map(({ state }) => state)]).toEqual([before, ['pending', 'error']])
})
