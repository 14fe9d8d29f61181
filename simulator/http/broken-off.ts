import type { IncomingMessage } from 'node:http'
import { ApiError } from './api-error.ts'

/** Whether the client left before it had sent all of its body. */
export function isBrokenOff(incoming: IncomingMessage): boolean {
  return incoming.destroyed && !incoming.complete
}

/** The refusal of such a body; only the record of calls shows it. */
export function brokenOff(): ApiError {
  return new ApiError(400, 'CLIENTINPUTERROR', 'The body broke off')
}
