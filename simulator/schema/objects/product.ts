import * as f from '../field-builders.ts'

export const product = f.object(
  'Product2',
  '01t',
  [
    f.text('Name', 255, { label: 'Product Name', required: true, nameField: true }),
    f.text('ProductCode', 255),
    f.longText('Description', 4_000, { label: 'Product Description' }),
    f.checkbox('IsActive', { label: 'Active' }),
    f.picklist('Family', ['None', 'Hardware', 'Software', 'Services'], {
      label: 'Product Family',
    }),
    f.text('ExternalId', 255, { label: 'External ID' }),
    f.url('DisplayUrl', { length: 1_000 }),
    f.picklist('QuantityUnitOfMeasure', ['Each']),
    f.checkbox('IsArchived', { label: 'Archived', ...f.readOnly }),
    ...f.lastViewed(),
    f.text('StockKeepingUnit', 180, { label: 'Product SKU' }),
  ],
  { label: 'Product' },
)
