import type { AccountRow, ContactRow, OpportunityRow } from '../data/rows.ts'
import { anyOrder, inOrder, record, type SoqlCase } from '../expectation.ts'
import type { Fixture } from '../fixture.ts'
import { sameText, sorted } from '../semantics.ts'

const accountOf = (data: Fixture, row: ContactRow | OpportunityRow) => data.account(row.AccountId)
const parentOf = (data: Fixture, row: AccountRow | null) => data.account(row?.ParentId ?? null)
const managerOf = (data: Fixture, row: ContactRow | null) => data.contact(row?.ReportsToId ?? null)

/** The parent's name as a nested record, or null where there is no parent. */
const named = (row: AccountRow | null, others: Readonly<Record<string, unknown>> = {}) =>
  row === null ? null : record('Account', row, ['Name'], others)

/** Names of the accounts above, nested in one another, for as many levels as were asked. */
function chain(data: Fixture, row: AccountRow | null, levels: number): unknown {
  const parent = parentOf(data, row)
  if (parent === null) return null
  return levels === 1 ? named(parent) : named(parent, { Parent: chain(data, parent, levels - 1) })
}

/** The account this many levels above. */
function above(data: Fixture, row: AccountRow, levels: number): AccountRow | null {
  let found: AccountRow | null = row
  for (let level = 0; level < levels; level += 1) found = parentOf(data, found)
  return found
}

const contactIds = (rows: readonly ContactRow[]) =>
  anyOrder(rows.map((row) => record('Contact', row, ['Id'])))
const accountIds = (rows: readonly AccountRow[]) =>
  anyOrder(rows.map((row) => record('Account', row, ['Id'])))

const selects: readonly SoqlCase[] = [
  {
    name: 'one level',
    soql: 'SELECT Id, Account.Name, Account.Industry, Account.AnnualRevenue FROM Contact',
    expected: (data) =>
      anyOrder(
        data.contacts.map((row) => {
          const account = accountOf(data, row)
          return record('Contact', row, ['Id'], {
            Account:
              account === null
                ? null
                : record('Account', account, ['Name', 'Industry', 'AnnualRevenue']),
          })
        }),
      ),
  },
  {
    name: 'an owner, a creator and the last to modify',
    soql: 'SELECT Id, Owner.Name, CreatedBy.Alias, LastModifiedBy.IsActive FROM Opportunity',
    expected: (data) =>
      anyOrder(
        data.opportunities.map((row) =>
          record('Opportunity', row, ['Id'], {
            Owner: record('User', data.user(row.OwnerId), ['Name']),
            CreatedBy: record('User', data.user(row.CreatedById), ['Alias']),
            LastModifiedBy: record('User', data.user(row.LastModifiedById), ['IsActive']),
          }),
        ),
      ),
  },
  {
    name: "a parent's id, checkbox, number and times",
    soql: `SELECT Id, Account.Id, Account.Active__c, Account.Score__c, Account.Last_Contacted__c,
      Account.CreatedDate, Account.OwnerId FROM Contact ORDER BY Account.Id, Id`,
    expected: (data) =>
      inOrder(
        sorted(
          data.contacts,
          { of: (row) => accountOf(data, row)?.n ?? null },
          { of: (row) => row.n },
        ).map((row) => {
          const account = accountOf(data, row)
          const fields = [
            'Id',
            'Active__c',
            'Score__c',
            'Last_Contacted__c',
            'CreatedDate',
          ] as const
          return record('Contact', row, ['Id'], {
            Account: account === null ? null : record('Account', account, [...fields, 'OwnerId']),
          })
        }),
      ),
  },
  {
    name: 'a custom lookup',
    soql: "SELECT Name, Account__r.Name, Account__r.Owner.Name FROM Custom_Object__c WHERE Phone__c = 'typed'",
    expected: (data) =>
      anyOrder(
        data.custom('typed').map((row) => {
          const account = data.account(row.Account__c)
          return record('Custom_Object__c', row, ['Name'], {
            Account__r:
              account === null
                ? null
                : named(account, { Owner: record('User', data.user(account.OwnerId), ['Name']) }),
          })
        }),
      ),
  },
  ...[2, 3, 4, 5].map((levels): SoqlCase => {
    const path = Array.from({ length: levels }, (_, level) => 'Parent.'.repeat(level + 1))
    return {
      name: `${levels} levels`,
      soql: `SELECT Name, ${path.map((each) => `${each}Name`).join(', ')} FROM Account`,
      expected: (data) =>
        anyOrder(
          data.accounts.map((row) =>
            record('Account', row, ['Name'], { Parent: chain(data, row, levels) }),
          ),
        ),
    }
  }),
  {
    name: 'only the end of a long path',
    soql: 'SELECT Id, ReportsTo.ReportsTo.Account.Owner.LastName FROM Contact',
    expected: (data) =>
      anyOrder(
        data.contacts.map((row) => {
          const manager = managerOf(data, row)
          const second = managerOf(data, manager)
          const account = second === null ? null : accountOf(data, second)
          const Account =
            account === null
              ? null
              : record('Account', account, [], {
                  Owner: record('User', data.user(account.OwnerId), ['LastName']),
                })
          const upper = second === null ? null : record('Contact', second, [], { Account })
          return record('Contact', row, ['Id'], {
            ReportsTo:
              manager === null ? null : record('Contact', manager, [], { ReportsTo: upper }),
          })
        }),
      ),
  },
  {
    name: 'the name of the object before the field, and aliases',
    soql: 'SELECT c.Id, Contact.LastName, a.Name FROM Contact c, c.Account a WHERE c.LastName != null',
    expected: (data) =>
      anyOrder(
        data.contacts.map((row) =>
          record('Contact', row, ['Id', 'LastName'], { Account: named(accountOf(data, row)) }),
        ),
      ),
  },
]

