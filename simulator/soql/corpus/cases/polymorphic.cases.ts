import { expect } from 'vitest'
import type { TaskRow } from '../data/rows.ts'
import { aggregate, anyOrder, children, inOrder, record, type SoqlCase } from '../expectation.ts'
import type { Fixture } from '../fixture.ts'
import { grouped, sorted } from '../semantics.ts'

/** What a lookup that may lead to several objects led to. */
interface Target {
  readonly Type: 'Account' | 'Contact' | 'Lead' | 'Opportunity'
  readonly Id: string
  readonly Name: string
}

const find = <R extends { readonly Id: string }>(rows: readonly R[], id: string | null): R | null =>
  rows.find((row) => row.Id === id) ?? null

function who(data: Fixture, row: TaskRow): Target | null {
  const contact = find(data.contacts, row.WhoId)
  if (contact !== null) return { Type: 'Contact', Id: contact.Id, Name: contact.Name }
  const lead = find(data.leads, row.WhoId)
  return lead === null ? null : { Type: 'Lead', Id: lead.Id, Name: lead.Name }
}

function what(data: Fixture, row: TaskRow): Target | null {
  const account = find(data.accounts, row.WhatId)
  if (account !== null) return { Type: 'Account', Id: account.Id, Name: account.Name }
  const deal = find(data.opportunities, row.WhatId)
  return deal === null ? null : { Type: 'Opportunity', Id: deal.Id, Name: deal.Name }
}

/** The address names the record's own object; whether `type` says so too, or `Name`, is left open. */
const nested = (target: Target | null, fields: readonly (keyof Target)[]): unknown =>
  target === null
    ? null
    : {
        attributes: {
          type: expect.any(String),
          url: `/services/data/v67.0/sobjects/${target.Type}/${target.Id}`,
        },
        ...Object.fromEntries(fields.map((field) => [field, target[field]])),
      }

function filter(where: string, keeps: (data: Fixture) => (row: TaskRow) => boolean): SoqlCase {
  return {
    name: where,
    soql: `SELECT Id FROM Task WHERE ${where}`,
    expected: (data) =>
      anyOrder(data.tasks.filter(keeps(data)).map((row) => record('Task', row, ['Id']))),
  }
}

/** Lookups that lead to one of several objects. */
export const polymorphic: readonly SoqlCase[] = [
  {
    name: 'the name and type of whom a task is about',
    soql: 'SELECT Subject, Who.Name, Who.Type, What.Id, What.Type FROM Task ORDER BY Id',
    expected: (data) =>
      inOrder(
        data.tasks.map((row) =>
          record('Task', row, ['Subject'], {
            Who: nested(who(data, row), ['Name', 'Type']),
            What: nested(what(data, row), ['Id', 'Type']),
          }),
        ),
      ),
  },
  filter("Who.Type = 'contact'", (data) => (row) => who(data, row)?.Type === 'Contact'),
  filter("Who.Type != 'Contact'", (data) => (row) => who(data, row)?.Type !== 'Contact'),
  filter("What.Type IN ('Account', 'Opportunity')", (data) => (row) => what(data, row) !== null),
  filter("What.Type = 'Opportunity' AND What.Name LIKE 'deal 0%'", (data) => (row) => {
    const target = what(data, row)
    return target?.Type === 'Opportunity' && target.Name.startsWith('Deal 0')
  }),
  filter('Who.Name = null', (data) => (row) => who(data, row) === null),
  filter("Who.Name LIKE '%lead 1%'", (data) => (row) => /lead 1/i.test(who(data, row)?.Name ?? '')),
  filter(
    'WhatId IN (SELECT Id FROM Account WHERE Active__c = true)',
    (data) => (row) => find(data.accounts, row.WhatId)?.Active__c === true,
  ),
  filter(
    'WhoId IN (SELECT Id FROM Contact WHERE DoNotCall = false)',
    (data) => (row) => find(data.contacts, row.WhoId)?.DoNotCall === false,
  ),
  {
    name: 'ORDER BY a name of either object',
    soql: 'SELECT Id FROM Task ORDER BY What.Name DESC, Id',
    expected: (data) =>
      inOrder(
        sorted(
          data.tasks,
          { of: (row) => what(data, row)?.Name ?? null, descending: true },
          { of: (row) => row.n },
        ).map((row) => record('Task', row, ['Id'])),
      ),
  },
  {
    name: 'GROUP BY a type',
    soql: 'SELECT What.Type kind, COUNT(Id) n FROM Task GROUP BY What.Type',
    expected: (data) =>
      anyOrder(
        [...grouped(data.tasks, (row) => what(data, row)?.Type ?? null)].map(([kind, rows]) =>
          aggregate({ kind, n: rows.length }),
        ),
      ),
  },
  {
    name: 'TYPEOF chooses fields by the object',
    soql: `SELECT Id, TYPEOF What WHEN Account THEN Rating, NumberOfEmployees
      WHEN Opportunity THEN Amount, CloseDate END FROM Task`,
    expected: (data) =>
      anyOrder(
        data.tasks.map((row) => {
          const account = find(data.accounts, row.WhatId)
          const deal = find(data.opportunities, row.WhatId)
          const What =
            account !== null
              ? record('Account', account, ['Rating', 'NumberOfEmployees'])
              : deal !== null
                ? record('Opportunity', deal, ['Amount', 'CloseDate'])
                : null
          return record('Task', row, ['Id'], { What })
        }),
      ),
  },
  {
    name: 'TYPEOF with paths and ELSE',
    soql: `SELECT Id, TYPEOF Who WHEN Contact THEN LastName, Account.Name ELSE Name END
      FROM Task WHERE WhoId != null ORDER BY Id`,
    expected: (data) =>
      inOrder(
        data.tasks
          .filter((row) => row.WhoId !== null)
          .map((row) => {
            const contact = find(data.contacts, row.WhoId)
            if (contact === null) {
              return record('Task', row, ['Id'], { Who: nested(who(data, row), ['Name']) })
            }
            const account = data.account(contact.AccountId)
            return record('Task', row, ['Id'], {
              Who: record('Contact', contact, ['LastName'], {
                Account: account === null ? null : record('Account', account, ['Name']),
              }),
            })
          }),
      ),
  },
  {
    name: 'children by a lookup of several objects',
    soql: `SELECT Id, (SELECT Subject, Who.Name FROM Tasks ORDER BY Id) FROM Account
      WHERE Id IN (SELECT AccountId FROM Opportunity) ORDER BY Id`,
    expected: (data) => {
      const owners = new Set(data.opportunities.map((row) => row.AccountId))
      return inOrder(
        data.accounts
          .filter((row) => owners.has(row.Id))
          .map((row) =>
            record('Account', row, ['Id'], {
              Tasks: children(
                data.tasks
                  .filter((task) => task.WhatId === row.Id)
                  .map((task) =>
                    record('Task', task, ['Subject'], {
                      Who: nested(who(data, task), ['Name']),
                    }),
                  ),
              ),
            }),
          ),
      )
    },
  },
]
