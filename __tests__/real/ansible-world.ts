import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { inputs as spec, type Inputs } from '../../actions/ansible-playbook/src/inputs.ts'
import { systemClock } from '../../kit/adapters/clock.ts'
import { childEnvironment, environmentOf } from '../../kit/adapters/environment.ts'
import { systemExec } from '../../kit/adapters/exec.ts'
import { systemFiles } from '../../kit/adapters/files.ts'
import { systemHttp } from '../../kit/adapters/http.ts'
import { inputsOf } from '../support/action-inputs.ts'
import type { Command } from '../../kit/ports.ts'
import { FakeLog, FakeSummary, makeRun } from '../support/fakes.ts'

/** A workspace with files, real processes and a real Ansible; GitHub's log and summary are played. */
export function makeAnsibleWorld(
  folder: string,
  content: Readonly<Record<string, string>>,
  path = process.env['PATH'],
  variables: Readonly<Record<string, string>> = {},
) {
  const workspace = join(folder, 'checkout')
  const temporary = join(folder, 'temporary')
  for (const [file, text] of Object.entries(content)) {
    mkdirSync(dirname(join(workspace, file)), { recursive: true })
    writeFileSync(join(workspace, file), text)
  }
  const log = new FakeLog()
  const summary = new FakeSummary()
  const saved = new Map<string, string>()
  const commands: Command[] = []
  const exec = systemExec({
    environment: () => childEnvironment({ PATH: path, HOME: folder, ...variables }, Object.keys(variables)),
    cwd: workspace,
    signals: process,
  })
  const ports = {
    exec: {
      run(command: Command) {
        commands.push(command)
        return exec.run(command)
      },
    },
    files: systemFiles({ workspace, temporary, confined: true }),
    log,
    summary,
    clock: systemClock,
    environment: environmentOf(variables),
    http: systemHttp('slipway (test)'),
    identity: { token: async () => 'an.identity.token' },
    run: makeRun(),
    state: { save: (name: string, value: string) => void saved.set(name, value) },
  }
  return { workspace, temporary, log, summary, saved, commands, ports }
}

export function ansibleInputs(values: Readonly<Record<string, string>>): Inputs {
  return inputsOf('ansible-playbook', spec, values)
}
