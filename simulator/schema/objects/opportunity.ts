import * as f from '../field-builders.ts'

const STAGES = [
  'Prospecting',
  'Qualification',
  'Needs Analysis',
  'Value Proposition',
  'Id. Decision Makers',
  'Perception Analysis',
  'Proposal/Price Quote',
  'Negotiation/Review',
  'Closed Won',
  'Closed Lost',
]

export const opportunity = f.object('Opportunity', '006', [
  f.lookup('AccountId', 'Account', { label: 'Account ID', childRelationshipName: 'Opportunities' }),
  f.text('Name', 120, { required: true, nameField: true }),
  f.longText('Description', 32_000),
  f.picklist('StageName', STAGES, { label: 'Stage', required: true }),
  f.currency('Amount', 18, 2),
  f.percent('Probability', 3, 0, { label: 'Probability (%)' }),
  f.date('CloseDate', { required: true }),
  f.picklist('Type', ['Existing Customer - Upgrade', 'New Customer'], {
    label: 'Opportunity Type',
  }),
  f.text('NextStep', 255),
  f.picklist('LeadSource', ['Web', 'Phone Inquiry', 'Partner Referral', 'Purchased List']),
  f.lookup('OwnerId', 'User', { label: 'Owner ID' }),
  f.decimal('TotalOpportunityQuantity', 18, 2, { label: 'Quantity' }),
  f.externalId('External_Id__c'),
])
