import { recordNumber } from '../../../ids.ts'
import { ACCOUNT_TYPES, INDUSTRIES, RATINGS, STAGES } from '../data/picklists.ts'
import type { AccountRow, OpportunityRow } from '../data/rows.ts'
import { inOrder, record, type SoqlCase } from '../expectation.ts'
import { place, type SortKey, sorted } from '../semantics.ts'

function accounts(order: string, ...keys: readonly SortKey<AccountRow>[]): SoqlCase {
  return {
    name: `ORDER BY ${order}`,
    soql: `SELECT Id FROM Account ORDER BY ${order}`,
    expected: (data) =>
      inOrder(sorted(data.accounts, ...keys).map((row) => record('Account', row, ['Id']))),
  }
}

const byNumber = { of: (row: { readonly n: number }) => row.n }
/** Ids of one object are ordered as their records are numbered. */
const numberIn = (id: string | null): number | null => (id === null ? null : recordNumber(id))
const industry = place(INDUSTRIES)
const type = place(ACCOUNT_TYPES)
const rating = place(RATINGS)
const stage = place(STAGES)

const byStage: readonly SortKey<OpportunityRow>[] = [
  { of: (row) => stage(row.StageName) },
  { of: (row) => row.Amount, descending: true, nullsLast: true },
  { of: (row) => row.Name },
]

/** LIMIT and OFFSET cut this order. */
function page(clause: string, from: number, to: number): SoqlCase {
  return {
    name: clause,
    soql: `SELECT Id, Amount FROM Opportunity ORDER BY StageName, Amount DESC NULLS LAST, Name ${clause}`,
    empty: from >= 120 || to === 0,
    expected: (data) =>
      inOrder(
        sorted(data.opportunities, ...byStage)
          .slice(from, to)
          .map((row) => record('Opportunity', row, ['Id', 'Amount'])),
      ),
  }
}

/** Nulls come first in both directions; picklists sort by their definition; ties by the next key. */
export const ordering: readonly SoqlCase[] = [
  accounts('AnnualRevenue, Id', { of: (row) => row.AnnualRevenue }, byNumber),
  accounts(
    'AnnualRevenue DESC, Id',
    { of: (row) => row.AnnualRevenue, descending: true },
    byNumber,
  ),
  accounts(
    'AnnualRevenue ASC NULLS LAST, Id DESC',
    { of: (row) => row.AnnualRevenue, nullsLast: true },
    { of: (row) => row.n, descending: true },
  ),
  accounts(
    'AnnualRevenue DESC NULLS LAST, Id',
    { of: (row) => row.AnnualRevenue, descending: true, nullsLast: true },
    byNumber,
  ),
  accounts('AnnualRevenue NULLS FIRST, Id', { of: (row) => row.AnnualRevenue }, byNumber),
  accounts('Name, Id', { of: (row) => row.Name }, byNumber),
  accounts('Name DESC, Id ASC', { of: (row) => row.Name, descending: true }, byNumber),
  accounts(
    'BillingCity NULLS LAST, BillingCountry DESC, Id',
    { of: (row) => row.BillingCity, nullsLast: true },
    { of: (row) => row.BillingCountry, descending: true },
    byNumber,
  ),
  accounts('Active__c, Id', { of: (row) => row.Active__c }, byNumber),
  accounts('Active__c DESC, Id', { of: (row) => row.Active__c, descending: true }, byNumber),
  accounts('CreatedDate DESC', { of: (row) => row.CreatedDate, descending: true }),
  accounts('Last_Contacted__c, Id', { of: (row) => row.Last_Contacted__c }, byNumber),
  accounts(
    'Score__c DESC NULLS LAST, Id',
    {
      of: (row) => row.Score__c,
      descending: true,
      nullsLast: true,
    },
    byNumber,
  ),
  accounts('Industry, Id', { of: (row) => industry(row.Industry) }, byNumber),
  accounts(
    'Industry DESC NULLS LAST, Type, Id',
    { of: (row) => industry(row.Industry), descending: true, nullsLast: true },
    { of: (row) => type(row.Type) },
    byNumber,
  ),
  accounts('Rating, Id', { of: (row) => rating(row.Rating) }, byNumber),
  accounts('NumberOfEmployees, Id', { of: (row) => row.NumberOfEmployees }, byNumber),
  accounts(
    'OwnerId, Id DESC',
    { of: (row) => numberIn(row.OwnerId) },
    {
      of: (row) => row.n,
      descending: true,
    },
  ),
  accounts('ParentId, Id', { of: (row) => numberIn(row.ParentId) }, byNumber),
  accounts(
    'ParentId DESC, Id',
    { of: (row) => numberIn(row.ParentId), descending: true },
    byNumber,
  ),
  // The guide: a lookup that may be empty is ordered as if NULLS LAST had not been said.
  accounts('ParentId NULLS LAST, Id', { of: (row) => numberIn(row.ParentId) }, byNumber),
  page('LIMIT 10', 0, 10),
  page('LIMIT 10 OFFSET 15', 15, 25),
  page('OFFSET 5', 5, 120),
  page('OFFSET 115', 115, 120),
  page('LIMIT 1000 OFFSET 2000', 2_000, 3_000),
  page('LIMIT 0', 0, 0),
  page('LIMIT 5 OFFSET 118', 118, 120),
]
