import { decodeString, type JsonMember, type JsonNode } from '../../security/json-tokens.ts'
import { ApiError } from '../errors.ts'
import { bodyTokens } from './body-tokens.ts'
import { recordKey } from './record-id.ts'

/** Of all events of a webhook together, in characters: what stands beside `ids` is stored with each. */
const MOST_PAYLOADS = 8_000_000

/**
 * JSON text for each record: the whole body for one; for several all but `ids` and `records`, and in `records` the
 * entry that has the record's Id, where there is one. Numbers are as they were sent.
 * @throws {ApiError} `payload_too_large` where that is too much together
 */
export function eventPayloads(text: string, ids: readonly string[]): readonly string[] {
  if (ids.length === 1) return [text]
  const root = bodyTokens(text)
  // Of a name that is given twice the last one counts.
  const members = new Map(membersOf(root).map((member) => [member.key, member]))
  const entries = entriesOf(text, members.get('records')?.value)
  const shared = [...members.values()]
    .filter(({ key }) => key !== 'ids' && key !== 'records')
    .map(({ keyStart, value }) => text.slice(keyStart, value.end))
    .join(',')
  const payloads = ids.map((id) => {
    const entry = entries.get(recordKey(id))
    const own = entry === undefined ? '' : `"records":[${entry}]`
    return `{${[shared, own].filter((part) => part !== '').join(',')}}`
  })
  requireRoom(payloads.reduce((sum, payload) => sum + payload.length, 0))
  return payloads
}

/** @throws {ApiError} `payload_too_large` */
export function requireRoom(characters: number): void {
  if (characters <= MOST_PAYLOADS) return
  const message =
    'What stands beside ids is stored with each of them, and that is too much. Send fewer ids, or less beside them.'
  throw new ApiError('payload_too_large', message)
}

function membersOf(node: JsonNode): readonly JsonMember[] {
  return node.kind === 'object' ? node.members : []
}

/** The text of each entry of `records`, by its Id. */
function entriesOf(text: string, records: JsonNode | undefined): ReadonlyMap<string, string> {
  const items = records?.kind === 'array' ? records.items : []
  return new Map(
    items.flatMap((item) => {
      const id = membersOf(item).findLast(({ key }) => key.toLowerCase() === 'id')?.value
      if (id?.kind !== 'string') return []
      return [[recordKey(decodeString(text, id)), text.slice(item.start, item.end)] as const]
    }),
  )
}
