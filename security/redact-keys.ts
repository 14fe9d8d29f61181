/** The text without what may be an API key or a session token in it: addresses hold whatever a caller writes there. */
export function redactKeys(text: string): string {
  return text.replaceAll(/cvy_[\w-]+/gi, 'cvy_[redacted]')
}
