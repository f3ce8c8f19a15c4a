/**
 * GitHub's own schema of workflow files, read as a file: the parser's own entry points import it as JSON without the
 * attribute that Node asks for, so that they load under test runners and bundlers only.
 */
import { readFileSync } from 'node:fs'
import { JSONObjectReader } from '@actions/workflow-parser/templates/json-object-reader'
import { TemplateSchema } from '@actions/workflow-parser/templates/schema/index'

let schema: TemplateSchema | undefined

export function workflowSchema(): TemplateSchema {
  const file = new URL('workflow-v1.0.min.json', import.meta.resolve('@actions/workflow-parser'))
  schema ??= TemplateSchema.load(new JSONObjectReader(undefined, readFileSync(file, 'utf8')))
  return schema
}
