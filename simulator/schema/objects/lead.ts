import * as f from '../field-builders.ts'
import { LEAD_STATUSES } from '../lead-statuses.ts'
import { INDUSTRIES, LEAD_SOURCES, SALUTATIONS } from '../picklists.ts'

export const lead = f.object(
  'Lead',
  '00Q',
  [
    f.text('LastName', 80, { required: true }),
    f.text('FirstName', 40),
    f.picklist('Salutation', SALUTATIONS),
    f.fullName(),
    f.text('Title', 128),
    f.text('Company', 255, { required: true }),
    ...f.address(''),
    f.phone('Phone'),
    f.phone('MobilePhone'),
    f.phone('Fax'),
    f.email('Email'),
    f.url('Website'),
    f.longText('Description', 32_000),
    f.picklist('LeadSource', LEAD_SOURCES),
    f.picklist(
      'Status',
      LEAD_STATUSES.map((status) => status.name),
      { label: 'Lead Status', defaultValue: 'Open - Not Contacted' },
    ),
    f.picklist('Industry', INDUSTRIES),
    f.picklist('Rating', ['Hot', 'Warm', 'Cold']),
    f.currency('AnnualRevenue', 18, 0),
    f.integer('NumberOfEmployees', 8, { label: 'Employees' }),
    f.lookup('OwnerId', 'User', { label: 'Owner ID' }),
    f.checkbox('IsConverted', { label: 'Converted', updateable: false }),
    f.date('ConvertedDate', f.readOnly),
    f.lookup('ConvertedAccountId', 'Account', { label: 'Converted Account ID', ...f.readOnly }),
    f.lookup('ConvertedContactId', 'Contact', { label: 'Converted Contact ID', ...f.readOnly }),
    f.lookup('ConvertedOpportunityId', 'Opportunity', {
      label: 'Converted Opportunity ID',
      ...f.readOnly,
    }),
    f.date('LastActivityDate', { label: 'Last Activity', ...f.readOnly }),
    f.checkbox('IsUnreadByOwner', { label: 'Unread By Owner', defaultValue: true }),
    f.externalId('External_Id__c'),
  ],
  { personName: true },
)
