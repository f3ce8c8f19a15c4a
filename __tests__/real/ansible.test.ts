import { afterEach, describe, expect, it } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { main } from '../../actions/ansible-playbook/src/main.ts'
import { runBundle } from '../support/run-bundle.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { ansibleInputs, makeAnsibleWorld } from './ansible-world.ts'
import { startSshHost, type SshHost } from './ssh-host.ts'

/** The python that runs Ansible here is one that works; which others are on PATH is the machine's affair. */
const PYTHON = 'ansible_python_interpreter="{{ ansible_playbook_python }}"'
const LOCAL = `[app]\nlocalhost ansible_connection=local ${PYTHON}\n`
const GIVEN = { playbook: 'playbooks/site.yml', inventory: 'hosts.ini' }

const OTHER_KEY = 'AAAAC3NzaC1lZDI1NTE5AAAAIJyHS/JkKjDtxbK5eXJ0sIvpc2gDk2Vb0nWbUhu8pfX5'
const LAX = `ansible_host_key_checking=false ansible_ssh_common_args='-o StrictHostKeyChecking=no' ansible_ssh_args='-o StrictHostKeyChecking=no'`

const writes = (target: string) => `
- name: Write
  hosts: app
  gather_facts: false
  tasks:
    - name: Write the greeting
      ansible.builtin.copy:
        content: "{{ greeting | default('hello') }}\\n"
        dest: ${target}
        mode: "0600"
`

const thrown = (run: Promise<unknown>) =>
  run.then(
    () => undefined,
    (error: unknown) => error as Error,
  )

const started: SshHost[] = []
afterEach(() => Promise.all(started.splice(0).map(host => host.close())))

