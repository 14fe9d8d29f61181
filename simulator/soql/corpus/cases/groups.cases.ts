import { expect } from 'vitest'
import { INDUSTRIES, STAGES } from '../data/picklists.ts'
import type { OpportunityRow } from '../data/rows.ts'
import { aggregate, anyOrder, inOrder, type SoqlCase } from '../expectation.ts'
import { fold, greatest, grouped, known, place, sorted, sum } from '../semantics.ts'

const industry = place(INDUSTRIES)
const stage = place(STAGES)
const amounts = (rows: readonly OpportunityRow[]) => rows.map((row) => row.Amount)

/**
 * Groups by one field or several, of the record or a parent; null is a group of its own. That texts
 * which differ in case alone are one group, under any of its spellings, is a reading.
 */
export const groups: readonly SoqlCase[] = [
  {
    name: 'by a picklist, null among the groups',
    soql: 'SELECT Industry, COUNT(Id) n, SUM(AnnualRevenue) revenue FROM Account GROUP BY Industry',
    expected: (data) =>
      anyOrder(
        [...grouped(data.accounts, (row) => row.Industry)].map(([Industry, rows]) =>
          aggregate({
            Industry,
            n: rows.length,
            revenue: sum(rows.map((row) => row.AnnualRevenue)),
          }),
        ),
      ),
  },
  {
    name: 'without any aggregate: the distinct values',
    soql: 'SELECT LeadSource FROM Lead GROUP BY LeadSource',
    expected: (data) =>
      anyOrder(
        [...new Set(data.leads.map((row) => row.LeadSource))].map((LeadSource) =>
          aggregate({ LeadSource }),
        ),
      ),
  },
  {
    name: 'a group is ordered by its picklist, nulls first',
    soql: 'SELECT Industry, COUNT(Id) FROM Account GROUP BY Industry ORDER BY Industry',
    expected: (data) =>
      inOrder(
        sorted([...grouped(data.accounts, (row) => row.Industry)], {
          of: ([value]) => industry(value),
        }).map(([Industry, rows]) => aggregate({ Industry, expr0: rows.length })),
      ),
  },
  {
    name: 'by two fields',
    soql: 'SELECT Status, Rating, COUNT(Id) n FROM Lead GROUP BY Status, Rating',
    expected: (data) =>
      anyOrder(
        [...grouped(data.leads, (row) => row.Status)].flatMap(([Status, rows]) =>
          [...grouped(rows, (row) => row.Rating)].map(([Rating, members]) =>
            aggregate({ Status, Rating, n: members.length }),
          ),
        ),
      ),
  },
  {
    name: 'by a field of a parent, records without one in a group',
    soql: 'SELECT Account.Industry, COUNT(Id) n FROM Contact GROUP BY Account.Industry',
    expected: (data) =>
      anyOrder(
        [...grouped(data.contacts, (row) => data.account(row.AccountId)?.Industry ?? null)].map(
          ([Industry, rows]) => aggregate({ Industry, n: rows.length }),
        ),
      ),
  },
  {
    name: 'by a parent two levels up, under a name of its own',
    soql: `SELECT Account.Owner.Alias who, COUNT(Id) n, MAX(Amount) most FROM Opportunity
      WHERE AccountId != null GROUP BY Account.Owner.Alias`,
    expected: (data) => {
      const ownerOf = (row: OpportunityRow) => {
        const account = data.account(row.AccountId)
        return account === null ? null : data.user(account.OwnerId).Alias
      }
      const deals = data.opportunities.filter((row) => row.AccountId !== null)
      return anyOrder(
        [...grouped(deals, ownerOf)].map(([who, rows]) =>
          aggregate({ who, n: rows.length, most: greatest(amounts(rows)) }),
        ),
      )
    },
  },
  {
    name: 'by a lookup',
    soql: 'SELECT OwnerId, COUNT(Id) n FROM Account GROUP BY OwnerId',
    expected: (data) =>
      anyOrder(
        [...grouped(data.accounts, (row) => row.OwnerId)].map(([OwnerId, rows]) =>
          aggregate({ OwnerId, n: rows.length }),
        ),
      ),
  },
  {
    name: 'by a checkbox',
    soql: 'SELECT Active__c, COUNT(Id) n FROM Account GROUP BY Active__c',
    expected: (data) =>
      anyOrder(
        [...grouped(data.accounts, (row) => row.Active__c)].map(([Active__c, rows]) =>
          aggregate({ Active__c, n: rows.length }),
        ),
      ),
  },
  {
    name: 'by a whole number',
    soql: 'SELECT NumberOfEmployees, COUNT(Id) n FROM Account GROUP BY NumberOfEmployees',
    expected: (data) =>
      anyOrder(
        [...grouped(data.accounts, (row) => row.NumberOfEmployees)].map(
          ([NumberOfEmployees, rows]) => aggregate({ NumberOfEmployees, n: rows.length }),
        ),
      ),
  },
  {
    name: 'by a date, and functions of it',
    soql: `SELECT CloseDate, CALENDAR_YEAR(CloseDate) y, COUNT(Id) n FROM Opportunity
      GROUP BY CloseDate, CALENDAR_YEAR(CloseDate)`,
    expected: (data) =>
      anyOrder(
        [...grouped(data.opportunities, (row) => row.CloseDate)].map(([CloseDate, rows]) =>
          aggregate({ CloseDate, y: Number(CloseDate.slice(0, 4)), n: rows.length }),
        ),
      ),
  },
  {
    name: 'by a month that may be missing',
    soql: `SELECT CALENDAR_MONTH(Last_Contacted__c), COUNT(Id) n FROM Account
      GROUP BY CALENDAR_MONTH(Last_Contacted__c)`,
    expected: (data) =>
      anyOrder(
        [
          ...grouped(data.accounts, (row) =>
            row.Last_Contacted__c === null ? null : Number(row.Last_Contacted__c.slice(5, 7)),
          ),
        ].map(([expr0, rows]) => aggregate({ expr0, n: rows.length })),
      ),
  },
  {
    name: 'by a checkbox of a parent, which is false where there is none',
    soql: 'SELECT Account.Active__c active, COUNT(Id) n FROM Contact GROUP BY Account.Active__c',
    expected: (data) =>
      anyOrder(
        [...grouped(data.contacts, (row) => data.account(row.AccountId)?.Active__c ?? false)].map(
          ([active, rows]) => aggregate({ active, n: rows.length }),
        ),
      ),
  },
  {
    name: 'by a checkbox of parents that are all missing',
    soql: `SELECT Account.Active__c active, COUNT(Id) n FROM Contact WHERE AccountId = null
      GROUP BY Account.Active__c`,
    expected: (data) =>
      inOrder([
        aggregate({
          active: false,
          n: data.contacts.filter((row) => row.AccountId === null).length,
        }),
      ]),
  },
  {
    name: 'by text without case',
    soql: 'SELECT NextStep, COUNT(Id) n FROM Opportunity GROUP BY NextStep ORDER BY NextStep',
    expected: (data) => {
      const steps = grouped(data.opportunities, (row) =>
        row.NextStep === null ? null : fold(row.NextStep),
      )
      return inOrder(
        sorted([...steps], { of: ([value]) => value }).map(([value, rows]) =>
          aggregate({
            NextStep: value === null ? null : expect.stringMatching(new RegExp(`^${value}$`, 'i')),
            n: rows.length,
          }),
        ),
      )
    },
  },
  {
    name: 'by text without case, beyond ASCII',
    soql: "SELECT LastName, COUNT(Id) n FROM Contact WHERE LastName LIKE 'n%' GROUP BY LastName",
    expected: (data) =>
      inOrder([
        aggregate({
          LastName: expect.stringMatching(/^núñez$/iu),
          n: data.contacts.filter((row) => fold(row.LastName) === 'NÚÑEZ').length,
        }),
      ]),
  },
  {
    name: 'ORDER BY an aggregate, ties by the group',
    soql: `SELECT StageName, COUNT(Amount) n FROM Opportunity GROUP BY StageName
      ORDER BY COUNT(Amount) DESC, StageName`,
    expected: (data) =>
      inOrder(
        sorted(
          [...grouped(data.opportunities, (row) => row.StageName)].map(([StageName, rows]) => ({
            StageName,
            n: known(amounts(rows)).length,
          })),
          { of: (row) => row.n, descending: true },
          { of: (row) => stage(row.StageName) },
        ).map(aggregate),
      ),
  },
  {
    name: 'LIMIT and OFFSET cut groups',
    soql: `SELECT StageName, SUM(Amount) total FROM Opportunity GROUP BY StageName
      ORDER BY StageName LIMIT 3 OFFSET 2`,
    expected: (data) =>
      inOrder(
        STAGES.slice(2, 5).map((StageName) =>
          aggregate({
            StageName,
            total: sum(amounts(data.opportunities.filter((row) => row.StageName === StageName))),
          }),
        ),
      ),
  },
  {
    name: 'a filter before grouping',
    soql: `SELECT Type, COUNT(Id) n FROM Opportunity WHERE Amount > 5000 AND Type != null GROUP BY Type`,
    expected: (data) =>
      anyOrder(
        [
          ...grouped(
            data.opportunities.filter((row) => (row.Amount ?? 0) > 5_000 && row.Type !== null),
            (row) => row.Type,
          ),
        ].map(([Type, rows]) => aggregate({ Type, n: rows.length })),
      ),
  },
  {
    name: 'no group at all',
    soql: "SELECT Industry, COUNT(Id) FROM Account WHERE Name = 'nobody' GROUP BY Industry",
    empty: true,
    expected: () => anyOrder([]),
  },
  {
    name: 'a name for a grouped field',
    soql: 'SELECT Rating grade, COUNT(Id) FROM Account GROUP BY Rating',
    expected: (data) =>
      anyOrder(
        [...grouped(data.accounts, (row) => row.Rating)].map(([grade, rows]) =>
          aggregate({ grade, expr0: rows.length }),
        ),
      ),
  },
]

