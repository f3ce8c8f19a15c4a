import base from './jest.config.js'

/** Tests against real terraform and a real stand-in for AWS; `npm run test:real` finds them first. */
export default {
  ...base,
  testMatch: ['<rootDir>/__tests__/real/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/demo-output/'],
  testTimeout: 300_000,
}
