import { expect } from 'vitest'
import { RATINGS, STAGES } from '../data/picklists.ts'
import { aggregate, countOf, inOrder, type SoqlCase } from '../expectation.ts'
import { average, greatest, known, least, place, sameText, sum } from '../semantics.ts'

/** A mean to nine digits: documents do not say how it is rounded. */
const near = (value: number | null): unknown => (value === null ? null : expect.closeTo(value, 9))
const restInstant = (iso: string | null): string | null => iso?.replace(/Z$/, '+0000') ?? null

const stage = place(STAGES)
const rating = place(RATINGS)
/** The value of a picklist that stands at the least or greatest place. */
const valueAt = (values: readonly string[], at: number | null): string | null =>
  at === null ? null : (values[at] ?? null)

/** Aggregates over all rows: one row in any case, and missing values count for nothing. */
export const aggregates: readonly SoqlCase[] = [
  {
    name: 'COUNT()',
    soql: 'SELECT COUNT() FROM Account',
    expected: (data) => countOf(data.accounts),
  },
  {
    name: 'COUNT() with a filter on a parent',
    soql: "SELECT count() FROM Contact WHERE Account.Rating = 'Hot'",
    expected: (data) =>
      countOf(data.contacts.filter((row) => data.account(row.AccountId)?.Rating === 'Hot')),
  },
  {
    name: 'COUNT() of the older form of FROM',
    soql: "SELECT COUNT() FROM Contact c, c.Account a WHERE a.Industry = 'Energy'",
    expected: (data) =>
      countOf(data.contacts.filter((row) => data.account(row.AccountId)?.Industry === 'Energy')),
  },
  {
    name: 'COUNT() of nothing',
    soql: "SELECT COUNT() FROM Account WHERE Name = 'nobody'",
    empty: true,
    expected: () => countOf([]),
  },
  {
    name: 'COUNT() up to a LIMIT',
    soql: 'SELECT COUNT() FROM Account LIMIT 7',
    expected: (data) => countOf(data.accounts.slice(0, 7)),
  },
  {
    name: 'COUNT(Id), COUNT(field) and COUNT_DISTINCT',
    soql: `SELECT COUNT(Id), COUNT(AccountId), COUNT_DISTINCT(AccountId), COUNT_DISTINCT(LeadSource) sources
      FROM Contact`,
    expected: (data) => {
      const accounts = known(data.contacts.map((row) => row.AccountId))
      return inOrder([
        aggregate({
          expr0: data.contacts.length,
          expr1: accounts.length,
          expr2: new Set(accounts).size,
          sources: new Set(known(data.contacts.map((row) => row.LeadSource))).size,
        }),
      ])
    },
  },
  {
    name: 'COUNT_DISTINCT without case',
    soql: "SELECT COUNT_DISTINCT(LastName) names FROM Contact WHERE LastName LIKE 's%'",
    expected: () => inOrder([aggregate({ names: 1 })]),
  },
  {
    name: 'implied names count only what has no name of its own',
    soql: 'SELECT MAX(Amount), MIN(Amount) least, SUM(Amount), AVG(Amount) FROM Opportunity',
    expected: (data) => {
      const amounts = data.opportunities.map((row) => row.Amount)
      return inOrder([
        aggregate({
          expr0: greatest(amounts),
          least: least(amounts),
          expr1: sum(amounts),
          expr2: near(average(amounts)),
        }),
      ])
    },
  },
  {
    name: 'a sum of cents is exact',
    soql: "SELECT SUM(Currency__c) total FROM Custom_Object__c WHERE Phone__c = 'typed'",
    expected: (data) =>
      inOrder([aggregate({ total: sum(data.custom('typed').map((row) => row.Currency__c)) })]),
  },
  {
    name: 'a sum of whole numbers',
    soql: 'SELECT SUM(NumberOfEmployees), SUM(Score__c) FROM Account',
    expected: (data) =>
      inOrder([
        aggregate({
          expr0: sum(data.accounts.map((row) => row.NumberOfEmployees)),
          expr1: sum(data.accounts.map((row) => row.Score__c)),
        }),
      ]),
  },
  {
    name: 'AVG leaves missing values out of the divisor',
    soql: 'SELECT AVG(NumberOfEmployees) mean, COUNT(NumberOfEmployees) n FROM Account',
    expected: (data) => {
      const values = data.accounts.map((row) => row.NumberOfEmployees)
      return inOrder([aggregate({ mean: near(average(values)), n: known(values).length })])
    },
  },
  {
    name: 'aggregates of nothing',
    soql: `SELECT COUNT(Id) n, COUNT(Amount) amounts, COUNT_DISTINCT(StageName) stages, SUM(Amount) total,
      AVG(Amount) mean, MIN(CloseDate) earliest, MAX(Name) latest FROM Opportunity WHERE Name = 'nothing'`,
    expected: () =>
      inOrder([
        aggregate({
          n: 0,
          amounts: 0,
          stages: 0,
          total: null,
          mean: null,
          earliest: null,
          latest: null,
        }),
      ]),
  },
  {
    name: 'aggregates of nulls only',
    soql: 'SELECT COUNT(Id) n, SUM(Amount) total, MIN(Amount) low FROM Opportunity WHERE Amount = null',
    expected: (data) =>
      inOrder([
        aggregate({
          n: data.opportunities.filter((row) => row.Amount === null).length,
          total: null,
          low: null,
        }),
      ]),
  },
  {
    name: 'MIN and MAX of dates, instants and text',
    soql: `SELECT MIN(CloseDate) firstDay, MAX(CloseDate) lastDay, MIN(CreatedDate) began,
      MAX(LastModifiedDate) ended, MIN(Name) low, MAX(Name) high FROM Opportunity`,
    expected: (data) => {
      const deals = data.opportunities
      return inOrder([
        aggregate({
          firstDay: least(deals.map((row) => row.CloseDate)),
          lastDay: greatest(deals.map((row) => row.CloseDate)),
          began: restInstant(least(deals.map((row) => row.CreatedDate))),
          ended: restInstant(greatest(deals.map((row) => row.LastModifiedDate))),
          low: least(deals.map((row) => row.Name)),
          high: greatest(deals.map((row) => row.Name)),
        }),
      ])
    },
  },
  {
    name: 'MIN and MAX of a picklist go by its definition',
    soql: 'SELECT MIN(StageName) low, MAX(StageName) high FROM Opportunity WHERE Amount > 100',
    expected: (data) => {
      const places = data.opportunities
        .filter((row) => (row.Amount ?? 0) > 100)
        .map((row) => stage(row.StageName))
      return inOrder([
        aggregate({ low: valueAt(STAGES, least(places)), high: valueAt(STAGES, greatest(places)) }),
      ])
    },
  },
  {
    name: 'MIN of a picklist with missing values',
    soql: 'SELECT MIN(Rating) low, MAX(Rating) high, COUNT(Rating) n FROM Account',
    expected: (data) => {
      const ratings = data.accounts.map((row) => row.Rating)
      const places = ratings.map(rating)
      return inOrder([
        aggregate({
          low: valueAt(RATINGS, least(places)),
          high: valueAt(RATINGS, greatest(places)),
          n: known(ratings).length,
        }),
      ])
    },
  },
  {
    name: 'MIN and MAX of ids',
    soql: 'SELECT MIN(Id) low, MAX(Id) high, MAX(OwnerId) owner, COUNT(CreatedById) n FROM Opportunity',
    expected: (data) => {
      const deals = data.opportunities
      const owner = greatest(deals.map((row) => data.user(row.OwnerId).n))
      return inOrder([
        aggregate({
          low: deals[0]?.Id,
          high: deals.at(-1)?.Id,
          owner: data.users.find((row) => row.n === owner)?.Id,
          n: deals.length,
        }),
      ])
    },
  },
  {
    name: 'an aggregate of a parent field',
    soql: "SELECT MAX(Account.AnnualRevenue) most, COUNT(Account.Name) named FROM Contact WHERE LastName = 'okafor'",
    expected: (data) => {
      const accounts = data.contacts
        .filter((row) => sameText(row.LastName, 'Okafor'))
        .map((row) => data.account(row.AccountId))
      return inOrder([
        aggregate({
          most: greatest(accounts.map((account) => account?.AnnualRevenue ?? null)),
          named: known(accounts).length,
        }),
      ])
    },
  },
]
