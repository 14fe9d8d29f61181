import type { Readable } from 'node:stream'
import { SalesforceError } from './errors.ts'
import { headerValue, type IncomingHttpHeaders } from './http-headers.ts'

/**
 * A page in place of a file would be read as rows, and a body with neither length nor chunks ends wherever
 * the connection does.
 * @throws SalesforceError `invalid_answer`; the body is destroyed.
 */
export function csvOrThrow(headers: IncomingHttpHeaders, body: Readable): Readable {
  const type = headerValue(headers, 'content-type') ?? ''
  const encoding = headerValue(headers, 'content-encoding') ?? 'identity'
  const bounded =
    headerValue(headers, 'content-length') !== null ||
    headerValue(headers, 'transfer-encoding') !== null
  if (!/^(text\/html|application\/json)/i.test(type) && encoding === 'identity' && bounded)
    return body
  body.destroy()
  throw new SalesforceError({
    kind: 'invalid_answer',
    message: bounded
      ? `A CSV file was asked for; the answer is ${type || 'of no type'} (${encoding}).`
      : 'The answer does not say where it ends, so a cut file could not be told from a whole one.',
    httpStatus: 200,
  })
}
