/** A moment that a schema has checked. */
export function timeOf(text: string | undefined): Date | undefined {
  return text === undefined ? undefined : new Date(text)
}
