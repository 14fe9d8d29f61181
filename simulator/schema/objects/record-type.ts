import * as f from '../field-builders.ts'

export const recordType = f.object(
  'RecordType',
  '012',
  [
    f.text('Name', 80, { required: true, nameField: true }),
    f.text('DeveloperName', 80, { label: 'Record Type Name', required: true }),
    f.text('NamespacePrefix', 15, f.readOnly),
    f.text('Description', 255),
    f.text('SobjectType', 40, { label: 'SObject Type Name', required: true, ...f.writeOnce }),
    f.checkbox('IsActive', { label: 'Active', defaultValue: true, createable: false }),
  ],
  { deletable: false, without: ['IsDeleted'] },
)
