import * as cache from '@actions/tool-cache'
import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { access, chmod, constants, lstat, mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { basename, delimiter, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { ActionError, CommandError } from '../errors.ts'
import type { Environment, Exec, Log, Tool, ToolName, Tools } from '../ports.ts'
import { sumOf } from '../tools/sums.ts'
import { programName, targetOf, VENDORS, type Release, type Target } from '../tools/table.ts'
import { commonMajorMinor, exactVersion, fits, newest } from '../tools/version.ts'

export interface ToolsSettings {
  readonly exec: Exec
  readonly log: Log
  readonly environment: Environment
  /** For downloads; nothing is left in it. */
  readonly temporary: string
}

/** Tools from PATH, from the runner's tool cache, or from their vendor with the checksum proved before unpacking. */
export function systemTools(settings: ToolsSettings): Tools {
  const { log } = settings
  return {
    async find(name, { range, downloadUrl }) {
      const target = targetOf(process.platform, process.arch)
      if (target === undefined)
        throw new ActionError(`${name} is not made for ${process.platform} on ${process.arch}`, {
          hint: `Put ${name} on PATH yourself`,
        })
      const present = await onPath(settings, name, target)
      if (present !== undefined && fits(present.version, range)) return present
      if (present !== undefined) log.info(`${present.path} is ${present.version}; ${range} is asked for`)
      const cached = inCache(name, target, range)
      if (cached !== undefined) return cached
      const base = withoutSlash(downloadUrl || VENDORS[name].downloadUrl)
      await mkdir(settings.temporary, { recursive: true })
      const scratch = { ...settings, temporary: await mkdtemp(join(settings.temporary, 'slipway-tool-')) }
      try {
        const version = exactVersion(range) ?? (await newestFor(scratch, name, range, downloadUrl))
        return await log.group(`Install ${name} ${version}`, () => install(scratch, name, version, base, target))
      } catch (error) {
        throw present === undefined ? error : besidePresent(error, present, range)
      } finally {
        await rm(scratch.temporary, { recursive: true, force: true })
      }
    },
  }
}

/** Whoever asks for what cannot be had should read what is there. */
function besidePresent(error: unknown, { name, path, version }: Tool, range: string): unknown {
  if (!(error instanceof ActionError) || error instanceof CommandError) return error
  return new ActionError(`${error.message}; "${range}" is asked for, and ${path} is ${name} ${version}`, {
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    cause: error.cause,
  })
}

async function onPath(settings: ToolsSettings, name: ToolName, target: Target): Promise<Tool | undefined> {
  const path = await lookUp(settings.environment.get('PATH') ?? '', programName(name, target))
  if (path === undefined) return undefined
  const version = await versionOf(settings.exec, name, path).catch((error: unknown) => {
    if (error instanceof CommandError && error.cancelled) throw error
    settings.log.debug(error instanceof Error ? error.message : String(error))
    return undefined
  })
  if (version === undefined) {
    settings.log.warning(`${path} does not say which version it is, so it is not used`)
    return undefined
  }
  return { name, path, version, origin: 'path' }
}

async function lookUp(searchPath: string, program: string): Promise<string | undefined> {
  for (const folder of searchPath.split(delimiter).filter(part => part !== '')) {
    const path = join(folder, program)
    const runnable = await access(path, constants.X_OK).then(
      async () => (await stat(path)).isFile(),
      () => false,
    )
    if (runnable) return path
  }
  return undefined
}

async function versionOf(exec: Exec, name: ToolName, path: string): Promise<string | undefined> {
  const { stdout } = await exec.run({ file: path, args: VENDORS[name].versionArgs, timeoutMilliseconds: 30_000 })
  return VENDORS[name].parseVersion(stdout)
}

function inCache(name: ToolName, target: Target, range: string): Tool | undefined {
  const version = newest(cache.findAllVersions(name), range)
  const folder = version === undefined ? '' : cache.find(name, version)
  if (version === undefined || folder === '') return undefined
  return { name, path: join(folder, programName(name, target)), version, origin: 'cache' }
}

async function newestFor(
  settings: ToolsSettings,
  name: ToolName,
  range: string,
  mirror: string | undefined,
): Promise<string> {
  const { major, minor } = commonMajorMinor(range)
  const base = withoutSlash(mirror || VENDORS[name].indexUrl)
  const lists = VENDORS[name].indexPaths(major, minor).map(async path => {
    const index = await download(settings, `${base}/${path}`, `the list of versions of ${name}`)
    return VENDORS[name].parseIndex(await readFile(index, 'utf8'))
  })
  const versions = (await Promise.all(lists)).flat()
  const version = newest(versions, range)
  if (version !== undefined) return version
  const newestKnown = newest(versions, 'auto')
  throw new ActionError(
    newestKnown === undefined
      ? `the list of versions of ${name} at ${base} holds none that can be read`
      : `no version of ${name} fits "${range}"; the newest at ${base} is ${newestKnown}`,
    { hint: `Name another version, or put ${name} on PATH` },
  )
}

async function install(
  settings: ToolsSettings,
  name: ToolName,
  version: string,
  base: string,
  target: Target,
): Promise<Tool> {
  const release = VENDORS[name].release(version, target)
  const what = `${name} ${version}`
  const sums = await readFile(await download(settings, `${base}/${release.sums}`, `the checksums of ${what}`), 'utf8')
  const fileName = decodeURIComponent(basename(release.archive))
  const expected = sumOf(sums, fileName)
  if (expected === undefined)
    throw new ActionError(`the checksums of ${what} have no single entry for ${fileName}, so it was not installed`, {
      hint: 'Look at "download-url": the mirror may be incomplete',
    })
  const archive = await download(settings, `${base}/${release.archive}`, what)
  const actual = await sha256(archive)
  if (actual !== expected)
    throw new ActionError(`${what} does not have the checksum that its vendor gives, so it was not unpacked`, {
      hint: `Expected ${expected}, got ${actual}. Look at "download-url": the file may be cut, or not the vendor's`,
    })
  const unpacked = release.kind === 'binary' ? archive : await unpack(settings, archive, release, what)
  const found = await lstat(unpacked).catch(() => undefined)
  if (!found?.isFile()) throw new ActionError(`the archive of ${what} does not hold the program ${release.member}`)
  await chmod(unpacked, 0o755)
  const said = await versionOf(settings.exec, name, unpacked)
  if (said !== version) throw new ActionError(`${what} was asked for, but the program says it is ${said ?? 'unknown'}`)
  const program = programName(name, target)
  const path = join(await cache.cacheFile(unpacked, program, name, version), program)
  settings.log.info(`${what} is at ${path}`)
  return { name, path, version, origin: 'download' }
}

async function download(settings: ToolsSettings, url: string, what: string): Promise<string> {
  try {
    settings.log.debug(`Download ${url}`)
    return await cache.downloadTool(url, join(settings.temporary, `slipway-${randomUUID()}`))
  } catch (cause) {
    const status = cause instanceof cache.HTTPError ? cause.httpStatusCode : undefined
    throw new ActionError(status === 404 ? `${what} is not at ${url}` : `${what} could not be downloaded from ${url}`, {
      cause,
      hint: 'Check the version and "download-url", or put the tool on PATH',
    })
  }
}

/** Takes the one program out of the archive and nothing else, so that no other entry can write anywhere. */
async function unpack(settings: ToolsSettings, archive: string, release: Release, what: string): Promise<string> {
  const folder = join(settings.temporary, 'unpacked')
  await mkdir(folder)
  try {
    await settings.exec.run(
      release.kind === 'zip'
        ? { file: 'unzip', args: ['-q', archive, release.member, '-d', folder] }
        : { file: 'tar', args: ['-xzf', archive, '-C', folder, release.member] },
    )
  } catch (cause) {
    throw new ActionError(`${release.member} could not be unpacked from the archive of ${what}`, { cause })
  }
  return join(folder, release.member)
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

const withoutSlash = (url: string) => url.replace(/\/+$/, '')
