import * as f from '../field-builders.ts'

export const opportunityLineItem = f.object(
  'OpportunityLineItem',
  '00k',
  [
    f.lookup('OpportunityId', 'Opportunity', {
      label: 'Opportunity ID',
      required: true,
      childRelationshipName: 'OpportunityLineItems',
      cascadeDelete: true,
      ...f.writeOnce,
    }),
    f.integer('SortOrder', 9),
    f.lookup('PricebookEntryId', 'PricebookEntry', {
      label: 'Price Book Entry ID',
      childRelationshipName: 'OpportunityLineItems',
      restrictedDelete: true,
      ...f.writeOnce,
    }),
    f.lookup('Product2Id', 'Product2', {
      label: 'Product ID',
      childRelationshipName: 'OpportunityLineItems',
      restrictedDelete: true,
      ...f.writeOnce,
    }),
    f.text('ProductCode', 255, f.readOnly),
    f.text('Name', 376, { label: 'Opportunity Product Name', nameField: true, ...f.readOnly }),
    f.decimal('Quantity', 12, 2, { required: true }),
    f.currency('TotalPrice', 18, 2),
    f.currency('UnitPrice', 18, 2, { label: 'Sales Price' }),
    f.currency('ListPrice', 18, 2, f.readOnly),
    f.date('ServiceDate', { label: 'Date' }),
    ...f.lastViewed(),
    f.text('Description', 255, { label: 'Line Description' }),
  ],
  { label: 'Opportunity Product' },
)
