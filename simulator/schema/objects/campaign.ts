import * as f from '../field-builders.ts'

const count = { defaultValue: 0, ...f.readOnly } as const

export const campaign = f.object('Campaign', '701', [
  f.text('Name', 80, { required: true, nameField: true }),
  f.lookup('ParentId', 'Campaign', {
    label: 'Parent Campaign ID',
    childRelationshipName: 'ChildCampaigns',
  }),
  f.picklist(
    'Type',
    [
      'Conference',
      'Webinar',
      'Trade Show',
      'Public Relations',
      'Partners',
      'Referral Program',
      'Advertisement',
      'Banner Ads',
      'Direct Mail',
      'Email',
      'Telemarketing',
      'Other',
    ],
    { defaultValue: 'Conference' },
  ),
  f.picklist('Status', ['Planned', 'In Progress', 'Completed', 'Aborted'], {
    defaultValue: 'Planned',
  }),
  f.date('StartDate'),
  f.date('EndDate'),
  f.currency('ExpectedRevenue', 18, 0, { label: 'Expected Revenue in Campaign' }),
  f.currency('BudgetedCost', 18, 0, { label: 'Budgeted Cost in Campaign' }),
  f.currency('ActualCost', 18, 0, { label: 'Actual Cost in Campaign' }),
  f.percent('ExpectedResponse', 10, 2, { label: 'Expected Response (%)' }),
  f.decimal('NumberSent', 18, 0, { label: 'Num Sent in Campaign' }),
  f.checkbox('IsActive', { label: 'Active' }),
  f.longText('Description', 32_000),
  f.integer('NumberOfLeads', 9, { label: 'Leads in Campaign', ...count }),
  f.integer('NumberOfConvertedLeads', 9, { label: 'Converted Leads in Campaign', ...count }),
  f.integer('NumberOfContacts', 9, { label: 'Contacts in Campaign', ...count }),
  f.integer('NumberOfResponses', 9, { label: 'Responses in Campaign', ...count }),
  f.integer('NumberOfOpportunities', 9, { label: 'Opportunities in Campaign', ...count }),
  f.integer('NumberOfWonOpportunities', 9, { label: 'Won Opportunities in Campaign', ...count }),
  f.currency('AmountAllOpportunities', 18, 2, {
    label: 'Value Opportunities in Campaign',
    ...count,
  }),
  f.currency('AmountWonOpportunities', 18, 2, {
    label: 'Value Won Opportunities in Campaign',
    ...count,
  }),
  f.lookup('OwnerId', 'User', { label: 'Owner ID' }),
  ...f.lastViewed(),
  f.date('LastActivityDate', { label: 'Last Activity', ...f.readOnly }),
])
