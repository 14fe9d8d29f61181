import { aggregate, anyOrder, countOf, inOrder, record, type SoqlCase } from '../expectation.ts'
import { sorted } from '../semantics.ts'

/** What SELECT and the rarer clauses give: shapes, names of their own, deleted records. */
export const selections: readonly SoqlCase[] = [
  {
    name: 'a value of every type, missing ones as null',
    soql: `SELECT Id, Name, Text__c, Long_Text__c, Number__c, Currency__c, Percent__c, Checkbox__c, Date__c,
      Datetime__c, Email__c, Phone__c, Url__c, Status__c, Colours__c, Account__c, OwnerId, IsDeleted,
      CreatedDate, CreatedById, LastModifiedDate, LastModifiedById
      FROM Custom_Object__c WHERE Phone__c = 'typed' ORDER BY Id`,
    expected: (data) =>
      inOrder(
        data
          .custom('typed')
          .map((row) =>
            record('Custom_Object__c', row, [
              'Id',
              'Name',
              'Text__c',
              'Long_Text__c',
              'Number__c',
              'Currency__c',
              'Percent__c',
              'Checkbox__c',
              'Date__c',
              'Datetime__c',
              'Email__c',
              'Phone__c',
              'Url__c',
              'Status__c',
              'Colours__c',
              'Account__c',
              'OwnerId',
              'IsDeleted',
              'CreatedDate',
              'CreatedById',
              'LastModifiedDate',
              'LastModifiedById',
            ]),
          ),
      ),
  },
  {
    name: 'names of fields and objects in any case are answered in their own',
    soql: 'select ID, nAmE, createddate from ACCOUNT order by id limit 3',
    expected: (data) =>
      inOrder(
        data.accounts
          .slice(0, 3)
          .map((row) => record('Account', row, ['Id', 'Name', 'CreatedDate'])),
      ),
  },
  {
    name: 'white space of every kind',
    soql: "  SELECT\n\tId ,Name\r\nFROM\tAccount\n WHERE Active__c=TRUE AND(Rating='Hot')ORDER BY Id  ",
    expected: (data) =>
      inOrder(
        data.accounts
          .filter((row) => row.Active__c && row.Rating === 'Hot')
          .map((row) => record('Account', row, ['Id', 'Name'])),
      ),
  },
  {
    name: 'toLabel() of a picklist keeps the name of the field',
    soql: 'SELECT Id, toLabel(StageName) FROM Opportunity WHERE Amount > 10000',
    expected: (data) =>
      anyOrder(
        data.opportunities
          .filter((row) => (row.Amount ?? 0) > 10_000)
          .map((row) => record('Opportunity', row, ['Id', 'StageName'])),
      ),
  },
  {
    name: 'toLabel() beside the field, under a name of its own',
    soql: 'SELECT Status, toLabel(Status) label FROM Lead',
    expected: (data) =>
      anyOrder(data.leads.map((row) => record('Lead', row, ['Status'], { label: row.Status }))),
  },
  {
    name: 'toLabel() in a filter',
    soql: "SELECT Id FROM Lead WHERE toLabel(Status) = 'working - contacted'",
    expected: (data) =>
      anyOrder(
        data.leads
          .filter((row) => row.Status === 'Working - Contacted')
          .map((row) => record('Lead', row, ['Id'])),
      ),
  },
  {
    name: 'USING SCOPE mine',
    soql: 'SELECT Id FROM Account USING SCOPE mine',
    expected: (data) =>
      anyOrder(
        data.accounts
          .filter((row) => row.OwnerId === data.users[0]?.Id)
          .map((row) => record('Account', row, ['Id'])),
      ),
  },
  {
    name: 'USING SCOPE everything, WITH SECURITY_ENFORCED, FOR VIEW',
    soql: `SELECT Id FROM Account USING SCOPE everything WHERE Rating = 'Cold' WITH SECURITY_ENFORCED
      ORDER BY Id LIMIT 4 FOR VIEW`,
    expected: (data) =>
      inOrder(
        data.accounts
          .filter((row) => row.Rating === 'Cold')
          .slice(0, 4)
          .map((row) => record('Account', row, ['Id'])),
      ),
  },
  {
    name: 'users, the administrator among them',
    soql: "SELECT Id, Name, TimeZoneSidKey FROM User WHERE LocaleSidKey = 'en_US' ORDER BY LastName",
    expected: (data) =>
      inOrder(
        sorted(data.users, { of: (row) => row.LastName }).map((row) =>
          record('User', row, ['Id', 'Name', 'TimeZoneSidKey']),
        ),
      ),
  },
  {
    name: 'names of persons are put together',
    soql: "SELECT Name, FirstName FROM Contact WHERE Name LIKE 'émile %' ORDER BY Name, Id",
    expected: (data) =>
      inOrder(
        sorted(
          data.contacts.filter((row) => /^émile$/iu.test(row.FirstName ?? '')),
          { of: (row) => row.Name },
          { of: (row) => row.n },
        ).map((row) => record('Contact', row, ['Name', 'FirstName'])),
      ),
  },
  {
    name: 'query leaves deleted records out, even when asked for them',
    soql: 'SELECT Id FROM Account WHERE IsDeleted = true',
    empty: true,
    expected: () => anyOrder([]),
  },
  {
    name: 'queryAll has deleted records too',
    soql: 'SELECT Id, Name, IsDeleted FROM Account',
    all: true,
    expected: (data) =>
      anyOrder(
        [...data.accounts, ...data.deletedAccounts].map((row) =>
          record('Account', row, ['Id', 'Name', 'IsDeleted']),
        ),
      ),
  },
  {
    name: 'queryAll of deleted records only',
    soql: 'SELECT Id FROM Contact WHERE IsDeleted = true',
    all: true,
    expected: (data) => anyOrder(data.deletedContacts.map((row) => record('Contact', row, ['Id']))),
  },
  {
    name: 'queryAll follows paths to deleted parents',
    soql: 'SELECT Id, Account.Name FROM Contact WHERE IsDeleted = true AND AccountId != null',
    all: true,
    expected: (data) =>
      anyOrder(
        data.deletedContacts.flatMap((row) => {
          const account = data.account(row.AccountId)
          if (account === null) return []
          return [record('Contact', row, ['Id'], { Account: record('Account', account, ['Name']) })]
        }),
      ),
  },
  {
    name: 'queryAll counts and groups deleted records',
    soql: 'SELECT IsDeleted, COUNT(Id) n FROM Contact GROUP BY IsDeleted',
    all: true,
    expected: (data) =>
      anyOrder([
        aggregate({ IsDeleted: false, n: data.contacts.length }),
        aggregate({ IsDeleted: true, n: data.deletedContacts.length }),
      ]),
  },
  {
    name: 'queryAll of COUNT()',
    soql: 'SELECT COUNT() FROM Account',
    all: true,
    expected: (data) => countOf([...data.accounts, ...data.deletedAccounts]),
  },
]
