import * as f from '../field-builders.ts'
import { ACTIVITY_PARENTS, ACTIVITY_SUBJECTS } from '../picklists.ts'

export const event = f.object('Event', '00U', [
  f.lookup('WhoId', ['Contact', 'Lead'], {
    label: 'Name ID',
    childRelationshipName: 'Events',
    cascadeDelete: true,
  }),
  f.lookup('WhatId', ACTIVITY_PARENTS, {
    label: 'Related To ID',
    childRelationshipName: 'Events',
    cascadeDelete: true,
  }),
  f.combobox('Subject', ACTIVITY_SUBJECTS, { nameField: true }),
  f.text('Location', 255),
  f.checkbox('IsAllDayEvent', { label: 'All-Day Event' }),
  f.datetime('ActivityDateTime', { label: 'Due Date Time' }),
  f.date('ActivityDate', { label: 'Due Date Only' }),
  f.integer('DurationInMinutes', 8, { label: 'Duration' }),
  f.datetime('StartDateTime', { label: 'Start Date Time' }),
  f.datetime('EndDateTime', { label: 'End Date Time' }),
  f.date('EndDate', f.readOnly),
  f.longText('Description', 32_000),
  f.lookup('AccountId', 'Account', { label: 'Account ID', ...f.readOnly }),
  f.lookup('OwnerId', 'User', { label: 'Assigned To ID' }),
  f.checkbox('IsPrivate', { label: 'Private' }),
  f.picklist('ShowAs', ['Busy', 'OutOfOffice', 'Free'], {
    label: 'Show Time As',
    defaultValue: 'Busy',
    restricted: true,
  }),
  f.checkbox('IsChild', f.readOnly),
  f.checkbox('IsGroupEvent', f.readOnly),
  f.checkbox('IsArchived', { label: 'Archived', ...f.readOnly }),
  f.datetime('ReminderDateTime', { label: 'Reminder Date/Time' }),
  f.checkbox('IsReminderSet', { label: 'Reminder Set' }),
  f.picklist('EventSubtype', ['Event'], {
    defaultValue: 'Event',
    restricted: true,
    ...f.writeOnce,
  }),
])
