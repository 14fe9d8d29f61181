import * as f from '../field-builders.ts'

export const opportunityStage = f.object(
  'OpportunityStage',
  '01J',
  [
    f.text('MasterLabel', 255, { nameField: true, ...f.readOnly }),
    f.text('ApiName', 255, f.readOnly),
    f.checkbox('IsActive', f.readOnly),
    f.integer('SortOrder', 9, f.readOnly),
    f.checkbox('IsClosed', { label: 'Closed', ...f.readOnly }),
    f.checkbox('IsWon', { label: 'Won', ...f.readOnly }),
    f.text('ForecastCategory', 40, f.readOnly),
    f.text('ForecastCategoryName', 255, f.readOnly),
    f.percent('DefaultProbability', 3, 0, { label: 'Probability (%)', ...f.readOnly }),
    f.text('Description', 255, f.readOnly),
  ],
  { createable: false, updateable: false, deletable: false, without: ['IsDeleted'] },
)
