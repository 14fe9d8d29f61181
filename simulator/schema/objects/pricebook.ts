import * as f from '../field-builders.ts'

export const pricebook = f.object(
  'Pricebook2',
  '01s',
  [
    f.text('Name', 255, { label: 'Price Book Name', required: true, nameField: true }),
    f.checkbox('IsActive', { label: 'Active' }),
    f.checkbox('IsArchived', { label: 'Archived', ...f.readOnly }),
    f.text('Description', 255),
    ...f.lastViewed(),
    f.checkbox('IsStandard', { label: 'Is Standard Price Book', ...f.readOnly }),
  ],
  { label: 'Price Book' },
)
