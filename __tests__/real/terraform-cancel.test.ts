import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { s3Backend, startLocalAws, STATE_BUCKET, type LocalAws } from '../../demo/local-aws.ts'
import { findMachineTools } from '../../demo/machine-tools.ts'
import { runBundle, type BundleOptions, type BundleRun } from '../support/run-bundle.ts'
import { openGitHubDouble, type GitHubDouble } from './github-double.ts'
import { slowDown, type SlowAws } from './slow-aws.ts'
import { cliConfig } from './terraform-world.ts'

const REGION = 'us-east-1'
const SEED = Number(process.env['SLIPWAY_CANCEL_SEED'] ?? 20261121)
const MOMENTS = 20
/** So many at once: each waits for the slow network most of its time. */
const AT_ONCE = 4

let folder: string
let aws: LocalAws
let github: GitHubDouble
let variables: Record<string, string>

beforeAll(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'slipway-cancel-')))
  const { moto } = await findMachineTools(process.env)
  if (moto === undefined) throw new Error('moto_server is not on PATH')
  aws = await startLocalAws(moto, folder)
  github = await openGitHubDouble()
  variables = { GITHUB_API_URL: github.apiUrl, RUNNER_ENVIRONMENT: 'github-hosted', ...(await cliConfig(folder)) }
})

afterAll(async () => {
  await aws?.close()
  await github?.close()
  rmSync(folder, { recursive: true, force: true })
})

/** What is made, one after the other. */
const ROOTS: Readonly<Record<string, (name: string) => string>> = {
  'objects of AWS': name => `
provider "aws" {
  region                      = "${REGION}"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
  max_retries                 = 1
}

resource "aws_ssm_parameter" "early" {
  count = 3
  name  = "/${name}/early/\${count.index}"
  type  = "String"
  insecure_value = "x"
}

resource "aws_ssm_parameter" "late" {
  count = 3
  name  = "/${name}/late/\${count.index}"
  type  = "String"
  insecure_value = aws_ssm_parameter.early[count.index].insecure_value
}
`,
  scripts: () => `
resource "terraform_data" "early" {
  count = 3
  provisioner "local-exec" {
    command = "sleep \${1 + count.index}"
  }
}

resource "terraform_data" "late" {
  count = 3
  input = terraform_data.early[count.index].id
  provisioner "local-exec" {
    command = "sleep 1"
  }
}
`,
}

/** What the network is like, in milliseconds a request; a write of state or lock takes longer by `stateWrite`. */
interface Network {
  readonly name: string
  readonly request: number
  readonly stateWrite: number
}
const NETWORKS: readonly Network[] = [
  { name: 'slow', request: 150, stateWrite: 0 },
  { name: 'slower', request: 500, stateWrite: 500 },
  // Giving the lock back takes longer than the runner waits.
  { name: 'slowest', request: 400, stateWrite: 4_500 },
]

interface Ended {
  readonly main: BundleRun
  readonly post: BundleRun
  /** Processes of the job that were there after its post step. */
  readonly left: readonly string[]
  /** Text of the lock, when it was still there. */
  readonly lock: string | undefined
  readonly state: Record<string, unknown> | undefined
  readonly killed: boolean
}

/**
 * Runs the bundled action in a job of its own, on what was planned, and cancels it, as the runner does, when `isMoment` says so.
 * @param isMoment gets the milliseconds since `apply` began, `undefined` before it
 * @param meanwhile what happens between plan and apply
 */
