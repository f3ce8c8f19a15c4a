import type { ToolName } from '../ports.ts'

/** A system that tools are made for, in the words that Go uses. */
export interface Target {
  readonly os: 'linux' | 'darwin' | 'windows'
  readonly arch: 'amd64' | 'arm64' | '386' | 'arm'
}

/** Paths and URLs of one release. Paths are relative to the download URL. */
export interface Release {
  readonly archive: string
  readonly kind: 'zip' | 'tar.gz' | 'binary'
  /** The vendor's SHA-256 list, or the sum of this one file. */
  readonly sums: string
  /** The program's path inside the archive. */
  readonly member: string
}

export interface Vendor {
  /** Where the vendor serves releases; a mirror with the same paths below it can stand in. */
  readonly downloadUrl: string
  /** Where the vendor lists versions, for ranges; a mirror serves the same paths as `indexPaths` below its own URL. */
  readonly indexUrl: string
  indexPaths(major: number | undefined, minor: number | undefined): readonly string[]
  /** Versions in an index, in any order. */
  parseIndex(text: string): readonly string[]
  release(version: string, target: Target): Release
  readonly versionArgs: readonly string[]
  /** The version that the program printed; `undefined` when it is in none of the known forms. */
  parseVersion(output: string): string | undefined
}

const NUMBER = /v?(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)/
const firstVersion = (output: string) => NUMBER.exec(output)?.[1]
const exe = (name: string, { os }: Target) => (os === 'windows' ? `${name}.exe` : name)

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function at(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined
}

const isText = (value: unknown): value is string => typeof value === 'string'

/** `terraform version -json`, and the same of tofu. */
const terraformVersion = (output: string) => {
  const version = at(parseJson(output), 'terraform_version')
  return isText(version) ? version : undefined
}

/** GitHub's list of releases: https://docs.github.com/rest/releases/releases#list-releases */
const githubReleases = (tagPrefix: string) => ({
  indexPaths: () => ['releases?per_page=100'],
  parseIndex(text: string) {
    const releases = parseJson(text)
    if (!Array.isArray(releases)) return []
    const tags = releases.map(release => at(release, 'tag_name')).filter(isText)
    return tags.filter(tag => tag.startsWith(tagPrefix)).map(tag => tag.slice(tagPrefix.length))
  },
})

/** A file that holds nothing but one version. */
const oneVersion = (text: string) => [firstVersion(text)].filter(isText)

