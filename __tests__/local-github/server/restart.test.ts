import { spawn } from 'node:child_process'
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'
import { afterEach, beforeEach, expect, it } from '@jest/globals'
import { startServer } from '../../../local-github/server/server.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-restart-'))
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

it('a restarted server goes on: records, ids, tokens and git are as they were', async () => {
  const first = await startServer({ stateFolder: folder })
  first.createAccount({ login: 'mona', type: 'User' })
  const repository = first.createRepository({ fullName: 'mona/site' })
  const token = first.mintToken({ login: 'mona', kind: 'user' })
  const label = first.store.labels.insert({ repositoryId: repository.id, name: 'x', color: 'fff', description: null })
  first.store.labels.delete(label.id)
  await first.close()

  const second = await startServer({ stateFolder: folder })
  const answer = await fetch(`${second.apiUrl}/user`, { headers: { authorization: `Bearer ${token}` } })
  expect(await answer.json()).toMatchObject({ login: 'mona' })
  expect(second.store.repositories.get(repository.id)).toEqual(repository)
  expect(second.createAccount({ login: 'next', type: 'User' }).id).toBeGreaterThan(label.id)
  expect(readFileSync(join(second.gitFolder(repository.id), 'HEAD'), 'utf8')).toBe('ref: refs/heads/main\n')
  await second.close()
})

it('a server that was killed has lost nothing that it had said yes to', async () => {
  const server = new URL('../../../local-github/server/server.ts', import.meta.url).href
  const script = `
    const { startServer } = await import(${JSON.stringify(server)})
    const github = await startServer({ stateFolder: ${JSON.stringify(folder)} })
    for (let index = 0; index < 50; index++) github.createAccount({ login: 'user-' + index, type: 'User' })
    process.kill(process.pid, 'SIGKILL')`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' })
  await once(child, 'exit')
  expect(child.signalCode).toBe('SIGKILL')
  appendFileSync(join(folder, 'records.jsonl'), '["accounts",{"id":999,"lo')
  const github = await startServer({ stateFolder: folder })
  expect(github.store.accounts.filter(({ login }) => login.startsWith('user-'))).toHaveLength(50)
  await github.close()
})

it('a journal that is damaged in its middle is refused with the place', async () => {
  await (await startServer({ stateFolder: folder })).close()
  appendFileSync(join(folder, 'records.jsonl'), 'damaged\n["accounts",{"id":5,"login":"x"}]\n')
  await expect(startServer({ stateFolder: folder })).rejects.toThrow(/records\.jsonl, line 3: this is no record/)
})

it('two servers on one folder are refused', async () => {
  const first = await startServer({ stateFolder: folder })
  await expect(startServer({ stateFolder: folder })).rejects.toThrow(/already open/)
  await first.close()
})

it('records are for their owner only, since they hold secrets', async () => {
  const github = await startServer({ stateFolder: folder })
  expect(statSync(join(folder, 'records.jsonl')).mode & 0o777).toBe(0o600)
  await github.close()
})
