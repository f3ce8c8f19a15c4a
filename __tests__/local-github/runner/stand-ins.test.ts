import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { spawnSync } from 'node:child_process'
import { buffer } from 'node:stream/consumers'
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ZipFile } from 'yazl'
import { unzip } from '../../../local-github/runner/stand-ins/unzip.ts'
import { openBench, type JobBench } from './job-bench.ts'

const checkout = 'actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1'
const upload = 'actions/upload-artifact@043fb46d1a93c77aae656e7c1c64a875d1fc6a0a'
const download = 'actions/download-artifact@3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c'

let bench: JobBench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(async () => {
  await bench.close()
})
afterEach(() => {
  expect(bench.github.violations).toEqual([])
})

describe('checkout', () => {
  it('fetches the commit of the run and says that it is a stand-in', async () => {
    const { log, step, result } = await bench.run(`
- name: get
  id: get
  uses: ${checkout}
- run: |
    cat README.md
    echo "commit \${{ steps.get.outputs.commit }} branch $(git branch --show-current) depth $(git rev-list --count HEAD)"
`)
    expect(result.conclusion).toBe('success')
    expect(log).toContain('\nhello\n')
    expect(log).toMatch(/commit [0-9a-f]{40} branch main depth 1/)
    expect(step('get')?.standIn).toBe('stand-in for actions/checkout v7.0.1: the same git fetch, done by this runner')
  })

  it('takes another repository, ref, path and depth', async () => {
    bench.commit('octo/other', { 'a.txt': 'first\n' })
    const { sha } = bench.commit('octo/other', { 'a.txt': 'second\n' })
    const { log, result } = await bench.run(`
- uses: ${checkout}
  with:
    repository: octo/other
    path: sub/other
    fetch-depth: 0
- uses: ${checkout}
  with:
    repository: octo/other
    ref: ${sha}
    path: detached
- run: |
    cat sub/other/a.txt
    git -C sub/other rev-list --count HEAD
    git -C detached rev-parse HEAD
    git -C detached branch --show-current
`)
    expect(result.conclusion).toBe('success')
    expect(log).toContain(`\nsecond\n2\n${sha}\n`)
  })

  it('leaves no token in the repository, and with persist-credentials none anywhere after the job', async () => {
    bench.commit('octo/private', { 'secret.txt': 'private\n' }, { private: true })
    const repository = bench.github.store.repositories.find(candidate => candidate.fullName === 'octo/private')
    const sha = bench.commit('octo/private', { 'secret.txt': 'private\n' }).sha
    const script = `
    git fetch origin > /dev/null 2>&1 && echo "fetch works" || echo "fetch refused"
    grep -ci authorization .git/config || true`
    const options = { ...(repository ? { repository } : {}), sha }
    const kept = await bench.run(`- uses: ${checkout}\n- run: |${script}`, options)
    expect(kept.log).toContain('\nfetch works\n0\n')
    expect(kept.log).toContain('Removed the credentials of git')
    const dropped = await bench.run(
      `- uses: ${checkout}\n  with: { persist-credentials: false }\n- run: |${script}`,
      options,
    )
    expect(dropped.log).toContain('\nfetch refused\n0\n')
    for (const { log } of [kept, dropped]) expect(log).not.toMatch(/basic [A-Za-z0-9]{8}/)
  })

  it.each([
    ['with: { submodules: recursive }', 'input "submodules" is "recursive"'],
    ['with: { ssh-key: x }', 'input "ssh-key" of actions/checkout is not implemented'],
    ['with: { path: ../out }', 'must stay inside the workspace'],
    ['with: { ref: nowhere }', "A branch or tag with the name 'nowhere' could not be found"],
  ])('%s is an error', async (settings, message) => {
    const { log, result } = await bench.run(`- uses: ${checkout}\n  ${settings}`)
    expect(result.conclusion).toBe('failure')
    expect(log).toContain(message)
  })

  it('refuses the head of a fork in pull_request_target', async () => {
    const fork = 'f'.repeat(40)
    const { log, result } = await bench.run(`- uses: ${checkout}\n  with: { ref: ${fork} }`, {
      github: { event_name: 'pull_request_target' },
      payload: { pull_request: { head: { sha: fork, repo: { full_name: 'stranger/app' } } } },
    })
    expect(result.conclusion).toBe('failure')
    expect(log).toContain('Refusing to check out the head of a fork')
  })
})

