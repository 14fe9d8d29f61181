import type { Intake } from './store-intakes.ts'

/** Of an event beside its payload and its fields: ids, types, times. */
const EVENT_BYTES = 500

/** About what intakes take in memory until they are written, in bytes. */
export function sizeOfIntakes(intakes: readonly Intake[]): number {
  let size = 0
  // All events of a webhook have the same list.
  let fields: readonly string[] = []
  let fieldsSize = 0
  for (const { changedFields, payload, sealedPayload } of intakes.flatMap(({ events }) => events)) {
    if (changedFields !== fields) {
      fields = changedFields
      fieldsSize = fields.reduce((sum, field) => sum + field.length + 3, 0)
    }
    size += EVENT_BYTES + fieldsSize + (payload?.length ?? sealedPayload?.byteLength ?? 0)
  }
  return size
}
