import * as f from '../field-builders.ts'

export const customObject = f.object('Custom_Object__c', 'a00', [
  f.text('Name', 80, { label: 'Custom Object Name', required: true, nameField: true }),
  f.externalId('External_Id__c'),
  f.text('Text__c', 255),
  f.longText('Long_Text__c', 32_768),
  f.decimal('Number__c', 18, 2),
  f.currency('Currency__c', 18, 2),
  f.percent('Percent__c', 18, 1),
  f.checkbox('Checkbox__c'),
  f.date('Date__c'),
  f.datetime('Datetime__c'),
  f.email('Email__c'),
  f.phone('Phone__c'),
  f.url('Url__c'),
  f.picklist('Status__c', ['New', 'Active', 'Closed'], { restricted: true }),
  f.multipicklist('Colours__c', ['Red', 'Green', 'Blue'], { restricted: true }),
  f.lookup('Account__c', 'Account', { childRelationshipName: 'Custom_Objects__r' }),
  f.lookup('OwnerId', 'User', { label: 'Owner ID' }),
])
