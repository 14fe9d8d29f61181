import { recordNumber } from '../../ids.ts'
import type { FieldValue } from '../../schema/field.ts'
import type { SeedRecord } from '../../seed/seed-record.ts'
import { makeAccounts } from './data/accounts.ts'
import { makeContacts } from './data/contacts.ts'
import { makeCustomObjects } from './data/custom-objects.ts'
import { makeLeads } from './data/leads.ts'
import { makeOpportunities } from './data/opportunities.ts'
import type {
  AccountRow,
  ContactRow,
  CustomRow,
  LeadRow,
  OpportunityRow,
  Purpose,
  SystemFields,
  TaskRow,
  UserRow,
} from './data/rows.ts'
import { makeTasks } from './data/tasks.ts'
import { administrator, users } from './data/users.ts'

/** All records that queries are asked of. Deleted ones are only in the `deleted…` lists. */
export interface Fixture {
  readonly users: readonly UserRow[]
  readonly accounts: readonly AccountRow[]
  readonly deletedAccounts: readonly AccountRow[]
  readonly contacts: readonly ContactRow[]
  readonly deletedContacts: readonly ContactRow[]
  readonly opportunities: readonly OpportunityRow[]
  readonly leads: readonly LeadRow[]
  readonly tasks: readonly TaskRow[]
  custom(purpose: Purpose): readonly CustomRow[]
  account(id: string | null): AccountRow | null
  contact(id: string | null): ContactRow | null
  user(id: string): UserRow
}

const live = <R extends SystemFields>(rows: readonly R[]): readonly R[] =>
  rows.filter((row) => !row.IsDeleted)
const deleted = <R extends SystemFields>(rows: readonly R[]): readonly R[] =>
  rows.filter((row) => row.IsDeleted)

/** The same records at every call. */
export function makeFixture(): { readonly data: Fixture; readonly seed: readonly SeedRecord[] } {
  const accounts = makeAccounts()
  const contacts = makeContacts(accounts)
  const opportunities = makeOpportunities(accounts)
  const leads = makeLeads()
  const tasks = makeTasks({ accounts, contacts, leads, opportunities })
  const custom = makeCustomObjects(accounts)
  const everybody = [administrator, ...users]
  const data: Fixture = {
    users: everybody,
    accounts: live(accounts),
    deletedAccounts: deleted(accounts),
    contacts: live(contacts),
    deletedContacts: deleted(contacts),
    opportunities,
    leads,
    tasks,
    custom: (purpose) => custom.filter((row) => row.Phone__c === purpose),
    account: (id) => accounts.find((row) => row.Id === id) ?? null,
    contact: (id) => contacts.find((row) => row.Id === id) ?? null,
    user(id) {
      const found = everybody.find((row) => row.Id === id)
      if (found === undefined) throw new Error(`no user ${id}`)
      return found
    },
  }
  const seed = [
    ...users.map((row) => toSeed('User', row)),
    ...accounts.map((row) => toSeed('Account', row)),
    ...contacts.map((row) => toSeed('Contact', row)),
    ...opportunities.map((row) => toSeed('Opportunity', row)),
    ...leads.map((row) => toSeed('Lead', row)),
    ...tasks.map((row) => toSeed('Task', row)),
    ...custom.map((row) => toSeed('Custom_Object__c', row)),
  ]
  return { data, seed }
}

/** The row as it is stored: system fields apart, and no value where there is none. */
function toSeed(object: string, row: SystemFields): SeedRecord {
  const { n, Id, IsDeleted, CreatedDate, CreatedById, LastModifiedDate, LastModifiedById, ...own } =
    row
  const fields: Record<string, FieldValue> = {}
  for (const [name, value] of Object.entries<FieldValue>(own)) {
    if (value !== null) fields[name] = value
  }
  const by = (id: string): number => recordNumber(id) ?? 0
  return {
    object,
    n,
    fields,
    created: Date.parse(CreatedDate),
    modified: Date.parse(LastModifiedDate),
    createdBy: by(CreatedById),
    modifiedBy: by(LastModifiedById),
    deleted: IsDeleted,
  }
}
