/** Where git's backend writes its answer: the client's connection, or a place to hold it until a fault has its way. */
import type { OutgoingHttpHeaders } from 'node:http'
import { Writable } from 'node:stream'

export interface GitAnswer extends Writable {
  readonly headersSent: boolean
  writeHead(status: number, headers?: OutgoingHttpHeaders): unknown
}

export class HeldAnswer extends Writable implements GitAnswer {
  status = 200
  headers: OutgoingHttpHeaders = {}
  headersSent = false
  private readonly chunks: Buffer[] = []

  writeHead(status: number, headers: OutgoingHttpHeaders = {}): void {
    this.status = status
    this.headers = headers
    this.headersSent = true
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.chunks.push(chunk)
    done()
  }

  body(): Buffer {
    return Buffer.concat(this.chunks)
  }
}