describe('a playbook on this machine', () => {
  it('changes what is to change, tells it, and changes nothing the second time', async () => {
    const folder = temporaryFolder()
    const target = join(folder, 'greeting')
    const world = makeAnsibleWorld(folder, { 'playbooks/site.yml': writes(target), 'hosts.ini': LOCAL })
    const given = ansibleInputs({ ...GIVEN, 'extra-vars': 'greeting: good morning' })

    expect(await main(ansibleInputs({ ...GIVEN, check: 'true' }), world.ports)).toMatchObject({ changed: '1' })
    expect(existsSync(target)).toBe(false)

    const first = await main(given, world.ports)
    expect(first).toMatchObject({ changed: '1', failed: '0', unreachable: '0' })
    expect(JSON.parse(first.recap)).toEqual({
      localhost: { ok: 1, changed: 1, unreachable: 0, failed: 0, skipped: 0, rescued: 0, ignored: 0 },
    })
    expect(readFileSync(target, 'utf8')).toBe('good morning\n')
    expect(world.log.text()).toContain('TASK [Write the greeting]')
    expect(world.summary.text()).toContain('✅ **shop/site**: 1 task changed on 1 host · `playbooks/site.yml`')
    expect(world.summary.text()).toContain('- Write the greeting — `ansible.builtin.copy`')

    expect(await main(given, world.ports)).toMatchObject({ changed: '0' })
    expect(world.summary.parts.at(-1)).toContain('✅ **shop/site**: no change on 1 host')
    expect(readdirSync(world.temporary)).toEqual([])
  })

  it('tells the first cause with host, task, line and what the module said; a rescued failure is none', async () => {
    const playbook = `
- name: Break
  hosts: app
  gather_facts: false
  tasks:
    - name: Recover
      block:
        - name: Fail and be rescued
          ansible.builtin.command: "false"
      rescue:
        - name: Go on
          ansible.builtin.debug:
            msg: rescued
    - name: Fail and be ignored
      ansible.builtin.command: "false"
      ignore_errors: true
    - name: Install each
      ansible.builtin.command: "sh -c 'echo {{ item }} is broken >&2; exit {{ item }}'"
      loop: [0, 3]
`
    const world = makeAnsibleWorld(temporaryFolder(), { 'playbooks/site.yml': playbook, 'hosts.ini': LOCAL })
    const error = await thrown(main(ansibleInputs(GIVEN), world.ports))
    expect(error).toMatchObject({ verdict: 'fail', outputs: { failed: '1', unreachable: '0' } })
    expect(error?.message).toContain('1 task failed')
    expect(error?.message).toContain('First: localhost, Install each (3): ')
    expect(world.summary.text()).toContain(
      '`Install each` (`ansible.builtin.command`, item `3`) — `playbooks/site.yml:17`',
    )
    expect(world.summary.text()).toContain('3 is broken')
    expect(world.log.places).toContainEqual({ file: 'playbooks/site.yml', line: 17, title: 'Install each' })
  })

  it('keeps silent about what a task with no_log said', async () => {
    const playbook = `
- name: Secret
  hosts: app
  gather_facts: false
  tasks:
    - name: Fail with a secret
      ansible.builtin.fail:
        msg: the-planted-secret
      no_log: true
`
    const world = makeAnsibleWorld(temporaryFolder(), { 'playbooks/site.yml': playbook, 'hosts.ini': LOCAL })
    const error = await thrown(main(ansibleInputs(GIVEN), world.ports))
    expect(error?.message).toContain('the task has no_log, so why is not told')
    expect(world.log.text() + world.summary.text()).not.toContain('the-planted-secret')
  })

  it('opens what Ansible Vault encrypted, with the password in a file that is gone afterwards', async () => {
    const folder = temporaryFolder()
    const target = join(folder, 'greeting')
    const world = makeAnsibleWorld(folder, { 'playbooks/site.yml': writes(target), 'hosts.ini': LOCAL })
    mkdirSync(join(world.workspace, 'playbooks/group_vars'))
    const vars = join(world.workspace, 'playbooks/group_vars/app.yml')
    writeFileSync(vars, 'greeting: from the vault\n')
    writeFileSync(join(folder, 'password'), 'open sesame')
    execFileSync('ansible-vault', ['encrypt', '--vault-password-file', join(folder, 'password'), vars], {
      stdio: 'ignore',
      env: { ...process.env, HOME: folder },
    })
    await main(ansibleInputs({ ...GIVEN, 'vault-password': 'open sesame' }), world.ports)
    expect(readFileSync(target, 'utf8')).toBe('from the vault\n')
    expect(JSON.stringify(world.commands)).not.toContain('open sesame')
    expect(readdirSync(world.temporary)).toEqual([])

    const error = await thrown(main(ansibleInputs({ ...GIVEN, 'vault-password': 'wrong' }), world.ports))
    expect(error).toMatchObject({ verdict: 'invalid', hint: expect.stringContaining('"vault-password"') })
    expect(world.summary.parts.at(-1)).toMatch(/^❌ \*\*shop\/site\*\*: not run: /)
  })

  it.each([
    ['a limit that no host has', { limit: 'nobody' }, {}, 'Check "limit"'],
    ['a group that no host is in', {}, { 'hosts.ini': '[other]\nlocalhost ansible_connection=local\n' }, 'hosts:'],
    ['an inventory that is none', {}, { 'hosts.ini': '[app\nx y z' }, '"inventory"'],
    ['a playbook that is none', {}, { 'playbooks/site.yml': '- hosts: app\n  tasks: {' }, '--syntax-check'],
    [
      'a module that is not there',
      {},
      { 'playbooks/site.yml': '- hosts: app\n  tasks:\n    - a.b.c:\n' },
      'collection',
    ],
  ])('%s is invalid, and never green', async (_, inputs, files, hint) => {
    const content = { 'playbooks/site.yml': writes('/nonexistent/x'), 'hosts.ini': LOCAL, ...files }
    const world = makeAnsibleWorld(temporaryFolder(), content)
    const error = await thrown(main(ansibleInputs({ ...GIVEN, ...inputs }), world.ports))
    expect(error).toMatchObject({ verdict: 'invalid', hint: expect.stringContaining(hint) })
    expect(world.summary.text()).toMatch(/^❌ \*\*shop\/site\*\*: not /)
  })
})

