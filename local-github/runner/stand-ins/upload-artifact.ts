import { once } from 'node:events'
import { dirname, relative, sep } from 'node:path'
import { ZipFile } from 'yazl'
import { findFiles } from '../path-patterns.ts'
import type { StandIn, StandInPorts } from './stand-in.ts'

const defaultRetentionDays = 90

/** Zips files as the real action does, and hands them to the local server. */
export const uploadArtifact: StandIn = {
  words: 'the same archive, kept by the local server',
  inputs: {
    name: 'artifact',
    path: null,
    'if-no-files-found': 'warn',
    'retention-days': null,
    'compression-level': '6',
    overwrite: 'false',
    'include-hidden-files': 'false',
    archive: 'true',
  },
  async main(ports) {
    if (!ports.flag('archive')) throw new Error('input "archive" is "false": the local runner always zips')
    const path = ports.input('path')
    if (path === '') throw new Error('Input required and not supplied: path')
    const { workspace } = ports.folders
    const options = { followSymbolicLinks: true, hidden: ports.flag('include-hidden-files') }
    const { files, roots } = findFiles(path, workspace, options)
    if (files.length === 0) return reportNone(ports, path)
    const single = files.length === 1 && roots.length === 1 && files[0] === roots[0]
    const root = single ? dirname(files[0] ?? '') : commonFolder(roots)
    const zip = await zipFiles(ports, files, root)
    const artifact = ports.storeArtifact({
      name: ports.input('name'),
      zip,
      retentionDays: readRetention(ports),
      overwrite: ports.flag('overwrite'),
    })
    const url = `${ports.context('server_url')}/${ports.context('repository')}/actions/runs/${ports.plan.run.id}/artifacts/${artifact.id}`
    ports.setOutput('artifact-id', String(artifact.id))
    ports.setOutput('artifact-digest', artifact.digest.replace('sha256:', ''))
    ports.setOutput('artifact-url', url)
    ports.log(`Artifact ${artifact.name} has been successfully uploaded! Final size is ${zip.length} bytes.`)
    ports.log(`Artifact download URL: ${url}`)
  },
}

function reportNone(ports: StandInPorts, path: string): void {
  const text = `No files were found with the provided path: ${path}. No artifacts will be uploaded.`
  const choice = ports.input('if-no-files-found')
  if (choice === 'error') throw new Error(text)
  if (choice === 'warn') ports.warning(text)
  else if (choice === 'ignore') ports.log(text)
  else throw new Error(`input "if-no-files-found" is "${choice}": use "warn", "error" or "ignore"`)
}

function commonFolder(folders: readonly string[]): string {
  const [first = [], ...others] = folders.map(folder => folder.split(sep))
  let length = first.length
  for (const other of others) {
    let same = 0
    while (same < length && first[same] === other[same]) same++
    length = same
  }
  return first.slice(0, length).join(sep) || sep
}

async function zipFiles(ports: StandInPorts, files: readonly string[], root: string): Promise<Buffer> {
  const level = Number(ports.input('compression-level'))
  if (!Number.isInteger(level) || level < 0 || level > 9)
    throw new Error(`input "compression-level" is "${ports.input('compression-level')}": use 0 to 9`)
  const zip = new ZipFile()
  const chunks: Buffer[] = []
  zip.outputStream.on('data', (chunk: Buffer) => chunks.push(chunk))
  const ended = once(zip.outputStream, 'end')
  const failed = new Promise<never>((_resolve, reject) => zip.on('error', reject))
  for (const file of files) {
    const name = relative(root, file).split(sep).join('/')
    zip.addFile(file, name, level === 0 ? { compress: false } : { compressionLevel: level })
  }
  zip.end()
  await Promise.race([ended, failed])
  return Buffer.concat(chunks)
}

function readRetention(ports: StandInPorts): number {
  const text = ports.input('retention-days')
  const limit = Number(ports.context('retention_days')) || defaultRetentionDays
  if (text === '' || text === '0') return limit
  const days = Number(text)
  if (!Number.isInteger(days) || days < 0) throw new Error(`input "retention-days" is "${text}": use a number of days`)
  if (days > limit) ports.warning(`Retention days cannot be greater than the maximum of ${limit}; it is used.`)
  return Math.min(days, limit)
}
