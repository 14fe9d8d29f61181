import { describe, expect, test } from 'vitest'
import type { Cell } from '../contracts/bulk-job.ts'
import type { RowCheckSubject } from '../contracts/row-check.ts'
import { fieldFixture, objectFixture } from './describe-fixture.ts'
import { createRowChecker, subjectIssues } from './row-checker.ts'

const DESCRIBE = objectFixture([
  fieldFixture('Name', { length: 5 }),
  fieldFixture('Phone'),
  fieldFixture('Description', { type: 'textarea', length: 5 }),
  fieldFixture('OwnerId', {
    type: 'reference',
    length: 18,
    relationshipName: 'Owner',
    referenceTo: ['User'],
  }),
  fieldFixture('CreatedById', {
    type: 'reference',
    relationshipName: 'CreatedBy',
    createable: false,
    updateable: false,
  }),
  fieldFixture('OnCreate__c', { updateable: false }),
  fieldFixture('Ext__c', { externalId: true, idLookup: true, unique: true }),
  fieldFixture('Number__c', {
    externalId: true,
    autoNumber: true,
    createable: false,
    updateable: false,
  }),
])

function subject(facts: Partial<RowCheckSubject> = {}): RowCheckSubject {
  return {
    operation: 'insert',
    objectType: 'Account',
    externalIdField: null,
    correlationField: null,
    describe: DESCRIBE,
    ...facts,
  }
}

const columnCodes = (columns: string[], facts: Partial<RowCheckSubject> = {}) =>
  createRowChecker(subject(facts))
    .checkColumns(columns)
    .map((issue) => issue.code)

const rowCodes = (columns: string[], cells: Cell[], facts: Partial<RowCheckSubject> = {}) =>
  createRowChecker(subject(facts))
    .checkRow(columns, 7, cells)
    .map((issue) => {
      expect(issue.rowNumber).toBe(7)
      return issue.code
    })

describe('columns', () => {
  test.each([
    ['Nmae', 'Did you mean Name?'],
    ['phone_', 'Did you mean Phone?'],
    ['Onwer.Email', 'Did you mean Owner.Email?'],
  ])('%s is unknown, and the nearest name is given', (column, hint) => {
    const [issue] = createRowChecker(subject()).checkColumns([column])
    expect(issue).toMatchObject({ code: 'unknown_field', rowNumber: null, field: column })
    expect(issue?.message).toContain(hint)
  })

  test('a name that is near to nothing gets no hint', () => {
    expect(createRowChecker(subject()).checkColumns(['Zzzzzzzzz'])[0]?.message).not.toContain(
      'mean',
    )
  })

  test('names are read without regard to case; relationships by their keys are taken', () => {
    expect(columnCodes(['NAME', 'owner.email', 'User:Owner.Ext__c'])).toEqual([])
  })

  test('a field that the operation cannot write is refused, also by way of its relationship', () => {
    expect(columnCodes(['OnCreate__c'])).toEqual([])
    expect(columnCodes(['Id', 'OnCreate__c'], { operation: 'update' })).toEqual([
      'field_not_writable',
    ])
    expect(columnCodes(['Id', 'CreatedById', 'CreatedBy.Email'])).toEqual([
      'field_not_writable',
      'field_not_writable',
      'field_not_writable',
    ])
    const upsert = { operation: 'upsert', externalIdField: 'ext__c' } as const
    expect(columnCodes(['Ext__c', 'OnCreate__c', 'Id'], upsert)).toEqual(['field_not_writable'])
    expect(
      columnCodes(['Number__c'], { operation: 'upsert', externalIdField: 'Number__c' }),
    ).toEqual([])
  })

  test('a column twice, in whatever case, and a column without a name are refused', () => {
    expect(columnCodes(['Name', 'name'])).toEqual(['duplicate_column'])
    expect(columnCodes(['Name', ' '])).toEqual(['unknown_field'])
  })

  test('the key column must be there', () => {
    expect(columnCodes(['Name'], { operation: 'update' })).toEqual(['missing_id'])
    expect(columnCodes(['Name'], { operation: 'hard_delete' })).toEqual(['missing_id'])
    expect(columnCodes(['Name'], { operation: 'upsert', externalIdField: 'Ext__c' })).toEqual([
      'missing_external_id',
    ])
  })

  test('of a delete only the Id matters', () => {
    expect(columnCodes(['id', 'Whatever', 'CreatedById'], { operation: 'delete' })).toEqual([])
  })

  test('without a describe only what needs none is checked', () => {
    expect(columnCodes(['Whatever', 'whatever'], { describe: null })).toEqual(['duplicate_column'])
    expect(rowCodes(['Whatever'], ['x'.repeat(900)], { describe: null })).toEqual([])
    expect(rowCodes(['Id'], ['x'], { describe: null, operation: 'delete' })).toEqual(['invalid_id'])
  })
})

