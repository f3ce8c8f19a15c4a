import { setTimeout as wait } from 'node:timers/promises'
import { createGitHubClient, type ClientSettings, type GitHubClient } from '../../../kit/adapters/github-client.ts'
import type { HttpRequest, Transport } from '../../../kit/adapters/github-transport.ts'
import type { HttpAnswer } from '../../../kit/github-answer.ts'
import type { Clock, Random } from '../../../kit/ports.ts'
import { createScrubber } from '../../../kit/scrub.ts'

/** Time that passes only by sleeping. */
export class StillClock implements Clock {
  time: number
  readonly sleeps: number[] = []

  constructor(time = Date.UTC(2026, 10, 21)) {
    this.time = time
  }
  now(): number {
    return this.time
  }
  async sleep(milliseconds: number): Promise<void> {
    this.sleeps.push(milliseconds)
    this.time += milliseconds
    await wait(0)
  }
  get slept(): number {
    return this.sleeps.reduce((sum, sleep) => sum + sleep, 0)
  }
}

export const steadyRandom: Random = { next: () => 0.5, bytes: count => new Uint8Array(count) }

export interface Scripted {
  readonly client: GitHubClient
  readonly clock: StillClock
  readonly requests: HttpRequest[]
}

export type Reply = Partial<HttpAnswer> | Error

/** A client whose server answers by script; the last answer is repeated. */
export function scriptedClient(replies: readonly Reply[], settings: Partial<ClientSettings> = {}): Scripted {
  const requests: HttpRequest[] = []
  const clock = new StillClock()
  const transport: Transport = async request => {
    const reply = replies[Math.min(requests.length, replies.length - 1)]
    requests.push(request)
    if (reply instanceof Error) throw reply
    return { status: 200, headers: {}, body: '{}', ...reply }
  }
  const client = createGitHubClient({
    token: 'top-secret-token',
    apiUrl: 'https://api.github.test',
    graphqlUrl: 'https://api.github.test/graphql',
    userAgent: 'slipway/0.1.0 (test)',
    clock,
    random: steadyRandom,
    scrub: createScrubber(['hunter22']),
    transport,
    ...settings,
  })
  return { client, clock, requests }
}
