import type { CustomRow } from '../data/rows.ts'
import { anyOrder, inOrder, record, type SoqlCase } from '../expectation.ts'
import { fold, sameText, sorted } from '../semantics.ts'

const shown = (row: CustomRow) => record('Custom_Object__c', row, ['Name', 'Text__c'])
const SELECT = 'SELECT Name, Text__c FROM Custom_Object__c'

function filter(where: string, keeps: (text: string | null) => boolean): SoqlCase {
  return {
    name: where.replaceAll('\n', '\\n'),
    soql: `${SELECT} WHERE Phone__c = 'text' AND ${where}`,
    expected: (data) =>
      anyOrder(
        data
          .custom('text')
          .filter((row) => keeps(row.Text__c))
          .map(shown),
      ),
  }
}

const like = (pattern: RegExp) => (text: string | null) => text !== null && pattern.test(text)

/** Text is compared without case, far beyond ASCII, and by the values of its uppercase characters. */
export const textCase: readonly SoqlCase[] = [
  filter("Text__c = 'aPPle'", (text) => sameText(text, 'apple')),
  filter("Text__c = 'ÄPFEL'", (text) => sameText(text, 'äpfel')),
  filter("Text__c = 'привет'", (text) => sameText(text, 'привет')),
  filter("Text__c = 'Αθηνα'", (text) => sameText(text, 'ΑΘΗΝΑ')),
  filter("Text__c = '日本'", (text) => text === '日本'),
  filter("Text__c != 'ÑANDÚ'", (text) => !sameText(text, 'ñandú')),
  filter("Text__c IN ('ZEBRA', 'ÉCLAIR', 'ñanDÚ')", (text) =>
    ['ZEBRA', 'ÉCLAIR', 'ÑANDÚ'].includes(fold(text ?? '')),
  ),
  filter("Text__c NOT IN ('ZEBRA', 'ÉCLAIR')", (text) =>
    text === null ? true : !['ZEBRA', 'ÉCLAIR'].includes(fold(text)),
  ),
  filter("Text__c > 'Z'", (text) => text !== null && fold(text) > 'Z'),
  filter("Text__c < 'B'", (text) => text !== null && fold(text) < 'B'),

  filter("Text__c LIKE 'APP%'", like(/^app/i)),
  filter("Text__c LIKE '%ä%'", like(/ä/i)),
  filter("Text__c LIKE 'прив%'", like(/^прив/iu)),
  // The sigma at the end of a word is another letter, in lower case alone.
  filter("Text__c = 'οδος'", (text) => sameText(text, 'ΟΔΟΣ')),
  filter("Text__c LIKE 'ΟΔΟΣ%'", (text) => text !== null && fold(text).startsWith('ΟΔΟΣ')),
  filter("Text__c LIKE 'οδοσ%'", (text) => text !== null && fold(text).startsWith('ΟΔΟΣ')),
  filter("Text__c LIKE 'a_'", like(/^a.$/i)),
  filter("Text__c LIKE '_'", like(/^.$/)),
  filter("Text__c LIKE '_b_'", like(/^.b.$/i)),
  filter("Text__c LIKE '%'", (text) => text !== null),
  filter("Text__c LIKE '50%off'", like(/^50.*off$/i)),
  filter("Text__c LIKE '50_xoff'", like(/^50.xoff$/i)),
  filter("Text__c LIKE '50\\%%'", like(/^50%/)),
  filter("Text__c LIKE '%\\%'", like(/%$/)),
  filter("Text__c LIKE 'under\\_%'", like(/^under_/i)),
  filter("Text__c LIKE 'under_score'", like(/^under.score$/i)),
  filter("Text__c LIKE '\\_%'", like(/^_/)),
  { ...filter("Text__c LIKE 'pple'", () => false), empty: true },
  filter(
    "(NOT Text__c LIKE '%a%') AND Text__c != null",
    (text) => text !== null && !/a/i.test(text),
  ),

  filter("Text__c = 'O\\'Brien'", (text) => text === "O'Brien"),
  filter("Text__c = 'BACK\\\\slash'", (text) => text === 'back\\slash'),
  filter("Text__c = 'double\\\"quote'", (text) => text === 'double"quote'),
  filter("Text__c = 'line\\nbreak'", (text) => text === 'line\nbreak'),
  filter("Text__c = 'tab\\there'", (text) => text === 'tab\there'),
  filter("Text__c = '\\u00e9clair'", (text) => sameText(text, 'éclair')),

  {
    name: 'ORDER BY text folds to uppercase, nulls first',
    soql: `${SELECT} WHERE Phone__c = 'text' ORDER BY Text__c, Name`,
    expected: (data) =>
      inOrder(
        sorted(data.custom('text'), { of: (row) => row.Text__c }, { of: (row) => row.Name }).map(
          shown,
        ),
      ),
  },
  {
    name: 'ORDER BY text DESC, ties broken by a second key',
    soql: `${SELECT} WHERE Phone__c = 'text' ORDER BY Text__c DESC NULLS LAST, Name ASC`,
    expected: (data) =>
      inOrder(
        sorted(
          data.custom('text'),
          { of: (row) => row.Text__c, descending: true, nullsLast: true },
          { of: (row) => row.Name },
        ).map(shown),
      ),
  },
]
