/** Faults by script: which request fails, and how. */
import type { Fault, FaultKind, Faults } from '../local-github.ts'
import { json, type Reply } from './reply.ts'

export interface FaultPlan extends Faults {
  /** The fault that strikes this request, if any; counts it. */
  next(route: string): Fault | null
}

const isGit = (route: string): boolean => route === 'git-upload-pack' || route === 'git-receive-pack'
const strikesGit = (kind: FaultKind): boolean => kind !== 'truncated-json'

export function planFaults(initial: readonly Fault[] = []): FaultPlan {
  let rules: { fault: Fault; seen: number }[] = []
  const struck: { kind: FaultKind; route: string }[] = []
  const plan: FaultPlan = {
    struck,
    add: fault => {
      if (isGit(fault.match) && !strikesGit(fault.kind)) {
        throw new Error(`${fault.kind} means nothing to git: its answers are no JSON. Script another fault.`)
      }
      rules.push({ fault, seen: 0 })
    },
    clear: () => {
      rules = []
    },
    next: route => {
      let strikes: Fault | null = null
      for (const rule of rules) {
        if (rule.fault.match !== '*' && rule.fault.match !== route) continue
        if (isGit(route) && !strikesGit(rule.fault.kind)) continue
        rule.seen++
        const first = rule.fault.nth ?? 1
        if (strikes === null && rule.seen >= first && rule.seen < first + (rule.fault.times ?? 1)) strikes = rule.fault
      }
      if (strikes) struck.push({ kind: strikes.kind, route })
      return strikes
    },
  }
  initial.forEach(plan.add)
  return plan
}

/** What answers in place of the route; null when the route is to run. */
export function replyInstead(fault: Fault, nowMilliseconds: number): Reply | null {
  const retryAfter =
    fault.retryAfterSeconds === undefined ? {} : { 'retry-after': String(Math.ceil(fault.retryAfterSeconds)) }
  const refuse = (status: number, message: string, headers = {}): Reply =>
    json(status, { message, documentation_url: 'https://docs.github.com/rest', status: String(status) }, headers)
  switch (fault.kind) {
    case 'too-many-requests':
      return refuse(429, 'You have exceeded a secondary rate limit. Please wait a few minutes.', retryAfter)
    case 'secondary-limit':
      return refuse(403, 'You have exceeded a secondary rate limit. Please wait a few minutes.', retryAfter)
    case 'primary-limit':
      return refuse(403, 'API rate limit exceeded for this token.', {
        'x-ratelimit-remaining': '0',
        'x-ratelimit-reset': String(Math.ceil(nowMilliseconds / 1000) + (fault.resetInSeconds ?? 60)),
      })
    case 'bad-gateway-before':
      return badGateway(fault)
    default:
      return null
  }
}

export const badGateway = (fault: Fault): Reply => ({
  status: fault.status ?? 502,
  headers: { 'content-type': 'text/html' },
  body: { bytes: Buffer.from('<html><title>Unicorn!</title><p>This page is taking too long to load.</p></html>') },
})
