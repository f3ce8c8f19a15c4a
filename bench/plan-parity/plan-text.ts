/**
 * Reads the text that `terraform plan -no-color` and `tofu plan -no-color` print for people. Only the comparison uses it: the
 * text is no interface, and it leaves out what the JSON has. Written after the renderers of Terraform 1.11 to 1.15
 * and OpenTofu 1.12, which build it from the same JSON.
 */

export type TextAction = 'create' | 'read' | 'update' | 'replace' | 'delete' | 'forget' | 'move' | 'import'

/** A block with a header of its own. */
export interface TextObject {
  readonly address: string
  readonly deposed: string | undefined
  readonly action: TextAction
  readonly replaceOrder: 'destroy-first' | 'create-first' | 'forget-first' | undefined
  /** In the JSON's words, as far as the text gives one. */
  readonly reason: string | undefined
  readonly previousAddress: string | undefined
  /** Empty when the text says only that it is imported. */
  readonly importId: string | undefined
  /** Names of the attributes that the text marks with `# forces replacement`, outermost first; elements have none. */
  readonly forcing: readonly (readonly string[])[]
  /** Attributes of the top level that the text shows as changed. */
  readonly changed: readonly string[]
}

export interface TextOutput {
  readonly name: string
  readonly action: 'create' | 'update' | 'delete'
}

export interface TextSummary {
  readonly import: number
  readonly add: number
  readonly change: number
  readonly destroy: number
  readonly forget: number
  readonly invoke: number
}

export interface PlanText {
  /** Which binary it says that made it. */
  readonly tool: 'terraform' | 'tofu'
  readonly objects: readonly TextObject[]
  readonly drift: readonly TextObject[]
  readonly deferred: readonly { readonly address: string; readonly reason: string }[]
  readonly invocations: readonly string[]
  /** `undefined` when nothing happens to an object. */
  readonly summary: TextSummary | undefined
  readonly outputs: readonly TextOutput[]
  /** It says that there is nothing to do. */
  readonly noChanges: boolean
  readonly errored: boolean
  readonly refreshOnly: boolean
  /** Conditions that it says fail. */
  readonly failedChecks: number
}

type Section = 'before' | 'drift' | 'deferred' | 'objects' | 'invocations' | 'outputs' | 'after'

const RULE = /^─{10,}$/

/** Lines that begin a section, or end the last one. */
const SECTIONS: readonly (readonly [RegExp, Section])[] = [
  [/^Note: Objects have changed outside of (?:Terraform|OpenTofu)/, 'drift'],
  [/^Note: This is a partial plan/, 'deferred'],
  [/^(?:Terraform|OpenTofu) (?:will perform|planned) the following actions/, 'objects'],
  [/^Plan: \d/, 'after'],
  [/^Terraform will invoke the following action/, 'invocations'],
  [/^Changes to Outputs:/, 'outputs'],
  [/^(?:Warning|Error): /, 'after'],
  [/^(?:You can apply this plan|This is a refresh-only plan|Unless you have made equivalent)/, 'after'],
  [RULE, 'after'],
]

const SUMMARY =
  /^Plan: (?:(\d+) to import, )?(\d+) to add, (\d+) to change, (\d+) to destroy(?:, (\d+) to forget)?\.(?: Actions: (\d+) to invoke\.)?$/m

/** How a failed condition of each kind is announced. */
const FAILED =
  /^(?:Warning: Check block assertion failed|Error: (?:Resource|Module output value) (?:pre|post)condition failed|Error: Invalid value for variable)$/gm

export function readPlanText(text: string): PlanText {
  const sections = split(text)
  const blocks = blocksOf(sections.objects)
  return {
    tool: /^OpenTofu (?:used|will|has)|the OpenTofu state/m.test(text) ? 'tofu' : 'terraform',
    objects: blocks.flatMap(readBlock),
    drift: blocksOf(sections.drift).flatMap(readBlock),
    deferred: blocksOf(sections.deferred).flatMap(readDeferred),
    invocations: [
      ...blocks.flatMap(block => block.flatMap(line => ACTION_ADDRESS.exec(line)?.[1] ?? [])),
      ...sections.invocations.flatMap(line => INVOKED.exec(line)?.[1] ?? []),
    ],
    summary: readSummary(text),
    outputs: sections.outputs.flatMap(readOutput),
    noChanges: /^No (?:current )?changes\. /m.test(text),
    errored: /^(?:Planning failed\.|(?:Terraform|OpenTofu) planned the following actions, but then)/m.test(text),
    refreshOnly: /^This is a refresh-only plan/m.test(text) || /still matches the configuration/.test(text),
    failedChecks: text.match(FAILED)?.length ?? 0,
  }
}

const INVOKED = /^ {2}# (.+?) will be invoked(?: \(called from .+\))?$/
const ACTION_ADDRESS = /^ {4}# ((?:module\..+\.)?action\..+)$/

