import { expect, it } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { userInfo } from 'node:os'
import { delimiter, join } from 'node:path'
import { main } from '../../actions/ansible-playbook/src/main.ts'
import { ROOT } from '../../scripts/metadata.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { ansibleInputs, makeAnsibleWorld } from './ansible-world.ts'

/** The programs that Prometheus and Alertmanager check their configuration with. */
function find(program: string): string {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  const found = folders.map(folder => join(folder, program)).find(existsSync)
  if (found === undefined)
    throw new Error(`${program} was not found: "node scripts/real-tools.ts" says what to install`)
  return found
}

/** Archives as the projects release them, with links to this machine's programs in them, and a mirror that serves them. */
async function serveReleases(folder: string) {
  const releases = { prometheus: ['promtool'], alertmanager: ['amtool'], node_exporter: [] as string[] }
  const architecture = { x64: 'amd64', arm64: 'arm64' }[process.arch as string] ?? process.arch
  const archives = new Map<string, Buffer>()
  for (const [name, checkers] of Object.entries(releases)) {
    const stem = `${name}-1.2.3.linux-${architecture}`
    mkdirSync(join(folder, stem), { recursive: true })
    writeFileSync(join(folder, stem, name), '#!/bin/sh\n', { mode: 0o755 })
    for (const checker of checkers) symlinkSync(find(checker), join(folder, stem, checker))
    execFileSync('tar', ['-czf', `${stem}.tar.gz`, stem], { cwd: folder })
    archives.set(`/${stem}.tar.gz`, readFileSync(join(folder, `${stem}.tar.gz`)))
  }
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    const archive = archives.get(request.url ?? '')
    response.writeHead(archive === undefined ? 404 : 200).end(archive)
  }).listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  const sums = Object.fromEntries(
    [...archives].map(([path, bytes]) => [
      path.slice(1).split('-')[0]!,
      createHash('sha256').update(bytes).digest('hex'),
    ]),
  )
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sums,
    asked,
    close: () => new Promise(resolve => server.close(resolve)),
  }
}

/** Everything below a folder for each host, and nothing told to systemd: the machine stays as it is. */
function variables(machines: string, url: string, sums: Readonly<Record<string, string>>): string {
  const prefix = `${machines}/{{ inventory_hostname }}`
  const of = (role: string) => ({
    [`${role}_install`]: 'archive',
    [`${role}_version`]: '1.2.3',
    [`${role}_download_url`]: url,
    [`${role}_sha256`]: sums[role],
    [`${role}_service`]: false,
    [`${role}_user`]: userInfo().username,
    [`${role}_unit_folder`]: `${prefix}/units`,
    [`${role}_release_folder`]: `${prefix}/releases`,
    [`${role}_program_folder`]: `${prefix}/bin`,
  })
  return JSON.stringify({
    ...of('node_exporter'),
    ...of('prometheus'),
    ...of('alertmanager'),
    prometheus_config_folder: `${prefix}/etc`,
    prometheus_data_folder: `${prefix}/data`,
    prometheus_external_labels: { environment: 'dev' },
    alertmanager_config_folder: `${prefix}/etc`,
    alertmanager_data_folder: `${prefix}/silences`,
    alertmanager_slack_api_url: 'https://slack.example/planted-secret',
    alertmanager_slack_channel: '#ops',
    ansible_become: false,
  })
}

const HOSTS = `[app]
shop ansible_connection=local private_ip=10.20.0.10

[monitoring]
watch ansible_connection=local private_ip=10.20.0.20

[all:vars]
ansible_python_interpreter="{{ ansible_playbook_python }}"
`

it('the monitoring playbook installs, configures and checks all three, and changes nothing the second time', async () => {
  const folder = temporaryFolder()
  const machines = join(folder, 'machines')
  for (const host of ['shop', 'watch']) mkdirSync(join(machines, host, 'units'), { recursive: true })
  const mirror = await serveReleases(join(folder, 'mirror'))
  try {
    const world = makeAnsibleWorld(folder, { 'hosts.ini': HOSTS })
    cpSync(join(ROOT, 'ansible'), join(world.workspace, 'ansible'), { recursive: true })
    const given = (sums = mirror.sums, limit = '') =>
      ansibleInputs({
        playbook: 'ansible/playbooks/monitoring.yml',
        inventory: 'hosts.ini',
        limit,
        'extra-vars': variables(machines, mirror.url, sums),
      })

    await expect(main(given({ ...mirror.sums, node_exporter: '0'.repeat(64) }, 'shop'), world.ports)).rejects.toThrow(
      'checksum',
    )
    expect(existsSync(join(machines, 'shop/bin/node_exporter'))).toBe(false)

    const first = await main(given(), world.ports)
    expect(first).toMatchObject({ failed: '0', unreachable: '0' })
    expect(Number(first.changed)).toBeGreaterThan(15)
    expect(world.summary.parts.at(-1)).toContain('- alertmanager: Write the configuration — `ansible.builtin.template`')

    const read = (file: string) => readFileSync(join(machines, 'watch', file), 'utf8')
    expect(read('etc/prometheus.yml')).toContain(
      '- targets: [10.20.0.10:9100]\n        labels:\n          host: "shop"\n          role: "app"',
    )
    expect(read('units/prometheus-node-exporter.service')).toContain('--web.listen-address=10.20.0.20:9100')
    expect(read('etc/slack-api-url')).toBe('https://slack.example/planted-secret')
    expect(statSync(join(machines, 'watch/etc/slack-api-url')).mode & 0o777).toBe(0o400)
    expect(world.log.text() + world.summary.text()).not.toContain('planted-secret')
    expect(
      execFileSync(find('promtool'), ['check', 'config', join(machines, 'watch/etc/prometheus.yml')]).toString(),
    ).toMatch(/2 rule files found/)
    expect(
      execFileSync(find('amtool'), ['check-config', join(machines, 'watch/etc/alertmanager.yml')]).toString(),
    ).toContain('1 receivers')

    const asked = mirror.asked.length
    expect(await main(given(), world.ports)).toMatchObject({ changed: '0', failed: '0' })
    expect(mirror.asked).toHaveLength(asked)
  } finally {
    await mirror.close()
  }
})

it('every alert fires where it must, and stays silent where it must', () => {
  const said = execFileSync(find('promtool'), ['test', 'rules', join(ROOT, 'ansible/tests/rules.test.yml')])
  expect(said.toString()).toContain('SUCCESS')
})
