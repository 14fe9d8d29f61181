import * as f from '../field-builders.ts'

export const caseObject = f.object('Case', '500', [
  f.autoNumber('CaseNumber', '{00000000}', { nameField: true }),
  f.lookup('ContactId', 'Contact', {
    label: 'Contact ID',
    childRelationshipName: 'Cases',
    restrictedDelete: true,
  }),
  f.lookup('AccountId', 'Account', {
    label: 'Account ID',
    childRelationshipName: 'Cases',
    restrictedDelete: true,
  }),
  f.lookup('ParentId', 'Case', { label: 'Parent Case ID', childRelationshipName: 'Cases' }),
  f.text('SuppliedName', 80, { label: 'Name' }),
  f.email('SuppliedEmail', { label: 'Email Address' }),
  f.text('SuppliedPhone', 40, { label: 'Phone' }),
  f.text('SuppliedCompany', 80, { label: 'Company' }),
  f.picklist('Type', ['Mechanical', 'Electrical', 'Electronic', 'Structural', 'Other'], {
    label: 'Case Type',
  }),
  f.picklist('Status', ['New', 'Working', 'Escalated', 'Closed'], { defaultValue: 'New' }),
  f.picklist(
    'Reason',
    [
      'Installation',
      'Equipment Complexity',
      'Performance',
      'Breakdown',
      'Equipment Design',
      'Feedback',
      'Other',
    ],
    { label: 'Case Reason' },
  ),
  f.picklist('Origin', ['Phone', 'Email', 'Web'], { label: 'Case Origin' }),
  f.text('Subject', 255),
  f.picklist('Priority', ['High', 'Medium', 'Low'], { defaultValue: 'Medium' }),
  f.longText('Description', 32_000),
  f.checkbox('IsClosed', { label: 'Closed', ...f.readOnly }),
  f.datetime('ClosedDate', f.readOnly),
  f.checkbox('IsEscalated', { label: 'Escalated' }),
  f.lookup('OwnerId', 'User', { label: 'Owner ID' }),
])
