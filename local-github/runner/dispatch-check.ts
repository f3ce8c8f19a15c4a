import { parseWorkflowFile, WorkflowFileError } from './workflow-file.ts'
import { InputValueError, readDispatchInputs } from './workflow-inputs.ts'

/**
 * Why GitHub refuses to dispatch this file with these inputs (422), in a sentence for the caller; null when it takes them.
 * The file is one that has `workflow_dispatch`.
 */
export function findDispatchProblem(
  path: string,
  content: string,
  inputs: Readonly<Record<string, unknown>>,
): string | null {
  try {
    readDispatchInputs(parseWorkflowFile(path, content).dispatchInputs, inputs)
    return null
  } catch (error) {
    if (error instanceof WorkflowFileError) return `failed to parse workflow: ${error.message}`
    if (error instanceof InputValueError) return error.message
    throw error
  }
}
