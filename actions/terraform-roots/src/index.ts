import { runAction } from '#kit/action'
import { githubHost } from '#kit/adapters/host-github'
import { inputs, outputs } from './inputs.ts'
import { main } from './main.ts'

await runAction({ name: 'terraform-roots', inputs, outputs, main }, githubHost())
