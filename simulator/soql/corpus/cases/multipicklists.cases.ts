import type { CustomRow } from '../data/rows.ts'
import { anyOrder, record, type SoqlCase } from '../expectation.ts'

function filter(where: string, keeps: (selected: readonly string[] | null) => boolean): SoqlCase {
  const selected = (row: CustomRow) => row.Colours__c?.split(';') ?? null
  return {
    name: where,
    soql: `SELECT Name, Colours__c FROM Custom_Object__c WHERE Phone__c = 'typed' AND ${where}`,
    expected: (data) =>
      anyOrder(
        data
          .custom('typed')
          .filter((row) => keeps(selected(row)))
          .map((row) => record('Custom_Object__c', row, ['Name', 'Colours__c'])),
      ),
  }
}

const has = (selected: readonly string[] | null, ...wanted: readonly string[]): boolean =>
  selected !== null && wanted.every((value) => selected.includes(value))

/**
 * `;` is AND within one text, a comma between texts is OR. EXCLUDES is read as the contrary of
 * INCLUDES: it keeps records without a value.
 */
export const multipicklists: readonly SoqlCase[] = [
  filter("Colours__c INCLUDES ('Red')", (selected) => has(selected, 'Red')),
  filter("Colours__c includes ('red')", (selected) => has(selected, 'Red')),
  filter("Colours__c INCLUDES ('Red;Blue')", (selected) => has(selected, 'Red', 'Blue')),
  filter("Colours__c INCLUDES ('Blue;Red')", (selected) => has(selected, 'Red', 'Blue')),
  filter(
    "Colours__c INCLUDES ('Red;Blue', 'Green')",
    (selected) => has(selected, 'Red', 'Blue') || has(selected, 'Green'),
  ),
  filter(
    "Colours__c INCLUDES ('Green', 'Blue')",
    (selected) => has(selected, 'Green') || has(selected, 'Blue'),
  ),
  filter("Colours__c != null AND Colours__c EXCLUDES ('Red')", (selected) =>
    selected === null ? false : !has(selected, 'Red'),
  ),
  filter("Colours__c != null AND Colours__c EXCLUDES ('Red', 'Green')", (selected) =>
    selected === null ? false : !has(selected, 'Red') && !has(selected, 'Green'),
  ),
  filter("Colours__c != null AND Colours__c EXCLUDES ('Red;Green')", (selected) =>
    selected === null ? false : !has(selected, 'Red', 'Green'),
  ),
  filter("Colours__c EXCLUDES ('Blue')", (selected) => !has(selected, 'Blue')),
  filter("Colours__c = 'Red;Blue'", (selected) => selected?.join(';') === 'Red;Blue'),
  filter("Colours__c = 'Red'", (selected) => selected?.join(';') === 'Red'),
  filter("Colours__c != 'Red'", (selected) => selected?.join(';') !== 'Red'),
  filter('Colours__c = null', (selected) => selected === null),
  filter("NOT Colours__c INCLUDES ('Red')", (selected) => !has(selected, 'Red')),
]