async function applyAndCancel(
  name: string,
  root: string,
  network: Network,
  isMoment: (sinceApply: number | undefined) => boolean,
  meanwhile: () => Promise<void> = async () => {},
): Promise<Ended> {
  const workspace = join(folder, name)
  mkdirSync(join(workspace, 'infra'), { recursive: true })
  writeFileSync(join(workspace, 'infra', 'main.tf'), `${s3Backend(`${name}.tfstate`)}${ROOTS[root]!(name)}`)
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', ...args], {
      ...{ cwd: workspace, encoding: 'utf8' },
    }).trim()
  git('init', '--quiet')
  git('add', '--all')
  git('commit', '--quiet', '--message', 'Make the root')
  const sha = Buffer.from(name.padEnd(20, '-')).toString('hex')
  github.addCommit(sha, git('rev-parse', 'HEAD^{tree}'))
  let begun: number | undefined
  const slow: SlowAws = await slowDown(aws.url, (method, path) => {
    if (begun === undefined) return 20
    return method !== 'GET' && path.includes('.tfstate') ? network.request + network.stateWrite : network.request
  })
  const job = {
    workspace,
    inputs: {
      roots: 'infra',
      workspace: 'prod',
      'aws-region': REGION,
      'aws-access-key-id': 'test',
      'aws-secret-access-key': 'test-secret-key',
      'github-token': 'a-token-of-the-test',
      'lock-timeout': '3s',
    },
    variables: {
      ...variables,
      ...{ AWS_ENDPOINT_URL: slow.url, AWS_EC2_METADATA_DISABLED: 'true' },
      ...{ RUNNER_TRACKING_ID: name, GITHUB_SHA: sha, GITHUB_REPOSITORY_ID: '7' },
    },
  }
  await planFirst(job)
  await meanwhile()
  try {
    let killed = false
    const main = await runBundle('terraform-apply', {
      ...job,
      inputs: { ...job.inputs, 'plan-results': 'plan-results' },
      onStart(child) {
        let output = ''
        child.stdout?.on('data', (chunk: Buffer) => {
          output += chunk.toString()
          if (output.includes('::group::terraform apply')) begun ??= performance.now()
        })
        void (async () => {
          const sinceApply = () => (begun === undefined ? undefined : performance.now() - begun)
          while (child.exitCode === null && !isMoment(sinceApply())) await sleep(5)
          for (const [signal, grace] of [
            ['SIGINT', 7500],
            ['SIGTERM', 2500],
            ['SIGKILL', 0],
          ] as const) {
            if (child.exitCode !== null || child.signalCode !== null) return
            killed = signal === 'SIGKILL'
            child.kill(signal)
            const end = performance.now() + grace
            while (child.exitCode === null && child.signalCode === null && performance.now() < end) await sleep(20)
          }
        })()
      },
    })
    const post = await runBundle('terraform-apply', { ...job, state: main.state })
    const left = processesOf(name).map(({ command }) => command)
    const state = await objectOf(`env:/prod/${name}.tfstate`)
    return {
      ...{ main, post, left, killed },
      lock: await objectOf(`env:/prod/${name}.tfstate.tflock`),
      state: state === undefined ? undefined : (JSON.parse(state) as Record<string, unknown>),
    }
  } finally {
    await slow.close()
  }
}

/** Leaves the record of a plan where the workflow downloads it to, as the pull request's own run would have made it. */
async function planFirst(job: BundleOptions & { readonly workspace: string }): Promise<void> {
  const planned = await runBundle('terraform-plan', { ...job, inputs: { ...job.inputs, comment: 'none' } })
  const path = join(planned.outputs['plan-results'] ?? '', 'infra@prod.json')
  const record = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>
  mkdirSync(join(job.workspace, 'plan-results'))
  writeFileSync(
    join(job.workspace, 'plan-results', 'infra@prod.json'),
    JSON.stringify({ ...record, pullRequest: 42, headSha: 'a'.repeat(40), runId: 88 }),
  )
  rmSync(join(job.workspace, 'infra', '.terraform'), { recursive: true })
}

