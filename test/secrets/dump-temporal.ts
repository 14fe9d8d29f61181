import type { Payload, PayloadCodec } from '@temporalio/common'
import type { TemporalConnection } from '../../temporal/connect.ts'

export interface TemporalDump {
  /** What the server shows of each workflow to whoever may list them: ids, types, search attributes, memo. */
  readonly listed: string
  /** All histories as they are stored, the bytes of payloads as text. */
  readonly stored: string
  /** The same after the codec: what an installation stores that does not seal. */
  readonly opened: string
}

export async function dumpTemporal(
  { client, namespace }: TemporalConnection,
  codec: PayloadCodec,
): Promise<TemporalDump> {
  const listed: unknown[] = []
  const stored: unknown[] = []
  const opened: unknown[] = []
  let nextPageToken: Uint8Array | undefined
  do {
    const page = await client.workflowService.listWorkflowExecutions({
      namespace,
      ...(nextPageToken === undefined ? {} : { nextPageToken }),
    })
    for (const info of page.executions) {
      listed.push(await readable(info, null))
      const { workflowId = '', runId = '' } = info.execution ?? {}
      const handle = client.workflow.getHandle(workflowId ?? '', runId ?? '')
      const history = await handle.fetchHistory()
      stored.push(await readable(history, null))
      opened.push(await readable(history, codec))
    }
    nextPageToken = page.nextPageToken.length > 0 ? page.nextPageToken : undefined
  } while (nextPageToken !== undefined)
  const text = (parts: readonly unknown[]) => JSON.stringify(parts, null, 1)
  return { listed: text(listed), stored: text(stored), opened: text(opened) }
}

/** A copy in which bytes are text, and payloads what the codec makes of them. */
async function readable(value: unknown, codec: PayloadCodec | null): Promise<unknown> {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1')
  if (Array.isArray(value)) return Promise.all(value.map((each) => readable(each, codec)))
  if (typeof value !== 'object' || value === null) return value
  // 64-bit numbers.
  if ('toNumber' in value && typeof value.toNumber === 'function') return value.toNumber()
  if (codec !== null && 'metadata' in value && 'data' in value) {
    // Messages with both are payloads.
    const [payload] = await codec.decode([value as Payload])
    return readable({ ...payload }, null)
  }
  const entries = Object.entries(value).map(
    async ([name, content]) => [name, await readable(content, codec)] as const,
  )
  return Object.fromEntries(await Promise.all(entries))
}
