import { createDraw } from './draw.ts'
import type { AccountRow, ContactRow, LeadRow, OpportunityRow, TaskRow } from './rows.ts'

const COUNT = 60
const PREFIX = '00T'

const SUBJECTS = ['Call', 'call', 'Send Letter', 'Email', 'Other']

/** Whom and what a task may be about. */
export interface TaskSubjects {
  readonly accounts: readonly AccountRow[]
  readonly contacts: readonly ContactRow[]
  readonly leads: readonly LeadRow[]
  readonly opportunities: readonly OpportunityRow[]
}

/** Tasks about persons and things of several objects, or nobody and nothing. */
export function makeTasks(subjects: TaskSubjects): readonly TaskRow[] {
  const draw = createDraw(16)
  const contacts = subjects.contacts.filter((row) => !row.IsDeleted)
  const accounts = subjects.accounts.filter((row) => !row.IsDeleted)
  const rows: TaskRow[] = []
  for (let n = 1; n <= COUNT; n += 1) {
    const person = draw.chance(0.6) ? draw.of(contacts) : draw.of(subjects.leads)
    const thing = draw.chance(0.5) ? draw.of(accounts) : draw.of(subjects.opportunities)
    rows.push({
      ...draw.system(PREFIX, n),
      Subject: draw.of(SUBJECTS),
      WhoId: draw.orNull(0.3, person.Id),
      WhatId: draw.orNull(0.3, thing.Id),
      OwnerId: draw.userId(),
      ActivityDate: draw.orNull(0.3, `2024-0${draw.whole(1, 9)}-1${draw.whole(0, 9)}`),
    })
  }
  return rows
}
