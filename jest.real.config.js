import base from './jest.config.js'

/** Tests of `npm run test:nightly` alone: they need programs that take many minutes to build. */
const NIGHTLY = process.env['SLIPWAY_NIGHTLY'] === '1' ? [] : ['\\.nightly\\.test\\.ts$']

/** Tests that need real tools, which `npm run test:real` finds first, and those that take many processes and much time. */
export default {
  ...base,
  testMatch: ['<rootDir>/__tests__/real/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/demo-output/', ...NIGHTLY],
  testTimeout: 300_000,
}
