import type { CustomRow, OpportunityRow } from '../data/rows.ts'
import { aggregate, anyOrder, countOf, inOrder, record, type SoqlCase } from '../expectation.ts'
import { greatest, grouped, least, sorted, sum } from '../semantics.ts'
import { DAY, dayNumber } from '../zones.ts'

function deals(where: string, keeps: (day: string) => boolean): SoqlCase {
  return {
    name: where,
    soql: `SELECT Id, CloseDate FROM Opportunity WHERE ${where}`,
    expected: (data) =>
      anyOrder(
        data.opportunities
          .filter((row) => keeps(row.CloseDate))
          .map((row) => record('Opportunity', row, ['Id', 'CloseDate'])),
      ),
  }
}

/** The rows at the edges of days and months, by the instant they hold. */
function clocks(where: string, keeps: (instant: string) => boolean): SoqlCase {
  return {
    name: where,
    soql: `SELECT COUNT() FROM Custom_Object__c WHERE Phone__c = 'clock' AND ${where}`,
    expected: (data) => countOf(data.custom('clock').filter((row) => keeps(row.Datetime__c ?? ''))),
  }
}

const month = (day: string): number => Number(day.slice(5, 7))
const year = (day: string): number => Number(day.slice(0, 4))
const dayInYear = (day: string): number =>
  dayNumber(day) - dayNumber(`${day.slice(0, 4)}-01-01`) + 1
const weekday = (day: string): number => new Date(dayNumber(day) * DAY).getUTCDay() + 1

/** Groups by a function of the close date. */
function byFunction(name: string, of: (day: string) => number): SoqlCase {
  return {
    name: `GROUP BY ${name}`,
    soql: `SELECT ${name}(CloseDate), COUNT(Id) n, SUM(Amount) total FROM Opportunity
      GROUP BY ${name}(CloseDate) ORDER BY ${name}(CloseDate)`,
    expected: (data) =>
      inOrder(
        sorted([...grouped(data.opportunities, (row) => of(row.CloseDate))], {
          of: ([value]) => value,
        }).map(([expr0, rows]) =>
          aggregate({ expr0, n: rows.length, total: sum(rows.map((row) => row.Amount)) }),
        ),
      ),
  }
}

const literals: readonly SoqlCase[] = [
  deals('CloseDate = 2024-02-29', (day) => day === '2024-02-29'),
  deals('CloseDate > 2024-02-28', (day) => day > '2024-02-28'),
  deals('CloseDate >= 2024-03-31 AND CloseDate < 2024-07-01', (day) =>
    day >= '2024-03-31' ? day < '2024-07-01' : false,
  ),
  deals('CloseDate <= 2023-12-31', (day) => day <= '2023-12-31'),
  deals('CloseDate IN (2024-12-31, 2025-01-01)', (day) =>
    ['2024-12-31', '2025-01-01'].includes(day),
  ),
  deals('CALENDAR_YEAR(CloseDate) = 2024', (day) => year(day) === 2024),
  deals('CALENDAR_MONTH(CloseDate) IN (2, 12)', (day) => [2, 12].includes(month(day))),
  deals('CALENDAR_QUARTER(CloseDate) = 1', (day) => month(day) <= 3),
  deals('DAY_IN_MONTH(CloseDate) > 28', (day) => Number(day.slice(8)) > 28),
  deals('DAY_IN_YEAR(CloseDate) = 60', (day) => dayInYear(day) === 60),
  deals('DAY_IN_WEEK(CloseDate) = 1', (day) => weekday(day) === 1),
  deals('WEEK_IN_YEAR(CloseDate) = 1', (day) => dayInYear(day) <= 7),
  deals('FISCAL_QUARTER(CloseDate) = 4', (day) => month(day) >= 10),

  clocks('Datetime__c >= 2024-02-29T00:00:00Z', (at) => at >= '2024-02-29T00:00:00.000Z'),
  clocks('Datetime__c < 2024-03-01T00:00:00.000Z', (at) => at < '2024-03-01T00:00:00.000Z'),
  clocks('Datetime__c = 2024-02-29T23:59:59Z', (at) => at === '2024-02-29T23:59:59.000Z'),
  clocks('Datetime__c >= 2024-03-01T05:30:00+05:30', (at) => at >= '2024-03-01T00:00:00.000Z'),
  clocks('Datetime__c <= 2024-02-29T15:59:59-08:00', (at) => at <= '2024-02-29T23:59:59.000Z'),
  clocks(
    'Datetime__c > 2023-12-31T23:59:59Z AND Datetime__c < 2024-04-01T00:00:00Z',
    (at) => at > '2023-12-31T23:59:59.000Z' && at < '2024-04-01T00:00:00.000Z',
  ),
  clocks('CALENDAR_YEAR(Datetime__c) = 2024', (at) => year(at) === 2024),
  clocks('DAY_ONLY(Datetime__c) = 2024-02-29', (at) => at.startsWith('2024-02-29')),
  clocks('HOUR_IN_DAY(Datetime__c) = 23', (at) => at.slice(11, 13) === '23'),
  clocks('Date__c = 2024-02-29', (at) => at.startsWith('2024-02-29')),
]

