import * as f from '../field-builders.ts'
import { ACTIVITY_PARENTS, ACTIVITY_SUBJECTS } from '../picklists.ts'

export const task = f.object('Task', '00T', [
  f.lookup('WhoId', ['Contact', 'Lead'], {
    label: 'Name ID',
    childRelationshipName: 'Tasks',
    cascadeDelete: true,
  }),
  f.lookup('WhatId', ACTIVITY_PARENTS, {
    label: 'Related To ID',
    childRelationshipName: 'Tasks',
    cascadeDelete: true,
  }),
  f.combobox('Subject', ACTIVITY_SUBJECTS, { nameField: true }),
  f.date('ActivityDate', { label: 'Due Date Only' }),
  f.picklist(
    'Status',
    ['Not Started', 'In Progress', 'Completed', 'Waiting on someone else', 'Deferred'],
    { defaultValue: 'Not Started' },
  ),
  f.picklist('Priority', ['High', 'Normal', 'Low'], { defaultValue: 'Normal' }),
  f.checkbox('IsHighPriority', { label: 'High Priority', ...f.readOnly }),
  f.lookup('OwnerId', 'User', { label: 'Assigned To ID' }),
  f.longText('Description', 32_000),
  f.lookup('AccountId', 'Account', { label: 'Account ID', ...f.readOnly }),
  f.checkbox('IsClosed', { label: 'Closed', ...f.readOnly }),
  f.checkbox('IsArchived', { label: 'Archived', ...f.readOnly }),
  f.integer('CallDurationInSeconds', 8, { label: 'Call Duration' }),
  f.picklist('CallType', ['Internal', 'Inbound', 'Outbound'], { restricted: true }),
  f.text('CallDisposition', 255, { label: 'Call Result' }),
  f.text('CallObject', 255, { label: 'Call Object Identifier' }),
  f.datetime('ReminderDateTime', { label: 'Reminder Date/Time' }),
  f.checkbox('IsReminderSet', { label: 'Reminder Set' }),
  f.picklist('TaskSubtype', ['Task', 'Email', 'ListEmail', 'Cadence', 'Call', 'LinkedIn'], {
    defaultValue: 'Task',
    restricted: true,
    ...f.writeOnce,
  }),
  f.datetime('CompletedDateTime', { label: 'Completed Date/Time', ...f.readOnly }),
])
