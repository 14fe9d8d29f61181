import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

/** A message as a platform took it. */
export interface TakenMessage {
  readonly at: number
  /** Events that it tells of, by name or in its number. */
  readonly events: number
  /** All that people read of it. */
  readonly text: string
  readonly isPlain: boolean
}

export interface ScriptedAnswer {
  readonly status: number
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
  /** The answer waits for this. */
  readonly after?: Promise<void>
}

/** Stands for Slack or Discord: holds whoever sends to the documented limits, and says what was broken. */
export interface FakePlatform {
  /** A webhook of a channel of its own. */
  urlOf(channel: string): string
  taken(channel: string): readonly TakenMessage[]
  /** Requests, those too that were refused. */
  requests(channel: string): number
  /** Limits that were broken; a 429 that was earned is one. */
  readonly violations: readonly string[]
  /** Answers of the channel's next requests, before the usual ones. */
  script(channel: string, ...answers: readonly ScriptedAnswer[]): void
  close(): Promise<void>
}

export interface PlatformRules {
  readonly pathOf: (channel: string) => string
  readonly channelOf: (url: URL) => string | null
  /** What is wrong with a message; null where nothing is. */
  readonly refuse: (body: unknown) => ScriptedAnswer | null
  readonly read: (body: unknown) => Omit<TakenMessage, 'at'>
  readonly accept: (before: readonly TakenMessage[], url: URL) => ScriptedAnswer
  /** The answer to a message that comes too soon; null where it does not. */
  readonly limit: (before: readonly TakenMessage[], now: number) => ScriptedAnswer | null
}

export async function startFakePlatform(rules: PlatformRules): Promise<FakePlatform> {
  const channels = new Map<
    string,
    { taken: TakenMessage[]; requests: number; script: ScriptedAnswer[] }
  >()
  const violations: string[] = []

  function channelOf(name: string) {
    const known = channels.get(name) ?? { taken: [], requests: 0, script: [] }
    channels.set(name, known)
    return known
  }

  async function answer(request: IncomingMessage): Promise<ScriptedAnswer> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer) // Without an encoding a stream gives buffers.
    const url = new URL(request.url ?? '', 'http://fake')
    const name = rules.channelOf(url)
    if (name === null || request.method !== 'POST') return { status: 404, body: 'no_service' }
    const channel = channelOf(name)
    channel.requests += 1
    const scripted = channel.script.shift()
    if (scripted !== undefined && scripted.status >= 300) return scripted
    const body: unknown = JSON.parse(Buffer.concat(chunks).toString())
    const refusal = rules.refuse(body)
    if (refusal !== null) {
      violations.push(`${name}: ${refusal.body}`)
      return refusal
    }
    const now = Date.now()
    const limited = rules.limit(channel.taken, now)
    if (limited !== null) {
      violations.push(`${name}: too many messages`)
      return limited
    }
    const accepted = scripted ?? rules.accept(channel.taken, url)
    channel.taken.push({ at: now, ...rules.read(body) })
    await scripted?.after
    return accepted
  }

  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    answer(request).then(
      ({ status, body, headers = {} }) => response.writeHead(status, headers).end(body),
      (error: unknown) => {
        violations.push(String(error))
        response.writeHead(400).end('invalid_payload')
      },
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('Expected a port.')

  return {
    urlOf: (name) => `http://127.0.0.1:${address.port}${rules.pathOf(name)}`,
    taken: (name) => channelOf(name).taken,
    requests: (name) => channelOf(name).requests,
    violations,
    script: (name, ...answers) => void channelOf(name).script.push(...answers),
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** What a message says of more; 0 where it says nothing. */
export function moreOf(text: string): number {
  const found = /\band ([\d,]+) more\b(?! fields)/.exec(text)?.[1]
  return found === undefined ? 0 : Number(found.replaceAll(',', ''))
}
