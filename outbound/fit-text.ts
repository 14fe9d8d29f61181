/** Control characters, and what else begins a new line. */
const BREAKS = /[\p{Cc}\u2028\u2029]+/gu
const CUT = '…'

/**
 * A text on one line, escaped, in at most `limit` characters; one that is longer ends in `…`. Nothing is cut in two:
 * no character, and nothing that one was escaped to.
 */
export function fitText(
  text: string,
  limit: number,
  escaped: (character: string) => string,
): string {
  // Half a character is no text for a platform that wants UTF-8.
  const line = text.toWellFormed().replaceAll(BREAKS, ' ').trim()
  let fitted = ''
  /** As far as it goes where the cut has to be marked. */
  let cut = ''
  for (const character of line) {
    const next = fitted + escaped(character)
    if (next.length > limit) return `${cut}${CUT}`
    if (next.length + CUT.length <= limit) cut = next
    fitted = next
  }
  return fitted
}

/** How many whole lines fit into `limit` characters, with the breaks between them. */
export function countFitting(lines: readonly string[], limit: number): number {
  let length = -1
  let count = 0
  for (const line of lines) {
    length += line.length + 1
    if (length > limit) break
    count += 1
  }
  return count
}
