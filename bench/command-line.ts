/** The command line cannot be read; the message says which part. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** @throws UsageError */
export function wholeNumber(name: string, text: string, most: number): number {
  const value = /^\d+$/.test(text.trim()) ? Number(text) : Number.NaN
  if (value >= 1 && value <= most) return value
  throw new UsageError(`${name} takes whole numbers from 1 to ${most}; "${text}" is none.`)
}
