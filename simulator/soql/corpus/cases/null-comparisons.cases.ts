import type { CustomRow } from '../data/rows.ts'
import { anyOrder, record, type SoqlCase } from '../expectation.ts'
import { fold, sameText } from '../semantics.ts'

/** A filter on the rows that hold every type of field, and the same filter in plain code. */
function filter(where: string, keeps: (row: CustomRow) => boolean): SoqlCase {
  return {
    name: where,
    soql: `SELECT Name FROM Custom_Object__c WHERE Phone__c = 'typed' AND (${where})`,
    expected: (data) =>
      anyOrder(
        data
          .custom('typed')
          .filter(keeps)
          .map((row) => record('Custom_Object__c', row, ['Name'])),
      ),
  }
}

const isLess = (value: string | number | null, other: string | number): boolean =>
  value !== null && (typeof value === 'string' ? fold(value) : value) < other
const isMore = (value: string | number | null, other: string | number): boolean =>
  value !== null && (typeof value === 'string' ? fold(value) : value) > other
const AT = '2024-02-29T23:59:59.000Z'

/**
 * Every operator on every type. A record without a value equals null, differs from every other value,
 * and is neither less nor more than any. Documented for `=`, `!=` and checkboxes; that an empty text is
 * no value, and that NOT IN keeps missing values as `!=` does, is a reading.
 */
export const nullComparisons: readonly SoqlCase[] = [
  filter('Text__c = null', (row) => row.Text__c === null),
  filter('Text__c != null', (row) => row.Text__c !== null),
  filter("Text__c = 'ALPHA'", (row) => sameText(row.Text__c, 'alpha')),
  filter("Text__c != 'alpha'", (row) => !sameText(row.Text__c, 'alpha')),
  filter("Text__c <> 'alpha'", (row) => !sameText(row.Text__c, 'alpha')),
  filter("Text__c < 'beta'", (row) => isLess(row.Text__c, 'BETA')),
  filter("Text__c <= 'beta'", (row) => row.Text__c !== null && fold(row.Text__c) <= 'BETA'),
  filter("Text__c > 'BETA'", (row) => isMore(row.Text__c, 'BETA')),
  filter("Text__c >= 'BETA'", (row) => row.Text__c !== null && fold(row.Text__c) >= 'BETA'),
  filter("Text__c = ''", (row) => row.Text__c === null),

  filter('Number__c = null', (row) => row.Number__c === null),
  filter('Number__c != null', (row) => row.Number__c !== null),
  filter('Number__c = 0', (row) => row.Number__c === 0),
  filter('Number__c != 0', (row) => row.Number__c !== 0),
  filter('Number__c < 0', (row) => isLess(row.Number__c, 0)),
  filter('Number__c <= 0', (row) => row.Number__c !== null && row.Number__c <= 0),
  filter('Number__c > 0', (row) => isMore(row.Number__c, 0)),
  filter('Number__c >= 0.5', (row) => row.Number__c !== null && row.Number__c >= 0.5),
  filter('Number__c = -7.25', (row) => row.Number__c === -7.25),
  filter('Number__c = +12.340', (row) => row.Number__c === 12.34),

  filter('Currency__c = null', (row) => row.Currency__c === null),
  filter('Currency__c > 500', (row) => isMore(row.Currency__c, 500)),
  filter('Currency__c <= 500.00', (row) => row.Currency__c !== null && row.Currency__c <= 500),
  filter('Percent__c != null', (row) => row.Percent__c !== null),
  filter('Percent__c >= 50.5', (row) => row.Percent__c !== null && row.Percent__c >= 50.5),
  filter('Percent__c < 10', (row) => isLess(row.Percent__c, 10)),

  filter('Checkbox__c = TRUE', (row) => row.Checkbox__c),
  filter('Checkbox__c = false', (row) => !row.Checkbox__c),
  filter('Checkbox__c != true', (row) => !row.Checkbox__c),
  filter('Checkbox__c = null', (row) => !row.Checkbox__c),
  filter('Checkbox__c != null', (row) => row.Checkbox__c),

  filter('Date__c = null', (row) => row.Date__c === null),
  filter('Date__c != null', (row) => row.Date__c !== null),
  filter('Date__c = 2024-02-29', (row) => row.Date__c === '2024-02-29'),
  filter('Date__c != 2024-02-29', (row) => row.Date__c !== '2024-02-29'),
  filter('Date__c < 2024-02-29', (row) => isLess(row.Date__c, '2024-02-29')),
  filter('Date__c >= 2024-02-29', (row) => row.Date__c !== null && row.Date__c >= '2024-02-29'),

  filter('Datetime__c = null', (row) => row.Datetime__c === null),
  filter('Datetime__c != null', (row) => row.Datetime__c !== null),
  filter('Datetime__c = 2024-02-29T23:59:59Z', (row) => row.Datetime__c === AT),
  filter('Datetime__c != 2024-02-29T23:59:59Z', (row) => row.Datetime__c !== AT),
  filter('Datetime__c > 2024-02-29T23:59:59Z', (row) => isMore(row.Datetime__c, AT)),
  filter(
    'Datetime__c <= 2024-02-29T23:59:59.000Z',
    (row) => row.Datetime__c !== null && row.Datetime__c <= AT,
  ),

  filter('Status__c = null', (row) => row.Status__c === null),
  filter("Status__c = 'active'", (row) => row.Status__c === 'Active'),
  filter("Status__c != 'Active'", (row) => row.Status__c !== 'Active'),
  filter("Status__c IN ('new', 'CLOSED')", (row) =>
    ['New', 'Closed'].includes(row.Status__c ?? ''),
  ),
  filter("Status__c NOT IN ('new', 'CLOSED')", (row) =>
    row.Status__c === null ? true : row.Status__c === 'Active',
  ),
  filter("Status__c IN ('New', null)", (row) => row.Status__c === null || row.Status__c === 'New'),
  filter(
    "Status__c NOT IN ('New', null)",
    (row) => row.Status__c === 'Active' || row.Status__c === 'Closed',
  ),

  filter("Email__c = 'b@example.com'", (row) => sameText(row.Email__c, 'b@example.com')),
  filter('Email__c = null', (row) => row.Email__c === null),
  filter("Url__c != 'https://EXAMPLE.com/a'", (row) => row.Url__c !== 'https://example.com/a'),
  filter('Account__c = null', (row) => row.Account__c === null),
  filter('Account__c != null', (row) => row.Account__c !== null),
  filter('Number__c IN (0, 12.34, -1)', (row) => [0, 12.34, -1].includes(row.Number__c ?? 5)),
  filter('Number__c NOT IN (0, 12.34, -1)', (row) => ![0, 12.34, -1].includes(row.Number__c ?? 5)),
  filter('Date__c IN (2024-02-28, 2024-03-01)', (row) =>
    ['2024-02-28', '2024-03-01'].includes(row.Date__c ?? ''),
  ),
  filter(
    'Datetime__c IN (2024-03-01T00:00:00Z)',
    (row) => row.Datetime__c === '2024-03-01T00:00:00.000Z',
  ),
]
