import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseRowError } from './row-error.ts'

const field = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_]{0,12}(__c)?$/)
const code = fc.stringMatching(/^[A-Z][A-Z0-9_]{2,30}$/)
// Salesforce trims what it reports.
const message = fc
  .string({ unit: 'grapheme', maxLength: 60 })
  .map((text) => text.trim())
  .filter((text) => text !== '')

describe('sf__Error', () => {
  test('is read back as it was written, colons and line ends included', () => {
    fc.assert(
      fc.property(
        code,
        message,
        fc.array(field, { minLength: 1, maxLength: 4 }),
        (c, m, fields) => {
          expect(parseRowError(`${c}:${m}:${fields.join(',')} --`)).toMatchObject({
            code: c,
            message: m,
            fields,
          })
          expect(parseRowError(`${c}:${m}:--`)).toMatchObject({ code: c, message: m, fields: [] })
        },
      ),
    )
  })

  test('no text makes it fail or lose a word', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 80 }), (text) => {
        const parsed = parseRowError(text)
        expect(text).toContain(parsed.message)
      }),
    )
  })

  test.each([
    [
      'REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --',
      {
        code: 'REQUIRED_FIELD_MISSING',
        message: 'Required fields are missing: [Name]',
        fields: ['Name'],
      },
    ],
    [
      'DUPLICATE_VALUE:duplicate value found: Key__c duplicates value on record with id: 001A0000006Vm9r:--',
      {
        code: 'DUPLICATE_VALUE',
        message:
          'duplicate value found: Key__c duplicates value on record with id: 001A0000006Vm9r',
        fields: [],
      },
    ],
    [
      'INVALID_CROSS_REFERENCE_KEY:invalid cross reference id --',
      { code: 'INVALID_CROSS_REFERENCE_KEY', message: 'invalid cross reference id', fields: [] },
    ],
    [
      'STRING_TOO_LONG:Name: data value too large: Aaaa (max length=255):Name, AccountNumber --',
      {
        code: 'STRING_TOO_LONG',
        message: 'Name: data value too large: Aaaa (max length=255)',
        fields: ['Name', 'AccountNumber'],
      },
    ],
    [
      'InvalidBatch : Field name not found : Foo__c',
      { code: 'InvalidBatch', message: 'Field name not found : Foo__c', fields: [] },
    ],
    ['something else', { code: 'unreadable_error', message: 'something else', fields: [] }],
    ['Required: a name', { code: 'unreadable_error', message: 'Required: a name', fields: [] }],
    ['', { code: 'unreadable_error', message: '', fields: [] }],
  ])('%s', (text, expected) => {
    expect(parseRowError(text)).toEqual({ ...expected, transient: false })
  })

  test.each([
    'UNABLE_TO_LOCK_ROW:unable to obtain exclusive access to this record:--',
    'TooManyLockFailure:Too many lock failure 200:--',
    'SERVER_UNAVAILABLE:unavailable:--',
    'REQUEST_RUNNING_TOO_LONG:Your request was running for too long, and has been stopped.:--',
    'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY:T: execution of AfterUpdate caused by: first error: UNABLE_TO_LOCK_ROW, x:--',
  ])('may go again: %s', (text) => {
    expect(parseRowError(text).transient).toBe(true)
  })

  test.each([
    // Its documentation does not say that nothing was written.
    'UNKNOWN_EXCEPTION:An unexpected error occurred:--',
    'ENTITY_IS_LOCKED:the entity is locked for editing:--',
    'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY:T: a validation:--',
    'DUPLICATES_DETECTED:message that names UNABLE_TO_LOCK_ROW:--',
  ])('must not go again: %s', (text) => {
    expect(parseRowError(text).transient).toBe(false)
  })
})
