import { fieldFixture, objectFixture } from './describe-fixture.ts'
import type { ReadResultLine, ResultKind } from './result-lines.ts'
import type { RowError } from './row-verdict.ts'

/** What the tests of tying share: an object, two errors, and the lines of a result file. */

export const LOCKED = 'UNABLE_TO_LOCK_ROW:busy:--'
export const MISSING = 'REQUIRED_FIELD_MISSING:gone:Name --'

export function parseError(text: string): RowError {
  const [code = '', message = ''] = text.split(':')
  return { code, message, fields: [], transient: text === LOCKED }
}

const FIELDS = [
  fieldFixture('Name'),
  fieldFixture('Email__c', { type: 'email' }),
  fieldFixture('Amount__c', { type: 'currency' }),
  fieldFixture('When__c', { type: 'datetime' }),
  fieldFixture('Flag__c', { type: 'boolean' }),
  fieldFixture('Ext__c', { externalId: true, idLookup: true, unique: true }),
  fieldFixture('Trace__c', { externalId: true, idLookup: true, caseSensitive: true }),
]
export const DESCRIBE = objectFixture(FIELDS)

export function recordId(number: number): string {
  return `001000000${String(number).padStart(6, '0')}AAA`
}

interface Echo {
  readonly kind: ResultKind
  readonly cells: readonly string[]
  readonly id?: string
  readonly error?: string
}

export function echoLine(columns: readonly string[], echo: Echo): ReadResultLine {
  return {
    columns,
    line: {
      outcome: echo.kind,
      salesforceId: echo.id ?? null,
      created: echo.kind === 'success' ? true : null,
      error: echo.kind === 'failed' ? (echo.error ?? MISSING) : null,
      cells: echo.cells,
    },
  }
}
