import {
  closeSync,
  copyFileSync,
  fstatSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  statSync,
  truncateSync,
} from 'node:fs'
import { dirname } from 'node:path'

const DEFAULT_MAXIMUM_BYTES = 16 * 1024 * 1024

/**
 * The log of one child, bounded to twice `maximumBytes`: the current file and one older.
 * Children write to its descriptor themselves, so nothing is lost when their parent is killed.
 */
export interface LogFile {
  readonly path: string
  /** A descriptor opened for appending; close it after the child has it. */
  open(): number
  /** What was written since `open`, at most the last 64 KiB of it. */
  sinceOpen(): string
  /** Call now and then: moves the content aside when it has grown too large. */
  bound(): void
}

/** The folder is made where it is missing. */
export function createLogFile(path: string, maximumBytes = DEFAULT_MAXIMUM_BYTES): LogFile {
  const older = `${path}.1`
  let start = 0
  const size = () => statSync(path, { throwIfNoEntry: false })?.size ?? 0
  return {
    path,
    open() {
      mkdirSync(dirname(path), { recursive: true })
      if (size() > maximumBytes) renameSync(path, older)
      const descriptor = openSync(path, 'a', 0o600)
      start = fstatSync(descriptor).size
      return descriptor
    },
    sinceOpen() {
      const end = size()
      const from = Math.max(start > end ? 0 : start, end - 65_536)
      return readRange(path, from, end)
    },
    bound() {
      if (size() <= maximumBytes) return
      // Children hold the file open in append mode: after the cut they go on at its new end.
      copyFileSync(path, older)
      truncateSync(path, 0)
      start = 0
    },
  }
}

/** The last `count` lines that are not empty, indented for the terminal. */
export function lastLines(text: string, count = 12): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  return lines
    .slice(-count)
    .map((line) => `    ${line}`)
    .join('\n')
}

function readRange(path: string, from: number, to: number): string {
  if (to <= from) return ''
  const descriptor = openSync(path, 'r')
  try {
    const buffer = Buffer.alloc(to - from)
    return buffer.toString('utf8', 0, readSync(descriptor, buffer, 0, buffer.length, from))
  } finally {
    closeSync(descriptor)
  }
}
