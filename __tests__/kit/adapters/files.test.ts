import { describe, expect, it } from '@jest/globals'
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { systemFiles } from '../../../kit/adapters/files.ts'
import { InputError } from '../../../kit/errors.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

function makeFiles(confined = true) {
  const home = temporaryFolder()
  const [workspace, temporary, outside] = ['workspace', 'temporary', 'outside'].map(name => join(home, name)) as [
    string,
    string,
    string,
  ]
  for (const folder of [workspace, temporary, outside]) mkdirSync(folder)
  writeFileSync(join(outside, 'secret'), 'secret')
  return { files: systemFiles({ workspace, temporary, confined }), workspace, temporary, outside }
}

it('reads a large file in pieces that are the whole together', async () => {
  const { files, workspace } = makeFiles()
  const content = Buffer.from(Array.from({ length: 2_500_000 }, (_, index) => index % 251))
  writeFileSync(join(workspace, 'large'), content)
  const pieces: Uint8Array[] = []
  for await (const piece of files.readChunks(join(workspace, 'large'))) pieces.push(piece)
  expect(pieces.length).toBeGreaterThan(2)
  expect(Buffer.concat(pieces).equals(content)).toBe(true)
})

it('what cannot be read is no bug of ours', async () => {
  const { files, workspace } = makeFiles()
  const inPieces = async (path: string) => {
    for await (const piece of files.readChunks(path)) void piece
  }
  for (const read of [files.readText, files.readBytes, inPieces]) {
    await expect(read(workspace)).rejects.toMatchObject({
      name: 'ActionError',
      message: `${workspace} cannot be read: it is a folder`,
    })
    await expect(read(join(workspace, 'none'))).rejects.toThrow('cannot be read: it is not there')
  }
})

describe('a path of an input', () => {
  it('is relative to the working directory in the workspace', async () => {
    const { files, workspace } = makeFiles()
    expect(await files.resolve('roots', 'dev', 'infra')).toBe(join(workspace, 'infra', 'dev'))
    expect(await files.resolve('roots', '.')).toBe(workspace)
    expect(await files.resolve('roots', '..name/x')).toBe(join(workspace, '..name', 'x'))
  })

  it('is refused in words when it is no path that can be looked for', async () => {
    const { files, workspace } = makeFiles()
    const long = 'x'.repeat(300)
    await expect(files.resolve('roots', long)).rejects.toThrow(
      `input "roots" is "${long}": it is longer than a path may be. Give the path of a file or folder, and not its content`,
    )
    symlinkSync('itself', join(workspace, 'itself'))
    await expect(files.resolve('roots', 'itself')).rejects.toThrow(
      'input "roots" is "itself": its links lead in a circle',
    )
  })

  it('may be absolute inside the workspace, and in the folder where earlier steps left files', async () => {
    const { files, workspace, temporary } = makeFiles()
    expect(await files.resolve('plan-json', join(workspace, 'x'))).toBe(join(workspace, 'x'))
    expect(await files.resolve('plan-json', join(temporary, 'plan.json'))).toBe(join(temporary, 'plan.json'))
  })

  it.each([['../outside/secret'], ['/etc/passwd'], ['x/../../outside'], ['..'], ['a\0b']])(
    'is refused when it leads out of the workspace: %j',
    async path => {
      const { files } = makeFiles()
      await expect(files.resolve('roots', path)).rejects.toThrow(InputError)
      await expect(files.resolve('roots', path)).rejects.toThrow(/input "roots" is .*: it leads out of the workspace/)
    },
  )

  it('is refused when the working directory leads out', async () => {
    const { files } = makeFiles()
    await expect(files.resolve('roots', 'x', '../outside')).rejects.toThrow(InputError)
  })

  it('R27: is refused when a link leads out, at its end, in its middle or to nothing yet', async () => {
    const { files, workspace, outside } = makeFiles()
    symlinkSync(join(outside, 'secret'), join(workspace, 'file'))
    symlinkSync(outside, join(workspace, 'folder'))
    symlinkSync(join(outside, 'not-yet'), join(workspace, 'dangling'))
    for (const path of ['file', 'folder/secret', 'folder/new/file', 'dangling', 'dangling/x'])
      await expect(files.resolve('roots', path)).rejects.toThrow(InputError)
  })

  it('may go through a link that stays inside', async () => {
    const { files, workspace } = makeFiles()
    mkdirSync(join(workspace, 'real'))
    symlinkSync('real', join(workspace, 'alias'))
    expect(await files.resolve('roots', 'alias/new')).toBe(join(workspace, 'alias', 'new'))
  })

  it('may lead anywhere on a terminal', async () => {
    const { files, outside } = makeFiles(false)
    expect(await files.resolve('plan-json', '../outside/secret')).toBe(join(outside, 'secret'))
  })
})

