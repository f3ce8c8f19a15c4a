import type { Outputs } from '#kit/action'
import { ActionError, InputError, withOutputs } from '#kit/errors'
import { subjectOf } from '#kit/report/headline'
import { Unusable } from '#kit/inputs'
import { formatReference } from '#kit/oci/reference'
import { renderTag } from '#kit/oci/tag'
import type { BranchHead, Ports, RunContext } from '#kit/ports'
import { repositoryPath } from '#kit/repository-path'
import { createScrubber } from '#kit/scrub'
import { refuseNewSecret } from '#kit/scrub-file'
import { readYaml } from '#kit/yaml/splice'
import { readCompose } from './compose.ts'
import { commitText } from './commit-text.ts'
import { dockerCli } from './docker.ts'
import type { Inputs, outputs } from './inputs.ts'
import { planImages, type PlannedImage } from './plan.ts'
import { answerText, renderReport, type Result } from './report.ts'
import { updateCompose, type Target, type Update } from './update.ts'

type Found = Outputs<typeof outputs>
type Needed = Pick<Ports, 'log' | 'exec' | 'files' | 'commits' | 'run' | 'summary' | 'environment'>

/** In the order in which compose itself looks for them. */
const COMPOSE_FILES = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml']

export async function main(inputs: Inputs, ports: Needed): Promise<Found> {
  const { files, log, run } = ports
  const tag = tagOf(inputs, run)
  const branch = branchOf(inputs, run)
  const path = await composePath(inputs, ports)
  const onDisk = `${files.workspace}/${path}`
  const bytes = await files.readBytes(onDisk)
  const images = planImages(readCompose(readYaml(path, bytes)), inputs.services, tag)
  const write = inputs.push && inputs['update-files']
  if (write) await rehearse(images, { path, bytes, tag }, inputs, ports)
  const targets = await buildAndPush(images, path, inputs, ports)
  const built: Found = { ...imageOutputs(images, targets, tag), ...NOTHING_WRITTEN }
  const written = await (write ? writeTags(targets, { path, branch, tag }, inputs, ports) : undefined)?.catch(
    (thrown: unknown) => {
      throw thrown instanceof ActionError ? withOutputs(thrown, built) : thrown
    },
  )
  const result: Result = { path, tag, targets, pushed: inputs.push, ...written }
  const subject = subjectOf(run.repository, [], 'images')
  await ports.summary.write(
    renderReport(result, { subject, sha: shaOf(run), runNumber: run.runNumber }, await ports.summary.remaining()),
  )
  const changes = written?.update.changes ?? []
  const named = (outcome: string) => changes.filter(change => change.outcome === outcome).map(({ service }) => service)
  const superseded = named('superseded')
  if (superseded.length > 0)
    log.warning(
      `${superseded.join(', ')}: a newer run's tag stands in ${path} and stays. If that is not the newer one, set "allow-downgrade: true".`,
    )
  log.notice(`${subject}: ${answerText(result)}`)
  return {
    ...built,
    'changed-services': named('changed').join('\n'),
    'updated-files': named('changed').length === 0 ? '' : path,
    // A head that already names these images is the commit to deploy; one that a newer run wrote is not ours to point at.
    'commit-sha': superseded.length === changes.length ? '' : (written?.commitSha ?? ''),
    superseded: superseded.join('\n'),
  }
}

const NOTHING_WRITTEN = { 'changed-services': '', 'updated-files': '', 'commit-sha': '', superseded: '' }

const shaOf = (run: RunContext) => run.pullRequest?.headSha ?? run.sha

const RUN_BRANCH = /^refs\/heads\/(.+)$/

function tagOf({ tag }: Inputs, run: RunContext): string {
  try {
    const branch = RUN_BRANCH.exec(run.ref)?.[1] ?? run.pullRequest?.headRef ?? ''
    return renderTag(tag, { runNumber: run.runNumber, runAttempt: run.runAttempt, sha: shaOf(run), branch })
  } catch (error) {
    if (!(error instanceof Unusable)) throw error
    throw new InputError([{ input: 'tag', value: tag.source, problem: error.message, fix: error.fix }])
  }
}

/** Before anything is built: where the commit goes must be known. */
function branchOf(inputs: Inputs, run: RunContext): string {
  const branch = inputs.branch || (RUN_BRANCH.exec(run.ref)?.[1] ?? '')
  if (branch !== '' || inputs.commit === 'none' || !inputs.push || !inputs['update-files']) return branch
  throw new InputError([
    {
      input: 'branch',
      problem: `it is empty, and this run is of ${run.ref === '' ? 'no ref' : run.ref}, which is no branch`,
      fix: 'Name the branch to commit to, or set "commit: none"',
    },
  ])
}

/** From the top of the repository. */
async function composePath(inputs: Inputs, { files }: Needed): Promise<string> {
  const [given, folder] = [inputs['compose-file'], inputs['working-directory'] || '.']
  const fail = (problem: string, fix: string): never => {
    throw new InputError([{ input: 'compose-file', value: given, problem, fix }])
  }
  for (const name of given === '' ? COMPOSE_FILES : [given]) {
    if (!(await files.exists(await files.resolve('compose-file', name, folder)))) continue
    try {
      return repositoryPath(`${folder}/${name}`)
    } catch (error) {
      if (!(error instanceof Unusable)) throw error
      fail(error.message, error.fix)
    }
  }
  return given === ''
    ? fail(`there is none of ${COMPOSE_FILES.join(', ')} in ${folder}`, 'Give the path of the compose file')
    : fail('there is no such file', 'Give the path of the compose file, relative to "working-directory"')
}

