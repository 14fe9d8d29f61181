import { ApiError } from '../http/api-error.ts'

/** A job and its data, sent in one request. */
export interface MultipartJob {
  readonly job: string
  readonly content: string
}

/** Characters of data that one request with a job may carry. */
const MAX_CHARACTERS = 100_000

/** The boundary of a multipart request; `null` for any other content type. */
export function multipartBoundary(contentType: string): string | null {
  if (!/^multipart\/form-data\s*;/i.test(contentType)) return null
  const match = /;\s*boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType)
  return match?.[1] ?? match?.[2] ?? null
}

/**
 * Reads the two parts `job` and `content`. Lines may end in LF alone: the documented example is a
 * text file that curl sends as it is.
 */
export function readMultipart(body: string, boundary: string): MultipartJob {
  const parts = new Map<string, string>()
  // The text before the first boundary and the `--` after the last one are no parts.
  for (const piece of `\n${body}`.split(`\n--${boundary}`).slice(1)) {
    if (piece.startsWith('--')) break
    const [, head, value] = /^[ \t]*\r?\n([\s\S]*?)\r?\n\r?\n([\s\S]*)$/.exec(piece) ?? []
    // Not the end of `filename=`, which may come first.
    const name = /;\s*name="?(\w+)"?/i.exec(dispositionOf(head ?? ''))?.[1]
    if (name !== undefined && value !== undefined) parts.set(name, value.replace(/\r$/, ''))
  }
  const job = parts.get('job')
  const content = parts.get('content')
  if (job === undefined || content === undefined) {
    throw new ApiError(
      400,
      'INVALIDJOB',
      'InvalidJob : The request needs the parts job and content',
    )
  }
  if (content.length > MAX_CHARACTERS) {
    throw new ApiError(
      400,
      'CLIENTINPUTERROR',
      `ClientInputError : Content of a multipart request may have ${MAX_CHARACTERS} characters, found ${content.length}`,
    )
  }
  return { job, content }
}

function dispositionOf(head: string): string {
  return head.split(/\r?\n/).find((line) => /^content-disposition:/i.test(line)) ?? ''
}
