import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** How a shape is made, where it is more than `before.tf` applied and `after.tf` planned. */
export interface ShapeSteps {
  /** Beside the defaults of `plan`. */
  readonly planArgs?: readonly string[]
  /** Commands of the binary between apply and plan. */
  readonly between?: readonly (readonly string[])[]
  /** What happens to the world between apply and plan: paths in the working folder that go away. */
  readonly removed?: readonly string[]
  /** What happens to the state between apply and plan. */
  readonly state?: (state: State) => void
  /** A plan that fails on purpose. */
  readonly fails?: true
  /** Only this binary knows the language of the shape. */
  readonly only?: 'terraform' | 'tofu'
}

/** The parts of a state file that shapes change. */
export interface State {
  serial: number
  readonly resources: {
    readonly type: string
    readonly name: string
    readonly instances: { deposed?: string; attributes: Record<string, unknown> }[]
  }[]
}

export interface Binary {
  readonly name: 'terraform' | 'tofu'
  readonly path: string
}

/** What a binary says of a shape. Ids and times are the same in each making. */
export interface MadeShape {
  /** `undefined` when the plan failed before there was one. */
  readonly json: string | undefined
  readonly text: string
  /** The events of `plan -json`, a line each. */
  readonly events: string
}

/** Files of a shape's folder that are made. */
const MADE = new Set(['plan.json', 'plan.txt', 'events.ndjson', 'tofu', 'terraform', 'hand-made'])

/**
 * Applies `before.tf` of a shape, then plans `after.tf`; other files of its folder lie beside.
 * @param environment of the binary: where it finds providers
 */
export function makeShape(
  folder: string,
  steps: ShapeSteps,
  binary: Binary,
  environment: Readonly<Record<string, string>>,
): MadeShape {
  const work = mkdtempSync(join(tmpdir(), 'slipway-shape-'))
  const run = (args: readonly string[], okExitCodes: readonly number[] = [0]) => {
    const done = spawnSync(binary.path, args, {
      cwd: work,
      env: { PATH: process.env['PATH'], HOME: work, CHECKPOINT_DISABLE: '1', TF_INPUT: '0', ...environment },
      encoding: 'utf8',
      maxBuffer: 256 * 1024 * 1024,
    })
    if (!okExitCodes.includes(done.status ?? -1))
      throw new Error(
        `${folder}: ${binary.name} ${args.join(' ')} ended with ${done.status}\n${done.stdout}${done.stderr}`,
      )
    return done
  }
  try {
    for (const entry of readdirSync(folder))
      if (!MADE.has(entry) && !/^(?:before|after)\.tf$/.test(entry))
        cpSync(join(folder, entry), join(work, entry), { recursive: true })
    const use = (name: string) => {
      cpSync(join(folder, name), join(work, 'main.tf'))
      run(['init'])
    }
    if (existsSync(join(folder, 'before.tf'))) {
      use('before.tf')
      run(['apply', '-auto-approve'])
    }
    for (const args of steps.between ?? []) run(args)
    if (steps.state) changeState(join(work, 'terraform.tfstate'), steps.state)
    for (const path of steps.removed ?? []) rmSync(join(work, path), { recursive: true })
    use('after.tf')
    const codes = steps.fails ? [1] : [0]
    const planArgs = ['plan', ...(steps.planArgs ?? [])]
    const human = run([...planArgs, '-no-color', '-out=tfplan'], codes)
    rmSync(join(work, 'generated.tf'), { force: true })
    const events = run([...planArgs, '-json'], codes)
    return steady({
      json: existsSync(join(work, 'tfplan')) ? run(['show', '-json', 'tfplan']).stdout : undefined,
      text: planText(human.stdout + human.stderr),
      events: events.stdout,
    })
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

function changeState(file: string, change: (state: State) => void): void {
  const state = JSON.parse(readFileSync(file, 'utf8')) as State
  change(state)
  state.serial += 1
  writeFileSync(file, JSON.stringify(state, null, 2))
}

/** Without the progress before the plan, whose order is chance, and the advice after it. */
function planText(printed: string): string {
  const [told = '', ...rest] = printed.split(
    /\n*─+\n\nSaved the plan to: .*\n[^]*?\n {4}(?:terraform|tofu) apply "tfplan"\n/,
  )
  return `${[told, ...rest]
    .join('\n')
    .split('\n')
    .filter(line => !/^\S.*: (?:Refreshing state|Preparing import|Reading|Read complete|Opening|Closing)\b/.test(line))
    .join('\n')
    .trim()}\n`
}

const UUID = /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g
const TIME = /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)/g

/** Puts numbers for ids that are made by chance, and one moment for every time. */
function steady(made: MadeShape): MadeShape {
  const ids = new Map<string, string>()
  const numbered = (id: string): string => {
    const known = ids.get(id) ?? `00000000-0000-4000-8000-${String(ids.size + 1).padStart(12, '0')}`
    ids.set(id, known)
    return known
  }
  const replaced = (text: string) => text.replace(UUID, numbered).replace(TIME, '2026-01-01T00:00:00Z')
  const json = made.json === undefined ? undefined : replaced(made.json)
  return { json, text: replaced(made.text), events: sortedEvents(replaced(made.events)) }
}

/** Events of one kind come in the order in which parallel work ended. */
function sortedEvents(events: string): string {
  const kinds = new Map<string, string[]>()
  for (const line of events.split('\n').filter(line => line !== '')) {
    const event = JSON.parse(line) as { type: string; hook?: unknown }
    const kind = event.hook === undefined ? event.type : 'hook'
    kinds.set(kind, [...(kinds.get(kind) ?? []), line])
  }
  return `${[...kinds.values()].flatMap(lines => lines.sort()).join('\n')}\n`
}

/** Where what a binary says of a shape lies: Terraform's beside its configuration, OpenTofu's one folder deeper. */
export function placeOf(folder: string, binary: Binary['name']): string {
  return binary === 'terraform' ? folder : join(folder, 'tofu')
}

export function writeShape(place: string, made: MadeShape): void {
  mkdirSync(place, { recursive: true })
  if (made.json === undefined) rmSync(join(place, 'plan.json'), { force: true })
  else writeFileSync(join(place, 'plan.json'), made.json)
  writeFileSync(join(place, 'plan.txt'), made.text)
  writeFileSync(join(place, 'events.ndjson'), made.events)
}
