import { runAction } from '#kit/action'
import { githubHost } from '#kit/adapters/host-github'
import { inputs, outputs } from './inputs.ts'
import { main, refused } from './main.ts'

await runAction({ name: 'load-gate', inputs, outputs, main, refused }, githubHost())
