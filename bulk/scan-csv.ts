import { MOST_RECORD_CHARACTERS } from './staging/read-row.ts'

/** Why bytes cannot be read as CSV. */
export class CsvFormError extends Error {
  override name = 'CsvFormError'
}

/**
 * One record of a CSV text in UTF-8, as places in its bytes: nothing becomes a string before somebody asks for it.
 * The scanner uses the same object for each record, so it is good only until the next.
 */
export interface ScannedRecord {
  readonly bytes: Buffer
  /** Fields of the record; the arrays below are longer. */
  readonly width: number
  readonly starts: Int32Array
  /** Exclusive. Quotes around a field are outside of it. */
  readonly ends: Int32Array
  /** 1 where the field holds doubled quotes. */
  readonly escaped: Uint8Array
  /** The value of one field; `''` for one that is not there. */
  text(place: number): string
}

export interface CsvScanner {
  /** The records that are complete once `piece` has arrived. The piece is not kept. */
  push(piece: Buffer): void
  /** What is left at the end, without a line end. */
  finish(): void
}

/**
 * A record as long as staging takes one, three bytes a character, and as much again for what result files add: quotes
 * around each field, and errors that repeat a value. Doubled quotes are in it: two bytes each are fewer than three.
 */
const MOST_RECORD_BYTES = 2 * 3 * MOST_RECORD_CHARACTERS
const QUOTE = 0x22
const COMMA = 0x2c
const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d

/**
 * Scans RFC 4180 text piece by piece: commas, LF or CRLF, quotes doubled inside quotes. Blank lines are no records;
 * a byte order mark at the start is no text. As strict as the reader of what callers send, and several times as fast,
 * since most of what result files echo is never looked at.
 * @throws {CsvFormError} from `push` and `finish`.
 */
export function createCsvScanner(onRecord: (record: ScannedRecord) => void): CsvScanner {
  const record = createRecord()
  let rest = NO_BYTES
  let recordNumber = 0
  let isStart = true

  /** Reports the records of `bytes`; gives the place of the first that may still go on. */
  function scan(bytes: Buffer, isEnd: boolean): number {
    record.bytes = bytes
    let at = 0
    if (isStart && (bytes.length >= 3 || isEnd)) {
      isStart = false
      if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) at = 3
    }
    while (at < bytes.length && !isStart) {
      const next = scanRecord(bytes, at, isEnd)
      if (next < 0) break
      at = next
      if (record.width === 1 && record.ends[0] === record.starts[0] && !record.isQuoted) continue
      recordNumber += 1
      onRecord(record)
    }
    return at
  }

  /** Fills the record from `at` on and gives the place after its line end; -1 where it may go on in the next piece. */
  function scanRecord(bytes: Buffer, begin: number, isEnd: boolean): number {
    const length = bytes.length
    let at = begin
    record.width = 0
    record.isQuoted = false
    for (;;) {
      let start = at
      let end: number
      let escaped = 0
      if (bytes[at] === QUOTE) {
        start = at + 1
        record.isQuoted = true
        end = start
        for (;;) {
          while (end < length && bytes[end] !== QUOTE) end++
          if (end + 1 >= length && !isEnd) return -1
          if (end >= length) throw wrong('ends inside quotes: it was cut off')
          if (bytes[end + 1] !== QUOTE) break
          escaped = 1
          end += 2
        }
        at = end + 1
      } else {
        end = at
        while (end < length && !isSpecial(bytes[end] ?? 0)) end++
        if (end >= length && !isEnd) return -1
        if (bytes[end] === QUOTE) throw wrong('has a quote inside a field that is not quoted')
        at = end
      }
      addField(start, end, escaped)
      if (at >= length) return isEnd ? at : -1
      switch (bytes[at]) {
        case COMMA:
          at += 1
          if (at === length && !isEnd) return -1
          break
        case LINE_FEED:
          return at + 1
        case CARRIAGE_RETURN:
          if (at + 1 >= length && !isEnd) return -1
          if (bytes[at + 1] !== LINE_FEED) throw wrong('has a lone carriage return outside quotes')
          return at + 2
        default:
          throw wrong('has text after a closing quote')
      }
    }
  }

  function addField(start: number, end: number, escaped: number): void {
    if (record.width === record.starts.length) record.grow()
    record.starts[record.width] = start
    record.ends[record.width] = end
    record.escaped[record.width] = escaped
    record.width += 1
  }

  function wrong(what: string): CsvFormError {
    return new CsvFormError(`Record ${recordNumber + 1} ${what}.`)
  }

  return {
    push(piece) {
      const bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece])
      const at = scan(bytes, false)
      if (bytes.length - at > MOST_RECORD_BYTES) throw wrong('is too long; a quote may be missing')
      // A copy: the piece may be a buffer that its reader fills again.
      rest = Buffer.from(bytes.subarray(at))
    },
    finish() {
      scan(rest, true)
      rest = NO_BYTES
    },
  }
}

function isSpecial(byte: number): boolean {
  return byte === COMMA || byte === LINE_FEED || byte === CARRIAGE_RETURN || byte === QUOTE
}

const NO_BYTES: Buffer = Buffer.alloc(0)

function createRecord() {
  return {
    bytes: NO_BYTES,
    width: 0,
    /** Whether any field stood in quotes: an empty one makes a record all the same. */
    isQuoted: false,
    starts: new Int32Array(64),
    ends: new Int32Array(64),
    escaped: new Uint8Array(64),
    grow(): void {
      this.starts = widened(this.starts, new Int32Array(2 * this.starts.length))
      this.ends = widened(this.ends, new Int32Array(2 * this.ends.length))
      this.escaped = widened(this.escaped, new Uint8Array(2 * this.escaped.length))
    },
    text(place: number): string {
      if (place < 0 || place >= this.width) return ''
      const raw = this.bytes.toString('utf8', this.starts[place], this.ends[place])
      return this.escaped[place] === 1 ? raw.replaceAll('""', '"') : raw
    },
  }
}

function widened<Numbers extends Int32Array | Uint8Array>(from: Numbers, to: Numbers): Numbers {
  to.set(from)
  return to
}
