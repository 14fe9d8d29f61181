import * as f from '../field-builders.ts'

export const user = f.object(
  'User',
  '005',
  [
    f.text('Username', 80, { required: true }),
    f.text('LastName', 80, { required: true }),
    f.text('FirstName', 40),
    f.text('Name', 121, {
      label: 'Full Name',
      nameField: true,
      createable: false,
      updateable: false,
    }),
    f.email('Email', { length: 128, required: true }),
    f.text('Alias', 8),
    f.checkbox('IsActive', { label: 'Active', defaultValue: true }),
    f.text('TimeZoneSidKey', 40, { defaultValue: 'GMT' }),
    f.text('LocaleSidKey', 40, { defaultValue: 'en_US' }),
  ],
  { personName: true },
)
