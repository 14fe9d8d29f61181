import type { AccountRow, ContactRow } from '../data/rows.ts'
import { anyOrder, record, type SoqlCase } from '../expectation.ts'
import type { Fixture } from '../fixture.ts'
import { known } from '../semantics.ts'

function accounts(
  name: string,
  where: string,
  keeps: (data: Fixture) => (row: AccountRow) => boolean,
): SoqlCase {
  return {
    name,
    soql: `SELECT Id FROM Account WHERE ${where}`,
    expected: (data) =>
      anyOrder(data.accounts.filter(keeps(data)).map((row) => record('Account', row, ['Id']))),
  }
}

function contacts(
  name: string,
  where: string,
  keeps: (data: Fixture) => (row: ContactRow) => boolean,
): SoqlCase {
  return {
    name,
    soql: `SELECT Id FROM Contact WHERE ${where}`,
    expected: (data) =>
      anyOrder(data.contacts.filter(keeps(data)).map((row) => record('Contact', row, ['Id']))),
  }
}

/** The accounts that these records belong to. */
const owners = (rows: readonly { readonly AccountId: string | null }[]): ReadonlySet<string> =>
  new Set(known(rows.map((row) => row.AccountId)))

const won = (data: Fixture) =>
  owners(data.opportunities.filter((deal) => deal.StageName === 'Closed Won'))
const withContacts = (data: Fixture) => owners(data.contacts)
const banks = (data: Fixture) =>
  new Set(data.accounts.filter((row) => row.Industry === 'Banking').map((row) => row.Id))

/**
 * IN and NOT IN with a subquery. Missing lookups in the subquery's rows count for nothing; a missing
 * lookup on the left is read as not in any list.
 */
export const semiJoins: readonly SoqlCase[] = [
  accounts(
    'accounts with a deal that was won',
    "Id IN (SELECT AccountId FROM Opportunity WHERE StageName = 'Closed Won')",
    (data) => (row) => won(data).has(row.Id),
  ),
  accounts(
    'accounts without any contact, although some contacts have no account',
    'Id NOT IN (SELECT AccountId FROM Contact)',
    (data) => (row) => !withContacts(data).has(row.Id),
  ),
  accounts(
    'a semi-join and an anti-join',
    `Id IN (SELECT AccountId FROM Contact) AND
     Id NOT IN (SELECT AccountId FROM Opportunity WHERE StageName = 'Closed Won')`,
    (data) => (row) => withContacts(data).has(row.Id) && !won(data).has(row.Id),
  ),
  accounts(
    'a semi-join beside other filters',
    "Active__c = true AND Id IN (SELECT AccountId FROM Contact WHERE LastName LIKE 's%') AND Rating != 'Hot'",
    (data) => {
      const smiths = owners(data.contacts.filter((row) => /^s/i.test(row.LastName)))
      return (row) => row.Active__c && smiths.has(row.Id) && row.Rating !== 'Hot'
    },
  ),
  accounts(
    'a custom lookup',
    "Id IN (SELECT Account__c FROM Custom_Object__c WHERE Status__c = 'Active')",
    (data) => {
      const named = new Set(
        data
          .custom('typed')
          .filter((row) => row.Status__c === 'Active')
          .map((row) => row.Account__c),
      )
      return (row) => named.has(row.Id)
    },
  ),
  accounts(
    'a subquery with a path in its filter',
    "Id IN (SELECT AccountId FROM Contact WHERE Owner.Alias = 'user3')",
    (data) => {
      const owned = owners(data.contacts.filter((row) => data.user(row.OwnerId).Alias === 'user3'))
      return (row) => owned.has(row.Id)
    },
  ),
  accounts(
    'accounts of inactive owners',
    'OwnerId IN (SELECT Id FROM User WHERE IsActive = false)',
    (data) => (row) => !data.user(row.OwnerId).IsActive,
  ),
  contacts(
    'contacts of banks',
    "AccountId IN (SELECT Id FROM Account WHERE Industry = 'Banking')",
    (data) => (row) => row.AccountId !== null && banks(data).has(row.AccountId),
  ),
  contacts(
    'contacts with an account that is no bank',
    "AccountId != null AND AccountId NOT IN (SELECT Id FROM Account WHERE Industry = 'Banking')",
    (data) => (row) => row.AccountId !== null && !banks(data).has(row.AccountId),
  ),
  contacts(
    'contacts without an account are not in any list of accounts',
    "AccountId NOT IN (SELECT Id FROM Account WHERE Industry = 'Banking')",
    (data) => (row) => row.AccountId === null || !banks(data).has(row.AccountId),
  ),
  contacts(
    'contacts whose account has a deal, child to child',
    'AccountId IN (SELECT AccountId FROM Opportunity WHERE Amount > 15000)',
    (data) => {
      const rich = owners(data.opportunities.filter((deal) => (deal.Amount ?? 0) > 15_000))
      return (row) => row.AccountId !== null && rich.has(row.AccountId)
    },
  ),
]
