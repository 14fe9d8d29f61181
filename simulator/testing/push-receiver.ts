import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** A request that the org pushed. */
export interface ReceivedPush {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface ReceiverAnswer {
  readonly status: number
  readonly body: string
  /** Answers only when this is settled. */
  readonly after?: Promise<unknown>
}

/** A server that keeps what it gets and answers as the test says. */
export interface PushReceiver {
  readonly url: string
  readonly received: ReceivedPush[]
  /** The answers to come, in order; the last one stays. */
  answer(...answers: readonly ReceiverAnswer[]): void
  close(): Promise<void>
}

export const ACK: ReceiverAnswer = {
  status: 200,
  body: `<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/">
<soapenv:Body><notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>true</Ack></notificationsResponse></soapenv:Body>
</soapenv:Envelope>`,
}

/** What a receiver of signed webhooks answers. */
export const OK: ReceiverAnswer = { status: 200, body: '{"ok":true}' }

export async function startPushReceiver(): Promise<PushReceiver> {
  const received: ReceivedPush[] = []
  let answers: readonly ReceiverAnswer[] = [ACK]
  const server = createServer(async (request, response) => {
    const body = await text(request)
    received.push({ path: request.url ?? '', headers: request.headers, body })
    const [answer = ACK, ...others] = answers
    if (others.length > 0) answers = others
    await answer.after
    response.writeHead(answer.status, { 'content-type': 'text/xml' }).end(answer.body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A server that listens on a TCP port has an AddressInfo.
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    answer(...next) {
      answers = next
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
