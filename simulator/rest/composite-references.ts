import { ApiError } from '../http/api-error.ts'
import { isJsonObject } from './json-body.ts'

/** Bodies of the answers so far, by the reference id of their subrequest. */
export type Answers = ReadonlyMap<string, unknown>

// No brace inside: a text of many openings would be searched to its end from each of them.
const REFERENCE = /@\{([^{}]*)\}/g
const WHOLE = /^@\{([^{}]*)\}$/

/**
 * Puts values of earlier answers in the place of `@{ref.field}`, all through a value. A text that
 * is one reference takes on the value's type. Throws ApiError for a reference to nothing.
 */
export function withReferences(value: unknown, answers: Answers): unknown {
  if (typeof value === 'string') {
    const whole = WHOLE.exec(value)?.[1]
    if (whole !== undefined) return referenced(whole, answers)
    return textWithReferences(value, answers, (text) => text)
  }
  if (Array.isArray(value)) return value.map((entry) => withReferences(entry, answers))
  if (!isJsonObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, entry]) => [name, withReferences(entry, answers)]),
  )
}

/** The same inside a text; `encode` keeps a value from being read as part of an address. */
export function textWithReferences(
  text: string,
  answers: Answers,
  encode: (text: string) => string,
): string {
  return text.replace(REFERENCE, (_, path: string) => {
    const value = referenced(path, answers)
    return value === null ? '' : encode(String(value))
  })
}

function referenced(path: string, answers: Answers): unknown {
  const [id = '', ...steps] = path.split(/[.[]/)
  let value = answers.get(id)
  for (const step of steps) {
    if (Array.isArray(value) && /^\d+\]$/.test(step)) value = value[Number(step.slice(0, -1))]
    else if (isJsonObject(value) && Object.hasOwn(value, step)) value = value[step]
    else throw noValue(path, id)
  }
  // Whole answers, objects and lists cannot stand for a value.
  if (value === undefined || (typeof value === 'object' && value !== null)) throw noValue(path, id)
  return value
}

function noValue(path: string, id: string): ApiError {
  return new ApiError(
    400,
    'PROCESSING_HALTED',
    `Invalid reference specified. No value for ${path} found in ${id}. Provided referenceId ('${path}') must start with a letter or a number, and it can contain only letters, numbers and underscores ('_').`,
  )
}
