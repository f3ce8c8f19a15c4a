import { describe, expect, it } from '@jest/globals'
import { followApply, left } from '../../../actions/terraform-apply/src/progress.ts'
import { answerOf, applyReport, doneText, type ReportFacts } from '../../../actions/terraform-apply/src/report.ts'
import { ActionError } from '../../../kit/errors.ts'
import { parsePlan } from '../../../kit/terraform/plan.ts'
import { TerraformError } from '../../../kit/terraform/terraform.ts'

const FACTS: ReportFacts = {
  ...{ subject: 'shop/infra', root: 'infra', sha: 'f'.repeat(40), runNumber: 3, tool: 'Terraform 1.11.4' },
  ...{ contract: 'e'.repeat(64), pullRequest: { number: 42, url: 'https://github.example/42' } },
  ...{ planRun: { url: 'https://github.example/88' }, source: 'This is the plan.', loud: false, remarks: [] },
}

type Change = Readonly<Record<string, unknown>> & { readonly actions: readonly string[] }

/** Follows an apply of `changes` through the steps that finished, each `action address`. */
function follow(changes: Readonly<Record<string, Change | readonly Change[]>>, steps: readonly string[]) {
  const listed = Object.entries(changes).flatMap(([address, given]) =>
    [given].flat().map(({ deposed, previous_address, ...change }) => ({
      ...{ address, mode: 'managed', type: 'a', name: 'b', deposed, previous_address, change },
    })),
  )
  const follower = followApply(parsePlan(JSON.stringify({ format_version: '1.2', resource_changes: listed }), 'x'))
  const lines = steps.map(step => {
    const [action = '', address = ''] = step.split(' ')
    return follower.note({ kind: 'complete', address, action, elapsedSeconds: 1 })
  })
  return { lines, title: follower.title(), progress: follower.progress() }
}
const leftOf = (progress: Parameters<typeof left>[0]) => left(progress).map(({ address, kind }) => `${kind} ${address}`)

describe('the progress of an apply', () => {
  it('counts a replace as two steps, in either order, and a read as none', () => {
    const changes = {
      'a.cbd': { actions: ['create', 'delete'] },
      'a.dbd': { actions: ['delete', 'create'] },
      'data.a.c': { actions: ['read'] },
    }
    const { lines, title, progress } = follow(changes, [
      'create a.cbd',
      'read data.a.c',
      'delete a.dbd',
      'create a.dbd',
    ])
    expect(title).toBe('3/4')
    expect(lines).toEqual([
      '[1/4] a.cbd created after 1 s',
      'data.a.c read after 1 s',
      '[2/4] a.dbd destroyed after 1 s',
      '[3/4] a.dbd created after 1 s',
    ])
    expect(leftOf(progress)).toEqual(['replace a.cbd'])
  })

  it('waits for no step of what changes the state only', () => {
    const changes = {
      'a.moved': { actions: ['no-op'], previous_address: 'a.old' },
      'a.imported': { actions: ['no-op'], importing: { id: 'x' } },
      'a.forgotten': { actions: ['forget'] },
      'a.left': { actions: ['forget', 'create'] },
    }
    const { title, progress } = follow(changes, ['create a.left'])
    expect([title, leftOf(progress)]).toEqual(['1/1', []])
    expect(doneText(progress)).toBe('added 1, forgot 2, moved 1, imported 1')
    expect(applyReport(progress, undefined, FACTS, 60_000)).toContain(
      '| done | 1 | 0 | 0 | forgot 2, moved 1, imported 1 |',
    )
    const failed = applyReport(progress, new ActionError('no'), FACTS, 60_000)
    expect(failed).toContain('| planned | 1 | 0 | 0 | forget 2, move 1, import 1 |')
    expect(failed).toContain('| done | 1 | 0 | 0 | unknown |')
  })

  it('tells an object from those that it left behind at its address', () => {
    const changes = { 'a.b': [{ actions: ['update'] }, { actions: ['delete'], deposed: 'abcd1234' }] }
    expect(leftOf(follow(changes, ['delete a.b']).progress)).toEqual(['update a.b'])
    expect(leftOf(follow(changes, ['update a.b']).progress)).toEqual(['delete a.b'])
    expect(leftOf(follow(changes, ['update a.b', 'delete a.b']).progress)).toEqual([])
  })
})

describe('the report after a failure', () => {
  const error = (summary: string) => ({
    ...{ severity: 'error' as const, summary, detail: 'It said so.', address: 'a.b', code: '  image = "x"' },
    range: { file: 'main.tf', line: 7, column: 1, endLine: 7, endColumn: 9 },
  })
  const { progress } = follow({ 'a.b': { actions: ['create'] }, 'a.c': { actions: ['create'] } }, ['create a.c'])

  it('names the first of several errors with its line, and folds the others', () => {
    const failure = new TerraformError('terraform apply failed', [error('creating A'), error('creating B')])
    const report = applyReport(progress, failure, FACTS, 60_000)
    expect(report).toContain('**First cause**: creating A')
    expect(report).toContain('creating A (main.tf:7, a.b)\n    image = "x"\nIt said so.')
    expect(report).toMatch(/<summary>1 more error<\/summary>[\s\S]*creating B/)
  })

  it('names what was begun and is tainted, of what was planned', () => {
    const failure = new TerraformError('terraform apply failed', [error('no')], { tainted: ['a.b', 'z.other'] })
    expect(applyReport(progress, failure, FACTS, 60_000)).toContain(
      '**Tainted**: `a.b`: there, but not whole. The next plan replaces it.',
    )
  })

  it('says in one line what became of it', () => {
    expect(answerOf(progress, new ActionError('no'))).toBe('apply failed: added 1, 1 object left')
    expect(answerOf({ planned: [], done: [], failed: [] }, undefined)).toBe('applied, nothing to do')
  })
})
