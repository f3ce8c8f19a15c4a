import { FeatureFlags } from '@actions/expressions/features'
import { convertOn } from '@actions/workflow-parser/model/converter/events'
import { handleTemplateTokenErrors } from '@actions/workflow-parser/model/converter/handle-errors'
import { convertConcurrency } from '@actions/workflow-parser/model/converter/concurrency'
import { convertJobs } from '@actions/workflow-parser/model/converter/jobs'
import type { EventsConfig } from '@actions/workflow-parser/model/workflow-template'
import { TemplateContext, TemplateValidationErrors } from '@actions/workflow-parser/templates/template-context'
import { readTemplate } from '@actions/workflow-parser/templates/template-reader'
import { MappingToken, StringToken, type TemplateToken } from '@actions/workflow-parser/templates/tokens/index'
import { NoOperationTraceWriter } from '@actions/workflow-parser/templates/trace-writer'
import { WORKFLOW_ROOT } from '@actions/workflow-parser/workflows/workflow-constants'
import { YamlObjectReader } from '@actions/workflow-parser/workflows/yaml-object-reader'
import { readInterface, type CallInterface, type InputDefinition } from './workflow-inputs.ts'
import { readJob, type JobDefinition } from './job-definition.ts'
import { workflowSchema } from './workflow-schema.ts'

/** One workflow file, checked against GitHub's schema and against what this runner does. */
export interface WorkflowDefinition {
  readonly path: string
  /** `name:`, else the path. */
  readonly name: string
  readonly runName: TemplateToken | null
  readonly events: EventsConfig
  /** Of `workflow_dispatch`. */
  readonly dispatchInputs: InputDefinition[]
  /** Of `workflow_call`; null when it cannot be called. */
  readonly call: CallInterface | null
  readonly env: MappingToken | null
  readonly defaults: TemplateToken | null
  readonly permissions: TemplateToken | null
  readonly concurrency: TemplateToken | null
  /** In the order of the file. */
  readonly jobs: JobDefinition[]
}

/** The file starts nothing; the message says why, with file, line and column, in the parser's words where they are its. */
export class WorkflowFileError extends Error {
  override readonly name = 'WorkflowFileError'
}

const maxFileBytes = 512_000

export function parseWorkflowFile(path: string, content: string): WorkflowDefinition {
  if (Buffer.byteLength(content) > maxFileBytes) throw new WorkflowFileError(`${path} is larger than 500 KB.`)
  const context = new TemplateContext(new TemplateValidationErrors(), workflowSchema(), new NoOperationTraceWriter())
  context.state['featureFlags'] = new FeatureFlags()
  const root = readRoot(context, path, content)
  throwErrors(context, path)
  if (!(root instanceof MappingToken)) throw new WorkflowFileError(`${path} holds no workflow.`)

  const section = (key: string): TemplateToken | null => root.find(key) ?? null
  const on = section('on')
  const jobs = section('jobs')
  if (!on || !jobs) throw new WorkflowFileError(`${path} lacks \`${on ? 'jobs' : 'on'}\`.`)
  const events = handleTemplateTokenErrors<EventsConfig>(root, context, {}, () => convertOn(context, on))
  const converted = handleTemplateTokenErrors(root, context, [], () => convertJobs(context, jobs))
  const concurrency = section('concurrency')
  if (concurrency) handleTemplateTokenErrors(root, context, {}, () => convertConcurrency(context, concurrency))
  throwErrors(context, path)

  const { dispatchInputs, call } = readInterface(context, on)
  const tokens = jobs.assertMapping('jobs')
  const definitions = converted.map((job, index) =>
    readJob(context, job, tokens.get(index).value.assertMapping(`job ${job.id.value}`)),
  )
  throwErrors(context, path)
  const name = section('name')
  const env = section('env')
  return {
    path,
    name: name instanceof StringToken && name.value !== '' ? name.value : path,
    runName: section('run-name'),
    events,
    dispatchInputs,
    call,
    env: env instanceof MappingToken ? env : null,
    defaults: section('defaults'),
    permissions: section('permissions'),
    concurrency,
    jobs: definitions,
  }
}

function readRoot(context: TemplateContext, path: string, content: string): TemplateToken | undefined {
  const fileId = context.getFileId(path)
  const reader = new YamlObjectReader(fileId, content)
  for (const problem of reader.errors) context.error(fileId, problem.message, problem.range)
  return reader.errors.length > 0 ? undefined : readTemplate(context, WORKFLOW_ROOT, reader, fileId)
}

function throwErrors(context: TemplateContext, path: string): void {
  const errors = context.errors.getErrors()
  if (errors.length === 0) return
  const lines = errors.map(error => error.message)
  throw new WorkflowFileError(`The workflow is not valid. ${lines.join('\n') || path}`)
}
