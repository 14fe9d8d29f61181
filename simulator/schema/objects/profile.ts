import * as f from '../field-builders.ts'

export const profile = f.object(
  'Profile',
  '00e',
  [
    f.text('Name', 255, { nameField: true, ...f.readOnly }),
    f.text('UserType', 40, f.readOnly),
    f.text('Description', 255, f.readOnly),
  ],
  { createable: false, updateable: false, deletable: false, without: ['IsDeleted'] },
)