function having(clause: string, keeps: (rows: readonly OpportunityRow[]) => boolean): SoqlCase {
  return {
    name: clause,
    soql: `SELECT StageName, COUNT(Id) n, SUM(Amount) total FROM Opportunity GROUP BY StageName ${clause}`,
    expected: (data) =>
      anyOrder(
        [...grouped(data.opportunities, (row) => row.StageName)]
          .filter(([, rows]) => keeps(rows))
          .map(([StageName, rows]) =>
            aggregate({ StageName, n: rows.length, total: sum(amounts(rows)) }),
          ),
      ),
  }
}

/** HAVING keeps groups by their aggregates and grouped fields. */
export const havings: readonly SoqlCase[] = [
  having('HAVING SUM(Amount) > 90000', (rows) => (sum(amounts(rows)) ?? 0) > 90_000),
  having('HAVING COUNT(Amount) < 10', (rows) => known(amounts(rows)).length < 10),
  having(
    "HAVING COUNT(Amount) >= 10 AND StageName LIKE 'P%'",
    (rows) => known(amounts(rows)).length >= 10 && rows[0]?.StageName.startsWith('P') === true,
  ),
  having(
    'HAVING NOT (MAX(Amount) > 19000 OR COUNT(Amount) < 9)',
    (rows) => !((greatest(amounts(rows)) ?? 0) > 19_000 || known(amounts(rows)).length < 9),
  ),
  having("HAVING StageName IN ('Closed Won', 'Closed Lost')", (rows) =>
    ['Closed Won', 'Closed Lost'].includes(rows[0]?.StageName ?? ''),
  ),
]
