import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import type { ToolName } from '../../../kit/ports.ts'
import { sumOf } from '../../../kit/tools/sums.ts'
import { programName, targetOf, VENDORS, type Target } from '../../../kit/tools/table.ts'
import { commonMajorMinor, exactVersion, fits, newest, versionRange } from '../../../kit/tools/version.ts'

const LINUX: Target = { os: 'linux', arch: 'amd64' }
const [A, B] = ['a'.repeat(64), 'b'.repeat(64)] as const

describe('where a release is', () => {
  it.each<[ToolName, string, Target, string, string, string]>([
    [
      'terraform',
      '1.11.4',
      LINUX,
      '1.11.4/terraform_1.11.4_linux_amd64.zip',
      '1.11.4/terraform_1.11.4_SHA256SUMS',
      'terraform',
    ],
    [
      'terraform',
      '1.11.4',
      { os: 'windows', arch: '386' },
      '1.11.4/terraform_1.11.4_windows_386.zip',
      '1.11.4/terraform_1.11.4_SHA256SUMS',
      'terraform.exe',
    ],
    [
      'tofu',
      '1.9.0',
      { os: 'darwin', arch: 'arm64' },
      'v1.9.0/tofu_1.9.0_darwin_arm64.zip',
      'v1.9.0/tofu_1.9.0_SHA256SUMS',
      'tofu',
    ],
    [
      'kubectl',
      '1.32.4',
      LINUX,
      'v1.32.4/bin/linux/amd64/kubectl',
      'v1.32.4/bin/linux/amd64/kubectl.sha256',
      'kubectl',
    ],
    [
      'helm',
      '3.16.2',
      LINUX,
      'helm-v3.16.2-linux-amd64.tar.gz',
      'helm-v3.16.2-linux-amd64.tar.gz.sha256sum',
      'linux-amd64/helm',
    ],
    ['tflint', '0.64.0', LINUX, 'v0.64.0/tflint_linux_amd64.zip', 'v0.64.0/checksums.txt', 'tflint'],
    [
      'kustomize',
      '5.8.1',
      LINUX,
      'kustomize%2Fv5.8.1/kustomize_v5.8.1_linux_amd64.tar.gz',
      'kustomize%2Fv5.8.1/checksums.txt',
      'kustomize',
    ],
    [
      'k6',
      '1.8.1',
      LINUX,
      'v1.8.1/k6-v1.8.1-linux-amd64.tar.gz',
      'v1.8.1/k6-v1.8.1-checksums.txt',
      'k6-v1.8.1-linux-amd64/k6',
    ],
    [
      'k6',
      '1.8.1',
      { os: 'darwin', arch: 'arm64' },
      'v1.8.1/k6-v1.8.1-macos-arm64.zip',
      'v1.8.1/k6-v1.8.1-checksums.txt',
      'k6-v1.8.1-macos-arm64/k6',
    ],
    [
      'infracost',
      '0.10.41',
      LINUX,
      'v0.10.41/infracost-linux-amd64.tar.gz',
      'v0.10.41/infracost-linux-amd64.tar.gz.sha256',
      'infracost-linux-amd64',
    ],
    ['conftest', '0.71.1', LINUX, 'v0.71.1/conftest_0.71.1_Linux_x86_64.tar.gz', 'v0.71.1/checksums.txt', 'conftest'],
  ])('%s %s is where its vendor puts it', (tool, version, target, archive, sums, member) => {
    expect(VENDORS[tool].release(version, target)).toMatchObject({ archive, sums, member })
  })

  it('is known for the systems that vendors make releases for', () => {
    expect(targetOf('linux', 'x64')).toEqual(LINUX)
    expect(targetOf('darwin', 'arm64')).toEqual({ os: 'darwin', arch: 'arm64' })
    expect(targetOf('win32', 'x64')).toEqual({ os: 'windows', arch: 'amd64' })
    expect(targetOf('sunos', 'x64')).toBeUndefined()
    expect(targetOf('linux', 's390x')).toBeUndefined()
    expect(programName('helm', { os: 'windows', arch: 'amd64' })).toBe('helm.exe')
  })
})

describe('which versions there are', () => {
  it.each<[ToolName, string, readonly string[]]>([
    ['terraform', '{"name":"terraform","versions":{"1.11.4":{},"1.9.0":{}}}', ['1.11.4', '1.9.0']],
    ['tofu', '{"versions":[{"id":"1.9.0","files":[]},{"id":"1.10.0-rc1"}]}', ['1.9.0', '1.10.0-rc1']],
    ['kubectl', 'v1.32.4\n', ['1.32.4']],
    ['helm', 'v3.16.2', ['3.16.2']],
    [
      'kustomize',
      '[{"tag_name":"kyaml/v0.19.0"},{"tag_name":"kustomize/v5.8.1"},{"tag_name":"api/v0.20.1"}]',
      ['5.8.1'],
    ],
    ['k6', '[{"tag_name":"v1.8.1"},{"tag_name":"v2.0.0-rc1"}]', ['1.8.1', '2.0.0-rc1']],
    ['infracost', '[{"tag_name":"v0.10.41"}]', ['0.10.41']],
    ['conftest', '[{"tag_name":"v0.71.1"}]', ['0.71.1']],
  ])('%s: its list is read', (tool, text, versions) => {
    expect(VENDORS[tool].parseIndex(text)).toEqual(versions)
  })

  it.each(Object.keys(VENDORS) as ToolName[])('%s: what is no list gives no version, and no crash', tool => {
    for (const text of ['', '<html>', 'null', '[]', '{}', '{"versions":null}', '{"versions":7}', '[null,{}]'])
      expect(VENDORS[tool].parseIndex(text)).toEqual([])
  })

  it('asks for the line of a range where the vendor has a list for each', () => {
    expect(VENDORS.kubectl.indexPaths(1, 32)).toEqual(['stable-1.32.txt'])
    expect(VENDORS.kubectl.indexPaths(1, undefined)).toEqual(['stable.txt'])
    expect(VENDORS.helm.indexPaths(3, undefined)).toEqual(['helm3-latest-version'])
  })
})

