import type { Log, Place } from '../../kit/ports.ts'

/** A log that remembers. */
export class FakeLog implements Log {
  readonly lines: string[] = []
  readonly notices: string[] = []
  readonly warnings: string[] = []
  readonly errors: string[] = []
  readonly places: (Place | undefined)[] = []
  readonly secrets: string[] = []

  debug(): void {}
  info(text: string): void {
    this.lines.push(text)
  }
  notice(text: string, place?: Place): void {
    this.notices.push(text)
    this.places.push(place)
  }
  warning(text: string, place?: Place): void {
    this.warnings.push(text)
    this.places.push(place)
  }
  error(text: string, place?: Place): void {
    this.errors.push(text)
    this.places.push(place)
  }
  async group<T>(title: string, work: () => Promise<T>): Promise<T> {
    this.lines.push(title)
    return work()
  }
  secret(value: string): void {
    this.secrets.push(value)
  }
  text(): string {
    return [...this.lines, ...this.notices, ...this.warnings, ...this.errors].join('\n')
  }
}
