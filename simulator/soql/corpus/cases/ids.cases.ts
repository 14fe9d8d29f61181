import type { AccountRow, ContactRow } from '../data/rows.ts'
import { anyOrder, inOrder, record, type SoqlCase } from '../expectation.ts'
import type { Fixture } from '../fixture.ts'
import { sorted } from '../semantics.ts'

const accountIds = (rows: readonly AccountRow[]) =>
  anyOrder(rows.map((row) => record('Account', row, ['Id', 'Name'])))
const contactIds = (rows: readonly ContactRow[]) =>
  anyOrder(rows.map((row) => record('Contact', row, ['Id', 'AccountId'])))

/** An account that has contacts. */
function parent(data: Fixture): AccountRow {
  const found = data.accounts.find((row) =>
    data.contacts.some((contact) => contact.AccountId === row.Id),
  )
  if (found === undefined) throw new Error('the fixture has no account with contacts')
  return found
}
const some = (data: Fixture) => data.accounts.slice(10, 15)
const quoted = (ids: readonly string[]): string => ids.map((id) => `'${id}'`).join(', ')

/** Ids and lookups, in 15 and in 18 characters. */
export const ids: readonly SoqlCase[] = [
  {
    name: 'Id of 18 characters',
    soql: (data) => `SELECT Id, Name FROM Account WHERE Id = '${parent(data).Id}'`,
    expected: (data) => accountIds([parent(data)]),
  },
  {
    name: 'Id of 15 characters',
    soql: (data) => `SELECT Id, Name FROM Account WHERE Id = '${parent(data).Id.slice(0, 15)}'`,
    expected: (data) => accountIds([parent(data)]),
  },
  {
    name: 'Id IN a list of both lengths',
    soql: (data) => {
      const mixed = some(data).map((row, at) => (at % 2 === 0 ? row.Id : row.Id.slice(0, 15)))
      return `SELECT Id, Name FROM Account WHERE Id IN (${quoted(mixed)})`
    },
    expected: (data) => accountIds(some(data)),
  },
  {
    name: 'Id NOT IN a list',
    soql: (data) =>
      `SELECT Id, Name FROM Account WHERE Id NOT IN (${quoted(some(data).map((row) => row.Id))})`,
    expected: (data) => accountIds(data.accounts.filter((row) => !some(data).includes(row))),
  },
  {
    name: 'Id != one',
    soql: (data) => `SELECT Id, Name FROM Account WHERE Id != '${parent(data).Id}'`,
    expected: (data) => accountIds(data.accounts.filter((row) => row !== parent(data))),
  },
  {
    name: 'a lookup equals an id of 15 characters',
    soql: (data) =>
      `SELECT Id, AccountId FROM Contact WHERE AccountId = '${parent(data).Id.slice(0, 15)}'`,
    expected: (data) =>
      contactIds(data.contacts.filter((row) => row.AccountId === parent(data).Id)),
  },
  {
    name: 'a lookup that differs from an id may be empty',
    soql: (data) => `SELECT Id, AccountId FROM Contact WHERE AccountId != '${parent(data).Id}'`,
    expected: (data) =>
      contactIds(data.contacts.filter((row) => row.AccountId !== parent(data).Id)),
  },
  {
    name: 'a lookup is null',
    soql: 'SELECT Id, AccountId FROM Contact WHERE AccountId = null',
    expected: (data) => contactIds(data.contacts.filter((row) => row.AccountId === null)),
  },
  {
    name: 'a lookup IN a list with null',
    soql: (data) =>
      `SELECT Id, AccountId FROM Contact WHERE AccountId IN ('${parent(data).Id}', null)`,
    expected: (data) =>
      contactIds(
        data.contacts.filter(
          ({ AccountId }) => AccountId === null || AccountId === parent(data).Id,
        ),
      ),
  },
  {
    name: 'owner and creator by id',
    soql: (data) =>
      `SELECT Id, AccountId FROM Contact WHERE OwnerId = '${data.users[2]?.Id}'
       OR CreatedById = '${data.users[3]?.Id.slice(0, 15)}'`,
    expected: (data) =>
      contactIds(
        data.contacts.filter(
          (row) => row.OwnerId === data.users[2]?.Id || row.CreatedById === data.users[3]?.Id,
        ),
      ),
  },
  {
    name: 'an id of another object finds nothing',
    soql: (data) => `SELECT Id FROM Account WHERE ParentId = '${data.contacts[0]?.Id}'`,
    empty: true,
    expected: () => anyOrder([]),
  },
  {
    name: 'an external id, without case',
    soql: "SELECT Id, Name FROM Account WHERE External_Id__c = 'a-007' OR External_Id__c = 'A-020'",
    expected: (data) =>
      accountIds(
        data.accounts.filter((row) => ['A-007', 'A-020'].includes(row.External_Id__c ?? '')),
      ),
  },
  {
    name: 'external ids in a list',
    soql: `SELECT Id, Name FROM Account WHERE External_Id__c IN ('a-003', 'A-004', 'a-005', 'A-006',
      'none')`,
    expected: (data) =>
      accountIds(
        data.accounts.filter((row) =>
          ['A-003', 'A-004', 'A-005', 'A-006'].includes(row.External_Id__c ?? ''),
        ),
      ),
  },
  {
    name: 'no external id, or another',
    soql: "SELECT Id, Name FROM Account WHERE External_Id__c != 'A-007'",
    expected: (data) => accountIds(data.accounts.filter((row) => row.External_Id__c !== 'A-007')),
  },
  {
    name: 'external ids in a range',
    soql: "SELECT Id, Name FROM Account WHERE External_Id__c > 'a-050'",
    expected: (data) =>
      accountIds(
        data.accounts.filter((row) => row.External_Id__c !== null && row.External_Id__c > 'A-050'),
      ),
  },
  {
    name: 'an external id of a parent',
    soql: "SELECT Id, AccountId FROM Contact WHERE Account.External_Id__c LIKE 'a-00%'",
    expected: (data) =>
      contactIds(
        data.contacts.filter(
          (row) => data.account(row.AccountId)?.External_Id__c?.startsWith('A-00') === true,
        ),
      ),
  },
  {
    name: 'ORDER BY Id',
    soql: 'SELECT Id, Name FROM Account ORDER BY Id DESC LIMIT 7',
    expected: (data) =>
      inOrder(
        sorted(data.accounts, { of: (row) => row.n, descending: true })
          .slice(0, 7)
          .map((row) => record('Account', row, ['Id', 'Name'])),
      ),
  },
]
