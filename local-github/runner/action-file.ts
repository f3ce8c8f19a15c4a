import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ACTION_ROOT } from '@actions/workflow-parser/actions/action-constants'
import { convertToIfCondition } from '@actions/workflow-parser/model/converter/if-condition'
import { JSONObjectReader } from '@actions/workflow-parser/templates/json-object-reader'
import { TemplateSchema } from '@actions/workflow-parser/templates/schema/index'
import { TemplateContext, TemplateValidationErrors } from '@actions/workflow-parser/templates/template-context'
import { readTemplate } from '@actions/workflow-parser/templates/template-reader'
import {
  MappingToken,
  ScalarToken,
  StringToken,
  SequenceToken,
  type TemplateToken,
} from '@actions/workflow-parser/templates/tokens/index'
import { NoOperationTraceWriter } from '@actions/workflow-parser/templates/trace-writer'
import { YamlObjectReader } from '@actions/workflow-parser/workflows/yaml-object-reader'
import type { StepDefinition } from './job-plan.ts'

export interface ActionInput {
  readonly name: string
  readonly required: boolean
  readonly default: TemplateToken | null
  readonly deprecation: string
}

export interface JavaScriptRuns {
  readonly kind: 'javascript'
  readonly using: string
  readonly pre: string
  readonly preIf: string
  readonly main: string
  readonly post: string
  readonly postIf: string
}

export interface CompositeRuns {
  readonly kind: 'composite'
  readonly steps: readonly StepDefinition[]
  readonly outputs: readonly { readonly name: string; readonly value: TemplateToken }[]
}

/** An action.yml, valid by GitHub's own schema. */
export interface ActionFile {
  readonly name: string
  readonly inputs: readonly ActionInput[]
  readonly runs: JavaScriptRuns | CompositeRuns
}

let schema: TemplateSchema | undefined

/** Read as a file, because the parser's own entry point imports it as JSON without the attribute that Node asks for. */
function actionSchema(): TemplateSchema {
  const file = new URL('action-v1.0.min.json', import.meta.resolve('@actions/workflow-parser'))
  schema ??= TemplateSchema.load(new JSONObjectReader(undefined, readFileSync(file, 'utf8')))
  return schema
}

/** @throws when there is none, when it is not valid, and for a kind of action that this runner does not run */
export function readActionFile(folder: string, uses: string): ActionFile {
  const path = ['action.yml', 'action.yaml'].map(name => join(folder, name)).find(existsSync)
  if (path === undefined) {
    if (existsSync(join(folder, 'Dockerfile'))) throw new Error(dockerProblem(uses))
    const forgot = uses.startsWith('./')
      ? ` under '${folder}'. Did you forget to run actions/checkout before running your local action?`
      : ` for action '${uses}'`
    throw new Error(`Can't find 'action.yml', 'action.yaml' or 'Dockerfile'${forgot}`)
  }
  const context = new TemplateContext(new TemplateValidationErrors(), actionSchema(), new NoOperationTraceWriter())
  const root = readRoot(context, path, uses)
  const runs = mapping(root.find('runs'))
  const using = text(runs?.find('using')).toLowerCase()
  const action = {
    name: text(root.find('name')),
    inputs: entries(root.find('inputs')).map(([name, token]): ActionInput => {
      const input = mapping(token)
      return {
        name,
        required: text(input?.find('required')) === 'true',
        default: input?.find('default') ?? null,
        deprecation: text(input?.find('deprecationMessage')),
      }
    }),
  }
  if (using === 'composite') {
    const composite = { kind: 'composite', steps: readSteps(context, runs), outputs: readOutputs(root) } as const
    rejectErrors(context)
    return { ...action, runs: composite }
  }
  if (using === 'docker') throw new Error(dockerProblem(uses))
  if (using !== 'node20' && using !== 'node24')
    throw new Error(`'${uses}' runs on "${using}", which GitHub's runner does not have any more. Use "using: node24".`)
  return {
    ...action,
    runs: {
      kind: 'javascript',
      using,
      pre: text(runs?.find('pre')),
      preIf: text(runs?.find('pre-if')) || 'always()',
      main: text(runs?.find('main')),
      post: text(runs?.find('post')),
      postIf: text(runs?.find('post-if')) || 'always()',
    },
  }
}

function dockerProblem(uses: string): string {
  return `'${uses}' is a Docker action, and the local runner has no container engine`
}

function readRoot(context: TemplateContext, path: string, uses: string): MappingToken {
  const file = context.getFileId(uses)
  const reader = new YamlObjectReader(file, readFileSync(path, 'utf8'))
  for (const error of reader.errors) context.error(file, error.message, error.range)
  rejectErrors(context)
  const root = readTemplate(context, ACTION_ROOT, reader, file)
  rejectErrors(context)
  if (!(root instanceof MappingToken)) throw new Error(`'${uses}' has an empty action.yml`)
  return root
}

function rejectErrors(context: TemplateContext): void {
  const errors = context.errors.getErrors()
  if (errors.length > 0) throw new Error(errors.map(error => error.message).join('\n'))
}

function readSteps(context: TemplateContext, runs: MappingToken | null): StepDefinition[] {
  const steps = runs?.find('steps')
  if (!(steps instanceof SequenceToken)) return []
  return [...steps].filter(step => step instanceof MappingToken).map(step => readStep(context, step))
}

function readStep(context: TemplateContext, step: MappingToken): StepDefinition {
  const scalar = (key: string): ScalarToken | null => {
    const value = step.find(key)
    return value instanceof ScalarToken ? value : null
  }
  const condition = step.find('if')
  const uses = scalar('uses')
  return {
    id: text(step.find('id')),
    name: scalar('name'),
    condition: (condition && convertToIfCondition(context, condition)?.expression) ?? 'success()',
    run: scalar('run'),
    uses: uses instanceof StringToken ? uses.value : null,
    with: mapping(step.find('with')),
    env: mapping(step.find('env')),
    shell: scalar('shell'),
    workingDirectory: scalar('working-directory'),
    continueOnError: scalar('continue-on-error'),
    timeoutMinutes: null,
  }
}

function readOutputs(root: MappingToken): CompositeRuns['outputs'] {
  return entries(root.find('outputs')).flatMap(([name, token]) => {
    const value = mapping(token)?.find('value')
    return value ? [{ name, value }] : []
  })
}

function mapping(token: TemplateToken | undefined): MappingToken | null {
  return token instanceof MappingToken ? token : null
}

function entries(token: TemplateToken | undefined): [name: string, token: TemplateToken][] {
  return [...(mapping(token) ?? [])].map(({ key, value }) => [text(key), value])
}

function text(token: TemplateToken | undefined): string {
  return token instanceof ScalarToken ? token.toString() : ''
}
