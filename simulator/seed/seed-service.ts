import { makeId } from '../ids.ts'
import type { FieldValue } from '../schema/field.ts'
import { between, chance, pick, skewed } from './chance.ts'
import { ownerId } from './seed-deals.ts'
import { CASE_SUBJECTS, TASK_SUBJECTS } from './seed-names.ts'
import type { SeedRecord } from './seed-record.ts'
import { type SeedScope, type Seller, seedRecord } from './seed-scope.ts'
import { DAY, dayOf, momentText } from './working-calendar.ts'

const HOUR = 3_600_000
const QUARTER = 900_000

/** A time in which something happened between a seller and a customer. */
export interface ContactSpan {
  readonly from: number
  readonly to: number
  /** What the contact was about; whether anything is still to come. */
  readonly whatId: string
  readonly whoId: string | null
  readonly accountId: string
  readonly seller: Seller
  readonly goesOn: boolean
}

/** A moment of work within a span. */
function momentOf({ random, calendar }: SeedScope, span: ContactSpan): number {
  const moment = calendar.atWork(random, span.from + random() * (span.to - span.from))
  return Math.max(Math.min(moment, calendar.end - HOUR), span.from)
}

/** Somebody who may open a case. */
export interface CaseContact {
  readonly id: string
  readonly created: number
  readonly email: FieldValue
}

/** A case of an account, closed after some days unless it is young. */
export function makeCase(
  scope: SeedScope,
  accountId: string,
  contacts: readonly CaseContact[],
  since: number,
): SeedRecord {
  const { random, calendar } = scope
  const created = calendar.atWork(
    random,
    since + random() * Math.max(calendar.end - since - 3 * DAY, 0),
  )
  const at = Math.max(Math.min(created, calendar.end - HOUR), since)
  const known = contacts.filter((contact) => contact.created <= at)
  const contact = known.length === 0 ? null : pick(random, known)
  const closed = at + skewed(random, 30 * HOUR, 1.1)
  const isClosed = closed < calendar.end
  const escalated = chance(random, 0.1)
  const { n } = scope.next('Case')
  return seedRecord(
    'Case',
    n,
    {
      CaseNumber: String(n).padStart(8, '0'),
      AccountId: accountId,
      ContactId: contact?.id,
      ContactEmail: contact?.email,
      Subject: pick(random, CASE_SUBJECTS),
      Status: isClosed ? 'Closed' : escalated ? 'Escalated' : pick(random, ['New', 'Working']),
      Priority: escalated ? 'High' : pick(random, ['High', 'Medium', 'Medium', 'Low']),
      Origin: pick(random, ['Phone', 'Email', 'Email', 'Web']),
      Type: pick(random, ['Mechanical', 'Electrical', 'Electronic', 'Other']),
      Reason: chance(random, 0.8) ? pick(random, ['Installation', 'Breakdown', 'Other']) : null,
      IsClosed: isClosed,
      ClosedDate: isClosed ? momentText(closed) : null,
      IsEscalated: escalated,
      OwnerId: makeId('005', scope.supportN),
    },
    {
      created: at,
      modified: isClosed ? Math.floor(closed) : at,
      createdBy: scope.supportN,
    },
  )
}

/** A task of a span, done or, where something is still to come, to be done. */
export function makeTask(scope: SeedScope, span: ContactSpan): SeedRecord {
  const { random, calendar } = scope
  const open = span.goesOn && chance(random, 0.35)
  const at = momentOf(scope, span)
  const due = dayOf(open ? calendar.end + between(random, -5, 20) * DAY : at)
  const done = Math.min(at + between(random, 1, 8) * HOUR, calendar.end - 1_000)
  const high = chance(random, 0.2)
  return seedRecord(
    'Task',
    scope.next('Task').n,
    {
      WhoId: span.whoId,
      WhatId: span.whatId,
      AccountId: span.accountId,
      Subject: pick(random, TASK_SUBJECTS),
      ActivityDate: due,
      Status: open ? pick(random, ['Not Started', 'In Progress']) : 'Completed',
      Priority: high ? 'High' : 'Normal',
      IsHighPriority: high,
      IsClosed: !open,
      IsArchived: false,
      IsReminderSet: false,
      TaskSubtype: 'Task',
      CompletedDateTime: open ? null : momentText(done),
      OwnerId: ownerId(span.seller),
    },
    { created: at, modified: open ? at : done, createdBy: span.seller.n },
  )
}

/** A meeting or a call of a span. */
export function makeEvent(scope: SeedScope, span: ContactSpan): SeedRecord {
  const { random } = scope
  const start = Math.ceil(momentOf(scope, span) / QUARTER) * QUARTER
  const minutes = pick(random, [30, 45, 60, 90])
  const end = start + minutes * 60_000
  const created = Math.max(start - 2 * DAY, Math.min(span.from, start))
  return seedRecord(
    'Event',
    scope.next('Event').n,
    {
      WhoId: span.whoId,
      WhatId: span.whatId,
      AccountId: span.accountId,
      Subject: pick(random, ['Meeting', 'Call']),
      ActivityDate: dayOf(start),
      ActivityDateTime: momentText(start),
      StartDateTime: momentText(start),
      EndDateTime: momentText(end),
      EndDate: dayOf(end),
      DurationInMinutes: minutes,
      IsAllDayEvent: false,
      IsPrivate: false,
      IsChild: false,
      IsGroupEvent: false,
      IsArchived: false,
      IsReminderSet: false,
      ShowAs: 'Busy',
      EventSubtype: 'Event',
      OwnerId: ownerId(span.seller),
    },
    { created, modified: created, createdBy: span.seller.n },
  )
}
