import { describe, expect, it } from '@jest/globals'
import { main, post } from '../../../actions/ansible-playbook/src/main.ts'
import { CommandError } from '../../../kit/errors.ts'
import { FakeExec } from '../../support/fakes.ts'
import { counts, given, makeAnsible, recap, result } from './fake-ansible.ts'
import { CLIENT_KEY } from './keys.ts'

const HOST = 'web1.example ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJyHS/JkKjDtxbK5eXJ0sIvpc2gDk2Vb0nWbUhu8pfX5'

it('runs the playbook on the inventory and gives the recap', async () => {
  const world = makeAnsible([result(), recap({ web2: counts(), web1: counts({ changed: 1 }) })])
  const outputs = await main(given(), world.ports)
  expect(outputs).toEqual({
    changed: '1',
    failed: '0',
    unreachable: '0',
    recap: JSON.stringify({ web2: counts(), web1: counts({ changed: 1 }) }),
  })
  expect(world.exec.lines()).toEqual([
    'ansible-playbook --version',
    'ansible-playbook --inventory /workspace/inventory.ini --extra-vars @/temporary/slipway-ansible-1/enforced.json /workspace/ansible/site.yml',
  ])
  expect(world.log.notices).toEqual(['ansible/site.yml: 1 task changed on 2 hosts'])
})

it('R11: secrets go to files that are gone afterwards, and never to arguments, variables or the log', async () => {
  const world = makeAnsible([recap({ web1: counts() })])
  const secrets = { 'ssh-key': CLIENT_KEY, 'vault-password': 'open sesame', 'extra-vars': 'token: planted' }
  await main(given({ ...secrets, 'known-hosts': HOST, limit: 'app', check: 'true' }), world.ports)
  const [, run] = world.exec.commands
  const folder = world.saved.get('folder') ?? ''
  expect(run?.args.slice(2, -1)).toEqual([
    ...['--limit', 'app', '--check'],
    ...['--extra-vars', `@${folder}/extra-vars.yml`, '--extra-vars', `@${folder}/enforced.json`],
  ])
  expect(run?.env).toMatchObject({
    ANSIBLE_PRIVATE_KEY_FILE: `${folder}/ssh-key`,
    ANSIBLE_VAULT_PASSWORD_FILE: `${folder}/vault-password`,
    ANSIBLE_RETRY_FILES_ENABLED: 'false',
    ANSIBLE_HOST_KEY_CHECKING: 'true',
  })
  const told = JSON.stringify(world.exec.commands) + world.log.text() + world.summary.text()
  for (const secret of ['open sesame', 'planted', CLIENT_KEY.split('\n')[1]!]) expect(told).not.toContain(secret)
  expect(world.seen.get(`${folder}/vault-password`)).toBe('open sesame')
  expect(world.seen.get(`${folder}/ssh-key`)).toBe(CLIENT_KEY)
  expect([...world.files.content.keys()].filter(path => path.startsWith(folder))).toEqual([])
})

it('takes the secrets away although Ansible is stopped, and once more when the job ends', async () => {
  const world = makeAnsible([])
  const stopped = new FakeExec(({ args }) => {
    if (args[0] === '--version') return { stdout: 'ansible-playbook [core 2.19.4]' }
    throw new CommandError({ file: 'ansible-playbook', args, exitCode: null, stderr: '', cancelled: true })
  })
  await expect(main(given(), { ...world.ports, exec: stopped })).rejects.toMatchObject({ cancelled: true })
  expect(world.files.removed).toEqual(['/temporary/slipway-ansible-1'])
  await post(name => world.saved.get(name) ?? '', world.ports)
  expect(world.files.removed).toHaveLength(2)
})

it('trusts only the hosts that were named, whatever the repository says', async () => {
  const world = makeAnsible([recap({ web1: counts() })])
  await main(given({ 'ssh-key': CLIENT_KEY, 'known-hosts': HOST }), world.ports)
  const folder = '/temporary/slipway-ansible-1'
  expect(JSON.parse(String(world.seen.get(`${folder}/enforced.json`)))).toEqual({
    ansible_ssh_args: `-F ${folder}/ssh-config -o StrictHostKeyChecking=yes -o UserKnownHostsFile=${folder}/known-hosts -o GlobalKnownHostsFile=/dev/null -o IdentitiesOnly=yes -o ControlMaster=auto -o ControlPersist=60s`,
    ansible_host_key_checking: true,
    ansible_ssh_host_key_checking: true,
    ansible_paramiko_host_key_checking: true,
  })
  expect(world.seen.get(`${folder}/known-hosts`)).toBe(`${HOST}\n`)
})