/** The edit that comes after the pushes, on what is checked out: what cannot be written need not be built. */
async function rehearse(
  images: readonly PlannedImage[],
  { path, bytes, tag }: { readonly path: string; readonly bytes: Uint8Array; readonly tag: string },
  inputs: Inputs,
  { files }: Needed,
): Promise<void> {
  const targets = images.flatMap(({ repository, services }) =>
    services.map(service => ({ service, repository, tag, digest: undefined })),
  )
  const policy = { template: inputs.tag, allowDowngrade: inputs['allow-downgrade'] }
  const dotenv = await dotenvBeside(`${files.workspace}/${path}`, files)
  const { bytes: edited } = updateCompose({ name: path, bytes }, targets, policy, dotenv)
  if (edited === undefined || inputs.commit === 'none') return
  // The token is the one secret that this action is given; the commit itself knows whatever else was registered.
  await refuseNewSecret(path, edited, async () => bytes, createScrubber([inputs['github-token']]))
}

/** All of them, before any file is written: a file never names an image that is not there. */
async function buildAndPush(
  images: readonly PlannedImage[],
  composeFile: string,
  inputs: Inputs,
  ports: Needed,
): Promise<readonly Target[]> {
  const { files, run } = ports
  const docker = dockerCli(ports)
  const folder = composeFile.split('/').slice(0, -1).join('/') || '.'
  const labels: Record<string, string> = {
    ...(run.sha === '' ? {} : { 'org.opencontainers.image.revision': shaOf(run) }),
    ...(run.repository === '' ? {} : { 'org.opencontainers.image.source': `${run.serverUrl}/${run.repository}` }),
  }
  const prepared = []
  for (const { image, build } of images) {
    const inside = (path: string) =>
      files.resolve('compose-file', path, folder).catch((thrown: unknown) => {
        if (!(thrown instanceof InputError)) throw thrown
        throw new ActionError(
          `${composeFile}: the build of ${formatReference(image)} leads out of the workspace, to ${JSON.stringify(path)}`,
          { hint: 'Give a folder of the repository' },
        )
      })
    const contextFolder = await inside(build.context)
    const dockerfile = await inside(`${build.context}/${build.dockerfile}`)
    if (!(await files.exists(dockerfile)))
      throw new ActionError(`${composeFile}: the build of ${formatReference(image)} has no ${dockerfile}`, {
        hint: 'Correct "build:" in the compose file, or check the folder out',
      })
    prepared.push({ image, contextFolder, dockerfile, settings: build, labels })
  }
  await docker.build(prepared)
  const digests = inputs.push ? await docker.push(images.map(({ image }) => image)) : []
  const targets: Target[] = []
  for (const [index, { image, repository, services }] of images.entries()) {
    const digest = digests[index]
    if (digest === undefined && inputs.push && inputs['update-files'] && inputs['digest-pin'])
      throw new ActionError(`${formatReference(image)} was pushed, and docker does not tell its digest`, {
        hint: 'Set "digest-pin: false" to write the tag alone',
      })
    for (const service of services) targets.push({ service, repository, tag: image.tag ?? '', digest })
  }
  return targets
}

function imageOutputs(images: readonly PlannedImage[], targets: readonly Target[], tag: string) {
  const digests = images.flatMap(({ image, services }) => {
    const digest = targets.find(({ service }) => services.includes(service))?.digest
    return digest === undefined ? [] : [formatReference({ ...image, tag: undefined, digest })]
  })
  return { tag, images: images.map(({ image }) => formatReference(image)).join('\n'), digests: digests.join('\n') }
}

const dotenvPathOf = (composeFile: string) => [...composeFile.split('/').slice(0, -1), '.env'].join('/')

async function dotenvBeside(composeFile: string, files: Needed['files']): Promise<string> {
  const path = dotenvPathOf(composeFile)
  return (await files.exists(path)) ? files.readText(path) : ''
}

interface Written {
  readonly update: Update
  readonly commitSha: string | undefined
}

async function writeTags(
  targets: readonly Target[],
  { path, branch, tag }: { readonly path: string; readonly branch: string; readonly tag: string },
  inputs: Inputs,
  { files, commits, run }: Needed,
): Promise<Written> {
  const intent = targets.map(target => (inputs['digest-pin'] ? target : { ...target, digest: undefined }))
  const policy = { template: inputs.tag, allowDowngrade: inputs['allow-downgrade'] }
  if (inputs.commit === 'none') {
    const onDisk = `${files.workspace}/${path}`
    const dotenv = await dotenvBeside(onDisk, files)
    const update = updateCompose({ name: path, bytes: await files.readBytes(onDisk) }, intent, policy, dotenv)
    if (update.bytes !== undefined) await files.write(onDisk, update.bytes, 0o644)
    return { update, commitSha: undefined }
  }
  let update: Update | undefined
  const change = async (head: BranchHead) => {
    const bytes = await head.readBytes(path)
    if (bytes === undefined)
      throw new ActionError(`${path} is not on the branch ${branch}`, {
        hint: 'Commit the compose file there first, or give another "branch"',
      })
    const dotenv = Buffer.from((await head.readBytes(dotenvPathOf(path))) ?? '').toString()
    update = updateCompose({ name: path, bytes }, intent, policy, dotenv)
    if (update.bytes === undefined) return undefined
    return { ...commitText(update.changes, intent, run), additions: [{ path, content: update.bytes }] }
  }
  // Unique to what is meant: jobs of a matrix differ in nothing but their services.
  const idempotencyKey = ['build-tag', run.runId, run.runAttempt, path, tag, ...targets.map(({ service }) => service)]
  const { sha } = await commits.commit({ branch, idempotencyKey: idempotencyKey.join(' '), change })
  if (update === undefined) throw new Error('a commit was made without its change')
  return { update, commitSha: sha }
}
