import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { formatReference, parseReference, repositoryOf } from '../../../kit/oci/reference.ts'

const DIGEST = `sha256:${'a1'.repeat(32)}`
const reference = (registry: string | undefined, path: string, tag?: string, digest?: string) => ({
  registry,
  path,
  tag,
  digest,
})

describe('an image reference', () => {
  it.each([
    ['postgres', reference(undefined, 'postgres')],
    ['postgres:17.2', reference(undefined, 'postgres', '17.2')],
    ['acme/shop/web:1', reference(undefined, 'acme/shop/web', '1')],
    ['localhost/app', reference('localhost', 'app')],
    ['host:5000/app', reference('host:5000', 'app')],
    ['host:5000/app:1', reference('host:5000', 'app', '1')],
    ['Registry/app', reference('Registry', 'app')],
    ['[::1]:5000/app:1', reference('[::1]:5000', 'app', '1')],
    [`ghcr.io/a/b__c-d.e:_x@${DIGEST}`, reference('ghcr.io', 'a/b__c-d.e', '_x', DIGEST)],
    [`app@${DIGEST}`, reference(undefined, 'app', undefined, DIGEST)],
  ])('%s is taken apart and put together again', (text, parts) => {
    expect(parseReference(text)).toEqual(parts)
    expect(formatReference(parts)).toBe(text)
  })

  it.each([
    ['', 'it'],
    ['App', 'is no part of an image name'],
    ['a//b', 'is no part of an image name'],
    ['/a', 'is no part of an image name'],
    ['a/-b', 'is no part of an image name'],
    ['a..b', 'is no part of an image name'],
    ['a___b', 'is no part of an image name'],
    ['a b', 'is no part of an image name'],
    ['ghcr.io/', 'it names no image'],
    ['-host.io/a', 'is no registry'],
    ['host:port/a', 'is no registry'],
    ['a:', 'is no tag'],
    ['a:.1', 'is no tag'],
    ['a:-1', 'is no tag'],
    [`a:${'x'.repeat(129)}`, 'is no tag'],
    ['a:1:2', 'is no tag'],
    ['a@sha256:12', 'is no digest'],
    [`a@${DIGEST.toUpperCase()}`, 'is no digest'],
    [`a@${DIGEST}@${DIGEST}`, 'more than one "@"'],
    ['f'.repeat(64), 'looks like the id of an image'],
    [`a/${'b'.repeat(254)}`, 'its name has 256 characters'],
  ])('R23: %j is none', (text, problem) => expect(() => parseReference(text)).toThrow(problem))

  it('R23: whatever is taken is put together as it was', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-zA-Z0-9.:/@_-]{0,40}$/), text => {
        let parsed
        try {
          parsed = parseReference(text)
        } catch {
          return
        }
        expect(formatReference(parsed)).toBe(text)
      }),
    )
  })

  it.each([
    ['postgres', 'docker.io/library/postgres'],
    ['docker.io/library/postgres:1', 'docker.io/library/postgres'],
    ['index.docker.io/acme/web', 'docker.io/acme/web'],
    ['GHCR.io/acme/web', 'ghcr.io/acme/web'],
  ])('%s is of the repository %s', (text, repository) => expect(repositoryOf(parseReference(text))).toBe(repository))
})