describe('rows', () => {
  test.each<[Cell, string[]]>([
    [null, ['missing_id']],
    ['', ['missing_id']],
    ['  ', ['missing_id']],
    ['001', ['invalid_id']],
    ['001D000000IqhS!', ['invalid_id']],
    ['001D000000IqhSL', []],
    ['001d000000iqhsliaz', []],
  ])('an update with the Id %j', (id, codes) => {
    expect(rowCodes(['Id', 'Name'], [id, 'a'], { operation: 'update' })).toEqual(codes)
  })

  test('an upsert needs a key in each row', () => {
    const facts = { operation: 'upsert', externalIdField: 'EXT__c' } as const
    expect(rowCodes(['Ext__c', 'Name'], [' ', 'a'], facts)).toEqual(['missing_external_id'])
    expect(rowCodes(['Ext__c', 'Name'], ['1', 'a'], facts)).toEqual([])
  })

  test('a row without any value is refused for that alone', () => {
    expect(rowCodes(['Id', 'Name'], [null, null], { operation: 'update' })).toEqual(['empty_row'])
    expect(rowCodes(['Name'], [''])).toEqual([])
  })

  test('only what is surely too long is refused, and the message holds no value', () => {
    expect(rowCodes(['Name'], ['abcde'])).toEqual([])
    expect(rowCodes(['Name'], [' abcde '])).toEqual([])
    expect(rowCodes(['Name'], ['\u{1f600}'.repeat(5)])).toEqual([])
    expect(rowCodes(['Description'], ['a\r\nb\r\nc'])).toEqual([])
    expect(rowCodes(['Name'], ['abcdef'])).toEqual(['field_too_long'])
    const [issue] = createRowChecker(subject()).checkRow(['Name'], 1, ['secret'])
    expect(issue?.message).not.toContain('secret')
    expect(issue).toMatchObject({ field: 'Name', rowNumber: 1 })
  })

  test('the text #N/A is refused', () => {
    expect(rowCodes(['Name', 'Phone'], ['#N/A', 'about #N/A'])).toEqual(['reserved_value'])
  })

  test('required fields and picklist values are left to Salesforce', () => {
    const describe = objectFixture([
      fieldFixture('Name', { nillable: false }),
      fieldFixture('Kind', { type: 'picklist', restrictedPicklist: true, picklistValues: [] }),
    ])
    expect(rowCodes(['Kind'], ['anything'], { describe })).toEqual([])
  })

  test('rows are checked by their own columns when batches differ', () => {
    const checker = createRowChecker(subject())
    expect(checker.checkRow(['Name'], 1, ['abcdef'])).toHaveLength(1)
    expect(checker.checkRow(['Phone'], 2, ['abcdef'])).toHaveLength(0)
    expect(checker.checkRow(['Phone', 'Name'], 3, ['abcdef', 'abcdef'])).toHaveLength(1)
  })
})

describe('the job itself', () => {
  const codes = (facts: Partial<RowCheckSubject>) =>
    subjectIssues(subject(facts)).map((issue) => issue.code)

  test('is fine as it is', () => {
    expect(codes({})).toEqual([])
    expect(codes({ operation: 'upsert', externalIdField: 'ext__c' })).toEqual([])
    expect(codes({ operation: 'upsert', externalIdField: 'Id' })).toEqual([])
    expect(codes({ operation: 'upsert', externalIdField: 'Ext__c', describe: null })).toEqual([])
  })

  test('needs an object by name and an operation that it allows', () => {
    expect(codes({ objectType: 'Acc ount' })).toEqual(['unknown_object'])
    expect(codes({ describe: objectFixture([], { createable: false }) })).toEqual([
      'operation_not_allowed',
    ])
    const undeletable = objectFixture([], { deletable: false })
    expect(codes({ operation: 'hard_delete', describe: undeletable })).toEqual([
      'operation_not_allowed',
    ])
  })

  test('needs an external id for an upsert', () => {
    expect(codes({ operation: 'upsert', describe: null })).toEqual(['missing_external_id_field'])
    expect(codes({ operation: 'upsert', externalIdField: 'Nope__c' })).toEqual(['unknown_field'])
    const [issue] = subjectIssues(subject({ operation: 'upsert', externalIdField: 'phone' }))
    expect(issue).toMatchObject({ code: 'not_an_external_id', field: 'Phone' })
    expect(issue?.message).toContain('Ext__c')
  })

  test('needs a correlation field that can be written', () => {
    expect(codes({ correlationField: 'Ext__c' })).toEqual([])
    expect(codes({ correlationField: 'Ext_c' })).toEqual(['unknown_field'])
    expect(codes({ correlationField: 'CreatedById' })).toEqual(['field_not_writable'])
  })
})
