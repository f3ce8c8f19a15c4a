import { runOnTerminal } from './run.ts'

await runOnTerminal(process.argv.slice(2))
