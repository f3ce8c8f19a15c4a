import { checkout } from './checkout.ts'
import { downloadArtifact } from './download-artifact.ts'
import { setupGo, setupJava, setupNode, setupPython } from './setup-tool.ts'
import type { StandIn } from './stand-in.ts'
import { uploadArtifact } from './upload-artifact.ts'

interface Known {
  readonly standIn: StandIn
  /** Commit → the version that it is. */
  readonly pins: Readonly<Record<string, string>>
}

/** GitHub's own actions that have a stand-in, and the commits for which it is known to do the same. */
const known: Readonly<Record<string, Known>> = {
  'actions/checkout': { standIn: checkout, pins: { '3d3c42e5aac5ba805825da76410c181273ba90b1': 'v7.0.1' } },
  'actions/upload-artifact': {
    standIn: uploadArtifact,
    pins: { '043fb46d1a93c77aae656e7c1c64a875d1fc6a0a': 'v7.0.1' },
  },
  'actions/download-artifact': {
    standIn: downloadArtifact,
    pins: { '3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c': 'v8.0.1' },
  },
  'actions/setup-node': {
    standIn: setupNode,
    pins: {
      '820762786026740c76f36085b0efc47a31fe5020': 'v7.0.0',
      '2028fbc5c25fe9cf00d9f06a71cc4710d4507903': 'v6.0.0',
      a0853c24544627f65ddf259abe73b1d18a591444: 'v5.0.0',
    },
  },
  'actions/setup-go': { standIn: setupGo, pins: { '4a3601121dd01d1626a1e23e37211e3254c1c06c': 'v6.4.0' } },
  'actions/setup-java': { standIn: setupJava, pins: { be666c2fcd27ec809703dec50e508c2fdc7f6654: 'v5.2.0' } },
  'actions/setup-python': {
    standIn: setupPython,
    pins: {
      '5fda3b95a4ea91299a34e894583c3862153e4b97': 'v7.0.0',
      e797f83bcb11b83ae66e0230d6156d7c80228e7c: 'v6.0.0',
    },
  },
}

/**
 * @returns null for an action that has no stand-in
 * @throws for one that has, at a ref that is none of the known commits
 */
export function findKnownAction(name: string, ref: string): { name: string; version: string; standIn: StandIn } | null {
  const key = name.toLowerCase()
  const action = Object.hasOwn(known, key) ? known[key] : undefined
  if (!action) return null
  const version = Object.hasOwn(action.pins, ref) ? action.pins[ref] : undefined
  if (version !== undefined) return { name: key, version, standIn: action.standIn }
  const pins = Object.entries(action.pins).map(([sha, tag]) => `${key}@${sha} # ${tag}`)
  throw new Error(`'${name}@${ref}': the local runner knows this action only at ${pins.join(' or ')}`)
}
