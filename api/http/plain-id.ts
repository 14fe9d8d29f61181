const PLAIN_ID = /^[\w-]{1,200}$/

/** Whether a text can be an id of ours. What cannot is not asked for: a NUL in it would be an error of the database. */
export function isPlainId(text: unknown): text is string {
  return typeof text === 'string' && PLAIN_ID.test(text)
}
