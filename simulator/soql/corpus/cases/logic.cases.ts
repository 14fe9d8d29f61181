import type { AccountRow } from '../data/rows.ts'
import { anyOrder, record, type SoqlCase } from '../expectation.ts'

function filter(where: string, keeps: (row: AccountRow) => boolean): SoqlCase {
  return {
    name: where,
    soql: `SELECT Id FROM Account WHERE ${where}`,
    expected: (data) =>
      anyOrder(data.accounts.filter(keeps).map((row) => record('Account', row, ['Id']))),
  }
}

const rich = (row: AccountRow): boolean => row.AnnualRevenue !== null && row.AnnualRevenue > 500_000
const banking = (row: AccountRow): boolean => row.Industry === 'Banking'
const hot = (row: AccountRow): boolean => row.Rating === 'Hot'

/**
 * AND, OR and NOT. A comparison with a missing value is false, and NOT of what is false is true: the
 * guide knows no third value.
 */
export const logic: readonly SoqlCase[] = [
  filter("Rating = 'Hot' AND AnnualRevenue > 500000", (row) => hot(row) && rich(row)),
  filter("Rating = 'Hot' OR AnnualRevenue > 500000", (row) => hot(row) || rich(row)),
  filter(
    "(Rating = 'Hot' OR Industry = 'Banking') AND AnnualRevenue > 500000",
    (row) => (hot(row) || banking(row)) && rich(row),
  ),
  filter(
    "Rating = 'Hot' OR (Industry = 'Banking' AND AnnualRevenue > 500000)",
    (row) => hot(row) || (banking(row) && rich(row)),
  ),
  filter("NOT Rating = 'Hot'", (row) => !hot(row)),
  filter("(NOT Rating = 'Hot') AND Industry = 'Banking'", (row) => !hot(row) && banking(row)),
  filter("NOT (Rating = 'Hot' OR Industry = 'Banking')", (row) => !(hot(row) || banking(row))),
  filter("NOT (Rating = 'Hot' AND Industry = 'Banking')", (row) => !(hot(row) && banking(row))),
  filter('NOT AnnualRevenue > 500000', (row) => !rich(row)),
  filter('NOT (NOT AnnualRevenue > 500000)', rich),
  filter('NOT Rating = null', (row) => row.Rating !== null),
  filter("((Rating = 'Hot')) AND (((Active__c = true)))", (row) => hot(row) && row.Active__c),
  filter(
    "Rating = 'Hot' AND Active__c = true AND NumberOfEmployees > 50 AND Industry != 'Other'",
    (row) =>
      hot(row) && row.Active__c && (row.NumberOfEmployees ?? 0) > 50 && row.Industry !== 'Other',
  ),
  filter(
    'NumberOfEmployees < 50 OR NumberOfEmployees > 450 OR NumberOfEmployees = null',
    ({ NumberOfEmployees: n }) => n === null || n < 50 || n > 450,
  ),
  filter("rating = 'Hot' aNd aCTIVE__C = TRUE", (row) => hot(row) && row.Active__c),
  filter('NumberOfEmployees = 0 OR AnnualRevenue = 0', (row) =>
    [row.NumberOfEmployees, row.AnnualRevenue].includes(0),
  ),
  filter('AnnualRevenue >= 250000 AND AnnualRevenue <= 500000', ({ AnnualRevenue: value }) =>
    value === null ? false : value >= 250_000 && value <= 500_000,
  ),
  filter('Score__c > 1e1', (row) => row.Score__c !== null && row.Score__c > 10),
]