const filters: readonly SoqlCase[] = [
  {
    name: 'a value of the parent',
    soql: "SELECT Id FROM Contact WHERE Account.Industry = 'banking'",
    expected: (data) =>
      contactIds(data.contacts.filter((row) => accountOf(data, row)?.Industry === 'Banking')),
  },
  {
    name: 'no value in the parent, or no parent',
    soql: 'SELECT Id FROM Contact WHERE Account.Industry = null',
    expected: (data) =>
      contactIds(data.contacts.filter((row) => (accountOf(data, row)?.Industry ?? null) === null)),
  },
  {
    name: 'some value in the parent',
    soql: 'SELECT Id FROM Contact WHERE Account.Industry != null',
    expected: (data) =>
      contactIds(data.contacts.filter((row) => (accountOf(data, row)?.Industry ?? null) !== null)),
  },
  {
    name: 'another value in the parent, or no parent',
    soql: "SELECT Id FROM Contact WHERE Account.Industry != 'Banking'",
    expected: (data) =>
      contactIds(data.contacts.filter((row) => accountOf(data, row)?.Industry !== 'Banking')),
  },
  {
    name: 'a checkbox of a missing parent is false',
    soql: 'SELECT Id FROM Contact WHERE Account.Active__c = false',
    expected: (data) =>
      contactIds(data.contacts.filter((row) => accountOf(data, row)?.Active__c !== true)),
  },
  {
    name: 'OR keeps records without the parent',
    soql: "SELECT Id FROM Contact WHERE LastName = 'Smith' OR Account.Rating = 'Hot'",
    expected: (data) =>
      contactIds(
        data.contacts.filter(
          (row) => sameText(row.LastName, 'Smith') || accountOf(data, row)?.Rating === 'Hot',
        ),
      ),
  },
  {
    name: 'LIKE on an owner',
    soql: "SELECT Id FROM Contact WHERE Owner.Name LIKE 'BJÖRN%'",
    expected: (data) =>
      contactIds(data.contacts.filter((row) => data.user(row.OwnerId).FirstName === 'Björn')),
  },
  {
    name: 'an id of the parent',
    soql: (data) => `SELECT Id FROM Contact WHERE Account.ParentId = '${data.accounts[0]?.Id}'`,
    expected: (data) =>
      contactIds(
        data.contacts.filter((row) => accountOf(data, row)?.ParentId === data.accounts[0]?.Id),
      ),
  },
  ...[2, 3, 5].map(
    (levels): SoqlCase => ({
      name: `someone stands ${levels} levels above`,
      soql: `SELECT Id FROM Account WHERE ${'Parent.'.repeat(levels)}Name != null`,
      expected: (data) =>
        accountIds(data.accounts.filter((row) => above(data, row, levels) !== null)),
    }),
  ),
  {
    name: 'a date of the parent',
    soql: 'SELECT Id FROM Opportunity WHERE Account.CreatedDate >= 2023-01-01T00:00:00Z',
    expected: (data) =>
      anyOrder(
        data.opportunities
          .filter((row) => (accountOf(data, row)?.CreatedDate ?? '') >= '2023-01-01')
          .map((row) => record('Opportunity', row, ['Id'])),
      ),
  },
]

const orders: readonly SoqlCase[] = [
  {
    name: 'ORDER BY a parent, records without one first',
    soql: 'SELECT Id, Account.Name FROM Contact ORDER BY Account.Name, Id',
    expected: (data) =>
      inOrder(
        sorted(
          data.contacts,
          { of: (row) => accountOf(data, row)?.Name ?? null },
          { of: (row) => row.n },
        ).map((row) => record('Contact', row, ['Id'], { Account: named(accountOf(data, row)) })),
      ),
  },
  {
    name: 'ORDER BY a grandparent that is not selected',
    soql: 'SELECT Id FROM Account ORDER BY Parent.Parent.Name DESC, Owner.LastName, Id',
    expected: (data) =>
      inOrder(
        sorted(
          data.accounts,
          { of: (row) => above(data, row, 2)?.Name ?? null, descending: true },
          { of: (row) => data.user(row.OwnerId).LastName },
          { of: (row) => row.n },
        ).map((row) => record('Account', row, ['Id'])),
      ),
  },
]

/** Paths from child to parent, in SELECT, WHERE and ORDER BY: always outer joins. */
export const parents: readonly SoqlCase[] = [...selects, ...filters, ...orders]
