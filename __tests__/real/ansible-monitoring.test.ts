import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import type { WorkflowRun } from '../../local-github/model.ts'
import { importLibrary } from '../../local-github/seed.ts'
import { jobLogFile } from '../../local-github/server/run-logs.ts'
import { ROOT } from '../../scripts/metadata.ts'
import { setStage, type Stage } from '../local-github/runner/runner-stage.ts'
import { startSshHost, type SshHost } from './ssh-host.ts'

/**
 * The sample team's two ways to `ansible-monitoring.yml`, after an apply and by hand, with a real Ansible and a real sshd. Terraform
 * is not run: a job of the apply's name hands on an inventory. The playbook writes a file; the roles are tested with the host of
 * the journey.
 */

const CALLERS = join(ROOT, 'examples/shop/.github/workflows')
const PYTHON = 'ansible_python_interpreter="{{ ansible_playbook_python }}"'

let stage: Stage
let host: SshHost
let folder: string
let written: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'monitoring-'))
  host = await startSshHost(folder)
  written = join(folder, 'written')
  stage = await setStage({ real: true })
  await importLibrary(stage.github, ROOT)
  const secrets = { SSH_KEY: host.clientKey, KNOWN_HOSTS: host.hostLine }
  for (const [name, value] of Object.entries(secrets))
    stage.github.store.secrets.insert({ repositoryId: stage.repository.id, environment: '', name, value })
  await stage.push({
    '.github/workflows/terraform-apply.yml': afterApply(),
    '.github/workflows/ansible-monitoring.yml': readFileSync(join(CALLERS, 'ansible-monitoring.yml'), 'utf8'),
    'hosts.ini': `[app]\nweb1 ansible_host=127.0.0.1 ansible_port=${host.port} ${PYTHON}\n`,
    'ansible/playbooks/monitoring.yml': playbook(),
  })
  await stage.runner.idle()
}, 120_000)

afterAll(async () => {
  await stage?.close()
  await host?.close()
  await rm(folder, { recursive: true, force: true })
})

/** The caller's own job of the monitoring, behind a job that hands on the inventory as the apply does. */
function afterApply(): string {
  const uploads = /uses: (actions\/upload-artifact@[0-9a-f]{40})/
  const workflow = readFileSync(join(ROOT, '.github/workflows/terraform-apply.yml'), 'utf8')
  const checkout = /uses: (actions\/checkout@[0-9a-f]{40})/.exec(workflow)?.[1]
  const { jobs } = parse(readFileSync(join(CALLERS, 'terraform-apply.yml'), 'utf8')) as {
    jobs: Record<string, unknown>
  }
  return stringify({
    on: { push: { branches: ['main'] } },
    jobs: {
      apply: {
        'runs-on': 'ubuntu-24.04',
        outputs: { 'inventory-artifact': 'slipway-inventory-dev' },
        steps: [
          { uses: checkout },
          { uses: uploads.exec(workflow)?.[1], with: { name: 'slipway-inventory-dev', path: 'hosts.ini' } },
        ],
      },
      monitoring: jobs['monitoring'],
    },
  })
}

const playbook = () => `
- name: Watch
  hosts: app
  gather_facts: false
  tasks:
    - name: Write
      ansible.builtin.copy: { content: watched, dest: '${written}', mode: '0600' }
`

/** Ansible's own recap in the log of the run: how much it changed on the host. */
async function changedIn(run: WorkflowRun | undefined): Promise<string | undefined> {
  const job = stage.jobs(run).find(({ name }) => name.startsWith('monitoring'))
  const text = await readFile(jobLogFile(stage.github.stateFolder, job?.id ?? 0), 'utf8')
  return /^\S+ web1 +: ok=\d+ +changed=(\d+) +unreachable=0 +failed=0 /m.exec(text)?.[1]
}

it('runs after an apply, on the inventory that it handed on', async () => {
  const [run] = stage.runs()
  expect(stage.summary(run)).toEqual(['apply: success', 'monitoring / monitoring dev: success'])
  expect(await readFile(written, 'utf8')).toBe('watched')
  expect(await changedIn(run)).toBe('1')
})

it('runs again by hand on the inventory of that apply, and changes nothing', async () => {
  const [apply] = stage.runs()
  const { status } = await stage.api(
    'POST',
    `/repos/${stage.repository.fullName}/actions/workflows/ansible-monitoring.yml/dispatches`,
    { ref: 'main', inputs: { 'apply-run': String(apply?.id) } },
  )
  expect(status).toBe(204)
  await stage.runner.idle()
  const run = stage.runs().at(-1)
  expect(stage.summary(run)).toEqual(['monitoring / monitoring dev: success'])
  expect(await changedIn(run)).toBe('0')
})
