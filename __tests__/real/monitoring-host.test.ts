import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { ROOT } from '../../scripts/metadata.ts'
import { runBundle } from '../support/run-bundle.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { bootHost, type BootedHost } from './booted-host.ts'

/** The monitoring on a booted host: packages by apt, units by systemd, and Prometheus asked there what it sees. */

let host: BootedHost

beforeAll(async () => {
  host = await bootHost()
}, 900_000)
afterAll(() => host?.close())

function play() {
  const workspace = join(temporaryFolder(), 'checkout')
  mkdirSync(workspace)
  cpSync(join(ROOT, 'ansible'), join(workspace, 'ansible'), { recursive: true })
  const machine = `watch ansible_host=${host.address} private_ip=${host.address}`
  writeFileSync(join(workspace, 'hosts.ini'), `[monitoring]\n${machine}\n\n[all:vars]\nansible_user=admin\n`)
  return runBundle('ansible-playbook', {
    workspace,
    inputs: {
      playbook: 'ansible/playbooks/monitoring.yml',
      inventory: 'hosts.ini',
      'extra-vars': 'prometheus_scrape_interval: 1s',
      'ssh-key': host.key,
      'known-hosts': host.knownHosts,
      'working-directory': '.',
      check: 'false',
    },
  })
}

/** Asks Prometheus on its own host, until the answer is there. */
async function query(
  expression: string,
): Promise<readonly { metric: Record<string, string>; value: [number, string] }[]> {
  const url = `http://127.0.0.1:9090/api/v1/query?query=${encodeURIComponent(expression)}`
  for (let tries = 0; tries < 60; tries += 1) {
    const said = await host.sh(
      `python3 -c 'from urllib.request import urlopen; print(urlopen("${url}").read().decode())'`,
    )
    const { data } = JSON.parse(said) as { data: { result: Awaited<ReturnType<typeof query>> } }
    if (data.result.length > 0) return data.result
    await wait(500)
  }
  return []
}

it('installs and runs all three, which then watch the host; a second run changes nothing', async () => {
  const first = await play()
  if (first.exitCode !== 0) throw new Error(first.stdout)
  expect(first).toMatchObject({ exitCode: 0, outputs: { failed: '0', unreachable: '0' } })
  expect(Number(first.outputs['changed'])).toBeGreaterThan(10)

  const units = ['prometheus', 'prometheus-alertmanager', 'prometheus-node-exporter']
  expect(await host.sh(`systemctl is-active ${units.join(' ')}`)).toBe('active\nactive\nactive\n')
  expect(await host.sh(`systemctl is-enabled ${units.join(' ')}`)).toBe('enabled\nenabled\nenabled\n')
  expect(await query('up == 1')).toHaveLength(3)
  const [uname] = await query('node_uname_info')
  expect(uname?.metric).toMatchObject({ job: 'node', host: 'watch', role: 'monitoring' })
  expect(uname?.metric['nodename']).toBe((await host.sh('hostname')).trim())
  const [watchdog] = await query('ALERTS{alertname="Watchdog", alertstate="firing"}')
  expect(watchdog?.value[1]).toBe('1')

  const started = await host.sh(`systemctl show --property ActiveEnterTimestamp ${units.join(' ')}`)
  const second = await play()
  expect(second).toMatchObject({ exitCode: 0, outputs: { changed: '0', failed: '0' } })
  expect(await host.sh(`systemctl show --property ActiveEnterTimestamp ${units.join(' ')}`)).toBe(started)
}, 600_000)
