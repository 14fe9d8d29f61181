import * as f from '../field-builders.ts'

export const leadStatus = f.object(
  'LeadStatus',
  '01H',
  [
    f.text('MasterLabel', 255, { nameField: true, ...f.readOnly }),
    f.text('ApiName', 255, f.readOnly),
    f.integer('SortOrder', 9, f.readOnly),
    f.checkbox('IsDefault', f.readOnly),
    f.checkbox('IsConverted', f.readOnly),
  ],
  {
    label: 'Lead Status Value',
    createable: false,
    updateable: false,
    deletable: false,
    without: ['IsDeleted'],
  },
)
