import { runAction } from '#kit/action'
import { githubHost } from '#kit/adapters/host-github'
import { inputs, outputs } from './inputs.ts'
import { main, post } from './main.ts'

await runAction({ name: 'terraform-plan', inputs, outputs, main, post }, githubHost({ shortRun: true }))
