import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { parse } from 'yaml'
import { playApplication } from '../../demo/application-story.ts'
import { playInfrastructure } from '../../demo/infrastructure-story.ts'
import { findMachineTools } from '../../demo/machine-tools.ts'
import { setStage, type SetStage } from '../../demo/stage.ts'
import { unzip } from '../../local-github/runner/stand-ins/unzip.ts'
import { ROOT } from '../../scripts/metadata.ts'
import { startApplicationWorld, type ApplicationWorld } from './application-world.ts'
import { askOverTls, filesWith, watchArguments, type Answer } from './evidence.ts'
import { askPrometheus, playMonitoring } from './monitored-host.ts'

/**
 * The whole story with nothing played but GitHub and AWS: terraform, Docker, a registry, a booted host over SSH. What is
 * looked at is in those systems, and never what our actions say of them.
 */

const run = promisify(execFile)

interface Container {
  readonly Id: string
  readonly Image: string
  readonly State: { readonly Status: string; readonly Health?: { readonly Status: string } }
  readonly Config: { readonly Image: string; readonly Labels: Readonly<Record<string, string>> }
}

/** Production, as it was when a chapter ended. */
interface Look {
  /** By service: what the compose file at the head of the deployment branch names. */
  readonly committed: Readonly<Record<string, string>>
  readonly containers: readonly Container[]
  readonly items: Answer
  readonly page: Answer
  readonly script: Answer
}

let folder: string
let world: ApplicationWorld
let set: SetStage
const results: string[] = []
const looks: Look[] = []
/** Programs that had a planted value among their arguments while all of this went on. */
let exposed: readonly string[]
/** As the apply handed it on. */
let inventory: string
/** How much each run of the playbook changed. */
const changes: (string | undefined)[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'journey-'))
  const tools = await findMachineTools(process.env)
  if (!tools.terraform || !tools.moto)
    throw new Error('terraform and moto_server must be on PATH: node scripts/real-tools.ts says how')
  world = await startApplicationWorld()
  set = await setStage({
    checkout: ROOT,
    folder,
    tools,
    application: world.application,
    record: false,
    print: () => {},
    signal: new AbortController().signal,
  })
  await playInfrastructure(set.stage, async (_what, _by, act) => void results.push((await act(() => undefined)).result))
  inventory = await readInventory()
  for (const run of ['first', 'second']) {
    const played = await playMonitoring(world.host, join(folder, run), ofBootedHost(inventory))
    changes.push(played.outputs['changed'])
  }
  const stopWatching = watchArguments(world.planted)
  await playApplication(set.stage, async (_what, _by, act) => {
    results.push((await act(() => undefined)).result)
    looks.push(await look())
  })
  exposed = stopWatching()
}, 1_800_000)

afterAll(async () => {
  await set?.close()
  await world?.close()
  await rm(folder, { recursive: true, force: true })
}, 60_000)

const MONITORING = /(\[monitoring\]\nmonitoring ansible_host=)(\d+\.\d+\.\d+\.\d+)( private_ip=)(10\.20\.\d+\.\d+)/

async function readInventory(): Promise<string> {
  const { github } = set.stage
  const artifact = github.store.artifacts.find(artifact => artifact.name === 'slipway-inventory-dev')
  if (artifact === undefined) throw new Error('the apply handed on no inventory')
  const into = join(folder, 'inventory')
  await unzip(await readFile(join(github.stateFolder, artifact.file)), into)
  const [name = ''] = await readdir(into)
  return readFile(join(into, name), 'utf8')
}

/** The server of an AWS on this machine is a record; the booted host is where its addresses lead to. */
const ofBootedHost = (text: string) =>
  text
    .replace(MONITORING, `$1${world.host.address}$3${world.host.address}`)
    .replace(/ansible_user=\S+/, 'ansible_user=admin')