it('uses the nearest ansible.cfg above the playbook', async () => {
  const world = makeAnsible([recap({ web1: counts() })])
  for (const path of ['ansible.cfg', 'ansible/ansible.cfg']) world.files.content.set(`/workspace/${path}`, '')
  await main(given(), world.ports)
  expect(world.exec.commands[1]?.env).toMatchObject({ ANSIBLE_CONFIG: '/workspace/ansible/ansible.cfg' })
})

describe('a host that failed', () => {
  const failed = result({ outcome: 'failed', message: 'No package matching nginx', task: 'Install nginx' })

  it('fails the step with host, task and message, at the line of the task, and gives the outputs', async () => {
    const world = makeAnsible([failed, recap({ web1: counts({ failed: 1 }), web2: counts() })], { exitCode: 2 })
    const error = await main(given(), world.ports).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({
      verdict: 'fail',
      message:
        'ansible/site.yml: 1 task failed; no change on 2 hosts. First: web1, Install nginx: No package matching nginx',
      outputs: { changed: '0', failed: '1', unreachable: '0' },
    })
    expect(world.log.errors).toEqual(['web1: No package matching nginx'])
    expect(world.log.places).toEqual([{ file: 'ansible/site.yml', line: 7, title: 'Install nginx' }])
    expect(world.summary.text()).toBe(
      [
        '❌ **shop/site**: 1 task failed; no change on 2 hosts · `ansible/site.yml`',
        '**web1** failed at `Install nginx` (`ansible.builtin.apt`) — `ansible/site.yml:7`',
        'No package matching nginx',
        '| host | result | ok | changed | failed |\n|---|---|--:|--:|--:|\n| `web1` | failed | 1 | 0 | 1 |\n| `web2` | as it was | 1 | 0 | 0 |',
        '<sub>fffffff · run 3 · ansible-core 2.19.4</sub>',
      ].join('\n\n'),
    )
  })

  it('fails it even if Ansible says that all is well', async () => {
    const world = makeAnsible([failed, recap({ web1: counts({ failed: 1 }) })], { exitCode: 0 })
    await expect(main(given(), world.ports)).rejects.toMatchObject({ verdict: 'fail' })
  })

  it.each([
    ['Host key verification failed.', '"known-hosts"'],
    ['root@web1: Permission denied (publickey).', '"ssh-key"'],
    ['connect to host web1 port 22: Connection timed out', 'firewall'],
  ])('%s: says what to do', async (message, hint) => {
    const cause = result({ outcome: 'unreachable', message })
    const world = makeAnsible([cause, recap({ web1: counts({ unreachable: 1 }) })], { exitCode: 4 })
    await expect(main(given(), world.ports)).rejects.toMatchObject({
      verdict: 'fail',
      hint: expect.stringContaining(hint),
      outputs: { unreachable: '1' },
    })
    expect(world.summary.text()).toContain(hint.replaceAll('"', ''))
  })
})

describe('a run that cannot be judged fails as invalid', () => {
  it.each([
    ['no host matched', [{ event: 'no-hosts', play: 'Site' }, recap({})], {}, 'no host of the inventory matched'],
    ['no recap', [result()], {}, 'not run to its end'],
    ['no failure, but a bad end', [recap({ web1: counts() })], { exitCode: 3 }, 'ansible-playbook ended with 3'],
    [
      'refused by Ansible',
      [],
      {
        exitCode: 4,
        stderr: '[WARNING]: x\n[ERROR]: YAML parsing failed: bad indent\nOrigin: /workspace/ansible/site.yml:3',
      },
      'YAML parsing failed: bad indent\nOrigin: ansible/site.yml:3',
    ],
  ])('%s', async (_, events, ends, message) => {
    const world = makeAnsible(events, ends)
    await expect(main(given(), world.ports)).rejects.toMatchObject({
      verdict: 'invalid',
      message: expect.stringContaining(message),
    })
    expect(world.summary.text()).toMatch(/^❌ \*\*shop\/site\*\*: not (?:run|decided): /)
  })
})

it('says when a part of the playbook found no host, though the rest went well', async () => {
  const events = [{ event: 'no-hosts', play: 'Alertmanager' }, recap({ web1: counts() })]
  const world = makeAnsible(events)
  await main(given(), world.ports)
  expect(world.log.warnings).toEqual(['No host of the inventory matched the play Alertmanager'])
  expect(world.summary.text()).toContain('No host matched `Alertmanager`: nothing of it was done.')
})