describe('artifacts', () => {
  it('go from one job to another of the run, by name and by pattern', async () => {
    const first = await bench.run(
      `
- run: |
    mkdir -p out/deep; echo one > out/a.txt; echo two > out/deep/b.txt; echo no > out/c.log; echo hidden > out/.hidden
    echo alone > single.txt
- id: up
  uses: ${upload}
  with:
    name: both
    path: |
      out/**
      !out/**/*.log
- uses: ${upload}
  with: { name: single, path: single.txt, retention-days: 3 }
- run: echo "digest=\${{ steps.up.outputs.artifact-digest }} url=\${{ steps.up.outputs.artifact-url }}"
`,
    )
    expect(first.result.conclusion).toBe('success')
    expect(first.log).toMatch(/digest=[0-9a-f]{64} url=http:\/\/\S+\/octo\/app\/actions\/runs\/\d+\/artifacts\/\d+/)
    const single = bench.github.store.artifacts.find(artifact => artifact.name === 'single')
    expect(Date.parse(single?.expiresAt ?? '') - Date.parse(single?.createdAt ?? '')).toBe(3 * 86_400_000)
    const second = await bench.run(
      `
- uses: ${download}
  with: { name: both, path: got }
- uses: ${download}
  with: { pattern: 's*', path: by-pattern }
- uses: ${download}
  with: { path: merged, merge-multiple: true }
- run: find got by-pattern merged -type f | sort
`,
      { runId: first.runId },
    )
    expect(second.result.conclusion).toBe('success')
    expect(second.log).toContain(
      [
        'by-pattern/single/single.txt',
        'got/a.txt',
        'got/deep/b.txt',
        'merged/a.txt',
        'merged/deep/b.txt',
        'merged/single.txt',
      ].join('\n'),
    )
  })

  it('of another run need a token that may read actions', async () => {
    const first = await bench.run(`- run: echo x > x\n- uses: ${upload}\n  with: { name: x, path: x }`)
    const get = (token: string): string =>
      `- uses: ${download}\n  with: { name: x, run-id: ${first.runId}, github-token: '${token}' }\n- run: cat x`
    const allowed = await bench.run(get('${{ github.token }}'), { permissions: { actions: 'read' } })
    expect(allowed.result.conclusion).toBe('success')
    const denied = await bench.run(get('${{ github.token }}'), { permissions: { contents: 'read' } })
    expect(denied.result.conclusion).toBe('failure')
    expect(denied.log).toContain('The token needs `actions: read`')
    const missing = await bench.run(get(''))
    expect(missing.log).toContain('input "github-token" is required to download from another run')
  })

  it('have names that are taken once in a run, unless they may be overwritten', async () => {
    const first = await bench.run(`
- run: echo 1 > x
- uses: ${upload}
  with: { name: x, path: x }
- run: echo 2 > x
- uses: ${upload}
  with: { name: x, path: x, overwrite: true }
- id: again
  uses: ${upload}
  with: { name: x, path: x }
`)
    expect(first.result.conclusion).toBe('failure')
    expect(first.log).toContain('(409) Conflict: an artifact with this name already exists on the workflow run')
    const { log } = await bench.run(`- uses: ${download}\n  with: { name: x }\n- run: cat x`, { runId: first.runId })
    expect(log).toMatch(/^2$/m)
  })

  it.each([
    ['path: none, if-no-files-found: error', 'failure', 'No files were found with the provided path: none'],
    ['path: none', 'success', '##[warning]No files were found'],
    ['path: none, if-no-files-found: ignore', 'success', 'No files were found'],
    ["path: x, name: 'a/b'", 'failure', 'The artifact name is not valid: "a/b"'],
  ])('with { %s } end in %s', async (settings, conclusion, message) => {
    const { log, result } = await bench.run(`- run: echo x > x\n- uses: ${upload}\n  with: { ${settings} }`)
    expect(result.conclusion).toBe(conclusion)
    expect(log).toContain(message)
  })

  it.each([
    ['../evil.txt', 0o100644],
    ['a/../../evil.txt', 0o100644],
    ['/evil.txt', 0o100644],
    ['link', 0o120777],
  ])('with the entry %s are refused before anything is written', async (name, mode) => {
    const zip = new ZipFile()
    const harmless = 'x'.repeat(name.length)
    zip.addBuffer(Buffer.from('good'), 'good.txt')
    zip.addBuffer(Buffer.from('/etc/passwd'), harmless, { mode })
    zip.end()
    const bytes = await buffer(zip.outputStream)
    for (let at = bytes.indexOf(harmless); at >= 0; at = bytes.indexOf(harmless, at + 1)) bytes.write(name, at)
    const folder = mkdtempSync(join(tmpdir(), 'slipway-zip-'))
    try {
      mkdirSync(join(folder, 'in'))
      await expect(unzip(bytes, join(folder, 'in'))).rejects.toThrow()
      expect(existsSync(join(folder, 'evil.txt'))).toBe(false)
      expect(existsSync(join(folder, 'in', 'good.txt'))).toBe(false)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})

describe('setup-node', () => {
  const setup = 'actions/setup-node@2028fbc5c25fe9cf00d9f06a71cc4710d4507903'
  const version = spawnSync('node', ['--version'], { encoding: 'utf8' }).stdout.trim().slice(1)

  it('is content with the Node on PATH, when that is the one asked for', async () => {
    const major = version.split('.')[0] ?? ''
    const { log, result } = await bench.run(`- uses: ${setup}\n  with: { node-version: '${major}.x' }`)
    expect(result.conclusion).toBe('success')
    expect(log).toContain(`Found node ${version}`)
  })

  it('fails when another one is asked for', async () => {
    const { log, result } = await bench.run(`- uses: ${setup}\n  with: { node-version: 3 }`)
    expect(result.conclusion).toBe('failure')
    expect(log).toContain('the local runner installs nothing')
  })
})

describe('setup-go and setup-java', () => {
  const tools = String.raw`
- run: |
    mkdir "$RUNNER_TEMP/bin"
    printf '#!/bin/sh\necho go version go1.26.8 linux/amd64\n' > "$RUNNER_TEMP/bin/go"
    printf '#!/bin/sh\necho openjdk 17.0.15 2025-04-15\n' > "$RUNNER_TEMP/bin/java"
    chmod +x "$RUNNER_TEMP/bin/go" "$RUNNER_TEMP/bin/java"
    echo "$RUNNER_TEMP/bin" >> "$GITHUB_PATH"
    printf 'module shop\n\ngo 1.26\n' > go.mod`
  const go = 'actions/setup-go@4a3601121dd01d1626a1e23e37211e3254c1c06c'
  const java = 'actions/setup-java@be666c2fcd27ec809703dec50e508c2fdc7f6654'

  it('take what is on PATH when it is what was asked for, also by go.mod', async () => {
    const { log, result } = await bench.run(`${tools}
- uses: ${go}
  with: { go-version-file: go.mod }
- uses: ${java}
  with: { distribution: temurin, java-version: '17' }`)
    expect(result.conclusion).toBe('success')
    expect(log).toMatch(/Found go 1\.26\.8[^]*Found java 17\.0\.15/)
  })

  it.each([
    [go, `{ go-version: '1.25' }`],
    [java, `{ distribution: temurin, java-version: '21' }`],
  ])('%s fails when another one is asked for', async (uses, given) => {
    const { log, result } = await bench.run(`${tools}\n- uses: ${uses}\n  with: ${given}`)
    expect(result.conclusion).toBe('failure')
    expect(log).toContain('the local runner installs nothing')
  })
})
