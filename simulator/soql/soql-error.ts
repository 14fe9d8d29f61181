/** Thrown for a statement that cannot be run; the answer is 400 with this code. */
export class SoqlError extends Error {
  override name = 'SoqlError'
  readonly code: string
  /** 0-based place in the statement; `null` where the org names none. */
  readonly at: number | null

  constructor(code: string, message: string, at: number | null = null) {
    super(message)
    this.code = code
    this.at = at
  }
}

export function malformed(message: string, at: number | null = null): SoqlError {
  return new SoqlError('MALFORMED_QUERY', message, at)
}

/** How much of the statement is shown on each side of an error, before words are completed. */
const SHOWN = 30

/** The message as the API words it: an excerpt with a caret under the place, then what is wrong. */
export function soqlMessage(error: SoqlError, soql: string): string {
  if (error.at === null) return error.message
  const lineStart = soql.lastIndexOf('\n', error.at - 1) + 1
  const lineEnd = soql.indexOf('\n', error.at)
  const line = soql.slice(lineStart, lineEnd === -1 ? undefined : lineEnd)
  const row = soql.slice(0, lineStart).split('\n').length
  const column = error.at - lineStart
  let start = Math.max(0, column - SHOWN)
  while (start > 0 && isWordCharacter(line, start - 1) && isWordCharacter(line, start)) start -= 1
  while (start < column && line.charAt(start) === ' ') start += 1
  let end = Math.min(line.length, column + SHOWN)
  while (end < line.length && isWordCharacter(line, end)) end += 1
  const caret = `${' '.repeat(column - start)}^`
  return `\n${line.slice(start, end)}\n${caret}\nERROR at Row:${row}:Column:${column + 1}\n${error.message}`
}

function isWordCharacter(text: string, at: number): boolean {
  return /[\w.]/.test(text.charAt(at))
}
