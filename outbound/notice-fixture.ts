import fc from 'fast-check'
import { SEVERITIES } from '../contracts/severity.ts'
import type { Notice } from './notice.ts'

/** What platforms give a meaning to, beside anything else. */
const hostile = fc.constantFrom(
  ...['<!channel>', '<@U1>', '&', '@everyone', '<@&1>', '[x](https://a.example)', '`', '**', '||'],
  ...[
    '\n',
    '\u0000',
    '💥',
    '\ud83d',
    '\u2028',
    'https://a.example/?a=1&b=2',
    '<#1>',
    ':x:',
    '&amp;',
  ],
)
const text = fc
  .array(fc.oneof(hostile, fc.string({ unit: 'binary', maxLength: 40 })), { maxLength: 60 })
  .map((parts) => parts.join(''))
const long = fc.oneof(text, fc.string({ minLength: 3_000, maxLength: 5_000 }))

/** Any notice at all, larger ones than are ever made too. */
export const anyNotice: fc.Arbitrary<Notice> = fc.record({
  title: long,
  lines: fc.array(
    fc.record({
      severity: fc.constantFrom(...SEVERITIES),
      title: long,
      text: long,
      at: fc.date({ noInvalidDate: true }),
    }),
    { maxLength: 60 },
  ),
  more: fc.nat({ max: 10_000_000 }),
  link: fc.oneof(
    fc.constant(null),
    fc.webUrl({ withQueryParameters: true }),
    text.map((query) => `https://conveyor.example.com/?q=${query}`),
  ),
})

/** What a message says of more; 0 where it says nothing. */
export function statedMore(texts: readonly string[]): number {
  const found = texts.map((each) => /(?:^|[[|\n])and ([\d,]+) more(?:[\]>]|$)/.exec(each)?.[1])
  const last = found.findLast((number) => number !== undefined)
  return last === undefined ? 0 : Number(last.replaceAll(',', ''))
}