/** Text of an object in the bucket, asked without the slow network; `undefined` when it is not there. */
async function objectOf(key: string): Promise<string | undefined> {
  const answer = await fetch(`${aws.url}/${STATE_BUCKET}/${key}`, {
    headers: { authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/${REGION}/s3/aws4_request` },
  })
  if (answer.status === 404) return undefined
  expect(answer.status).toBe(200)
  return answer.text()
}

function processesOf(job: string): { pid: number; command: string }[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .flatMap(id => {
      try {
        const isOurs = readFileSync(`/proc/${id}/environ`, 'utf8').split('\0').includes(`RUNNER_TRACKING_ID=${job}`)
        const command = readFileSync(`/proc/${id}/cmdline`, 'utf8').replaceAll('\0', ' ')
        return isOurs ? [{ pid: Number(id), command }] : []
      } catch {
        return []
      }
    })
}

/** The promises of a cancelled apply. */
function expectSettled(ended: Ended): void {
  const said = `${ended.post.stdout}\n${ended.post.summary}`
  expect(ended.left).toEqual([])
  expect(ended.post.exitCode).toBe(0)
  if (ended.lock === undefined) expect(said).not.toContain('force-unlock')
  else {
    const { ID: id } = JSON.parse(ended.lock) as { ID: string }
    expect(said).toContain(`force-unlock ${id}`)
    expect(said).toContain(`@${hostname()}`)
  }
  if (ended.state !== undefined) {
    expect(ended.state['lineage']).toMatch(/^[0-9a-f-]{36}$/)
    expect(ended.state['serial']).toBeGreaterThanOrEqual(0)
  }
}

/** mulberry32 */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let value = Math.imul(state ^ (state >>> 15), 1 | state)
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value
    return ((value ^ (value >>> 14)) >>> 0) / 4_294_967_296
  }
}

describe('R26: an apply that is cancelled as the runner does it', () => {
  it(`leaves at ${MOMENTS} random moments (seed ${SEED}) no lock that is not told of, a readable state and no process`, async () => {
    const random = randomOf(SEED)
    const trials = Array.from({ length: MOMENTS }, (_, index) => {
      const network = NETWORKS[index % NETWORKS.length]!
      const root = Object.keys(ROOTS)[index % 2]!
      return { name: `random-${index}`, root, network, share: random() }
    })
    const told: string[] = []
    const work = async () => {
      for (let trial = trials.shift(); trial !== undefined; trial = trials.shift()) {
        const { name, root, network, share } = trial
        // From the start of apply to about its end.
        const delay = share * (4_000 + 12 * network.request + 2 * network.stateWrite)
        const ended = await applyAndCancel(name, root, network, since => since !== undefined && since >= delay)
        expect(ended.main.stdout).toContain('::group::terraform apply')
        const objects = ((ended.state?.['resources'] ?? []) as { instances: unknown[] }[]).flatMap(
          ({ instances }) => instances,
        )
        told.push(
          `${name} ${root}, ${network.name} network, at ${Math.round(delay)} ms: ${ended.killed ? 'killed' : `exit ${ended.main.exitCode}`}, ` +
            `${objects.length} in the state, lock ${ended.lock === undefined ? 'free' : 'reported'}`,
        )
        expectSettled(ended)
      }
    }
    try {
      await Promise.all(Array.from({ length: AT_ONCE }, work))
    } finally {
      process.stdout.write(`${told.sort().join('\n')}\n`)
    }
    expect(github.checkStates()).toEqual(Array.from({ length: MOMENTS }, () => 'completed'))
    // Otherwise the moments were none.
    expect(told.some(line => line.includes('killed'))).toBe(true)
    expect(told.some(line => /exit 1/.test(line))).toBe(true)
  }, 600_000)

  it.each(['init', 'workspace', 'plan', 'show', 'output'])(
    'keeps the same promises during %s',
    async command => {
      const ended = await applyAndCancel(`during-${command}`, 'objects of AWS', NETWORKS[0]!, () =>
        processesOf(`during-${command}`).some(process => new RegExp(`terraform\\S* ${command} `).test(process.command)),
      )
      expect(ended.main.exitCode).not.toBe(0)
      expect(ended.killed).toBe(false)
      expectSettled(ended)
    },
    120_000,
  )
})

describe('an apply whose Terraform is killed', () => {
  it('leaves the lock, and the post step tells of it and how to free it', async () => {
    const isTerraform = /terraform\S* apply /
    let isKilled = false
    const ended = await applyAndCancel('killed', 'scripts', NETWORKS[0]!, since => {
      if (isKilled || since === undefined || since < 3_000) return false
      const found = processesOf('killed').filter(({ command }) => isTerraform.test(command))
      for (const { pid } of found) process.kill(pid, 'SIGKILL')
      isKilled = found.length > 0
      return false
    })
    expect(ended.lock).toBeDefined()
    expect(ended.main.summary).toMatch(/^❌ \*\*shop\/infra\*\*: apply /)
    expect(ended.post.summary).toContain('It is the lock of this run')
    expectSettled(ended)
  }, 120_000)
})

describe('a state that another run has locked', () => {
  it.each([
    ['still works', 'in_progress', 61, false],
    ['has ended', 'completed', 62, true],
  ] as const)(
    'is told of with the run, which %s',
    async (_what, status, id, offers) => {
      const name = `locked-${id}`
      github.addRun({ id, status, externalId: `slipway-apply/${id}/1/vm-${id}` })
      const lock = {
        ...{ ID: `4b7f1d9e-0000-4000-8000-0000000000${id}`, Operation: 'OperationTypeApply', Info: '' },
        ...{ Who: `runner@vm-${id}`, Version: '1.11.4', Created: new Date(Date.now() - 600_000).toISOString() },
        Path: `${STATE_BUCKET}/env:/prod/${name}.tfstate`,
      }
      const { main, post } = await applyAndCancel(
        name,
        'scripts',
        NETWORKS[0]!,
        () => false,
        async () => {
          const put = await fetch(`${aws.url}/${STATE_BUCKET}/env:/prod/${name}.tfstate.tflock`, {
            method: 'PUT',
            headers: { authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/${REGION}/s3/aws4_request` },
            body: JSON.stringify(lock),
          })
          expect(put.status).toBe(200)
        },
      )
      expect(main.exitCode).toBe(1)
      expect(post.exitCode).toBe(0)
      expect(post.summary).toContain(`is locked by \`runner@vm-${id}\` since `)
      expect(post.summary).toContain('(10 minutes ago), for an apply')
      expect(post.summary).toContain(`[run ${id}](https://github.example/acme/shop/actions/runs/${id})`)
      expect(post.summary.includes(`terraform force-unlock ${lock.ID}`)).toBe(offers)
      expect(await objectOf(`env:/prod/${name}.tfstate.tflock`)).toBe(JSON.stringify(lock))
    },
    120_000,
  )
})
