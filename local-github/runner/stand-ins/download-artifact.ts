import { createHash } from 'node:crypto'
import { join, resolve } from 'node:path'
import { Minimatch } from 'minimatch'
import type { StandIn, StandInPorts } from './stand-in.ts'
import { unzip } from './unzip.ts'

/** Unpacks artifacts of this run, or through the API those of another one. */
export const downloadArtifact: StandIn = {
  words: 'the same files, from the local server',
  inputs: {
    name: null,
    'artifact-ids': null,
    path: null,
    pattern: null,
    'merge-multiple': 'false',
    'github-token': null,
    repository: null,
    'run-id': null,
    'digest-mismatch': 'error',
    'skip-decompress': 'false',
  },
  async main(ports) {
    if (ports.flag('skip-decompress'))
      throw new Error('input "skip-decompress" is "true": the local runner does not implement it')
    const root = resolve(ports.folders.workspace, expandHome(ports))
    const found = await list(ports)
    const chosen = choose(ports, found)
    const byName = ports.input('name') !== ''
    for (const artifact of chosen) {
      const flat = byName || ports.flag('merge-multiple') || (ports.input('artifact-ids') !== '' && chosen.length === 1)
      const folder = flat ? root : join(root, artifact.name)
      const zip = await fetchZip(ports, artifact)
      checkDigest(ports, artifact, zip)
      await unzip(zip, folder)
      ports.log(`Artifact ${artifact.name} has been downloaded to ${folder}`)
    }
    ports.log(`Total of ${chosen.length} artifact(s) downloaded`)
    ports.setOutput('download-path', root)
  },
}

interface Found {
  readonly id: number
  readonly name: string
  readonly digest: string
}

function expandHome(ports: StandInPorts): string {
  const path = ports.input('path')
  return path.startsWith('~/') ? join(ports.folders.home, path.slice(2)) : path
}

async function list(ports: StandInPorts): Promise<Found[]> {
  const runId = Number(ports.input('run-id') || ports.plan.run.id)
  if (!Number.isInteger(runId)) throw new Error(`input "run-id" is "${ports.input('run-id')}": use a run's number`)
  const artifacts: Found[] = []
  for (let page = 1; ; page++) {
    const path = `/repos/${repositoryOf(ports)}/actions/runs/${runId}/artifacts?per_page=100&page=${page}`
    const body = (await (await call(ports, path)).json()) as {
      total_count: number
      artifacts: { id: number; name: string; digest?: string | null; expired: boolean }[]
    }
    for (const { id, name, digest, expired } of body.artifacts)
      if (!expired) artifacts.push({ id, name, digest: digest ?? '' })
    if (body.artifacts.length < 100) return newestByName(artifacts)
  }
}

/** A rerun's artifacts hide those of the attempts before. */
function newestByName(artifacts: readonly Found[]): Found[] {
  const byName = new Map<string, Found>()
  for (const artifact of artifacts) {
    const other = byName.get(artifact.name)
    if (!other || other.id < artifact.id) byName.set(artifact.name, artifact)
  }
  return [...byName.values()]
}

function choose(ports: StandInPorts, found: readonly Found[]): readonly Found[] {
  const name = ports.input('name')
  const ids = ports.input('artifact-ids')
  if (name !== '' && ids !== '') throw new Error('Inputs "name" and "artifact-ids" cannot be used together')
  if (name !== '') {
    const artifact = found.find(candidate => candidate.name === name)
    if (!artifact) throw new Error(`Unable to download artifact(s): Artifact not found for name: ${name}`)
    return [artifact]
  }
  if (ids !== '') {
    return ids.split(',').map(text => {
      const artifact = found.find(candidate => String(candidate.id) === text.trim())
      if (!artifact) throw new Error(`Unable to download artifact(s): no artifact of the run has the id ${text.trim()}`)
      return artifact
    })
  }
  const pattern = ports.input('pattern')
  if (pattern === '') return found
  const matcher = new Minimatch(pattern)
  return found.filter(candidate => matcher.match(candidate.name))
}

function repositoryOf(ports: StandInPorts): string {
  return ports.input('repository') || ports.context('repository')
}

async function fetchZip(ports: StandInPorts, artifact: Found): Promise<Buffer> {
  const response = await call(ports, `/repos/${repositoryOf(ports)}/actions/artifacts/${artifact.id}/zip`)
  return Buffer.from(await response.arrayBuffer())
}

/**
 * Within its own run a job downloads by its runtime token, which needs no scope; this stand-in then asks with a token that may read
 * what the run made, and for another run with the step's `github-token`.
 */
async function call(ports: StandInPorts, path: string): Promise<Response> {
  const given = ports.input('github-token')
  const response = await fetch(`${ports.context('api_url')}${path}`, {
    headers: {
      accept: 'application/vnd.github+json',
      'x-github-api-version': '2022-11-28',
      'user-agent': 'local-github-runner',
      authorization: `Bearer ${given || runtimeToken(ports)}`,
    },
  })
  if (response.ok) return response
  const body = await response.text()
  throw new Error(
    `Unable to download artifact(s): ${response.status} for ${path.split('?')[0] ?? path}: ${body.slice(0, 200)}` +
      (response.status === 403 || response.status === 404 ? '. The token needs `actions: read`.' : ''),
  )
}

function runtimeToken(ports: StandInPorts): string {
  const { run, job } = ports.plan
  const isOther = ports.input('run-id') !== '' && ports.input('run-id') !== String(run.id)
  if (isOther) throw new Error('input "github-token" is required to download from another run')
  return ports.github.mintToken({
    login: 'github-actions[bot]',
    kind: 'job',
    repositoryId: run.repositoryId,
    permissions: { actions: 'read' },
    runId: run.id,
    jobId: job.id,
    expiresInSeconds: 60,
  })
}

function checkDigest(ports: StandInPorts, artifact: Found, zip: Buffer): void {
  const digest = `sha256:${createHash('sha256').update(zip).digest('hex')}`
  if (artifact.digest === '' || artifact.digest === digest) return
  const text = `The digest of artifact ${artifact.name} is ${digest}, expected was ${artifact.digest}`
  const choice = ports.input('digest-mismatch')
  if (choice === 'ignore') return
  if (choice === 'info') ports.log(text)
  else if (choice === 'warn') ports.warning(text)
  else throw new Error(text)
}