describe('which version a program is', () => {
  it.each<[ToolName, string, string]>([
    ['terraform', '{"terraform_version":"1.11.4","platform":"linux_amd64"}', '1.11.4'],
    ['tofu', '{"terraform_version":"1.9.0"}', '1.9.0'],
    ['kubectl', '{"clientVersion":{"gitVersion":"v1.32.4+k3s1"}}', '1.32.4'],
    ['helm', 'v3.16.2', '3.16.2'],
    ['kustomize', 'v5.8.1\n', '5.8.1'],
    ['k6', 'k6 v1.8.1 (commit/abc, go1.26.1, linux/amd64)', '1.8.1'],
    ['infracost', 'Infracost v0.10.41', '0.10.41'],
    ['conftest', 'Conftest: 0.71.1\nOPA: 1.21.1\n', '0.71.1'],
  ])('%s says it', (tool, output, version) => {
    expect(VENDORS[tool].parseVersion(output)).toBe(version)
  })

  it.each(Object.keys(VENDORS) as ToolName[])('%s: is not guessed', tool => {
    for (const output of ['', 'command not found', '{}', 'null'])
      expect(VENDORS[tool].parseVersion(output)).toBeUndefined()
  })
})

describe('a range of versions', () => {
  it.each(['auto', '', '1.11.4', 'v1.11.4', '1.11.x', '~1.11', '^1', '>=1.9 <2', '1.9 || 1.11'])(
    '%j can be used',
    range => {
      expect(() => versionRange.parse(range)).not.toThrow()
    },
  )

  it.each(['latest', '1.11.4; rm', '~> 1.11.0.0', '--help', '../1'])('%j cannot', range => {
    expect(() => versionRange.parse(range)).toThrow('not a version or a range')
  })

  it('decides what fits', () => {
    expect(fits('1.11.4', 'auto')).toBe(true)
    expect(fits('1.11.4', '~1.11')).toBe(true)
    expect(fits('1.12.0', '~1.11')).toBe(false)
    expect(fits('2.0.0-rc1', '>=1')).toBe(false)
    expect(fits('2.0.0-rc1', '2.0.0-rc1')).toBe(true)
    expect(newest(['1.9.0', '1.10.2', '2.0.0-rc1', 'junk'], 'auto')).toBe('1.10.2')
    expect(newest(['1.9.0'], '>=2')).toBeUndefined()
    expect(exactVersion('v1.11.4')).toBe('1.11.4')
    expect(exactVersion('1.11')).toBeUndefined()
  })

  it('knows the line that all its versions are of', () => {
    expect(commonMajorMinor('~1.32')).toEqual({ major: 1, minor: 32 })
    expect(commonMajorMinor('3.x')).toEqual({ major: 3, minor: undefined })
    expect(commonMajorMinor('>=3 <5')).toEqual({ major: undefined, minor: undefined })
    expect(commonMajorMinor('auto')).toEqual({ major: undefined, minor: undefined })
  })
})

describe("a vendor's list of checksums", () => {
  it.each([
    ['two spaces', `${B}  other.zip\n${A}  tool.zip\n`],
    ['the star of binary mode', `${A} *tool.zip`],
    ['carriage returns', `${A}  tool.zip\r\n`],
    ['upper case', `${A.toUpperCase()}  tool.zip`],
    ['a folder before the name', `${A}  ./dist/tool.zip`],
    ['a bare sum', `${A}\n`],
    ['the same sum twice', `${A}  tool.zip\n${A}  tool.zip`],
  ])('is read with %s', (_, list) => expect(sumOf(list, 'tool.zip')).toBe(A))

  it.each([
    ['no entry', `${A}  other.zip`],
    ['a name that only ends alike', `${A}  my-tool.zip`],
    ['a sum that is too short', `${A.slice(1)}  tool.zip`],
    ['two sums that differ', `${A}  tool.zip\n${B}  tool.zip`],
    ['two bare sums', `${A}\n${B}`],
    ['a page of a proxy', '<html>sign in</html>'],
    ['nothing', ''],
  ])('proves nothing with %s', (_, list) => expect(sumOf(list, 'tool.zip')).toBeUndefined())

  it('gives a sum only for a line that names the file, whatever else is in it', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' })), noise => {
        const list = [...noise.map(line => line.replace(/[\r\n]/g, ' ')), `${A}  tool.zip`].join('\n')
        expect(sumOf(list, 'tool.zip')).toBe(A)
        expect(sumOf(noise.join('\n'), 'tool.zip')).toBeUndefined()
      }),
    )
  })
})
