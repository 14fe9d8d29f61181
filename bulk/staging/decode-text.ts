import { TextDecoder } from 'node:util'
import { inputIssue, UnreadableInputError } from './input-issue.ts'

/**
 * Decodes UTF-8 piece by piece and refuses what is not. A byte order mark at the start is dropped.
 * Replacement characters instead of an error would be written to Salesforce as if the caller had sent them.
 * @throws {UnreadableInputError} `invalid_utf8`, with the line.
 */
export async function* decodeText(source: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let line = 1
  for await (const bytes of source) {
    const text = decodeOrRefuse(decoder, bytes, line)
    if (text === '') continue
    line += countLineEnds(text)
    yield text
  }
  const rest = decodeOrRefuse(decoder, null, line)
  if (rest !== '') yield rest
}

function decodeOrRefuse(decoder: TextDecoder, bytes: Uint8Array | null, line: number): string {
  try {
    return bytes === null ? decoder.decode() : decoder.decode(bytes, { stream: true })
  } catch (error) {
    const readable = bytes === null ? '' : new TextDecoder('utf-8').decode(bytes)
    const at = readable.indexOf('\uFFFD')
    const badLine = line + countLineEnds(at < 0 ? '' : readable.slice(0, at))
    const message =
      bytes === null
        ? 'The text ends in the middle of a UTF-8 character.'
        : 'The text is not UTF-8. Save it as UTF-8 and send it again.'
    throw new UnreadableInputError(inputIssue('invalid_utf8', message, { line: badLine }), {
      cause: error,
    })
  }
}

export function countLineEnds(text: string): number {
  let count = 0
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++
  return count
}
