// What any program in Node pays: the file is read and parsed, and nothing is done with it.
import { readFileSync } from 'node:fs'

const plan = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const { user, system } = process.cpuUsage()
console.log(
  JSON.stringify({
    cpu: (user + system) / 1000,
    rss: process.resourceUsage().maxRSS * 1024,
    changes: plan.resource_changes.length,
  }),
)
