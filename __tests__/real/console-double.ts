import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

export interface ConsoleDouble {
  readonly url: string
  /** Instances by id, with what their consoles say. */
  readonly outputs: Map<string, string>
  close(): Promise<void>
}

/**
 * A double for one call: moto's consoles all say the same, so `GetConsoleOutput` of the instances in `outputs` is answered
 * here, and every other request is moto's own. The answer's form is EC2's:
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetConsoleOutput.html
 */
export async function startConsoleDouble(moto: string): Promise<ConsoleDouble> {
  const outputs = new Map<string, string>()
  const server = createServer((request, response) => {
    void answer(moto, outputs, request).then(
      ({ status, body }) => response.writeHead(status, { 'content-type': 'text/xml' }).end(body),
      (error: unknown) => response.writeHead(502).end(String(error)),
    )
  }).listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    outputs,
    close: () => new Promise(resolve => void server.close(() => resolve())),
  }
}

async function answer(moto: string, outputs: ReadonlyMap<string, string>, request: IncomingMessage) {
  const body = await text(request)
  const call = new URLSearchParams(body)
  const output = outputs.get(call.get('InstanceId') ?? '')
  if (call.get('Action') === 'GetConsoleOutput' && output !== undefined)
    return {
      status: 200,
      body:
        '<GetConsoleOutputResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r</requestId>' +
        `<instanceId>${call.get('InstanceId')}</instanceId><timestamp>2026-11-21T09:00:00.000Z</timestamp>` +
        `<output>${Buffer.from(output).toString('base64')}</output></GetConsoleOutputResponse>`,
    }
  const { authorization = '', 'content-type': type = '' } = request.headers
  const response = await fetch(`${moto}${request.url ?? '/'}`, {
    method: request.method ?? 'POST',
    headers: { authorization, 'content-type': type },
    ...(body === '' ? {} : { body }),
  })
  return { status: response.status, body: await response.text() }
}