it('the bundle ends red at the line of the task, masks its secrets, and leaves nothing for the post step', async () => {
  const playbook = '- hosts: app\n  gather_facts: false\n  tasks:\n    - ansible.builtin.fail: { msg: no such luck }\n'
  const { workspace } = makeAnsibleWorld(temporaryFolder(), { 'playbooks/site.yml': playbook, 'hosts.ini': LOCAL })
  const inputs = { ...GIVEN, check: 'false', 'working-directory': '.', 'vault-password': 'open sesame' }
  const run = await runBundle('ansible-playbook', { inputs, workspace })
  expect(run.exitCode).toBe(1)
  expect(run.outputs).toMatchObject({ changed: '0', failed: '1', unreachable: '0' })
  expect(run.stdout).toContain('::add-mask::open sesame')
  expect(run.stdout).toContain('::error title=ansible.builtin.fail,file=playbooks/site.yml,line=4::localhost: ')
  expect(run.stdout.replace('::add-mask::open sesame', '') + run.summary).not.toContain('open sesame')
  expect(run.summary).toContain('❌ **shop/site**: 1 task failed')
  expect(existsSync(run.state['folder'] ?? '/')).toBe(false)
  expect((await runBundle('ansible-playbook', { workspace, state: run.state })).exitCode).toBe(0)
})

describe('a playbook on a host over SSH', () => {
  async function makeHost(hosts: (host: SshHost) => string) {
    const folder = temporaryFolder()
    const host = await startSshHost(folder)
    started.push(host)
    const target = join(folder, 'greeting')
    const world = makeAnsibleWorld(folder, { 'playbooks/site.yml': writes(target), 'hosts.ini': hosts(host) })
    return { host, target, world }
  }
  const line = ({ port }: SshHost, more = '') =>
    `[app]\nweb1 ansible_host=127.0.0.1 ansible_port=${port} ${PYTHON} ${more}\n`

  it('logs in with the key, knows the host, leaves neither files nor connections behind', async () => {
    const { host, target, world } = await makeHost(line)
    const given = { ...GIVEN, 'ssh-key': host.clientKey, 'known-hosts': host.hostLine }
    expect(await main(ansibleInputs(given), world.ports)).toMatchObject({ changed: '1', unreachable: '0' })
    expect(readFileSync(target, 'utf8')).toBe('hello\n')
    expect(await main(ansibleInputs(given), world.ports)).toMatchObject({ changed: '0' })
    expect(readdirSync(world.temporary)).toEqual([])
    expect(world.commands.filter(({ file }) => file === 'ssh').map(({ args }) => args.slice(-2))).toEqual([
      ['exit', 'shared'],
      ['exit', 'shared'],
    ])
    const key = host.clientKey.split('\n')[1]!
    expect(JSON.stringify(world.commands) + world.log.text()).not.toContain(key)
  })

  it.each([
    ['a host whose key nobody gave', () => '', ''],
    ['a host with another key', ({ port }: SshHost) => `[127.0.0.1]:${port} ssh-ed25519 ${OTHER_KEY}`, ''],
    ['an inventory that would trust any', () => '', LAX],
  ])('%s is refused', async (_, known, more) => {
    const { host, target, world } = await makeHost(started => line(started, more))
    const other = `192.0.2.1 ssh-ed25519 ${OTHER_KEY}`
    const given = { ...GIVEN, 'ssh-key': host.clientKey, 'known-hosts': known(host) || other }
    const error = await thrown(main(ansibleInputs(given), world.ports))
    expect(error).toMatchObject({
      verdict: 'fail',
      hint: expect.stringContaining('"known-hosts"'),
      outputs: { unreachable: '1', changed: '0' },
    })
    expect(existsSync(target)).toBe(false)
    expect(world.summary.text()).toMatch(/^❌ \*\*shop\/site\*\*: 1 host unreachable/)
  })
})