export const VENDORS: Readonly<Record<ToolName, Vendor>> = {
  terraform: {
    downloadUrl: 'https://releases.hashicorp.com/terraform',
    indexUrl: 'https://releases.hashicorp.com/terraform',
    indexPaths: () => ['index.json'],
    parseIndex: text => Object.keys(at(parseJson(text), 'versions') ?? {}),
    release: (version, target) => ({
      archive: `${version}/terraform_${version}_${target.os}_${target.arch}.zip`,
      kind: 'zip',
      sums: `${version}/terraform_${version}_SHA256SUMS`,
      member: exe('terraform', target),
    }),
    versionArgs: ['version', '-json'],
    parseVersion: terraformVersion,
  },
  tofu: {
    downloadUrl: 'https://github.com/opentofu/opentofu/releases/download',
    indexUrl: 'https://get.opentofu.org/tofu',
    indexPaths: () => ['api.json'],
    parseIndex(text) {
      const versions = at(parseJson(text), 'versions')
      return Array.isArray(versions) ? versions.map(version => at(version, 'id')).filter(isText) : []
    },
    release: (version, target) => ({
      archive: `v${version}/tofu_${version}_${target.os}_${target.arch}.zip`,
      kind: 'zip',
      sums: `v${version}/tofu_${version}_SHA256SUMS`,
      member: exe('tofu', target),
    }),
    versionArgs: ['version', '-json'],
    parseVersion: terraformVersion,
  },
  kubectl: {
    downloadUrl: 'https://dl.k8s.io/release',
    indexUrl: 'https://dl.k8s.io/release',
    indexPaths: (major, minor) => [minor === undefined ? 'stable.txt' : `stable-${major}.${minor}.txt`],
    parseIndex: oneVersion,
    release(version, target) {
      const archive = `v${version}/bin/${target.os}/${target.arch}/${exe('kubectl', target)}`
      return { archive, kind: 'binary', sums: `${archive}.sha256`, member: exe('kubectl', target) }
    },
    versionArgs: ['version', '--client', '--output', 'json'],
    parseVersion(output) {
      const version = at(at(parseJson(output), 'clientVersion'), 'gitVersion')
      return isText(version) ? firstVersion(version) : undefined
    },
  },
  helm: {
    downloadUrl: 'https://get.helm.sh',
    indexUrl: 'https://get.helm.sh',
    indexPaths: major => [major === undefined ? 'helm-latest-version' : `helm${major}-latest-version`],
    parseIndex: oneVersion,
    release(version, target) {
      const kind = target.os === 'windows' ? 'zip' : 'tar.gz'
      const archive = `helm-v${version}-${target.os}-${target.arch}.${kind}`
      const member = `${target.os}-${target.arch}/${exe('helm', target)}`
      return { archive, kind, sums: `${archive}.sha256sum`, member }
    },
    versionArgs: ['version', '--template', '{{.Version}}'],
    parseVersion: firstVersion,
  },
  kustomize: {
    downloadUrl: 'https://github.com/kubernetes-sigs/kustomize/releases/download',
    indexUrl: 'https://api.github.com/repos/kubernetes-sigs/kustomize',
    ...githubReleases('kustomize/v'),
    release(version, target) {
      const kind = target.os === 'windows' ? 'zip' : 'tar.gz'
      return {
        archive: `kustomize%2Fv${version}/kustomize_v${version}_${target.os}_${target.arch}.${kind}`,
        kind,
        sums: `kustomize%2Fv${version}/checksums.txt`,
        member: exe('kustomize', target),
      }
    },
    versionArgs: ['version'],
    parseVersion: firstVersion,
  },
  k6: {
    downloadUrl: 'https://github.com/grafana/k6/releases/download',
    indexUrl: 'https://api.github.com/repos/grafana/k6',
    ...githubReleases('v'),
    release(version, target) {
      const kind = target.os === 'linux' ? 'tar.gz' : 'zip'
      const name = `k6-v${version}-${target.os === 'darwin' ? 'macos' : target.os}-${target.arch}`
      return {
        archive: `v${version}/${name}.${kind}`,
        kind,
        sums: `v${version}/k6-v${version}-checksums.txt`,
        member: `${name}/${exe('k6', target)}`,
      }
    },
    versionArgs: ['version'],
    parseVersion: firstVersion,
  },
  infracost: {
    downloadUrl: 'https://github.com/infracost/infracost/releases/download',
    indexUrl: 'https://api.github.com/repos/infracost/infracost',
    ...githubReleases('v'),
    release(version, target) {
      const name = `infracost-${target.os}-${target.arch}`
      return {
        archive: `v${version}/${name}.tar.gz`,
        kind: 'tar.gz',
        sums: `v${version}/${name}.tar.gz.sha256`,
        member: exe(name, target),
      }
    },
    versionArgs: ['--version'],
    parseVersion: firstVersion,
  },
  tflint: {
    downloadUrl: 'https://github.com/terraform-linters/tflint/releases/download',
    indexUrl: 'https://api.github.com/repos/terraform-linters/tflint',
    ...githubReleases('v'),
    release: (version, target) => ({
      archive: `v${version}/tflint_${target.os}_${target.arch}.zip`,
      kind: 'zip',
      sums: `v${version}/checksums.txt`,
      member: exe('tflint', target),
    }),
    versionArgs: ['--version'],
    parseVersion: firstVersion,
  },
  conftest: {
    downloadUrl: 'https://github.com/open-policy-agent/conftest/releases/download',
    indexUrl: 'https://api.github.com/repos/open-policy-agent/conftest',
    ...githubReleases('v'),
    release(version, target) {
      const kind = target.os === 'windows' ? 'zip' : 'tar.gz'
      const system = { linux: 'Linux', darwin: 'Darwin', windows: 'Windows' }[target.os]
      const architecture = target.arch === 'amd64' ? 'x86_64' : target.arch
      return {
        archive: `v${version}/conftest_${version}_${system}_${architecture}.${kind}`,
        kind,
        sums: `v${version}/checksums.txt`,
        member: exe('conftest', target),
      }
    },
    versionArgs: ['--version'],
    // The version of OPA stands below.
    parseVersion: output => firstVersion(/^Conftest: .*/m.exec(output)?.[0] ?? ''),
  },
}

const SYSTEMS: Readonly<Record<string, Target['os']>> = { linux: 'linux', darwin: 'darwin', win32: 'windows' }
const ARCHITECTURES: Readonly<Record<string, Target['arch']>> = {
  x64: 'amd64',
  arm64: 'arm64',
  ia32: '386',
  arm: 'arm',
}

/** Node's names of a system in Go's words; `undefined` where no vendor makes releases. */
export function targetOf(platform: string, architecture: string): Target | undefined {
  const [os, arch] = [SYSTEMS[platform], ARCHITECTURES[architecture]]
  return os && arch && { os, arch }
}

/** The program's file name when it is installed. */
export function programName(tool: ToolName, target: Target): string {
  return exe(tool, target)
}
