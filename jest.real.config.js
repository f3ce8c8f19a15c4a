import base from './jest.config.js'

/** Tests that need real tools, which `npm run test:real` finds first, and those that take many processes and much time. */
export default {
  ...base,
  testMatch: ['<rootDir>/__tests__/real/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/demo-output/'],
  testTimeout: 300_000,
}
