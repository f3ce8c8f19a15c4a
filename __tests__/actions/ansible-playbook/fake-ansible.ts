import { inputs as spec, type Inputs } from '../../../actions/ansible-playbook/src/inputs.ts'
import { EVENTS_VARIABLE } from '../../../actions/ansible-playbook/src/callback.ts'
import { readInputs } from '../../../kit/inputs.ts'
import type { Completed } from '../../../kit/ports.ts'
import { FakeExec, FakeFiles, FakeLog, FakeSummary, makeRun } from '../../support/fakes.ts'

/** As action.yml gives them. */
const DEFAULTS: Readonly<Record<string, string>> = {
  playbook: 'ansible/site.yml',
  inventory: 'inventory.ini',
  check: 'false',
  'working-directory': '.',
}

export function given(values: Readonly<Record<string, string>> = {}): Inputs {
  return readInputs(
    spec,
    name => values[name] ?? DEFAULTS[name] ?? '',
    () => undefined,
  )
}

/** Counts of a host; what is left out is 0. */
export function counts(changes: Readonly<Record<string, number>> = {}) {
  return { ok: 1, changed: 0, unreachable: 0, failed: 0, skipped: 0, rescued: 0, ignored: 0, ...changes }
}

/** A result as the callback writes it. */
export function result(changes: Readonly<Record<string, unknown>> = {}) {
  return {
    ...{
      event: 'result',
      outcome: 'changed',
      play: 'Site',
      host: 'web1',
      task: 'Install it',
      module: 'ansible.builtin.apt',
    },
    ...{ place: '/workspace/ansible/site.yml:7', ignored: false, item: false, label: '', message: '', stderr: '' },
    hidden: false,
    ...changes,
  }
}

export const recap = (hosts: Readonly<Record<string, unknown>>) => ({ event: 'recap', hosts })

/** Ports of a run whose Ansible writes `events` and ends so. */
export function makeAnsible(events: readonly object[], ends: Partial<Completed> = {}, version = '[core 2.19.4]') {
  const files = new FakeFiles({ 'ansible/site.yml': '', 'inventory.ini': '' })
  const [log, summary, saved] = [new FakeLog(), new FakeSummary(), new Map<string, string>()]
  const seen = new Map<string, string | Uint8Array>()
  const exec = new FakeExec(({ args, env }) => {
    if (args[0] === '--version') return { stdout: `ansible-playbook ${version}\n  python version = 3.12\n` }
    for (const [path, content] of files.content) seen.set(path, content)
    const path = env?.[EVENTS_VARIABLE] ?? ''
    files.content.set(path, events.map(event => `${JSON.stringify(event)}\n`).join(''))
    return ends
  })
  const state = { save: (name: string, value: string) => void saved.set(name, value) }
  return { ports: { files, log, summary, exec, run: makeRun(), state }, files, log, summary, exec, saved, seen }
}