/** A part of a date that is missing differs from every number. */
const missing: SoqlCase = {
  name: 'CALENDAR_MONTH(Last_Contacted__c) != 5',
  soql: 'SELECT Id FROM Account WHERE CALENDAR_MONTH(Last_Contacted__c) != 5',
  expected: (data) =>
    anyOrder(
      data.accounts
        .filter((row) => row.Last_Contacted__c?.slice(5, 7) !== '05')
        .map((row) => record('Account', row, ['Id'])),
    ),
}

const functions: readonly SoqlCase[] = [
  byFunction('CALENDAR_YEAR', year),
  byFunction('CALENDAR_QUARTER', (day) => Math.ceil(month(day) / 3)),
  byFunction('CALENDAR_MONTH', month),
  byFunction('DAY_IN_MONTH', (day) => Number(day.slice(8))),
  byFunction('DAY_IN_WEEK', weekday),
  byFunction('DAY_IN_YEAR', dayInYear),
  byFunction('WEEK_IN_MONTH', (day) => Math.ceil(Number(day.slice(8)) / 7)),
  byFunction('WEEK_IN_YEAR', (day) => Math.ceil(dayInYear(day) / 7)),
  byFunction('FISCAL_YEAR', year),
  byFunction('FISCAL_QUARTER', (day) => Math.ceil(month(day) / 3)),
  byFunction('FISCAL_MONTH', month),
  {
    name: 'GROUP BY two functions, in order',
    soql: `SELECT CALENDAR_YEAR(CloseDate) y, CALENDAR_MONTH(CloseDate) m, MIN(CloseDate), MAX(CloseDate)
      FROM Opportunity GROUP BY CALENDAR_YEAR(CloseDate), CALENDAR_MONTH(CloseDate)
      ORDER BY CALENDAR_YEAR(CloseDate) DESC, CALENDAR_MONTH(CloseDate)`,
    expected: (data) => {
      const months = grouped(data.opportunities, (row) => row.CloseDate.slice(0, 7))
      return inOrder(
        sorted(
          [...months.values()].map((rows) => summary(rows)),
          { of: (row) => row.y, descending: true },
          { of: (row) => row.m },
        ).map(aggregate),
      )
    },
  },
  {
    name: 'GROUP BY DAY_ONLY of an instant is a day in UTC',
    soql: `SELECT DAY_ONLY(Datetime__c) day, COUNT(Id) n FROM Custom_Object__c
      WHERE Phone__c = 'dst' GROUP BY DAY_ONLY(Datetime__c)`,
    expected: (data) =>
      anyOrder(
        [
          ...grouped(data.custom('dst'), (row: CustomRow) => row.Datetime__c?.slice(0, 10) ?? ''),
        ].map(([day, rows]) => aggregate({ day, n: rows.length })),
      ),
  },
  {
    name: 'HAVING on a function of a date',
    soql: `SELECT CALENDAR_MONTH(CloseDate) m, COUNT(Id) n FROM Opportunity
      GROUP BY CALENDAR_MONTH(CloseDate) HAVING CALENDAR_MONTH(CloseDate) > 6`,
    expected: (data) =>
      anyOrder(
        [...grouped(data.opportunities, (row) => month(row.CloseDate))]
          .filter(([m]) => m > 6)
          .map(([m, rows]) => aggregate({ m, n: rows.length })),
      ),
  },
]

function summary(rows: readonly OpportunityRow[]) {
  const days = rows.map((row) => row.CloseDate)
  const first = least(days) ?? ''
  return { y: year(first), m: month(first), expr0: first, expr1: greatest(days) }
}

/** Days and instants at the edges of months, quarters and years, and functions of them in UTC. */
export const dates: readonly SoqlCase[] = [...literals, missing, ...functions]
