import * as core from '@actions/core'
import { tmpdir } from 'node:os'
import type { Host } from '../action.ts'
import { childEnvironment, environmentOf } from './environment.ts'
import { systemExec } from './exec.ts'
import { compileForShortRun } from './compilation.ts'
import { githubLog } from './log-github.ts'
import { githubPorts } from './ports-github.ts'

const PHASE = 'slipway-phase'

/**
 * A step of a job on GitHub. Inputs come with action.yml's defaults filled in by the runner.
 * @param settings `shortRun`: it computes for seconds at most
 */
export function githubHost(settings: { readonly shortRun?: boolean } = {}): Host {
  if (settings.shortRun === true) compileForShortRun()
  const secrets = new Set<string>()
  const log = githubLog(value => secrets.add(value))
  const phase = core.getState(PHASE) === 'post' ? 'post' : 'main'
  if (phase === 'main') core.saveState(PHASE, 'post')
  let passEnv: readonly string[] = []
  const workspace = process.env['GITHUB_WORKSPACE'] || process.cwd()
  const exec = systemExec({
    environment: () => childEnvironment(process.env, passEnv),
    cwd: workspace,
    signals: process,
  })
  return {
    phase,
    log,
    input: name => core.getInput(name, { trimWhitespace: false }),
    state: name => core.getState(name),
    setOutput(name, value) {
      if ([...secrets].some(secret => value.includes(secret)))
        log.warning(`output "${name}" holds a value that is masked: GitHub will not pass it on to other jobs`)
      core.setOutput(name, value)
    },
    fail: text => log.fail(text),
    async ports(inputs, action) {
      if (Array.isArray(inputs['pass-env'])) passEnv = inputs['pass-env'] as string[]
      const environment = environmentOf(process.env)
      const temporary = process.env['RUNNER_TEMP'] || tmpdir()
      const token = typeof inputs['github-token'] === 'string' ? inputs['github-token'] : ''
      return githubPorts({ log, exec, environment, workspace, temporary, secrets, token, action })
    },
    async close() {
      await exec.close()
      log.flush()
    },
  }
}
