import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { ROOT } from '../../scripts/metadata.ts'
import { runBundle, type BundleRun } from '../support/run-bundle.ts'
import type { BootedHost } from './booted-host.ts'

/**
 * Runs the monitoring's playbook by the action's bundle.
 * @param folder of this run alone
 * @param inventory whose group `monitoring` is this host
 * @throws Error with what the action said when it is red
 */
export async function playMonitoring(host: BootedHost, folder: string, inventory: string): Promise<BundleRun> {
  mkdirSync(folder)
  cpSync(join(ROOT, 'ansible'), join(folder, 'ansible'), { recursive: true })
  writeFileSync(join(folder, 'hosts.ini'), inventory)
  const played = await runBundle('ansible-playbook', {
    workspace: folder,
    inputs: {
      playbook: 'ansible/playbooks/monitoring.yml',
      inventory: 'hosts.ini',
      limit: 'monitoring',
      'extra-vars': 'prometheus_scrape_interval: 1s',
      'ssh-key': host.key,
      'known-hosts': host.knownHosts,
    },
  })
  if (played.exitCode !== 0) throw new Error(played.stdout)
  return played
}

interface Series {
  readonly metric: Readonly<Record<string, string>>
  readonly value: readonly [time: number, value: string]
}

/** Asks Prometheus on its own host, until there is an answer or 30 s are over. */
export async function askPrometheus(host: BootedHost, expression: string): Promise<readonly Series[]> {
  const url = `http://127.0.0.1:9090/api/v1/query?query=${encodeURIComponent(expression)}`
  for (let tries = 0; tries < 60; tries += 1) {
    const said = await host.sh(
      `python3 -c 'from urllib.request import urlopen; print(urlopen("${url}").read().decode())'`,
    )
    const { data } = JSON.parse(said) as { data: { result: readonly Series[] } }
    if (data.result.length > 0) return data.result
    await wait(500)
  }
  return []
}