describe('a walk', () => {
  it('finds every file but those of folders that are not entered, and no folder through a link', async () => {
    const { files, workspace } = makeFiles()
    for (const path of ['a/b/x.tf', '.hidden/y.tf', 'a/.z', 'top.tf'])
      await files.write(join(workspace, path), 'content')
    symlinkSync(join(workspace, 'a'), join(workspace, 'linked'))
    const found = await files.walk(workspace, name => !name.startsWith('.'))
    const own = found.filter(({ path }) => /^(?:a|linked|\.hidden|top\.tf)/.test(path))
    expect(own.map(({ path, target }) => [path, target]).sort()).toEqual([
      ['a/.z', 'a/.z'],
      ['a/b/x.tf', 'a/b/x.tf'],
      ['top.tf', 'top.tf'],
    ])
  })

  it('R27: says where a link leads, and that one leads out or nowhere', async () => {
    const { files, workspace, outside } = makeFiles()
    await files.write(join(workspace, 'common/x.tf'), 'content')
    await files.write(join(workspace, 'a/main.tf'), 'content')
    symlinkSync('../common/x.tf', join(workspace, 'a/x.tf'))
    symlinkSync(join(outside, 'secret'), join(workspace, 'a/out.tf'))
    symlinkSync('nowhere', join(workspace, 'a/gone.tf'))
    const found = await files.walk(join(workspace), () => true)
    expect(
      Object.fromEntries(found.filter(({ path }) => path.startsWith('a/')).map(({ path, target }) => [path, target])),
    ).toEqual({
      'a/main.tf': 'a/main.tf',
      'a/x.tf': 'common/x.tf',
      'a/out.tf': undefined,
      'a/gone.tf': undefined,
    })
  })
})

describe('a written file', () => {
  it('is readable by its owner only, and leaves nothing else behind', async () => {
    const { files, workspace } = makeFiles()
    const path = join(workspace, 'new', 'plan.json')
    await files.write(path, 'one')
    await files.write(path, new TextEncoder().encode('two'))
    expect(readFileSync(path, 'utf8')).toBe('two')
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(readdirSync(dirname(path))).toEqual(['plan.json'])
  })

  it('replaces a link instead of writing through it', async () => {
    const { files, workspace, outside } = makeFiles()
    symlinkSync(join(outside, 'secret'), join(workspace, 'out'))
    await files.write(join(workspace, 'out'), 'mine')
    expect(readFileSync(join(outside, 'secret'), 'utf8')).toBe('secret')
  })

  it('is there whole or not at all', async () => {
    const { files, workspace } = makeFiles()
    mkdirSync(join(workspace, 'taken'))
    writeFileSync(join(workspace, 'taken', 'x'), '')
    await expect(files.write(join(workspace, 'taken'), 'text')).rejects.toThrow()
    expect(readdirSync(workspace)).toEqual(['taken'])
  })
})

it('gives each temporary folder a name of its own', async () => {
  const { files, temporary } = makeFiles()
  const [one, two] = [await files.temporaryFolder('plan'), await files.temporaryFolder('plan')]
  expect(one).not.toBe(two)
  expect(dirname(one)).toBe(temporary)
  expect(await files.list(temporary)).toHaveLength(2)
})
