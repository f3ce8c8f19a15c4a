import { tmpdir } from 'node:os'
import type { Host } from '../action.ts'
import { createLiveScrubber } from '../scrub.ts'
import { VERSION } from '../version.ts'
import { systemClock } from './clock.ts'
import { childEnvironment, environmentOf } from './environment.ts'
import { systemExec } from './exec.ts'
import { systemFiles } from './files.ts'
import { githubApi } from './github-api.ts'
import { systemHttp } from './http.ts'
import { systemLoadGenerator } from './load-generator.ts'
import { terminalLog } from './log-terminal.ts'
import { systemLeftChildren } from './output-files.ts'
import { absentPorts, gitVariables, printingPorts } from './ports-terminal.ts'
import { withoutWorkflowCommands } from './quiet.ts'
import { systemRandom } from './random.ts'
import { runContextOf } from './run-context.ts'
import { withoutSecrets } from './secrets.ts'
import { systemTools } from './tools.ts'

export interface TerminalSettings {
  readonly phase: Host['phase']
  /** What `main` keeps for `post`. */
  readonly state: Map<string, string>
  /** An input as given, or its default; `''` for none. */
  readonly input: (name: string) => string
  /** Where paths in inputs start. */
  readonly folder: string
  /** Takes the reports, and nothing else. */
  readonly report: (text: string) => void
  /** Takes everything that is said along the way. */
  readonly say: (line: string) => void
}

/**
 * A terminal: reports are printed, nothing is posted, and any file of the user can be named. With a token, facts are read
 * from GitHub.
 */
export function terminalHost(settings: TerminalSettings): Host {
  const secrets = new Set<string>()
  const log = terminalLog(
    line => settings.say(withoutSecrets(line, secrets)),
    value => secrets.add(value),
  )
  let passEnv: readonly string[] = []
  const exec = systemExec({
    environment: () => childEnvironment(process.env, passEnv),
    cwd: settings.folder,
    signals: process,
  })
  const print = (what: string, text: string) => {
    log.info(`${what}:`)
    settings.report(withoutSecrets(text, secrets))
  }
  return {
    phase: settings.phase,
    log,
    input: settings.input,
    state: name => settings.state.get(name) ?? '',
    setOutput: (name, value) => log.info(value.includes('\n') ? `${name} =\n${value}` : `${name} = ${value}`),
    fail(text) {
      log.error(text)
      process.exitCode = 1
    },
    async ports(inputs, action) {
      if (Array.isArray(inputs['pass-env'])) passEnv = inputs['pass-env'] as string[]
      const environment = environmentOf(process.env)
      const temporary = environment.get('RUNNER_TEMP') ?? tmpdir()
      const tools = systemTools({ exec, log, environment, temporary })
      const run = runContextOf({ ...(await gitVariables(exec, settings.folder)), ...process.env })
      const token = typeof inputs['github-token'] === 'string' ? inputs['github-token'] : ''
      const [clock, random, scrub] = [systemClock, systemRandom, createLiveScrubber(secrets)]
      const graphqlUrl = environment.get('GITHUB_GRAPHQL_URL')
      const api = { token, run, graphqlUrl, log, clock, random, scrub, action, version: VERSION }
      return {
        ...printingPorts(print),
        ...absentPorts(),
        ...(token !== '' && run.repository !== '' ? { repository: githubApi(api).repository } : {}),
        log,
        exec,
        leftChildren: systemLeftChildren,
        environment,
        clock,
        random,
        files: systemFiles({ workspace: settings.folder, temporary, confined: false }),
        run,
        http: systemHttp(`slipway/${VERSION} (${action})`),
        loadGenerator: systemLoadGenerator(`slipway/${VERSION} (${action})`),
        tools: { find: (tool, options) => withoutWorkflowCommands(() => tools.find(tool, options)) },
        state: { save: (name, value) => void settings.state.set(name, value) },
      }
    },
    close: () => exec.close(),
  }
}