async function look(): Promise<Look> {
  const { host, project } = world
  const { copy } = set.stage
  await copy.git('fetch', '--quiet', 'origin', 'deployment')
  const compose = parse(await copy.git('show', 'FETCH_HEAD:docker-compose.yml'), {
    merge: true,
    logLevel: 'error',
  }) as {
    services: Record<string, { image: string }>
  }
  const ids = `docker ps --all --quiet --filter label=com.docker.compose.project=${project}`
  const containers = await host.sh(`for id in $(${ids}); do docker inspect --format '{{json .}}' "$id"; done`)
  const certificate = await readFile(join(folder, 'certificate.pem'), 'utf8')
  const ask = (path: string) => askOverTls(host.address, path, certificate)
  const page = await ask('/')
  const [, script = '/no-script'] = /src="(\/assets\/[^"]+\.js)"/.exec(page.body) ?? []
  return {
    committed: Object.fromEntries(Object.entries(compose.services).map(([name, { image }]) => [name, image])),
    containers: containers
      .trim()
      .split('\n')
      .filter(Boolean)
      .map(line => JSON.parse(line) as Container),
    items: await ask('/api/items'),
    page,
    script: await ask(script),
  }
}

const containerOf = ({ containers }: Look, service: string) =>
  containers.filter(({ Config }) => Config.Labels['com.docker.compose.service'] === service)

it('plays the whole story: red for each mistake, green for the rest', () => {
  expect(results).toEqual([
    'red, as it should be',
    'green',
    'green, 2 comments',
    'green, the same 2 comments',
    'green, merged and applied',
    'green, tagged and within its limits',
    'green, deployed and serving',
    'red, as it should be, stopped by the load gate',
    'green, tagged and within its limits',
    'red, as it should be, rolled back, the one before serves',
  ])
})

it('keeps what GitHub was asked within its own description', () => {
  expect(set.stage.github.violations).toEqual([])
})

describe('the infrastructure', () => {
  /** Asks the AWS of this machine itself: no word of ours in between. Values of an element of its XML answer. */
  async function awsSays(
    service: 'ec2' | 'route53',
    { path = '/', body }: { path?: string; body?: Record<string, string> },
    element: string,
  ): Promise<string[]> {
    const answer = await fetch(`${set.aws?.url}${path}`, {
      ...(body === undefined ? {} : { method: 'POST', body: new URLSearchParams(body) }),
      headers: { authorization: `AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/${service}/aws4_request` },
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${service} answered ${answer.status}: ${text.slice(0, 300)}`)
    return [...text.matchAll(new RegExp(`<${element}>([^<]*)</${element}>`, 'g'))].map(match => match[1] ?? '')
  }

  it('is in AWS what the reviewed plan said', async () => {
    const describe = (action: string) => ({ body: { Action: action, Version: '2016-11-15' } })
    expect(await awsSays('ec2', describe('DescribeInstances'), 'instanceType')).toEqual(['t3.medium', 't3.medium'])
    expect(await awsSays('ec2', describe('DescribeAddresses'), 'publicIp')).toHaveLength(2)
    expect(await awsSays('route53', { path: '/2013-04-01/hostedzone' }, 'Name')).toEqual(['dev.shop.example.'])
  })

  it('hands on an inventory with the addresses of the servers', () => {
    expect(inventory).toMatch(MONITORING)
  })

  it('is watched by Prometheus on the booted host that stands for a server; a second run of Ansible changed nothing', async () => {
    expect(Number(changes[0])).toBeGreaterThan(10)
    expect(changes[1]).toBe('0')
    expect(await askPrometheus(world.host, 'up{job="node", host="monitoring"} == 1')).toHaveLength(1)
    const [uname] = await askPrometheus(world.host, 'node_uname_info{host="monitoring"}')
    expect(uname?.metric['nodename']).toBe((await world.host.sh('hostname')).trim())
  })
})

describe('the application', () => {
  const [BUILT, DEPLOYED, SLOW, , BROKEN] = [0, 1, 2, 3, 4] as const
  const at = (chapter: number) => looks[chapter]!

  it('is in the registry by the digest that the compose file at the deployed commit names', async () => {
    for (const service of ['backend', 'frontend']) {
      const [, name, digest] = /^[^/]+\/(\S+):\d+-[0-9a-f]{7}@(sha256:[0-9a-f]{64})$/.exec(
        at(DEPLOYED).committed[service]!,
      )!
      const answer = await fetch(`http://${world.engine.registry}/v2/${name}/manifests/${digest}`, {
        headers: { accept: 'application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json' },
      })
      expect(answer.status).toBe(200)
      expect(answer.headers.get('docker-content-digest')).toBe(digest)
    }
  })

  it('runs on the host as the commit says, pulled by that digest, and healthy', async () => {
    expect(at(BUILT).containers).toEqual([])
    for (const service of ['backend', 'frontend']) {
      const image = at(DEPLOYED).committed[service]!
      const [container, ...others] = containerOf(at(DEPLOYED), service)
      expect(others).toEqual([])
      expect(container).toMatchObject({ Config: { Image: image }, State: { Health: { Status: 'healthy' } } })
      const digests = await world.host.sh(`docker image inspect --format '{{json .RepoDigests}}' ${container!.Image}`)
      expect(JSON.parse(digests)).toEqual([image.replace(/:[^:@]+@/, '@')])
    }
  })

  it('serves the change that was pushed, through the proxy and over TLS', () => {
    const { items, page, script } = at(DEPLOYED)
    expect([items.status, page.status, script.status]).toEqual([200, 200, 200])
    expect(JSON.parse(items.body)).toBeDefined()
    expect(script.body).toContain('The shop')
  })

  it('stays as it is when the load gate stops a version', () => {
    const ids = (chapter: number) =>
      at(chapter)
        .containers.map(({ Id }) => Id)
        .sort()
    expect(ids(SLOW)).toEqual(ids(DEPLOYED))
    expect(at(SLOW).items).toEqual(at(DEPLOYED).items)
  })

  it('is what it was before a broken release, of which nothing is left to run', () => {
    expect(at(BROKEN).committed['backend']).not.toBe(at(DEPLOYED).committed['backend'])
    for (const service of ['backend', 'frontend', 'database', 'proxy']) {
      const [before] = containerOf(at(DEPLOYED), service)
      const [container, ...others] = containerOf(at(BROKEN), service)
      expect(others).toEqual([])
      expect(container?.Config.Image).toBe(before?.Config.Image)
      expect(container?.State.Health?.Status).toBe('healthy')
    }
    expect(at(BROKEN).items).toEqual(at(DEPLOYED).items)
    expect(at(BROKEN).script.body).toBe(at(DEPLOYED).script.body)
  })
})

