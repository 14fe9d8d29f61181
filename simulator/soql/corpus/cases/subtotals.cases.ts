import { LEAD_STATUSES, RATINGS } from '../data/picklists.ts'
import type { LeadRow } from '../data/rows.ts'
import { aggregate, anyOrder, inOrder, type SoqlCase } from '../expectation.ts'
import { greatest, place, sorted } from '../semantics.ts'
import { cube, rollup, type Subtotal } from '../subtotals.ts'

const source = (row: LeadRow) => row.LeadSource
const rating = (row: LeadRow) => row.Rating
const status = (row: LeadRow) => row.Status
const statusPlace = place(LEAD_STATUSES)
const ratingPlace = place(RATINGS)
/** A key of these groups is text or nothing. */
const text = (key: unknown): string | null => (typeof key === 'string' ? key : null)
const n = (subtotal: Subtotal<unknown>): number => subtotal.rows.length

/** GROUP BY ROLLUP and CUBE: a missing value and a subtotal are told apart by GROUPING(). */
export const subtotals: readonly SoqlCase[] = [
  {
    name: 'ROLLUP of one field',
    soql: 'SELECT LeadSource, COUNT(Name) cnt FROM Lead GROUP BY ROLLUP(LeadSource)',
    expected: (data) =>
      anyOrder(
        rollup(data.leads, source).map((each) =>
          aggregate({ LeadSource: each.keys[0], cnt: n(each) }),
        ),
      ),
  },
  {
    name: 'ROLLUP of a checkbox, which has no value in the total',
    soql: `SELECT IsUnreadByOwner, GROUPING(IsUnreadByOwner) total, COUNT(Id) cnt
      FROM Lead GROUP BY ROLLUP(IsUnreadByOwner)`,
    expected: (data) =>
      anyOrder([
        ...[true, false].map((IsUnreadByOwner) =>
          aggregate({
            IsUnreadByOwner,
            total: 0,
            cnt: data.leads.filter((row) => row.IsUnreadByOwner === IsUnreadByOwner).length,
          }),
        ),
        aggregate({ IsUnreadByOwner: null, total: 1, cnt: data.leads.length }),
      ]),
  },
  {
    name: 'ROLLUP of a lookup and a month that may be missing',
    soql: `SELECT OwnerId, CALENDAR_MONTH(Last_Contacted__c) m, COUNT(Id) cnt, GROUPING(OwnerId) g
      FROM Account GROUP BY ROLLUP(OwnerId, CALENDAR_MONTH(Last_Contacted__c))`,
    expected: (data) =>
      anyOrder(
        rollup(
          data.accounts,
          (row) => row.OwnerId,
          (row) =>
            row.Last_Contacted__c === null ? null : Number(row.Last_Contacted__c.slice(5, 7)),
        ).map((each) =>
          aggregate({ OwnerId: each.keys[0], m: each.keys[1], cnt: n(each), g: each.grouping[0] }),
        ),
      ),
  },
  {
    name: 'ROLLUP of two fields',
    soql: 'SELECT Status, LeadSource, COUNT(Name) cnt FROM Lead GROUP BY ROLLUP(Status, LeadSource)',
    expected: (data) =>
      anyOrder(
        rollup(data.leads, status, source).map((each) =>
          aggregate({ Status: each.keys[0], LeadSource: each.keys[1], cnt: n(each) }),
        ),
      ),
  },
  {
    name: 'ROLLUP of two fields with GROUPING',
    soql: `SELECT LeadSource, Rating, GROUPING(LeadSource) grpLS, GROUPING(Rating) grpRating,
      COUNT(Name) cnt FROM Lead GROUP BY ROLLUP(LeadSource, Rating)`,
    expected: (data) =>
      anyOrder(
        rollup(data.leads, source, rating).map((each) =>
          aggregate({
            LeadSource: each.keys[0],
            Rating: each.keys[1],
            grpLS: each.grouping[0],
            grpRating: each.grouping[1],
            cnt: n(each),
          }),
        ),
      ),
  },
  {
    name: 'ROLLUP of three fields',
    soql: `SELECT Status, LeadSource, Rating, COUNT(Id) cnt, MAX(NumberOfEmployees) most
      FROM Lead GROUP BY ROLLUP(Status, LeadSource, Rating)`,
    expected: (data) =>
      anyOrder(
        rollup(data.leads, status, source, rating).map((each) =>
          aggregate({
            Status: each.keys[0],
            LeadSource: each.keys[1],
            Rating: each.keys[2],
            cnt: n(each),
            most: greatest(each.rows.map((row) => row.NumberOfEmployees)),
          }),
        ),
      ),
  },
  {
    name: 'CUBE of two fields, subtotals last',
    soql: `SELECT Status, Rating, GROUPING(Status) grpStatus, GROUPING(Rating) grpRating, COUNT(Id) cnt
      FROM Lead WHERE Rating != null GROUP BY CUBE(Status, Rating)
      ORDER BY GROUPING(Status), GROUPING(Rating), COUNT(Id) DESC, Status, Rating`,
    expected: (data) => {
      return inOrder(
        sorted(
          cube(
            data.leads.filter((row) => row.Rating !== null),
            status,
            rating,
          ),
          { of: (each) => each.grouping[0] ?? null },
          { of: (each) => each.grouping[1] ?? null },
          { of: n, descending: true },
          { of: (each) => statusPlace(text(each.keys[0])) },
          { of: (each) => ratingPlace(text(each.keys[1])) },
        ).map((each) =>
          aggregate({
            Status: each.keys[0],
            Rating: each.keys[1],
            grpStatus: each.grouping[0],
            grpRating: each.grouping[1],
            cnt: n(each),
          }),
        ),
      )
    },
  },
  {
    name: 'CUBE of two fields with missing values',
    soql: `SELECT LeadSource, Rating, GROUPING(LeadSource) a, GROUPING(Rating) b, COUNT(Id) cnt
      FROM Lead GROUP BY CUBE(LeadSource, Rating)`,
    expected: (data) =>
      anyOrder(
        cube(data.leads, source, rating).map((each) =>
          aggregate({
            LeadSource: each.keys[0],
            Rating: each.keys[1],
            a: each.grouping[0],
            b: each.grouping[1],
            cnt: n(each),
          }),
        ),
      ),
  },
  {
    name: 'CUBE of three fields',
    soql: 'SELECT Status, LeadSource, Rating, COUNT(Id) cnt FROM Lead GROUP BY CUBE(Status, LeadSource, Rating)',
    expected: (data) =>
      anyOrder(
        cube(data.leads, status, source, rating).map((each) =>
          aggregate({
            Status: each.keys[0],
            LeadSource: each.keys[1],
            Rating: each.keys[2],
            cnt: n(each),
          }),
        ),
      ),
  },
  {
    name: 'HAVING on subtotals',
    soql: `SELECT LeadSource, Rating, COUNT(Id) cnt FROM Lead GROUP BY ROLLUP(LeadSource, Rating)
      HAVING GROUPING(Rating) = 1 AND COUNT(Id) > 12`,
    expected: (data) =>
      anyOrder(
        rollup(data.leads, source, rating)
          .filter((each) => each.grouping[1] === 1 && n(each) > 12)
          .map((each) =>
            aggregate({ LeadSource: each.keys[0], Rating: each.keys[1], cnt: n(each) }),
          ),
      ),
  },
  {
    name: 'ROLLUP by a field of a parent and by a year',
    soql: `SELECT Account.Rating rating, CALENDAR_YEAR(CloseDate) closed, COUNT(Id) cnt
      FROM Opportunity GROUP BY ROLLUP(Account.Rating, CALENDAR_YEAR(CloseDate))`,
    expected: (data) =>
      anyOrder(
        rollup(
          data.opportunities,
          (row) => data.account(row.AccountId)?.Rating ?? null,
          (row) => Number(row.CloseDate.slice(0, 4)),
        ).map((each) => aggregate({ rating: each.keys[0], closed: each.keys[1], cnt: n(each) })),
      ),
  },
]
