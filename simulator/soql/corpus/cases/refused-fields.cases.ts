import { refusal, type SoqlCase } from '../expectation.ts'

const MALFORMED = 'MALFORMED_QUERY'
const FIELD = 'INVALID_FIELD'
const FILTER = 'INVALID_QUERY_FILTER_OPERATOR'
/** Where the documents say that it is an error, but not which. */
const EITHER = /^(MALFORMED_QUERY|INVALID_FIELD|INVALID_QUERY_FILTER_OPERATOR)$/
const ANY = /\S/
const wrongType = /value of filter criterion for field '\w+' must be of type \w+/

const names: readonly SoqlCase[] = [
  refusal(
    'SELECT Id FROM Nothing__c',
    'INVALID_TYPE',
    /sObject type 'Nothing__c' is not supported/,
  ),
  refusal('SELECT Nothing FROM Account', FIELD, /No such column 'Nothing' on entity 'Account'/),
  refusal(
    'SELECT Id FROM Account WHERE Nothing = 1',
    FIELD,
    /No such column 'Nothing' on entity 'Account'/,
  ),
  refusal('SELECT Id FROM Account ORDER BY Nothing', FIELD, /No such column 'Nothing'/),
  refusal('SELECT Nothing, COUNT(Id) FROM Account GROUP BY Nothing', FIELD, /No such column/),
  refusal(
    'SELECT Account.Nothing FROM Contact',
    FIELD,
    /No such column 'Nothing' on entity 'Account'/,
  ),
  refusal('SELECT Nobody.Name FROM Account', FIELD, /Didn't understand relationship 'Nobody'/),
  refusal(
    'SELECT Id, (SELECT Id FROM Nobodies) FROM Account',
    'INVALID_TYPE',
    /Didn't understand relationship 'Nobodies' in FROM part of query call/,
  ),
  refusal('SELECT Id, Id FROM Account', FIELD, /duplicate field selected: Id/),
  refusal('SELECT Id, FIELDS(STANDARD) FROM Account', FIELD, /duplicate field selected: Id/),
]

const values: readonly SoqlCase[] = [
  refusal("SELECT Id FROM Opportunity WHERE CloseDate = '2024-01-01'", FIELD, wrongType),
  refusal('SELECT Id FROM Account WHERE CreatedDate > 2024-01-01', FIELD, wrongType),
  refusal('SELECT Id FROM Opportunity WHERE CloseDate > 2024-01-01T00:00:00Z', FIELD, wrongType),
  refusal("SELECT Id FROM Account WHERE AnnualRevenue = '5'", FIELD, wrongType),
  refusal('SELECT Id FROM Account WHERE Name = 5', FIELD, /filter criterion for field 'Name'/),
  refusal("SELECT Id FROM Account WHERE Active__c = 'true'", FIELD, wrongType),
  refusal(
    'SELECT Id FROM Account WHERE Active__c = 1',
    FIELD,
    /filter criterion for field 'Active__c'/,
  ),
  refusal("SELECT Id FROM Account WHERE Id = 'garbage'", FILTER, /invalid ID field: garbage/),
  refusal("SELECT Id FROM Account WHERE Id LIKE '001%'", FILTER, /invalid operator on id field/),
]

/** Literals that mean nothing for their field, or nothing at all. */
const literals: readonly SoqlCase[] = [
  refusal(
    'SELECT Id FROM Account WHERE Name = TODAY',
    EITHER,
    ANY,
    "SELECT Id FROM Account WHERE Name = 'TODAY'",
  ),
  refusal(
    'SELECT Id FROM Opportunity WHERE CloseDate = 2023-02-29',
    EITHER,
    ANY,
    'SELECT Id FROM Opportunity WHERE CloseDate = 2024-02-29',
  ),
  refusal(
    'SELECT Id FROM Opportunity WHERE CloseDate = LAST_N_DAYS',
    EITHER,
    ANY,
    'SELECT Id FROM Opportunity WHERE CloseDate = LAST_N_DAYS:3',
  ),
  refusal(
    'SELECT Id FROM Opportunity WHERE CloseDate = LAST_FORTNIGHT',
    EITHER,
    ANY,
    'SELECT Id FROM Opportunity WHERE CloseDate = LAST_WEEK',
  ),
  refusal(
    "SELECT Id FROM Account WHERE AnnualRevenue LIKE '5%'",
    EITHER,
    ANY,
    "SELECT Id FROM Account WHERE Industry LIKE 'B%'",
  ),
  refusal(
    'SELECT Id FROM Account WHERE AnnualRevenue = 1.2.3',
    EITHER,
    ANY,
    'SELECT Id FROM Account WHERE AnnualRevenue = 1.2',
  ),
]

/** What values may be at most. */
const bounds: readonly SoqlCase[] = [
  {
    ...refusal(
      `SELECT Id FROM Account WHERE Name = '${'x'.repeat(4_001)}'`,
      EITHER,
      ANY,
      `SELECT Id FROM Account WHERE Name = '${'x'.repeat(4_000)}'`,
    ),
    name: 'a text of 4001 characters',
  },
  refusal(
    'SELECT Id FROM Opportunity WHERE CloseDate > 1699-12-31',
    EITHER,
    ANY,
    'SELECT Id FROM Opportunity WHERE CloseDate > 1700-01-01',
  ),
  refusal(
    'SELECT Id FROM Opportunity WHERE CloseDate < 4001-01-01',
    EITHER,
    ANY,
    'SELECT Id FROM Opportunity WHERE CloseDate < 4000-12-31',
  ),
]

const types: readonly SoqlCase[] = [
  refusal(
    "SELECT Id FROM Account WHERE Description = 'x'",
    FIELD,
    /can ?not be filtered in (a )?query call/,
  ),
  refusal(
    'SELECT Id FROM Account ORDER BY Description',
    MALFORMED,
    /can not be sorted in a query call/,
  ),
  refusal(
    'SELECT Colours__c FROM Custom_Object__c ORDER BY Colours__c',
    MALFORMED,
    /can not be sorted in a query call/,
  ),
  refusal(
    'SELECT Description, COUNT(Id) FROM Account GROUP BY Description',
    MALFORMED,
    /can not be grouped in a query call/,
  ),
  refusal(
    'SELECT MIN(Active__c) FROM Account',
    MALFORMED,
    /does not support aggregate operator MIN/,
  ),
  refusal(
    'SELECT COUNT(Active__c) FROM Account',
    MALFORMED,
    /does not support aggregate operator COUNT/,
  ),
  refusal('SELECT SUM(Name) FROM Account', MALFORMED, /does not support aggregate operator SUM/),
  refusal(
    'SELECT AVG(CloseDate) FROM Opportunity',
    MALFORMED,
    /does not support aggregate operator AVG/,
  ),
  refusal('SELECT MAX(Colours__c) FROM Custom_Object__c', MALFORMED, /aggregate operator MAX/),
  refusal(
    "SELECT Id FROM Account WHERE Name INCLUDES ('a')",
    FILTER,
    ANY,
    "SELECT Id FROM Contact WHERE Languages__c INCLUDES ('English')",
  ),
]

/** Only some types make groups: no decimals, no instants, no sets of values. */
const ungroupable: readonly SoqlCase[] = [
  ['Account', 'AnnualRevenue'],
  ['Account', 'Score__c'],
  ['Account', 'CreatedDate'],
  ['Opportunity', 'Probability'],
  ['Custom_Object__c', 'Datetime__c'],
  ['Custom_Object__c', 'Colours__c'],
].map(([object, field]) =>
  refusal(
    `SELECT ${field}, COUNT(Id) FROM ${object} GROUP BY ${field}`,
    MALFORMED,
    /field '\w+' can not be grouped in a query call/,
  ),
)

/** Names that do not exist, values of another type than their field's, types that cannot do it. */
export const refusedFields: readonly SoqlCase[] = [
  ...names,
  ...values,
  ...literals,
  ...bounds,
  ...types,
  ...ungroupable,
]
