/** The end of a job before its time. `cancel` may become `force`, never the other way round. */
export class JobStop {
  reason: 'cancel' | 'force' | null = null
  readonly #listeners = new Set<(reason: 'cancel' | 'force') => void>()

  request(reason: 'cancel' | 'force'): void {
    if (this.reason === 'force' || this.reason === reason) return
    this.reason = reason
    for (const listener of [...this.#listeners]) listener(reason)
  }

  /** What was requested before is not told again. Returns the way out. */
  onStop(listener: (reason: 'cancel' | 'force') => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}
