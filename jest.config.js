import { availableParallelism } from 'node:os'

/** jest ≥ 30.5.2 runs `.ts` on Node 24 by itself, so there is no transformer. */
export default {
  testEnvironment: 'node',
  transform: {},
  extensionsToTreatAsEsm: ['.ts'],
  moduleFileExtensions: ['ts', 'js', 'json'],
  // Many a test starts processes, and a busy machine is slow, not wrong.
  testTimeout: 60_000,
  // jest would leave one of two cores idle, and a test that waits for a process or a timer leaves one idle too.
  maxWorkers: Math.ceil(availableParallelism() * 1.5),
  // To start a process, Node copies its own page tables: a worker of 500 MB needs 20 ms for each git, one of 100 MB 2 ms.
  // A worker that begins anew loads every module again, so the limit is above what most files need.
  // `--max-semi-space-size` in package.json is there for the same reason.
  workerIdleMemoryLimit: '160MB',
  testMatch: ['<rootDir>/__tests__/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/__tests__/real/', '/demo-output/'],
  modulePathIgnorePatterns: ['<rootDir>/actions/[^/]+/dist/', '<rootDir>/cli/dist/', '/demo-output/'],
}
