import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { spawnSync } from 'node:child_process'
import { gunzipSync } from 'node:zlib'
import { readStages } from '../../../../local-github/runner/stand-ins/docker/dockerfile.ts'
import { readIgnoreFile } from '../../../../local-github/runner/stand-ins/docker/ignore-file.ts'
import { packLayer, type LayerEntry } from '../../../../local-github/runner/stand-ins/docker/layer.ts'
import { formatReference, parseReference } from '../../../../local-github/runner/stand-ins/docker/reference.ts'

describe('a Dockerfile', () => {
  test.each([
    ['FROM python:3.12-slim', ['python:3.12-slim']],
    [
      'ARG V=3\nFROM --platform=$BUILDPLATFORM python:${V:-3.12} AS build\nfrom scratch',
      ['python:${V:-3.12}', 'scratch'],
    ],
    ['# escape=`\nFROM a `\n  AS b\nRUN dir c:\\\nFROM d', ['a', 'd']],
    ['FROM a\nRUN <<EOF\nFROM b\nNOT AN INSTRUCTION\nEOF\nFROM c', ['a', 'c']],
    ['FROM a\nRUN <<-"END" cat\n\tFROM b\n\tEND\nFROM c', ['a', 'c']],
    ['FROM a\nRUN x \\\n# a comment within\n\n  FROM b\nFROM c', ['a', 'c']],
    [
      '\uFEFFFROM 127.0.0.1:5000/a/b@sha256:' + 'a'.repeat(64) + '\r\n',
      ['127.0.0.1:5000/a/b@sha256:' + 'a'.repeat(64)],
    ],
    ['FROM a\nCMD echo <<EOF', ['a']],
  ])('%j is built from %j', (text, images) => {
    expect(readStages(text).map(stage => stage.image)).toEqual(images)
  })

  test.each(['FROM', 'FROM a AS', 'FROM a AS 1!', 'FROM a IS b', 'FROM --x=y a', 'FROM ../a', 'FROM a\nRUN <<EOF\nx'])(
    '%j is refused',
    text => expect(() => readStages(text)).toThrow(/line 1|line 2/),
  )
})

describe('a .dockerignore', () => {
  test.each([
    ['node_modules', ['node_modules/a/b'], ['a/node_modules/b', 'node_modules2']],
    ['**/node_modules', ['node_modules/a', 'a/b/node_modules/c'], ['a/xnode_modules']],
    ['*.md\n!README.md', ['a.md'], ['README.md', 'docs/a.md']],
    ['/dist/\n./build', ['dist/x', 'build'], ['a/dist']],
    ['docs/**\n!docs/keep/*.txt', ['docs/a', 'docs/keep/b'], ['docs/keep/a.txt', 'docs']],
    ['# comment\n\n  a?c  ', ['abc'], ['ac', 'a/c', '# comment']],
    ['[a-c].t[^x]t', ['b.tet'], ['d.tet', 'a.txt']],
    ['*', ['a', 'a/b', '.env'], []],
    ['a/../b', ['b'], ['a']],
    ['**', ['a', 'a/b'], []],
    ['a+(b)', ['a+(b)'], ['aab']],
  ])('%j', (text, ignored, kept) => {
    const isIgnored = readIgnoreFile(text)
    expect(ignored.filter(path => !isIgnored(path))).toEqual([])
    expect(kept.filter(path => isIgnored(path))).toEqual([])
  })

  test('a pattern that is none is refused', () => {
    expect(() => readIgnoreFile('a[b')).toThrow('"[" without "]"')
    expect(() => readIgnoreFile('!')).toThrow('illegal exclusion pattern')
  })
})

describe('a layer', () => {
  const name = fc.stringMatching(/^[a-zA-Z0-9äß€ ._-]{1,120}$/).filter(text => !/^\.+$/.test(text))
  const entries = fc
    .uniqueArray(fc.tuple(name, fc.uint8Array({ maxLength: 1500 }), fc.boolean()), {
      selector: ([path]) => path,
      maxLength: 8,
    })
    .map(list =>
      list.map(([path, bytes, isExecutable]): LayerEntry => ({
        path,
        kind: 'file',
        isExecutable,
        bytes: Buffer.from(bytes),
        target: '',
      })),
    )

  test('is the same bytes whatever the order of its entries', () => {
    fc.assert(fc.property(entries, list => packLayer(list).digest === packLayer([...list].reverse()).digest))
  })

  test('is read by tar with every name and byte', () => {
    fc.assert(
      fc.property(entries, list => {
        const { bytes } = packLayer(list)
        const environment = { ...process.env, LC_ALL: 'C.UTF-8' }
        const input = gunzipSync(bytes)
        const listed = spawnSync('tar', ['--quoting-style=literal', '-tf', '-'], {
          input,
          encoding: 'utf8',
          env: environment,
        })
        expect(listed.stdout.split('\n').filter(Boolean)).toEqual(
          list.map(entry => entry.path).sort((a, b) => (a < b ? -1 : 1)),
        )
        const content = spawnSync('tar', ['-xOf', '-'], { input, env: environment })
        const sorted = [...list].sort((a, b) => (a.path < b.path ? -1 : 1))
        expect(content.stdout.equals(Buffer.concat(sorted.map(entry => entry.bytes)))).toBe(true)
      }),
      { numRuns: 25 },
    )
  })
})

describe('a reference', () => {
  test.each([
    ['python', 'docker.io', 'library/python', 'latest'],
    ['acme/app:1', 'docker.io', 'acme/app', '1'],
    ['localhost/app', 'localhost', 'app', 'latest'],
    ['127.0.0.1:5000/shop/backend:5-0a3087a', '127.0.0.1:5000', 'shop/backend', '5-0a3087a'],
    ['ghcr.io/a/b@sha256:' + 'a'.repeat(64), 'ghcr.io', 'a/b', ''],
  ])('%s', (text, registry, repository, tag) => {
    expect(parseReference(text)).toMatchObject({ registry, repository, tag })
    expect(parseReference(formatReference(parseReference(text)))).toEqual(parseReference(text))
  })

  test.each(['', 'A', 'a:', 'a:-b', 'a@sha256:1', 'a//b', 'http://a/b', '-a', 'a b'])('%j is none', text =>
    expect(() => parseReference(text)).toThrow('invalid reference format'),
  )
})
