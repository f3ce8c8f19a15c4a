import { setFlagsFromString } from 'node:v8'

/**
 * For a process that computes for seconds at most: turns off TurboFan, the second of V8's optimizing compilers; Maglev, the first,
 * goes on. Of a plan of 10,000 and of 50,000 changes what it made ran too short to bring back the CPU that making it took, a
 * quarter of all (`bench:plan-render`). Source: `node --v8-options`.
 */
export function compileForShortRun(): void {
  setFlagsFromString('--no-opt')
}
