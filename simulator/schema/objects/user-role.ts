import * as f from '../field-builders.ts'

export const userRole = f.object(
  'UserRole',
  '00E',
  [
    f.text('Name', 80, { required: true, nameField: true }),
    f.lookup('ParentRoleId', 'UserRole', { label: 'Parent Role ID', restrictedDelete: true }),
    f.text('RollupDescription', 80, { label: 'Description' }),
    f.text('DeveloperName', 80),
  ],
  { label: 'Role', without: ['IsDeleted', 'CreatedDate', 'CreatedById'] },
)
