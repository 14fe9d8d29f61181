import { fileURLToPath } from 'node:url'
import type { DataConverter, Payload, PayloadCodec } from '@temporalio/common'
import proto from '@temporalio/proto'

/** How a sealed payload says what it is; others pass as they are. */
export const SEALED_ENCODING = 'binary/conveyor-sealed'

/** Payloads have no row of their own, but sealed bytes of a table do not open as one, and the other way round. */
const CONTEXT = 'temporal_payload'

const { Payload: PayloadMessage } = proto.temporal.api.common.v1

/** The parts of sealing that payloads need. */
export interface PayloadSealing {
  readonly keyId: string | null
  seal(context: string, bytes: Buffer): Buffer
  openSecret(context: string, sealed: Buffer): Buffer
}

/**
 * Seals whole payloads, what they are included, before they leave for Temporal, and opens what was sealed by any of
 * the keys. With `seals` false it only opens: what was sealed before the switch was turned off goes on.
 */
export function createPayloadCodec(sealing: PayloadSealing, seals: boolean): PayloadCodec {
  const encoding = Buffer.from(SEALED_ENCODING)
  return {
    async encode(payloads) {
      if (!seals) return payloads
      return payloads.map((payload) => {
        if (isSealed(payload)) return payload
        const bytes = Buffer.from(PayloadMessage.encode(payload).finish())
        return { metadata: { encoding }, data: sealing.seal(CONTEXT, bytes) }
      })
    },
    async decode(payloads) {
      return payloads.map((payload) => {
        if (!isSealed(payload)) return payload
        const opened = sealing.openSecret(CONTEXT, Buffer.from(payload.data ?? []))
        const { metadata, data } = PayloadMessage.decode(opened)
        return { metadata, data }
      })
    },
  }
}

/** What client, worker and replay convert with: failure messages and stacks become payloads where payloads are sealed. */
export function createDataConverter(sealing: PayloadSealing, seals: boolean): DataConverter {
  return {
    payloadCodecs: [createPayloadCodec(sealing, seals)],
    ...(seals
      ? {
          failureConverterPath: fileURLToPath(new URL('./failure-converter.ts', import.meta.url)),
        }
      : {}),
  }
}

function isSealed({ metadata }: Payload): boolean {
  const encoding = metadata?.['encoding']
  return encoding != null && Buffer.from(encoding).toString() === SEALED_ENCODING
}
