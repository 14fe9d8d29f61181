import { createHmac } from 'node:crypto'
import type { ReceivedPush } from './push-receiver.ts'

/**
 * Whether a push is signed over this form: written out once more, so that the sender is not its own
 * witness.
 */
export function isSigned(
  push: ReceivedPush | undefined,
  secret: string,
  form: string,
  encoding: 'base64' | 'hex' = 'base64',
): boolean {
  const timestamp = push?.headers['x-salesforce-timestamp']
  const expected = createHmac('sha256', secret)
    .update(`${String(timestamp)}.`)
    .update(form)
    .digest(encoding)
  return push?.headers['x-salesforce-signature'] === expected
}
