import { inputIssue, UnreadableInputError } from './input-issue.ts'
import { MOST_RECORD_CHARACTERS } from './read-row.ts'

/** One record of a CSV text: its fields, unquoted, and the line on which it begins. */
export interface CsvRecord {
  readonly line: number
  readonly fields: string[]
}

export interface CsvSplitter {
  /** The records that are complete once `text` has arrived. */
  push(text: string): CsvRecord[]
  /** What is left at the end, without a line end. */
  finish(): CsvRecord[]
}

/**
 * Splits RFC 4180 text piece by piece: commas, LF or CRLF, quotes doubled inside quotes; line ends inside
 * quotes belong to the value. Blank lines are no records. Strict where a lenient reader would guess: a quote
 * in the middle of a field or text after a closing quote is an error with its line.
 * @throws {UnreadableInputError} `invalid_csv`, `record_too_large`, `body_incomplete`.
 */
export function createCsvSplitter(): CsvSplitter {
  let rest = ''
  let line = 1

  /** Reads records from `text`; stops before the first that may still go on. */
  function split(text: string, isEnd: boolean): CsvRecord[] {
    const records: CsvRecord[] = []
    let at = 0
    let quote = text.indexOf('"')
    while (at < text.length) {
      const lineEnd = text.indexOf('\n', at)
      if (quote >= 0 && quote < at) quote = text.indexOf('"', at)
      if (quote < 0 || (lineEnd >= 0 && quote > lineEnd)) {
        if (lineEnd < 0 && !isEnd) break
        const end = lineEnd < 0 ? text.length : lineEnd
        const content = plainLine(text, at, end, line)
        if (content !== '') records.push({ line, fields: content.split(',') })
        at = end + 1
        line += 1
        continue
      }
      const record = readQuoted(text, at, isEnd, line)
      if (record === null) break
      records.push({ line, fields: record.fields })
      at = record.next
      line += record.lines
    }
    rest = text.slice(at)
    if (rest.length > MOST_RECORD_CHARACTERS) throw tooLarge(line)
    return records
  }

  return {
    push: (text) => split(rest === '' ? text : rest + text, false),
    finish: () => split(rest, true),
  }
}

function plainLine(text: string, start: number, end: number, line: number): string {
  if (end - start > MOST_RECORD_CHARACTERS) throw tooLarge(line)
  const content = text.slice(start, end > start && text[end - 1] === '\r' ? end - 1 : end)
  if (content.includes('\r')) throw loneCarriageReturn(line)
  return content
}

interface QuotedRecord {
  readonly fields: string[]
  readonly next: number
  /** Lines that the record takes. */
  readonly lines: number
}

/** One record that holds a quote; null where it may go on in the next piece. */
function readQuoted(
  text: string,
  start: number,
  isEnd: boolean,
  line: number,
): QuotedRecord | null {
  const fields: string[] = []
  let at = start
  let lines = 1
  for (;;) {
    if (at - start > MOST_RECORD_CHARACTERS) throw tooLarge(line)
    let value: string
    if (text[at] === '"') {
      const closing = closingQuote(text, at + 1)
      if (closing < 0 || (closing === text.length - 1 && !isEnd)) {
        if (!isEnd) return null
        const message = 'The text ends inside quotes: the body was cut off, or a quote is missing.'
        throw new UnreadableInputError(inputIssue('body_incomplete', message, { line }))
      }
      value = text.slice(at + 1, closing)
      if (value.includes('\n')) lines += value.split('\n').length - 1
      if (value.includes('"')) value = value.replaceAll('""', '"')
      at = closing + 1
    } else {
      const end = fieldEnd(text, at)
      if (end === text.length && !isEnd) return null
      value = text.slice(at, end)
      if (value.includes('"')) {
        throw invalid(line + lines - 1, 'A quote stands inside a field that is not quoted.')
      }
      at = end
    }
    fields.push(value)
    if (at >= text.length) return isEnd ? { fields, next: at, lines } : null
    const separator = text[at]
    if (separator === ',') {
      at += 1
      if (at === text.length && !isEnd) return null
    } else if (separator === '\n') return { fields, next: at + 1, lines }
    else if (separator === '\r') {
      if (at + 1 === text.length && !isEnd) return null
      if (text[at + 1] !== '\n') throw loneCarriageReturn(line + lines - 1)
      return { fields, next: at + 2, lines }
    } else throw invalid(line + lines - 1, 'Text follows a closing quote.')
  }
}

/** Place of the quote that ends a value; -1 where there is none yet. */
function closingQuote(text: string, from: number): number {
  let at = text.indexOf('"', from)
  while (at >= 0 && text[at + 1] === '"') at = text.indexOf('"', at + 2)
  return at
}

function fieldEnd(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const character = text.charCodeAt(at)
    if (character === 44 || character === 10 || character === 13) return at
  }
  return text.length
}

function invalid(line: number, message: string): UnreadableInputError {
  const advice = 'Quote the whole field and double the quotes in it.'
  return new UnreadableInputError(inputIssue('invalid_csv', `${message} ${advice}`, { line }))
}

function loneCarriageReturn(line: number): UnreadableInputError {
  const message =
    'A carriage return stands alone outside quotes. Lines end with LF or CRLF; quote fields that hold one.'
  return new UnreadableInputError(inputIssue('invalid_csv', message, { line }))
}

function tooLarge(line: number): UnreadableInputError {
  const message = `A record is over ${MOST_RECORD_CHARACTERS} characters; a quote may be missing.`
  return new UnreadableInputError(inputIssue('record_too_large', message, { line }))
}
