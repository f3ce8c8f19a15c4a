import type { Load, LoadResult, LoadSample } from '#kit/ports'
import { count } from '#kit/report/count'
import type { Histogram } from '#kit/stats/histogram'
import type { Source } from './gate.ts'
import type { Measurement } from './measurement.ts'
import { milliseconds, percent, perSecond } from './numbers.ts'
import { isExpected, type Script } from './script.ts'
import { addressOf, type Target } from './target.ts'

/** One process does not run for longer than it can answer for. */
export const MOST_REQUESTS = 10_000_000

export function loadOf(
  script: Script,
  target: Target,
  shape: { readonly rate: number; readonly duration: number; readonly users: number },
): Load {
  return {
    requests: script.requests.map(({ method, path, headers, body }) => ({
      method,
      url: addressOf(target, path),
      headers,
      body,
    })),
    ratePerSecond: shape.rate,
    durationSeconds: shape.duration,
    users: shape.users,
    timeoutMilliseconds: script.timeoutMilliseconds,
  }
}

/** Takes the samples of a load as they come. */
export function recorder(script: Script, measurement: Measurement, delays: Histogram): (sample: LoadSample) => void {
  return ({ request, latency, ownDelay, sent, status, failure }) => {
    const scripted = script.requests[request]
    if (scripted === undefined) throw new RangeError(`a sample of request ${request}, which there is not`)
    measurement.record({
      endpoint: scripted.name,
      latency,
      latencyAtBest: latency - ownDelay,
      answered: status !== undefined,
      failure: status === undefined || !isExpected(scripted, status) ? (failure ?? unexpected(status)) : undefined,
    })
    if (sent) delays.record(ownDelay)
  }
}

function unexpected(status: number | undefined): string {
  if (status === undefined) return 'no answer'
  return `status ${status}${status >= 300 && status < 400 ? ' (redirects are not followed)' : ''}`
}

/** Below this share of its schedule a load was another one than asked for. */
const LEAST_STARTED_SHARE = 0.95

/** Above it the generator's own work is in every latency. */
const MOST_BUSY_SHARE = 0.9

/**
 * A server closes an idle connection in the very moment of its next use only by chance, as the moment is no longer than the
 * way to the server: measured within one machine, 0 to 0.75 % of requests with a time-out that is about the pause between
 * two, which is the least lucky choice. More than this share is a server that drops requests.
 */
const MOST_RETRIED_SHARE = 0.01

/** Fewer say nothing of a share: in a short run one closed connection is over it. */
const LEAST_RETRIED = 5

/**
 * What a load says of its own validity.
 *
 * A request whose second try was answered is no error that a limit could be about; too many of them show that figures
 * within the limits are too good. One over a limit is a fact all the same, which makes them a shortfall.
 */
export function sourceOf(load: Load, result: LoadResult, delays: Histogram): Source {
  const { scheduled, started, waited, busyShare, retried } = result
  const { ratePerSecond, durationSeconds, users } = load
  const reached = `${perSecond(started / durationSeconds)} reached of ${perSecond(ratePerSecond)} asked`
  const repeated = `${retried.toLocaleString('en-US')} of ${count(started, 'request')}`
  const health = [
    `${started === scheduled ? 'All' : `${started.toLocaleString('en-US')} of`} ${count(scheduled, 'request')} were sent in ${durationSeconds} s: ${reached}.`,
    `The generator itself was ${milliseconds(delays.quantile(0.99))} late at p99, ${milliseconds(delays.greatest)} at most, and busy for ${percent(busyShare)} of the time.`,
    waited === 0
      ? `The ${count(users, 'user')} were never all busy.`
      : `${count(waited, 'request')} waited because all ${count(users, 'user')} were busy; the wait is part of their latency.`,
    ...(retried === 0
      ? []
      : [
          `${repeated} were reset on a kept connection and sent once more over a new one; both tries are in their latency.`,
        ]),
  ]
  const isShort = started < scheduled * LEAST_STARTED_SHARE
  const isDropping = retried >= LEAST_RETRIED && retried > started * MOST_RETRIED_SHARE
  return {
    seconds: durationSeconds,
    ownDelayMilliseconds: delays.count === 0 ? 0 : delays.quantile(0.99),
    problems: [],
    doubts:
      busyShare > MOST_BUSY_SHARE
        ? [`the load generator itself was overloaded (${percent(busyShare)} busy); send less, or from a larger machine`]
        : [],
    shortfalls: [
      ...(isDropping
        ? [
            `${repeated} (${percent(retried / started)}) were reset on kept connections, more than closing idle ones explains; look for workers of the server that die, or raise its keep-alive time-out`,
          ]
        : []),
      ...(isShort
        ? [
            `the rate was not reached: ${reached}, as all ${count(users, 'user')} were busy; raise "users" or lower "rate"`,
          ]
        : []),
    ],
    health,
  }
}
