import type { AccountRow, ContactRow, OpportunityRow } from '../data/rows.ts'
import { anyOrder, children, inOrder, record, type SoqlCase } from '../expectation.ts'
import type { Fixture } from '../fixture.ts'
import { sorted } from '../semantics.ts'

const contactsOf = (data: Fixture, row: AccountRow): ContactRow[] =>
  sorted(
    data.contacts.filter((contact) => contact.AccountId === row.Id),
    { of: (contact) => contact.LastName },
    { of: (contact) => contact.n },
  )
const dealsOf = (data: Fixture, row: AccountRow): readonly OpportunityRow[] =>
  data.opportunities.filter((deal) => deal.AccountId === row.Id)
const lastNames = (rows: readonly ContactRow[]) =>
  children(rows.map((row) => record('Contact', row, ['LastName'])))

/** Subqueries for children in SELECT: a nested answer each, null where it is empty. */
export const childQueries: readonly SoqlCase[] = [
  {
    name: 'children in order',
    soql: 'SELECT Name, (SELECT LastName FROM Contacts ORDER BY LastName, Id) FROM Account',
    expected: (data) =>
      anyOrder(
        data.accounts.map((row) =>
          record('Account', row, ['Name'], { Contacts: lastNames(contactsOf(data, row)) }),
        ),
      ),
  },
  {
    name: 'a filter of children leaves the parents',
    soql: `SELECT Id, (SELECT LastName FROM Contacts WHERE LeadSource = 'web' ORDER BY LastName, Id)
      FROM Account WHERE Active__c = true`,
    expected: (data) =>
      anyOrder(
        data.accounts
          .filter((row) => row.Active__c)
          .map((row) =>
            record('Account', row, ['Id'], {
              Contacts: lastNames(
                contactsOf(data, row).filter((contact) => contact.LeadSource === 'Web'),
              ),
            }),
          ),
      ),
  },
  {
    name: 'LIMIT is for each parent',
    soql: 'SELECT Id, (SELECT LastName FROM Contacts ORDER BY LastName, Id LIMIT 2) FROM Account',
    expected: (data) =>
      anyOrder(
        data.accounts.map((row) =>
          record('Account', row, ['Id'], {
            Contacts: lastNames(contactsOf(data, row).slice(0, 2)),
          }),
        ),
      ),
  },
  {
    name: 'several kinds of children, standard and custom',
    soql: `SELECT Name, (SELECT Name, Amount FROM Opportunities ORDER BY Amount DESC NULLS LAST, Name),
      (SELECT Name FROM Custom_Objects__r ORDER BY Name), (SELECT Id FROM ChildAccounts ORDER BY Id)
      FROM Account ORDER BY Id`,
    expected: (data) =>
      inOrder(
        data.accounts.map((row) =>
          record('Account', row, ['Name'], {
            Opportunities: children(
              sorted(
                dealsOf(data, row),
                { of: (deal) => deal.Amount, descending: true, nullsLast: true },
                { of: (deal) => deal.Name },
              ).map((deal) => record('Opportunity', deal, ['Name', 'Amount'])),
            ),
            Custom_Objects__r: children(
              data
                .custom('typed')
                .filter((each) => each.Account__c === row.Id)
                .map((each) => record('Custom_Object__c', each, ['Name'])),
            ),
            ChildAccounts: children(
              data.accounts
                .filter((child) => child.ParentId === row.Id)
                .map((child) => record('Account', child, ['Id'])),
            ),
          }),
        ),
      ),
  },
  {
    name: 'children with paths to parents',
    soql: `SELECT Id, (SELECT Name, Owner.Alias, Account.Name FROM Opportunities
      WHERE Owner.IsActive = true ORDER BY Name) FROM Account WHERE Rating = 'Hot'`,
    expected: (data) =>
      anyOrder(
        data.accounts
          .filter((row) => row.Rating === 'Hot')
          .map((row) =>
            record('Account', row, ['Id'], {
              Opportunities: children(
                dealsOf(data, row)
                  .filter((deal) => data.user(deal.OwnerId).IsActive)
                  .map((deal) =>
                    record('Opportunity', deal, ['Name'], {
                      Owner: record('User', data.user(deal.OwnerId), ['Alias']),
                      Account: record('Account', row, ['Name']),
                    }),
                  ),
              ),
            }),
          ),
      ),
  },
  {
    name: 'the path form of FROM, with the name of the object before the fields',
    soql: `SELECT Account.Name, (SELECT Contact.LastName FROM Account.Contacts ORDER BY Contact.LastName, Id)
      FROM Account WHERE Industry = 'Energy'`,
    expected: (data) =>
      anyOrder(
        data.accounts
          .filter((row) => row.Industry === 'Energy')
          .map((row) =>
            record('Account', row, ['Name'], { Contacts: lastNames(contactsOf(data, row)) }),
          ),
      ),
  },
  {
    name: 'children of children',
    soql: `SELECT Id, (SELECT Name, (SELECT LastName FROM Contacts ORDER BY LastName, Id)
      FROM ChildAccounts ORDER BY Id) FROM Account WHERE ParentId = null`,
    expected: (data) =>
      anyOrder(
        data.accounts
          .filter((row) => row.ParentId === null)
          .map((row) =>
            record('Account', row, ['Id'], {
              ChildAccounts: children(
                data.accounts
                  .filter((child) => child.ParentId === row.Id)
                  .map((child) =>
                    record('Account', child, ['Name'], {
                      Contacts: lastNames(contactsOf(data, child)),
                    }),
                  ),
              ),
            }),
          ),
      ),
  },
  {
    name: 'a date literal among the children',
    soql: `SELECT Id, (SELECT Name FROM Opportunities WHERE CloseDate = THIS_YEAR ORDER BY Name)
      FROM Account WHERE BillingCountry = 'Norway'`,
    expected: (data) =>
      anyOrder(
        data.accounts
          .filter((row) => row.BillingCountry === 'Norway')
          .map((row) =>
            record('Account', row, ['Id'], {
              Opportunities: children(
                dealsOf(data, row)
                  .filter((deal) => deal.CloseDate.startsWith('2025'))
                  .map((deal) => record('Opportunity', deal, ['Name'])),
              ),
            }),
          ),
      ),
  },
]
