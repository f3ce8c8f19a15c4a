import { randomBytes } from 'node:crypto'
import type { Random } from '../ports.ts'

export const systemRandom: Random = {
  next: () => Math.random(),
  bytes: count => new Uint8Array(randomBytes(count)),
}
