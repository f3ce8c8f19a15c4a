/**
 * Records in memory, and in a journal on disk: one line a change, written before the call returns, so that a killed server
 * loses nothing. The journal is written anew, without its history, when the server starts.
 */
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import type { Collection, Entity, Records, Store } from '../model.ts'

const kinds = [
  'accounts',
  'repositories',
  'issues',
  'labels',
  'comments',
  'reactions',
  'reviews',
  'reviewComments',
  'timeline',
  'statuses',
  'checkSuites',
  'checkRuns',
  'deployments',
  'deploymentStatuses',
  'environments',
  'branchRules',
  'releases',
  'releaseAssets',
  'secrets',
  'variables',
  'workflows',
  'runs',
  'jobs',
  'artifacts',
  'pendingDeployments',
  'tokens',
] as const satisfies readonly (keyof Records)[]

type Kind = keyof Records
/** A record, or the id of one that was deleted. */
type JournalLine = readonly [Kind, Entity | number]

export interface OpenStore {
  readonly store: Store
  close(): void
}

export function openStore(path: string, changed: () => void): OpenStore {
  const tables = new Map<Kind, Map<number, Entity>>(kinds.map(kind => [kind, new Map()]))
  let lastId = existsSync(path) ? readJournal(path, tables) : 0
  let journal: number | null = rewriteJournal(path, tables, lastId)

  const write = (line: JournalLine): void => {
    if (journal === null) throw new Error('the store is closed')
    writeSync(journal, `${JSON.stringify(line)}\n`)
    changed()
  }

  const collection = (kind: Kind): Collection<Entity> => {
    const table = tables.get(kind) ?? new Map<number, Entity>()
    return {
      insert: record => {
        const made = { ...record, id: ++lastId }
        write([kind, made])
        table.set(made.id, made)
        return made
      },
      get: id => table.get(id),
      update: (id, change) => {
        const old = table.get(id)
        if (!old) throw new Error(`no record ${id} in ${kind}`)
        const made = { ...old, ...change, id }
        write([kind, made])
        table.set(id, made)
        return made
      },
      delete: id => {
        if (!table.has(id)) return
        write([kind, id])
        table.delete(id)
      },
      filter: matches => [...table.values()].filter(matches),
      find: matches => {
        for (const record of table.values()) if (matches(record)) return record
        return undefined
      },
    }
  }

  return {
    // Each collection holds what was inserted through it, under its own kind.
    store: Object.fromEntries(kinds.map(kind => [kind, collection(kind)])) as unknown as Store,
    close: () => {
      if (journal !== null) closeSync(journal)
      journal = null
    },
  }
}

function readJournal(path: string, tables: Map<Kind, Map<number, Entity>>): number {
  const lines = readFileSync(path, 'utf8').split('\n')
  let lastId = 0
  lines.forEach((line, index) => {
    if (line === '') return
    const parsed = parseLine(line)
    if (parsed === null) {
      // A server that was killed within a write leaves half a line, and only as the last one.
      if (index === lines.length - 1) return
      throw new Error(
        `${path}, line ${index + 1}: this is no record. Restore the file, or start with an empty state folder.`,
      )
    }
    if (typeof parsed === 'number') {
      lastId = Math.max(lastId, parsed)
      return
    }
    const [kind, record] = parsed
    const id = typeof record === 'number' ? record : record.id
    lastId = Math.max(lastId, id)
    if (typeof record === 'number') tables.get(kind)?.delete(id)
    else tables.get(kind)?.set(id, record)
  })
  return lastId
}

function parseLine(line: string): JournalLine | number | null {
  try {
    const value: unknown = JSON.parse(line)
    if (typeof value === 'number') return value
    if (!Array.isArray(value) || value.length !== 2) return null
    return value as unknown as JournalLine
  } catch {
    return null
  }
}

/** The first line is the last id given, so that ids of deleted records are not given again. */
function rewriteJournal(path: string, tables: Map<Kind, Map<number, Entity>>, lastId: number): number {
  const next = openSync(`${path}.new`, 'w', 0o600)
  const lines = [...tables].flatMap(([kind, table]) =>
    [...table.values()].map(record => JSON.stringify([kind, record])),
  )
  writeSync(next, [String(lastId), ...lines, ''].join('\n'))
  fsyncSync(next)
  closeSync(next)
  renameSync(`${path}.new`, path)
  return openSync(path, 'a', 0o600)
}
