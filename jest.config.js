/** jest ≥ 30.5.2 runs `.ts` on Node 24 by itself, so there is no transformer. */
export default {
  testEnvironment: 'node',
  transform: {},
  extensionsToTreatAsEsm: ['.ts'],
  moduleFileExtensions: ['ts', 'js', 'json'],
  // Many a test starts processes, and a busy machine is slow, not wrong.
  testTimeout: 60_000,
  // jest would leave one of two cores idle.
  maxWorkers: '100%',
  testMatch: ['<rootDir>/__tests__/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/__tests__/real/', '/demo-output/'],
  modulePathIgnorePatterns: ['<rootDir>/actions/[^/]+/dist/', '<rootDir>/cli/dist/', '/demo-output/'],
}
