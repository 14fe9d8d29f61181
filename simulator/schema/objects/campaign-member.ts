import * as f from '../field-builders.ts'

/** A lead or a contact in a campaign. What describes the person is copied from the person. */
export const campaignMember = f.object('CampaignMember', '00v', [
  f.lookup('CampaignId', 'Campaign', {
    label: 'Campaign ID',
    required: true,
    childRelationshipName: 'CampaignMembers',
    cascadeDelete: true,
    ...f.writeOnce,
  }),
  f.lookup('LeadId', 'Lead', {
    label: 'Lead ID',
    childRelationshipName: 'CampaignMembers',
    cascadeDelete: true,
    ...f.writeOnce,
  }),
  f.lookup('ContactId', 'Contact', {
    label: 'Contact ID',
    childRelationshipName: 'CampaignMembers',
    cascadeDelete: true,
    ...f.writeOnce,
  }),
  f.picklist('Status', ['Sent', 'Responded'], { defaultValue: 'Sent' }),
  f.checkbox('HasResponded', { label: 'Responded', ...f.readOnly }),
  f.date('FirstRespondedDate', f.readOnly),
  f.picklist('Salutation', [], { length: 40, ...f.readOnly }),
  f.text('Name', 121, f.readOnly),
  f.text('FirstName', 40, f.readOnly),
  f.text('LastName', 80, f.readOnly),
  f.text('Title', 128, f.readOnly),
  f.text('City', 40, f.readOnly),
  f.text('State', 80, f.readOnly),
  f.text('PostalCode', 20, f.readOnly),
  f.text('Country', 80, f.readOnly),
  f.email('Email', f.readOnly),
  f.phone('Phone', f.readOnly),
  f.picklist('LeadSource', [], { length: 40, ...f.readOnly }),
  f.text('CompanyOrAccount', 255, { label: 'Company (Account)', ...f.readOnly }),
  f.text('Type', 40, f.readOnly),
  f.lookup('LeadOrContactId', ['Contact', 'Lead'], {
    label: 'Related Record ID',
    ...f.readOnly,
  }),
  f.lookup('LeadOrContactOwnerId', 'User', { label: 'Related Record Owner ID', ...f.readOnly }),
])
