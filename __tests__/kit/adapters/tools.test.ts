import { afterAll, beforeEach, describe, expect, it } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { environmentOf } from '../../../kit/adapters/environment.ts'
import { systemExec } from '../../../kit/adapters/exec.ts'
import { withoutWorkflowCommands } from '../../../kit/adapters/quiet.ts'
import { systemTools } from '../../../kit/adapters/tools.ts'
import { CommandError } from '../../../kit/errors.ts'
import type { Tools } from '../../../kit/ports.ts'
import { targetOf } from '../../../kit/tools/table.ts'
import { FakeLog } from '../../support/fakes.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { serveFiles, sha256, zipOf } from '../../support/tool-mirror.ts'

const target = targetOf(process.platform, process.arch)!
const before = { ...process.env }
const noWait = globalThis as unknown as Record<string, number>

beforeEach(() => {
  noWait['TEST_DOWNLOAD_TOOL_RETRY_MIN_SECONDS'] = 0
  noWait['TEST_DOWNLOAD_TOOL_RETRY_MAX_SECONDS'] = 0
})
afterAll(() => {
  process.env = before
})

/** A stand-in for the program: it says its version and nothing else. */
const program = (version: string) => `#!/bin/sh\necho '{"terraform_version":"${version}"}'\n`

function makeTools(pathFolder?: string) {
  const home = temporaryFolder()
  const [temporary, cache] = [join(home, 'temporary'), join(home, 'cache')] as const
  process.env['RUNNER_TEMP'] = temporary
  process.env['RUNNER_TOOL_CACHE'] = cache
  for (const name of ['http_proxy', 'HTTP_PROXY', 'https_proxy', 'HTTPS_PROXY']) delete process.env[name]
  mkdirSync(temporary)
  const log = new FakeLog()
  const exec = systemExec({ environment: () => ({ PATH: '/usr/bin:/bin' }), cwd: home, signals: process })
  const environment = environmentOf({ PATH: pathFolder ?? join(home, 'empty') })
  const loud = systemTools({ exec, log, environment, temporary })
  const tools: Tools = { find: (...asked) => withoutWorkflowCommands(() => loud.find(...asked)) }
  return { tools, log, temporary, cache, home }
}

function installOnPath(name: string, version: string): string {
  const folder = temporaryFolder()
  writeFileSync(join(folder, name), program(version))
  chmodSync(join(folder, name), 0o755)
  return folder
}

async function terraformMirror(version: string, changes: { zip?: Buffer; sums?: string; serve?: Buffer } = {}) {
  const zip = changes.zip ?? (await zipOf({ terraform: program(version), 'LICENSE.txt': 'free' }))
  const name = `terraform_${version}_${target.os}_${target.arch}.zip`
  const index = JSON.stringify({ versions: { '1.9.8': {}, [version]: {}, '2.0.0-beta1': {} } })
  return serveFiles({
    'index.json': index,
    [`${version}/terraform_${version}_SHA256SUMS`]:
      changes.sums ?? `${sha256('other')}  other.zip\n${sha256(zip)}  ${name}\n`,
    [`${version}/${name}`]: changes.serve ?? zip,
  })
}

describe('a tool that is there', () => {
  it('is taken from PATH when its version fits', async () => {
    const folder = installOnPath('terraform', '1.11.4')
    const { tools } = makeTools(folder)
    const found = { name: 'terraform', path: join(folder, 'terraform'), version: '1.11.4', origin: 'path' }
    for (const range of ['auto', '1.11.4', '>=1.9 <2', '~1.11'])
      expect(await tools.find('terraform', { range })).toEqual(found)
  })

  it('is not taken from PATH when its version does not fit', async () => {
    await using mirror = await terraformMirror('1.11.4')
    const { tools, log } = makeTools(installOnPath('terraform', '1.5.7'))
    const tool = await tools.find('terraform', { range: '~1.11', downloadUrl: mirror.url })
    expect(tool).toMatchObject({ version: '1.11.4', origin: 'download' })
    expect(log.text()).toContain('is 1.5.7; ~1.11 is asked for')
  })

  it('is named when nothing that fits can be had', async () => {
    await using mirror = await terraformMirror('1.11.4')
    const folder = installOnPath('terraform', '1.5.7')
    const { tools } = makeTools(folder)
    const find = (range: string) => tools.find('terraform', { range, downloadUrl: mirror.url })
    await expect(find('>=3')).rejects.toThrow(
      `no version of terraform fits ">=3"; the newest at ${mirror.url} is 1.11.4; ">=3" is asked for, and ${folder}/terraform is terraform 1.5.7`,
    )
    await expect(find('1.12.0')).rejects.toThrow(
      /is not at http.*; "1\.12\.0" is asked for, and .* is terraform 1\.5\.7/,
    )
  })

  it('is not trusted when it does not say its version', async () => {
    await using mirror = await terraformMirror('1.11.4')
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'terraform'), '#!/bin/sh\necho what\n', { mode: 0o755 })
    const { tools, log } = makeTools(folder)
    const tool = await tools.find('terraform', { range: 'auto', downloadUrl: mirror.url })
    expect(tool.origin).toBe('download')
    expect(log.warnings.join()).toContain('does not say which version it is')
  })
})

