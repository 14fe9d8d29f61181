import { ApiError } from '../errors.ts'

/** The body's media type, one of `accepted`. @throws {ApiError} `unsupported_media_type`, naming those. */
export function requireContentType<T extends string>(request: Request, accepted: readonly T[]): T {
  const [essence = '', ...parameters] = (request.headers.get('content-type') ?? '')
    .toLowerCase()
    .split(';')
    .map((part) => part.trim())
  const found = accepted.find((type) => type === essence)
  if (found === undefined) {
    const given = essence === '' ? 'The body has no content type' : `${essence} is not read`
    throw refuse(`${given} here; send ${accepted.join(', ')}.`, accepted)
  }
  for (const parameter of parameters) {
    const [name, value = ''] = parameter.split('=').map((part) => part.trim())
    if (name === 'charset' && !['utf-8', 'utf8', 'us-ascii'].includes(value.replaceAll('"', ''))) {
      throw refuse(`The charset ${value} is not read; send UTF-8.`, accepted)
    }
  }
  return found
}

function refuse(message: string, accepted: readonly string[]): ApiError {
  return new ApiError('unsupported_media_type', message, {
    headers: { 'accept-post': accepted.join(', ') },
  })
}
