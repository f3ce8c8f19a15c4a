/** What a body says about a check run, as changes to its record. Pure. */
import type { Annotation, CheckRun, Conclusion } from '../model.ts'
import { invalidField } from './reply.ts'
import { isObject, listOf, numberOf, objectOf, textOf } from './request-body.ts'
import type { Body } from './request-body.ts'

type Changes = Partial<Omit<CheckRun, 'id'>>

const kilobytes64 = 65_536

function annotationOf(value: unknown): Annotation {
  const body: Body = isObject(value) ? value : {}
  const from = numberOf(body, 'start_line') ?? 0
  const to = numberOf(body, 'end_line') ?? 0
  const startColumn = numberOf(body, 'start_column') ?? null
  const endColumn = numberOf(body, 'end_column') ?? null
  const message = textOf(body, 'message') ?? ''
  const title = textOf(body, 'title') ?? null
  const rawDetails = textOf(body, 'raw_details') ?? null
  const refuse = (message: string) => invalidField('CheckRun', 'annotations', 'custom', message)
  if (to < from) throw refuse('end_line must not be less than start_line')
  if ((startColumn !== null || endColumn !== null) && from !== to) {
    throw refuse('start_column and end_column are only allowed when start_line and end_line are the same')
  }
  if (Buffer.byteLength(message) > kilobytes64) throw refuse('message exceeds a maximum bytesize of 65536')
  if (Buffer.byteLength(rawDetails ?? '') > kilobytes64) throw refuse('raw_details exceeds a maximum bytesize of 65536')
  if ([...(title ?? '')].length > 255) throw refuse('title is too long (maximum is 255 characters)')
  return {
    path: textOf(body, 'path') ?? '',
    start_line: from,
    end_line: to,
    start_column: startColumn,
    end_column: endColumn,
    annotation_level: textOf(body, 'annotation_level') as Annotation['annotation_level'],
    message,
    title,
    raw_details: rawDetails,
  }
}

/** Annotations of a later request come after those that are there. */
function outputOf(body: Body, before: readonly Annotation[]): Changes {
  const output = objectOf(body, 'output')
  if (!output) return {}
  const annotations = listOf(output, 'annotations') ?? []
  if (annotations.length > 50)
    throw invalidField('CheckRun', 'annotations', 'custom', 'annotations exceeds a maximum quantity of 50')
  for (const field of ['summary', 'text']) {
    if (Buffer.byteLength(textOf(output, field) ?? '') > 65_535) {
      throw invalidField('CheckRun', field, 'custom', `${field} exceeds a maximum bytesize of 65535`)
    }
  }
  const title = textOf(output, 'title')
  const summary = textOf(output, 'summary')
  const text = textOf(output, 'text')
  return {
    ...(title === undefined ? {} : { title }),
    ...(summary === undefined ? {} : { summary }),
    ...(text === undefined ? {} : { text }),
    annotations: [...before, ...annotations.map(annotationOf)],
  }
}

/** GitHub completes a run that gets a conclusion, and wants a conclusion of one that is completed. */
function stateOf(body: Body, now: string): Changes {
  const conclusion = textOf(body, 'conclusion') as Conclusion | undefined
  const status = textOf(body, 'status') as CheckRun['status'] | undefined
  if (status === 'completed' && conclusion === undefined) {
    throw invalidField('CheckRun', 'conclusion', 'missing_field')
  }
  if (conclusion !== undefined) {
    return { status: 'completed', conclusion, completedAt: textOf(body, 'completed_at') ?? now }
  }
  if (status === undefined) return {}
  return { status, conclusion: null, completedAt: null }
}

export function checkRunChanges(body: Body, before: readonly Annotation[], now: string): Changes {
  const name = textOf(body, 'name')
  const externalId = textOf(body, 'external_id')
  const detailsUrl = textOf(body, 'details_url')
  const startedAt = textOf(body, 'started_at')
  if (name !== undefined && name.trim() === '') throw invalidField('CheckRun', 'name')
  return {
    ...(name === undefined ? {} : { name }),
    ...(externalId === undefined ? {} : { externalId }),
    ...(detailsUrl === undefined ? {} : { detailsUrl }),
    ...(startedAt === undefined ? {} : { startedAt }),
    ...stateOf(body, now),
    ...outputOf(body, before),
  }
}