describe('the values of the .env', () => {
  it('are in no file of the host, and the search finds one that is', async () => {
    expect(await filesWith(world.planted, world.host.root)).toEqual([])
    await world.host.sh('cat /dev/shm/slipway-*-held/* >/root/planted')
    expect(await filesWith(world.planted, world.host.root)).toEqual(['root/planted'])
    await world.host.sh('rm /root/planted')
  }, 240_000)

  it("are in no memory file but those that containers have mounted, and in no process's arguments or environment, journal, or log of a container", async () => {
    const found = await world.host.sh(`cat >/dev/shm/needles <<'END'
${world.planted.join('\n')}
END
grep -rlaF -D skip -f /dev/shm/needles /dev/shm /run /tmp 2>/dev/null | grep -vxE '/dev/shm/needles|/dev/shm/slipway-[^/]*-held/[^/]*|/run/docker/.*'
for file in /proc/[0-9]*/cmdline /proc/[0-9]*/environ; do grep -laF -f /dev/shm/needles "$file" 2>/dev/null; done
journalctl --no-pager --output=export | grep -caF -f /dev/shm/needles
for id in $(docker ps --all --quiet); do
  docker logs "$id" 2>&1 | grep -aF -f /dev/shm/needles
  docker inspect "$id" | grep -aF -f /dev/shm/needles
done
rm /dev/shm/needles`)
    expect(found).toBe('0\n')
  })

  it('were in the arguments of no process while the releases went on, and the watch sees one of the host', async () => {
    expect(exposed).toEqual([])
    const stopWatching = watchArguments(world.planted)
    await world.host.sh(`sh -c 'sleep 2; true' sh '${world.planted[0]}'`)
    expect(stopWatching()).toContain('sh')
  })

  it('are in no log of a run', async () => {
    expect(await filesWith(world.planted, join(set.stage.github.stateFolder, 'logs'))).toEqual([])
    const { stdout } = await run('find', [join(set.stage.github.stateFolder, 'logs'), '-type', 'f'])
    expect(stdout).not.toBe('')
  })
})