function split(text: string): Readonly<Record<Section, readonly string[]>> {
  const sections: Record<Section, string[]> = {
    before: [],
    drift: [],
    deferred: [],
    objects: [],
    invocations: [],
    outputs: [],
    after: [],
  }
  let current: Section = 'before'
  for (const line of text.split('\n')) {
    const start = SECTIONS.find(([pattern]) => pattern.test(line))
    if (start) current = start[1]
    else sections[current].push(line)
  }
  return sections
}

/** A header stands behind one or two spaces; what belongs to an attribute stands deeper. */
const COMMENT = /^ {1,2}# (.*)$/

/** Lines of one object each: comments first, then its body. */
function blocksOf(lines: readonly string[]): string[][] {
  const blocks: string[][] = []
  let inHead = false
  for (const line of lines) {
    const isComment: boolean = COMMENT.test(line) || (inHead && /^ {1,2}\(because /.test(line))
    if (isComment && !inHead) blocks.push([])
    inHead = isComment
    blocks.at(-1)?.push(line)
  }
  return blocks
}

interface Headline {
  readonly pattern: RegExp
  readonly action: TextAction
  readonly reason?: string
}

const LEFT = String.raw`(?: - older instance will not be destroyed \(lifecycle\.destroy = false\))?$`

/** The longer text first, where one begins as another. */
const HEADLINES: readonly Headline[] = [
  { pattern: /^(.+) will be created$/, action: 'create' },
  { pattern: /^(.+) will be read during apply$/, action: 'read' },
  { pattern: /^(.+) (?:will be updated in-place|has changed)$/, action: 'update' },
  {
    pattern: new RegExp(String.raw`^(.+) is tainted, so (?:it )?must be replaced${LEFT}`),
    action: 'replace',
    reason: 'replace_because_tainted',
  },
  {
    pattern: new RegExp(String.raw`^(.+) will be replaced, as requested${LEFT}`),
    action: 'replace',
    reason: 'replace_by_request',
  },
  {
    pattern: new RegExp(String.raw`^(.+) will be replaced due to changes in replace_triggered_by${LEFT}`),
    action: 'replace',
    reason: 'replace_by_triggers',
  },
  { pattern: /^(.+) must be replaced, but the existing object will not be destroyed$/, action: 'replace' },
  {
    pattern: new RegExp(String.raw`^(.+) must be replaced${LEFT}`),
    action: 'replace',
    reason: 'replace_because_cannot_update',
  },
  { pattern: /^(.+) will no longer be managed by Terraform, but will not be destroyed$/, action: 'forget' },
  {
    pattern: /^(.+) will be removed from (?:the )?(?:Terraform|OpenTofu) state,? but will not be destroyed$/,
    action: 'forget',
  },
  { pattern: /^(.+) (?:will be destroyed|has been deleted)$/, action: 'delete' },
  { pattern: /^(.+) will be imported$/, action: 'import' },
]

const MOVED = /^(.+) has moved to (.+)$/

/** Comments below a headline, and what the JSON says in their place. */
const NOTES: readonly (readonly [RegExp, string])[] = [
  [/^\(because index \[.*\] is out of range for count\)$/, 'delete_because_count_index'],
  [/^\(because key \[.*\] is not in for_each map\)$/, 'delete_because_each_key'],
  [
    /^\(because resource (?:uses count or for_each|does not use (?:count|for_each))\)$/,
    'delete_because_wrong_repetition',
  ],
  [/^\(because enabled is false\)$/, 'delete_because_enabled_false'],
  [/^\(because .+ was moved to .+, which is not in configuration\)$/, 'delete_because_no_move_target'],
  [/^\(because module\..+ is not in configuration\)$/, 'delete_because_no_module'],
  [/^\(because .+ is not in configuration\)$/, 'delete_because_no_resource_config'],
  [/^\(because lifecycle\.destroy = false was configured before /, 'forgot_because_lifecycle_destroy_in_state'],
  [/^\(because lifecycle\.destroy = false is set /, 'forgot_because_lifecycle_destroy_in_config'],
  [/^\(config refers to values not yet known\)$/, 'read_because_config_unknown'],
  [/^\(depends on a resource or a module with changes pending\)$/, 'read_because_dependency_pending'],
  [/^\(config will be reloaded to verify a check block\)$/, 'read_because_check_nested'],
]

function readBlock(block: readonly string[]): TextObject[] {
  const [first = ''] = block
  const head = COMMENT.exec(first)?.[1]?.trimEnd() ?? ''
  const moved = MOVED.exec(head)
  const found = HEADLINES.map(({ pattern, ...headline }) => ({ ...headline, match: pattern.exec(head) })).find(
    ({ match }) => match !== null,
  )
  if (found === undefined && moved === null) throw new Error(`the plan text has a headline that is not known: ${head}`)
  const notes = block.slice(1).filter(line => /^ {1,2}(?:# |\()/.test(line))
  const note = (pattern: RegExp) => notes.map(line => pattern.exec(plain(line))?.[1]).find(text => text !== undefined)
  const body = block.filter(line => !COMMENT.test(line))
  const { address, deposed } = splitDeposed(found?.match?.[1] ?? moved?.[2] ?? '')
  const action = found?.action ?? 'move'
  return [
    {
      address,
      deposed,
      action,
      replaceOrder: action === 'replace' ? orderOf(body) : undefined,
      reason: NOTES.find(([pattern]) => notes.some(line => pattern.test(plain(line))))?.[1] ?? found?.reason,
      previousAddress: found === undefined ? moved?.[1] : note(/^\(moved from (.+)\)$/),
      importId:
        note(/^\(imported from "(.*)"\)$/) ??
        (action === 'import' || notes.some(line => /will be imported first|imported using/.test(line))
          ? ''
          : undefined),
      ...readBody(body),
    },
  ]
}

function plain(line: string): string {
  return line.trim().replace(/^# /, '')
}

function splitDeposed(text: string): { address: string; deposed: string | undefined } {
  const match = /^(.+) \(deposed object (\w+)\)$/.exec(text)
  return { address: match?.[1] ?? text, deposed: match?.[2] }
}

const BODY_HEAD = /^ *(\S*) (?:resource|data) "/

function orderOf(body: readonly string[]): TextObject['replaceOrder'] {
  const symbol = body.map(line => BODY_HEAD.exec(line)?.[1]).find(found => found !== undefined)
  if (symbol === '+/-') return 'create-first'
  return symbol?.includes('.') ? 'forget-first' : 'destroy-first'
}

/** Indentation, sign, name, and what follows the name. */
const LINE = /^( *)(?:(-\/\+|\+\/-|[-+~]) )?( *)("(?:[^"\\]|\\.)*"|[A-Za-z_][\w-]*)? *(.*)$/

/** Follows names by their column, as a value's lines stand deeper than its name. */
function readBody(body: readonly string[]): Pick<TextObject, 'forcing' | 'changed'> {
  const open: { column: number; name: string }[] = []
  const forcing: string[][] = []
  const changed: string[] = []
  for (const line of body) {
    if (BODY_HEAD.test(line)) continue
    const [, indent = '', sign = '', gap = '', name = '', rest = ''] = LINE.exec(line) ?? []
    const column = indent.length + (sign === '' ? 0 : 2) + gap.length
    while ((open.at(-1)?.column ?? -1) >= column) open.pop()
    const named = name !== '' && /^[={]/.test(rest)
    const path = [...open.map(part => part.name), ...(named ? [unquoted(name)] : [])]
    if (/ # forces replacement$/.test(line)) forcing.push(path)
    if (named && sign !== '' && open.length === 0) changed.push(unquoted(name))
    if (named) open.push({ column, name: unquoted(name) })
  }
  return { forcing, changed }
}

function unquoted(name: string): string {
  return name.startsWith('"') ? String(JSON.parse(name)) : name
}

const DEFERRED_REASONS: Readonly<Record<string, string>> = {
  '(because the number of resource instances is unknown)': 'instance_count_unknown',
  '(because the resource configuration is unknown)': 'resource_config_unknown',
  '(because the provider configuration is unknown)': 'provider_config_unknown',
  '(because a prerequisite for this resource is deferred)': 'deferred_prereq',
  '(because a prerequisite for this resource has not yet been created)': 'absent_prereq',
  '(because the resource was excluded)': 'excluded',
  '(because the resource was not included)': 'not_included',
  '(for an unknown reason)': 'unknown',
}

function readDeferred(block: readonly string[]): { address: string; reason: string }[] {
  const [head = '', note = ''] = block.map(line => COMMENT.exec(line)?.[1] ?? '')
  const address = /^(.+) was deferred$/.exec(head)?.[1]
  if (address === undefined) throw new Error(`the plan text has a deferred headline that is not known: ${head}`)
  return [{ address, reason: DEFERRED_REASONS[note] ?? note }]
}

function readSummary(text: string): TextSummary | undefined {
  const match = SUMMARY.exec(text)
  if (!match) return undefined
  const [imports, add, change, destroy, forget, invoke] = match.slice(1).map(number => Number(number ?? '0'))
  return {
    import: imports ?? 0,
    add: add ?? 0,
    change: change ?? 0,
    destroy: destroy ?? 0,
    forget: forget ?? 0,
    invoke: invoke ?? 0,
  }
}

const SIGNS = { '+': 'create', '~': 'update', '-': 'delete' } as const

function readOutput(line: string): TextOutput[] {
  const match = /^ {2}([-+~]) ("(?:[^"\\]|\\.)*"|[\w-]+) += /.exec(line)
  const sign = match?.[1]
  if (sign !== '+' && sign !== '~' && sign !== '-') return []
  return [{ name: unquoted(match?.[2] ?? ''), action: SIGNS[sign] }]
}
