import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * A stand-in for the docker program, for `npm test`, where no engine runs: it records what it is asked, keeps containers in
 * a file of `FAKE_DOCKER`, and lets the tag of an image say how its container does. It reads compose files that are JSON
 * (which is YAML) and is JavaScript: it is started hundreds of times. Real docker is tested elsewhere.
 */

const STATES = {
  crash: ['exited', 3, 0, 'none'],
  loop: ['restarting', 1, 2, 'none'],
  unhealthy: ['running', 0, 0, 'unhealthy'],
  starting: ['running', 0, 0, 'starting'],
  plain: ['running', 0, 0, 'none'],
  job: ['exited', 0, 0, 'none'],
}

const folder = process.env['FAKE_DOCKER'] ?? ''
const args = process.argv.slice(2)
const file = join(folder, 'containers.json')
const load = () => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [])
const save = containers => writeFileSync(file, JSON.stringify(containers))
const stateOf = ({ image }) => STATES[/:([a-z]+)[-@]/.exec(image)?.[1] ?? ''] ?? ['running', 0, 0, 'healthy']

function option(name) {
  return args[args.indexOf(name) + 1] ?? ''
}

/** Only what `encodeDotenv` may write; anything else ends it as compose would. */
function readEnvironment(path) {
  const variables = {}
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    if (line === '') continue
    const [, name, value] = /^([A-Za-z_]\w*)="((?:[^"\\$]|\\.)*)"$/.exec(line) ?? []
    if (name === undefined || value === undefined) throw new Error(`failed to read ${path}`)
    variables[name] = value.replace(/\\(.)/g, (_, character) =>
      character === 'n' ? '\n' : character === 'r' ? '\r' : character,
    )
  }
  return variables
}

function loadProject() {
  const variables = readEnvironment(option('--env-file'))
  const interpolate = text =>
    text.replace(/\$\$|\$\{(\w+)(:\?)?[^}]*\}/g, (whole, name, must) => {
      if (whole === '$$') return '$'
      const value = variables[name ?? '']
      if (value === undefined && must !== undefined) throw new Error(`required variable ${name} is missing a value`)
      return value ?? ''
    })
  const project = new Map()
  const files = args.flatMap((word, index) => (word === '-f' ? [args[index + 1] ?? ''] : []))
  for (const path of files) {
    const { services } = JSON.parse(readFileSync(path, 'utf8'))
    for (const [name, service] of Object.entries(services)) {
      const before = project.get(name)
      const merged = { ...before?.service, ...service }
      if (merged.image === undefined) throw new Error(`service "${name}" has neither an image nor a build context`)
      const { environment = {} } = service
      const given = Array.isArray(environment)
        ? environment
        : Object.entries(environment).map(([key, value]) => `${key}=${value}`)
      const fromFile =
        merged.env_file === undefined
          ? []
          : Object.entries(readEnvironment(join(option('--project-directory'), merged.env_file))).map(
              ([key, value]) => `${key}=${value}`,
            )
      const all = new Map(
        [...fromFile, ...(before?.env ?? []), ...given.map(interpolate)].map(pair => [pair.split('=')[0] ?? '', pair]),
      )
      project.set(name, { service: merged, env: [...all.values()] })
    }
  }
  return project
}

function up() {
  const project = loadProject()
  const name = option('-p')
  const [others, old] = [load().filter(one => one.project !== name), load().filter(one => one.project === name)]
  const made = [...project].map(([service, { service: definition, env }]) => {
    const hash = JSON.stringify([definition.image, env])
    const kept = old.find(one => one.service === service && one.definition === hash)
    return (
      kept ?? {
        id: `${service}${Date.now()}${process.pid}`,
        project: name,
        service,
        image: definition.image ?? '',
        env,
        definition: hash,
      }
    )
  })
  save([...others, ...made])
}

async function compose() {
  if (args.includes('config')) {
    const project = loadProject()
    if (args.includes('--services')) console.log([...project.keys()].join('\n'))
  } else if (args.includes('pull')) {
    for (const { service } of loadProject().values())
      if (service.image?.includes(':gone')) throw new Error(`manifest for ${service.image} not found`)
  } else if (args.includes('up')) {
    if (existsSync(join(folder, 'hold-up')))
      while (!existsSync(join(folder, 'go-on'))) await new Promise(resolve => setTimeout(resolve, 20))
    up()
  } else if (args.includes('down')) {
    save(load().filter(one => one.project !== option('-p')))
  }
}

function inspect() {
  const format = option('--format')
  // As docker 26 does: ".Id" reads raw JSON, where a container without a health check has no ".State.Health".
  if (format.includes('{{.Id}}')) throw new Error('template parsing error: map has no entry for key "Health"')
  for (const id of args.slice(args.indexOf('--format') + 2)) {
    const container = load().find(one => one.id === id)
    if (container === undefined || container.image.includes(':hidden')) continue
    const [status, code, restarts, health] = stateOf(container)
    const policy = status === 'exited' ? 'no' : 'always'
    if (format.includes('.Config.Env')) console.log(`${id} ${container.service} ${JSON.stringify(container.env)}`)
    else if (format.includes('.State.Health.Log')) console.log('GET /health: 503')
    else console.log([id, container.service, status, code, restarts, policy, health, container.image].join(' '))
  }
}

try {
  appendFileSync(join(folder, 'calls'), `${args.join(' ')}\n`)
  if (args[0] === 'compose') await compose()
  else if (args[0] === 'ps') {
    const project = args.find(word => word.startsWith('label=com.docker.compose.project='))?.split('=')[2]
    for (const { id } of load().filter(one => one.project === project)) console.log(id)
  } else if (args[0] === 'inspect') inspect()
  else if (args[0] === 'logs') {
    const container = load().find(({ id }) => id === args.at(-1))
    console.log(`starting with ${container?.env.join(' ')}`)
    console.error('fatal: no such table "items"')
  }
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
}
