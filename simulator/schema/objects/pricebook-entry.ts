import * as f from '../field-builders.ts'

export const pricebookEntry = f.object(
  'PricebookEntry',
  '01u',
  [
    f.text('Name', 255, { label: 'Product Name', nameField: true, ...f.readOnly }),
    f.lookup('Pricebook2Id', 'Pricebook2', {
      label: 'Price Book ID',
      required: true,
      childRelationshipName: 'PricebookEntries',
      cascadeDelete: true,
      ...f.writeOnce,
    }),
    f.lookup('Product2Id', 'Product2', {
      label: 'Product ID',
      required: true,
      childRelationshipName: 'PricebookEntries',
      cascadeDelete: true,
      ...f.writeOnce,
    }),
    f.currency('UnitPrice', 18, 2, { label: 'List Price', required: true }),
    f.checkbox('IsActive', { label: 'Active' }),
    f.checkbox('UseStandardPrice'),
    f.text('ProductCode', 255, f.readOnly),
    f.checkbox('IsArchived', { label: 'Archived', ...f.readOnly }),
  ],
  { label: 'Price Book Entry' },
)
