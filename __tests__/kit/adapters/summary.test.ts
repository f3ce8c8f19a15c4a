import { describe, expect, it } from '@jest/globals'
import { appendFileSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileSummary } from '../../../kit/adapters/summary.ts'
import { FakeLog } from '../../support/fakes.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const LIMIT = 1024 * 1024

function makeSummary() {
  const path = join(temporaryFolder(), 'summary')
  writeFileSync(path, '')
  const log = new FakeLog()
  return { summary: fileSummary(path, log), path, log }
}

describe('the step summary', () => {
  it('is appended to', async () => {
    const { summary, path } = makeSummary()
    appendFileSync(path, '# Earlier\n')
    await summary.write('## Plan')
    await summary.write('## Cost')
    expect(readFileSync(path, 'utf8')).toBe('# Earlier\n## Plan\n## Cost\n')
  })

  it('R19: stays within 1 MiB of the step, what others wrote included', async () => {
    const { summary, path } = makeSummary()
    appendFileSync(path, 'x'.repeat(LIMIT - 5000))
    expect(await summary.remaining()).toBeLessThan(5000)
    await summary.write(`# Plan\n\n${'é'.repeat(20_000)}`)
    expect(statSync(path).size).toBeLessThanOrEqual(LIMIT)
    const added = readFileSync(path, 'utf8').slice(LIMIT - 5000)
    expect(added).toMatch(/^# Plan/)
    expect(added).toMatch(/The rest did not fit/)
  })

  it('R19: leaves a full summary alone and says so', async () => {
    const { summary, path, log } = makeSummary()
    appendFileSync(path, 'x'.repeat(LIMIT))
    await summary.write('# Plan')
    expect(statSync(path).size).toBe(LIMIT)
    expect(await summary.remaining()).toBe(0)
    expect(log.warnings).toEqual(['the step summary is full: the report was left out'])
  })
})
