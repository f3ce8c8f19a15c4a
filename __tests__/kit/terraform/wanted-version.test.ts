import { describe, expect, it } from '@jest/globals'
import { wantedVersion } from '../../../kit/terraform/wanted-version.ts'
import { fits } from '../../../kit/tools/version.ts'
import { FakeFiles } from '../../support/fakes.ts'

const VERSIONS = ['1.5.7', '1.6.0', '1.6.2', '1.9.3', '1.11.4']
const REQUIRED = (constraint: string) => `terraform {\n  required_version = "${constraint}"\n}\n`

async function wanted(tree: Readonly<Record<string, string>>, binary: 'terraform' | 'tofu' = 'terraform') {
  const { range, sources } = await wantedVersion(
    '/workspace/infra/dev',
    binary,
    new FakeFiles({ 'infra/dev/main.tf': '', ...tree }),
  )
  return {
    versions: VERSIONS.filter(version => fits(version, range)).join(' '),
    from: sources.map(({ place, written }) => `${place} ${written}`),
  }
}

const ANY = VERSIONS.join(' ')

describe('the version that a root asks for', () => {
  it.each<[string, Readonly<Record<string, string>>, string, string[]]>([
    ['any, when nothing asks', {}, ANY, []],
    [
      'required_version',
      { 'infra/dev/versions.tf': REQUIRED('~> 1.6.0') },
      '1.6.0 1.6.2',
      ['infra/dev/versions.tf:2 ~> 1.6.0'],
    ],
    [
      '.terraform-version beside it',
      { 'infra/dev/.terraform-version': 'v1.9.3\n' },
      '1.9.3',
      ['infra/dev/.terraform-version v1.9.3'],
    ],
    [
      '.terraform-version above it',
      { '.terraform-version': '# ours\n\n1.9.3 # pinned' },
      '1.9.3',
      ['.terraform-version 1.9.3'],
    ],
    [
      'the nearest of two',
      { '.terraform-version': '1.5.7', 'infra/.terraform-version': '1.9.3' },
      '1.9.3',
      ['infra/.terraform-version 1.9.3'],
    ],
    ['.tfswitchrc', { 'infra/dev/.tfswitchrc': '1.6.2' }, '1.6.2', ['infra/dev/.tfswitchrc 1.6.2']],
    [
      '.tool-versions',
      { 'infra/.tool-versions': 'nodejs 24.1.0\nterraform 1.9.3 1.5.7 # two\n' },
      '1.9.3',
      ['infra/.tool-versions 1.9.3'],
    ],
    [
      '.tool-versions further up, when the nearest is of other tools',
      { 'infra/.tool-versions': 'nodejs 24', '.tool-versions': 'terraform 1.5.7' },
      '1.5.7',
      ['.tool-versions 1.5.7'],
    ],
    [
      'the newest of a line',
      { '.terraform-version': 'latest:^1.6' },
      '1.6.0 1.6.2',
      ['.terraform-version latest:^1.6'],
    ],
    ['any, for "latest"', { '.terraform-version': 'latest' }, ANY, ['.terraform-version latest']],
    [
      'what all of them take',
      {
        'infra/dev/versions.tf': REQUIRED('>= 1.6'),
        '.terraform-version': '1.9.3',
        '.tool-versions': 'terraform 1.9.3',
      },
      '1.9.3',
      ['infra/dev/versions.tf:2 >= 1.6', '.terraform-version 1.9.3', '.tool-versions 1.9.3'],
    ],
    ['nothing of a file that cannot be read', { 'infra/dev/versions.tf': 'terraform {' }, ANY, []],
    ['nothing of OpenTofu', { '.opentofu-version': '1.9.3', '.tool-versions': 'opentofu 1.6.0' }, ANY, []],
  ])('is %s', async (_, tree, versions, from) => {
    expect(await wanted(tree)).toEqual({ versions, from })
  })

  it('is read from its own files for OpenTofu', async () => {
    const tree = {
      'infra/dev/versions.tf': REQUIRED('1.5.7'),
      'infra/dev/versions.tofu': REQUIRED('>= 1.6'),
      '.opentofu-version': '1.9.3',
      '.terraform-version': '1.5.7',
      '.tool-versions': 'opentofu 1.9.3\nterraform 1.5.7',
    }
    expect(await wanted(tree, 'tofu')).toEqual({
      versions: '1.9.3',
      from: ['infra/dev/versions.tofu:2 >= 1.6', '.opentofu-version 1.9.3', '.tool-versions 1.9.3'],
    })
  })

  it('is refused with both places when two cannot both hold', async () => {
    const tree = { 'infra/dev/versions.tf': REQUIRED('>= 1.10'), '.terraform-version': '1.9.3' }
    await expect(wanted(tree)).rejects.toThrow(
      'no version of terraform is both ">= 1.10" (infra/dev/versions.tf:2) and "1.9.3" (.terraform-version)',
    )
  })

  it.each([
    ['.terraform-version', 'min-required'],
    ['.terraform-version', 'latest:-beta'],
    ['.tool-versions', 'terraform ref:main'],
  ])('is refused when %s says %j, which names no version', async (file, text) => {
    await expect(wanted({ [file]: text })).rejects.toThrow(`${file} asks for the version`)
  })

  it('is refused when required_version is none', async () => {
    await expect(wanted({ 'infra/dev/versions.tf': REQUIRED('newest') })).rejects.toThrow(
      'infra/dev/versions.tf asks for the version "newest", which cannot be used',
    )
  })
})
