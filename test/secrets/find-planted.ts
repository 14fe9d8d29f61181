/** Planted values by what they are. */
export type Planted = Readonly<Record<string, string | RegExp>>

/** Which of the planted values stand in the text: as they are, in hex, in base64 at any offset, or as in an address. */
export function findPlanted(text: string, planted: Planted): readonly string[] {
  return Object.entries(planted)
    .filter(([, value]) =>
      value instanceof RegExp
        ? value.test(text)
        : formsOf(value).some((form) => text.includes(form)),
    )
    .map(([name]) => name)
}

function formsOf(value: string): readonly string[] {
  const bytes = Buffer.from(value)
  const base64 = [0, 1, 2].flatMap((offset) => {
    const whole = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64')
    // Characters at both ends hold bits of the neighbours as well.
    const inner = whole.replace(/=+$/, '').slice(offset === 0 ? 0 : offset + 1, -2)
    return [inner, inner.replaceAll('+', '-').replaceAll('/', '_')]
  })
  const json = JSON.stringify(value).slice(1, -1)
  return [value, json, encodeURIComponent(value), bytes.toString('hex'), ...base64]
}
