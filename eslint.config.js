import tseslint from 'typescript-eslint'

/** The layers of CONTRIBUTING.md, as lint: what each room may import and reach. */

const EFFECT_MODULES = [
  ...['node:fs', 'node:fs/*', 'node:child_process', 'node:net', 'node:http', 'node:https', 'node:os', 'node:process'],
  ...['fs', 'fs/*', 'child_process', 'process', 'os', 'undici'],
]
const noEffects = {
  group: EFFECT_MODULES,
  message: 'This file is pure: text and data in, text and data out. Take a port from kit/ports.ts in main.ts instead.',
}
const noChance = {
  group: ['node:crypto', 'crypto'],
  importNames: [
    'randomBytes',
    'randomUUID',
    'randomInt',
    'randomFill',
    'randomFillSync',
    'generateKeySync',
    'webcrypto',
  ],
  message: 'Chance comes in through the port Random.',
}
const noGitHubLibraries = {
  group: ['@actions/*', '@octokit/*', 'octokit'],
  message: 'Only kit/adapters touches libraries of GitHub. Take a port from kit/ports.ts instead.',
}
const noAdapters = {
  group: ['#kit/adapters/*', '**/adapters/*'],
  message: 'Only an entry point picks adapters. Take a port from kit/ports.ts instead.',
}
const noActions = {
  group: ['**/actions/*/src/*', '**/actions/**', '#actions/*'],
  message: 'The kit is below the actions and does not know them.',
}
const noOtherAction = {
  group: ['../../*', '**/actions/*'],
  message: 'An action does not import another one. What two need belongs in kit/.',
}
const noProduct = {
  group: ['#kit/*', '**/kit/*', '**/kit/**', '**/actions/*/src/**', '**/cli/**'],
  message: 'The local GitHub checks our actions, so it shares no code with them.',
}
const noLocalGitHub = {
  group: ['**/local-github/**'],
  message: 'The product knows nothing of the GitHub that tests it.',
}

const imports = (...patterns) => ({ 'no-restricted-imports': ['error', { patterns }] })

const PURE_GLOBALS = {
  'no-restricted-globals': [
    'error',
    ...['process', 'fetch', 'setTimeout', 'setInterval', 'setImmediate', 'console', 'performance'].map(name => ({
      name,
      message: 'This file is pure. Take a port from kit/ports.ts in main.ts instead.',
    })),
  ],
  'no-restricted-properties': [
    'error',
    { object: 'Math', property: 'random', message: 'Chance comes in through the port Random.' },
    { object: 'Date', property: 'now', message: 'Time comes in through the port Clock.' },
    { object: 'crypto', property: 'randomUUID', message: 'Chance comes in through the port Random.' },
  ],
  'no-restricted-syntax': [
    'error',
    {
      selector: 'NewExpression[callee.name="Date"][arguments.length=0]',
      message: 'Time comes in through the port Clock.',
    },
    { selector: 'CallExpression[callee.name="Date"]', message: 'Time comes in through the port Clock.' },
    { selector: 'ImportExpression', message: 'This file is pure; import at the top.' },
  ],
}

const NO_CODE_FROM_DATA = {
  'no-eval': 'error',
  'no-implied-eval': 'error',
  'no-new-func': 'error',
}

export const layers = [
  {
    name: 'slipway/pure kit',
    files: ['kit/**/*.ts'],
    ignores: ['kit/adapters/**'],
    rules: {
      ...PURE_GLOBALS,
      ...imports(noEffects, noChance, noGitHubLibraries, noAdapters, noActions, noLocalGitHub),
    },
  },
  {
    name: 'slipway/adapters',
    files: ['kit/adapters/**/*.ts'],
    rules: imports(noActions, noLocalGitHub),
  },
  {
    name: 'slipway/pure actions',
    files: ['actions/*/src/**/*.ts'],
    ignores: ['actions/*/src/index.ts'],
    rules: {
      ...PURE_GLOBALS,
      ...imports(noEffects, noChance, noGitHubLibraries, noAdapters, noOtherAction, noLocalGitHub),
    },
  },
  {
    name: 'slipway/entry points',
    files: ['actions/*/src/index.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: '^(?!#kit/action$|#kit/adapters/(?:host-github|compilation)$|\\./inputs\\.ts$|\\./main\\.ts$)',
              message:
                'An entry point puts inputs, main and a host together, may say how V8 is to compile, and does nothing else.',
            },
          ],
        },
      ],
    },
  },
  {
    name: 'slipway/terminal',
    files: ['cli/**/*.ts'],
    rules: imports(noGitHubLibraries, noLocalGitHub),
  },
  {
    name: 'slipway/local GitHub',
    files: ['local-github/**/*.ts'],
    rules: imports(noProduct),
  },
]

export default tseslint.config(
  {
    ignores: [
      'actions/*/dist/**',
      'cli/dist/**',
      '**/node_modules/**',
      'demo-output/**',
      'coverage/**',
      'local-github/server/description/**',
      '**/fixtures/**',
      // A team's repository, with its own tools.
      'examples/**',
    ],
  },
  ...tseslint.configs.recommended,
  {
    name: 'slipway/everything',
    linterOptions: { reportUnusedDisableDirectives: 'error', noInlineConfig: true },
    rules: {
      ...NO_CODE_FROM_DATA,
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/ban-ts-comment': ['error', { 'ts-expect-error': true }],
    },
  },
  {
    name: 'slipway/with types',
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/return-await': ['error', 'error-handling-correctness-only'],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
    },
  },
  ...layers,
)