it('a step that is cancelled while a tool says its version does not go on to a download', async () => {
  const stop = new CommandError({ file: 'terraform', args: [], exitCode: null, stderr: '', cancelled: true })
  const tools = systemTools({
    exec: { run: () => Promise.reject(stop) },
    log: new FakeLog(),
    environment: environmentOf({ PATH: installOnPath('terraform', '1.11.4') }),
    temporary: temporaryFolder(),
  })
  await expect(tools.find('terraform', { range: 'auto', downloadUrl: 'http://127.0.0.1:9' })).rejects.toBe(stop)
})

describe('a tool that is not there', () => {
  it('is installed with its checksum proved, and the second time taken from the cache without network', async () => {
    const { tools, temporary } = makeTools()
    let url: string
    {
      await using mirror = await terraformMirror('1.11.4')
      url = mirror.url
      const tool = await tools.find('terraform', { range: '>=1.10', downloadUrl: `${url}/` })
      expect(tool).toMatchObject({ name: 'terraform', version: '1.11.4', origin: 'download' })
      expect(readFileSync(tool.path, 'utf8')).toBe(program('1.11.4'))
      expect(mirror.asked).toEqual([
        'index.json',
        '1.11.4/terraform_1.11.4_SHA256SUMS',
        `1.11.4/terraform_1.11.4_${target.os}_${target.arch}.zip`,
      ])
    }
    expect(readdirSync(temporary)).toEqual([])
    for (const range of ['1.11.4', '>=1.10', 'auto'])
      expect(await tools.find('terraform', { range, downloadUrl: url })).toMatchObject({
        version: '1.11.4',
        origin: 'cache',
      })
  })

  it('needs no list of versions when one version is named, with or without v', async () => {
    await using mirror = await terraformMirror('1.11.4')
    const { tools } = makeTools()
    await tools.find('terraform', { range: 'v1.11.4', downloadUrl: mirror.url })
    expect(mirror.asked).not.toContain('index.json')
  })

  it('leaves pre-releases out of auto', async () => {
    await using mirror = await terraformMirror('1.11.4')
    const { tools } = makeTools()
    expect((await tools.find('terraform', { range: 'auto', downloadUrl: mirror.url })).version).toBe('1.11.4')
  })

  it('is taken out of a tar archive, and from a bare file with a bare checksum', async () => {
    const home = temporaryFolder()
    const folder = `${target.os}-${target.arch}`
    mkdirSync(join(home, folder))
    writeFileSync(join(home, folder, 'helm'), '#!/bin/sh\necho v3.16.2\n', { mode: 0o755 })
    execFileSync('tar', ['-czf', 'helm.tar.gz', folder], { cwd: home })
    const archive = readFileSync(join(home, 'helm.tar.gz'))
    const kubectl = `#!/bin/sh\necho '{"clientVersion":{"gitVersion":"v1.32.4"}}'\n`
    const [helmName, kubectlName] = [
      `helm-v3.16.2-${folder}.tar.gz`,
      `v1.32.4/bin/${target.os}/${target.arch}/kubectl`,
    ] as const
    await using mirror = await serveFiles({
      'helm3-latest-version': 'v3.16.2\n',
      [helmName]: archive,
      [`${helmName}.sha256sum`]: `${sha256(archive)}  ${helmName}\n`,
      'stable-1.32.txt': 'v1.32.4',
      [kubectlName]: kubectl,
      [`${kubectlName}.sha256`]: sha256(kubectl),
    })
    const { tools } = makeTools()
    const at = { downloadUrl: mirror.url }
    expect(await tools.find('helm', { range: '3.x', ...at })).toMatchObject({ version: '3.16.2', origin: 'download' })
    expect(await tools.find('kubectl', { range: '~1.32', ...at })).toMatchObject({
      version: '1.32.4',
      origin: 'download',
    })
  })
})

