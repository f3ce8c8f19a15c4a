import { runAction } from '#kit/action'
import { compileForShortRun } from '#kit/adapters/compilation'
import { githubHost } from '#kit/adapters/host-github'
import { inputs, outputs } from './inputs.ts'
import { main, post } from './main.ts'

compileForShortRun()
await runAction({ name: 'terraform-plan', inputs, outputs, main, post }, githubHost())
