import { inputs as spec, type Inputs } from '../../../actions/ansible-playbook/src/inputs.ts'
import { EVENTS_VARIABLE } from '../../../actions/ansible-playbook/src/callback.ts'
import { inputsOf } from '../../support/action-inputs.ts'
import type { Command, Completed } from '../../../kit/ports.ts'
import { FakeClock, FakeExec, FakeFiles, FakeLog, FakeSummary, makeRun } from '../../support/fakes.ts'

export function given(values: Readonly<Record<string, string>> = {}): Inputs {
  return inputsOf('ansible-playbook', spec, { playbook: 'ansible/site.yml', inventory: 'inventory.ini', ...values })
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

/** Ports of a run whose Ansible writes `events` and ends so. `others` answers for what is not the run itself. */
export function makeAnsible(
  events: readonly object[],
  ends: Partial<Completed> = {},
  version = '[core 2.19.4]',
  others: (command: Command) => Partial<Completed> | undefined = () => undefined,
) {
  const files = new FakeFiles({ 'ansible/site.yml': '', 'inventory.ini': '' })
  const [log, summary, saved] = [new FakeLog(), new FakeSummary(), new Map<string, string>()]
  const seen = new Map<string, string | Uint8Array>()
  const exec = new FakeExec(command => {
    const { args, env } = command
    const answer = others(command)
    if (answer !== undefined) return answer
    if (args[0] === '--version') return { stdout: `ansible-playbook ${version}\n  python version = 3.12\n` }
    for (const [path, content] of files.content) seen.set(path, content)
    const path = env?.[EVENTS_VARIABLE] ?? ''
    files.content.set(path, events.map(event => `${JSON.stringify(event)}\n`).join(''))
    return ends
  })
  const state = { save: (name: string, value: string) => void saved.set(name, value) }
  const clock = new FakeClock()
  const environment = { get: () => undefined }
  const absent = () => Promise.reject(new Error('nobody is asked'))
  const ports = {
    ...{ files, log, summary, exec, state, clock, environment },
    ...{ run: makeRun(), identity: { token: absent }, http: { request: absent } },
  }
  return { ports, files, log, summary, exec, saved, seen, clock }
}
