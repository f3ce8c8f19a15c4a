import { describe, expect, it } from '@jest/globals'
import {
  hostOf,
  lockReport,
  MARKDOWN,
  PLAIN,
  readLock,
  type LockHolder,
  type StateLock,
} from '../../../kit/terraform/lock.ts'

/** As terraform 1.11.4 prints it when another process holds the lock of a state in S3. */
const MESSAGE = `operation error S3: PutObject, https response error StatusCode: 412, RequestID: x, api error PreconditionFailed
Lock Info:
  ID:        5f0d8a3c-4b55-7b8e-4f0c-0a3c64bb4d2e
  Path:      shop-terraform-state/dev.tfstate
  Operation: OperationTypeApply
  Who:       runner@fv-az1391-22
  Version:   1.11.4
  Created:   2026-11-21 16:41:14.912345678 +0000 UTC
  Info:      

Terraform acquires a state lock to protect the state from being written
by multiple users at the same time.`

const LOCK: StateLock = {
  id: '5f0d8a3c-4b55-7b8e-4f0c-0a3c64bb4d2e',
  path: 'shop-terraform-state/dev.tfstate',
  operation: 'OperationTypeApply',
  who: 'runner@fv-az1391-22',
  version: '1.11.4',
  created: Date.UTC(2026, 10, 21, 16, 41, 14),
}
const PLACE = { subject: 'shop/dev', root: 'infra/dev', binary: 'terraform' }
const NOW = LOCK.created! + 12 * 60_000

const report = (holder: LockHolder, style = PLAIN, lock = LOCK) => lockReport(lock, holder, PLACE, NOW, style)

describe('a lock', () => {
  it('is read from the error of a command that did not get it', () => {
    expect(readLock(MESSAGE)).toEqual(LOCK)
    expect(hostOf(LOCK)).toBe('fv-az1391-22')
  })

  it('is not read where there is none', () => {
    expect(readLock('resource temporarily unavailable')).toBeUndefined()
    expect(readLock('Lock Info:\n  Path: x\n')).toBeUndefined()
  })

  it('may tell less', () => {
    expect(readLock('Lock Info:\n  ID: 1\n  Who: \n  Created: yesterday\n')).toEqual({
      ...{ id: '1', path: '', operation: '', who: '', version: '', created: undefined },
    })
  })
})

describe('the report on a lock', () => {
  it('says who holds it, since when, on which host, in which run and for what', () => {
    expect(report({ kind: 'run', number: 57, url: 'https://github.example/runs/9', ended: false })).toBe(
      'shop/dev: the state of infra/dev is locked by runner@fv-az1391-22 since 2026-11-21 16:41 UTC (12 minutes ago), ' +
        'for an apply. The state is shop-terraform-state/dev.tfstate.\n\n' +
        'It is the lock of run 57 (https://github.example/runs/9), which is still under way: wait for it, or cancel it. ' +
        `Its ID is ${LOCK.id}.`,
    )
  })

  it('offers to unlock only when the run has ended', () => {
    const unlock = `terraform force-unlock ${LOCK.id}`
    expect(report({ kind: 'this run' })).toContain(unlock)
    expect(report({ kind: 'run', number: 57, url: 'u', ended: true })).toContain(unlock)
    expect(report({ kind: 'run', number: 57, url: 'u', ended: false })).not.toContain('force-unlock')
    expect(report({ kind: 'unknown', why: 'it is a laptop.' })).not.toContain('force-unlock')
  })

  it('lets nothing of the lock become Markdown', () => {
    const markdown = report({ kind: 'this run' }, MARKDOWN, { ...LOCK, who: '`](https://bad.example)@<b>x' })
    expect(markdown).toContain('<code>&#96;&#93;(https:&#8203;//bad.example)@&#60;b&#62;x</code>')
    expect(markdown).toContain(`\`\`\`\nterraform force-unlock ${LOCK.id}\n\`\`\``)
  })

  it.each(['1; rm -rf /', '$(x)', '`x`', '-force'.repeat(30)])('offers no command to paste for the ID %s', id => {
    const said = report({ kind: 'this run' }, PLAIN, { ...LOCK, id })
    expect(said).not.toContain('force-unlock')
    expect(said).toContain('no ID of Terraform')
  })
})
