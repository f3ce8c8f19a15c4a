import type { Conclusion, Job, RunStatus } from '../model.ts'

export type Mood = 'good' | 'bad' | 'busy' | 'quiet' | 'wait'

/** How a status looks: a mood for the colour, and a word, because colour alone says nothing. */
export interface Look {
  readonly mood: Mood
  readonly word: string
}

const CONCLUSIONS: Readonly<Record<Conclusion, Look>> = {
  success: { mood: 'good', word: 'succeeded' },
  failure: { mood: 'bad', word: 'failed' },
  neutral: { mood: 'quiet', word: 'neutral' },
  cancelled: { mood: 'quiet', word: 'cancelled' },
  skipped: { mood: 'quiet', word: 'skipped' },
  timed_out: { mood: 'bad', word: 'timed out' },
  action_required: { mood: 'wait', word: 'action required' },
  startup_failure: { mood: 'bad', word: 'did not start' },
  stale: { mood: 'quiet', word: 'stale' },
}

const STATUSES: Readonly<Record<Exclude<RunStatus, 'completed'>, Look>> = {
  queued: { mood: 'wait', word: 'queued' },
  in_progress: { mood: 'busy', word: 'in progress' },
  waiting: { mood: 'wait', word: 'waiting for approval' },
  pending: { mood: 'wait', word: 'pending' },
  requested: { mood: 'wait', word: 'requested' },
}

export function lookOf(status: RunStatus, conclusion: Conclusion | null): Look {
  if (status === 'completed') return conclusion ? CONCLUSIONS[conclusion] : { mood: 'quiet', word: 'completed' }
  return STATUSES[status]
}

const STATES: Readonly<Record<string, Look>> = {
  success: { mood: 'good', word: 'succeeded' },
  failure: { mood: 'bad', word: 'failed' },
  error: { mood: 'bad', word: 'error' },
  pending: { mood: 'wait', word: 'pending' },
  queued: { mood: 'wait', word: 'queued' },
  waiting: { mood: 'wait', word: 'waiting' },
  in_progress: { mood: 'busy', word: 'in progress' },
  inactive: { mood: 'quiet', word: 'inactive' },
}

/** Of a commit status or deployment status. */
export function lookOfState(state: string): Look {
  return STATES[state] ?? { mood: 'quiet', word: state }
}

/** The worst of several, for one mark that stands for all. */
export function worstOf(looks: readonly Look[]): Look | undefined {
  for (const mood of ['bad', 'busy', 'wait', 'good', 'quiet'] as const) {
    const found = looks.find(look => look.mood === mood)
    if (found) return found
  }
  return undefined
}

/** `42 s`, `3 min 5 s`; empty while it has not begun. */
export function durationBetween(from: string | null, to: string | null): string {
  if (from === null || to === null) return ''
  const seconds = Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 1000))
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  return minutes < 60 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** `21 Nov 2026, 14:03:09 UTC`. Pages are files: a time relative to now would be wrong tomorrow. */
export function timeInWords(time: string): string {
  const date = new Date(time)
  const month = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'][date.getUTCMonth()]
  return `${date.getUTCDate()} ${month} ${date.getUTCFullYear()}, ${date.toISOString().slice(11, 19)} UTC`
}

/** Beside an earlier time: of the same day it says no date. */
export function timeAfter(earlier: string, time: string): string {
  const [day = '', clock = ''] = timeInWords(time).split(', ')
  return timeInWords(earlier).startsWith(day) ? clock : `${day}, ${clock}`
}

export function count(number: number, noun: string, plural = `${noun}s`): string {
  return `${number.toLocaleString('en-US')} ${number === 1 ? noun : plural}`
}

export function jobDuration(job: Job, now: string): string {
  return durationBetween(job.startedAt, job.completedAt ?? (job.startedAt === null ? null : now))
}
