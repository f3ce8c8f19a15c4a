import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { bootHost, type BootedHost } from './booted-host.ts'
import { askPrometheus, playMonitoring } from './monitored-host.ts'

/** The monitoring on a booted host: packages by apt, units by systemd, and Prometheus asked there what it sees. */

let host: BootedHost

beforeAll(async () => {
  host = await bootHost()
}, 900_000)
afterAll(() => host?.close())

it('installs and runs all three, which then watch the host; a second run changes nothing', async () => {
  const machine = `watch ansible_host=${host.address} private_ip=${host.address}`
  const inventory = `[monitoring]\n${machine}\n\n[all:vars]\nansible_user=admin\n`
  const first = await playMonitoring(host, join(temporaryFolder(), 'first'), inventory)
  expect(first.outputs).toMatchObject({ failed: '0', unreachable: '0' })
  expect(Number(first.outputs['changed'])).toBeGreaterThan(10)

  const units = ['prometheus', 'prometheus-alertmanager', 'prometheus-node-exporter'].join(' ')
  expect(await host.sh(`systemctl is-active ${units}`)).toBe('active\nactive\nactive\n')
  expect(await host.sh(`systemctl is-enabled ${units}`)).toBe('enabled\nenabled\nenabled\n')
  expect(await askPrometheus(host, 'count(up == 1) == 3')).toHaveLength(1)
  const [uname] = await askPrometheus(host, 'node_uname_info')
  expect(uname?.metric).toMatchObject({ job: 'node', host: 'watch', role: 'monitoring' })
  expect(uname?.metric['nodename']).toBe((await host.sh('hostname')).trim())
  expect(await askPrometheus(host, 'node_scrape_collector_success{collector="timex"} == 1')).toHaveLength(1)
  expect(await askPrometheus(host, 'ALERTS{alertname="Watchdog", alertstate="firing"}')).toHaveLength(1)

  const started = await host.sh(`systemctl show --property ActiveEnterTimestamp ${units}`)
  const second = await playMonitoring(host, join(temporaryFolder(), 'second'), inventory)
  expect(second.outputs).toMatchObject({ changed: '0', failed: '0' })
  expect(await host.sh(`systemctl show --property ActiveEnterTimestamp ${units}`)).toBe(started)
}, 600_000)