describe('a download that is not right', () => {
  async function refused(mirror: { url: string }, range = '1.11.4') {
    const { tools, cache, temporary } = makeTools()
    const error = await tools.find('terraform', { range, downloadUrl: mirror.url }).then(
      () => undefined,
      (thrown: unknown) => thrown as Error & { hint?: string },
    )
    expect(existsSync(join(cache, 'terraform'))).toBe(false)
    expect(readdirSync(temporary)).toEqual([])
    return `${error?.message} ${error?.hint ?? ''}`
  }

  it('is not unpacked when its checksum is wrong', async () => {
    const evil = await zipOf({ terraform: '#!/bin/sh\ntouch /tmp/never\n' })
    await using mirror = await terraformMirror('1.11.4', { serve: evil })
    expect(await refused(mirror)).toMatch(/terraform 1\.11\.4 does not have the checksum .* so it was not unpacked/)
  })

  it('is not unpacked when it is cut short', async () => {
    const zip = await zipOf({ terraform: program('1.11.4') })
    await using mirror = await terraformMirror('1.11.4', { zip, serve: zip.subarray(0, zip.length - 40) })
    expect(await refused(mirror)).toMatch(/does not have the checksum/)
  })

  it('is an error when the connection breaks in the middle, after three tries', async () => {
    const zip = await zipOf({ terraform: program('1.11.4') })
    const name = `terraform_1.11.4_${target.os}_${target.arch}.zip`
    await using mirror = await serveFiles({
      '1.11.4/terraform_1.11.4_SHA256SUMS': `${sha256(zip)}  ${name}\n`,
      [`1.11.4/${name}`]: response => {
        response.writeHead(200, { 'content-length': zip.length })
        response.write(zip.subarray(0, 20), () => response.destroy())
      },
    })
    expect(await refused(mirror)).toMatch(/terraform 1\.11\.4 could not be downloaded from http/)
    expect(mirror.asked.filter(path => path.endsWith('.zip'))).toHaveLength(3)
  })

  it('is an error when the list of checksums lacks it, or names it twice with different sums', async () => {
    const name = `terraform_1.11.4_${target.os}_${target.arch}.zip`
    for (const sums of [`${sha256('x')}  other.zip\n`, '', `${sha256('x')}  ${name}\n${sha256('y')}  ${name}\n`]) {
      await using mirror = await terraformMirror('1.11.4', { sums })
      expect(await refused(mirror)).toMatch(/the checksums of terraform 1\.11\.4 have no single entry for terraform_/)
      expect(mirror.asked).toHaveLength(1)
    }
  })

  it('is an error when the version is not there', async () => {
    await using mirror = await terraformMirror('1.11.4')
    expect(await refused(mirror, '1.12.0')).toMatch(/the checksums of terraform 1\.12\.0 is not at http|are not at/)
    expect(await refused(mirror, '>=3')).toMatch(/no version of terraform fits ">=3"; the newest at http.* is 1\.11\.4/)
  })

  it('is an error when the list of versions cannot be read', async () => {
    await using mirror = await serveFiles({ 'index.json': '<html>proxy login</html>' })
    expect(await refused(mirror, '>=1')).toMatch(/the list of versions of terraform at .* holds none that can be read/)
  })

  it('is an error when the archive does not hold the program', async () => {
    await using mirror = await terraformMirror('1.11.4', { zip: await zipOf({ 'README.md': '' }) })
    expect(await refused(mirror)).toMatch(/terraform could not be unpacked from the archive of terraform 1\.11\.4/)
  })

  it('is an error when the program is another version than its name says', async () => {
    await using mirror = await terraformMirror('1.11.4', { zip: await zipOf({ terraform: program('1.0.0') }) })
    expect(await refused(mirror)).toMatch(/terraform 1\.11\.4 was asked for, but the program says it is 1\.0\.0/)
  })

  it('R27: an entry that would be written outside is never unpacked', async () => {
    const made = await zipOf({ 'AA/AA/escaped': 'pwned', terraform: program('1.11.4') })
    const slip = Buffer.from(made.toString('latin1').replaceAll('AA/AA/escaped', '../../escaped'), 'latin1')
    await using mirror = await terraformMirror('1.11.4', { zip: slip })
    const { tools, home: place } = makeTools()
    await tools.find('terraform', { range: '1.11.4', downloadUrl: mirror.url })
    expect(readdirSync(place).sort()).toEqual(['cache', 'temporary'])
    expect(readdirSync(join(place, 'temporary'))).toEqual([])
  })
})
