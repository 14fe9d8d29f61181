import * as f from '../field-builders.ts'
import { FORECAST_CATEGORIES, OPPORTUNITY_STAGES } from '../opportunity-stages.ts'

/** The state of an opportunity after a change to its stage, amount, probability or close date. */
export const opportunityHistory = f.object(
  'OpportunityHistory',
  '008',
  [
    f.lookup('OpportunityId', 'Opportunity', {
      label: 'Opportunity ID',
      required: true,
      childRelationshipName: 'OpportunityHistories',
      cascadeDelete: true,
      ...f.readOnly,
    }),
    f.picklist(
      'StageName',
      OPPORTUNITY_STAGES.map((stage) => stage.name),
      { required: true, ...f.readOnly },
    ),
    f.currency('Amount', 18, 2, f.readOnly),
    f.currency('ExpectedRevenue', 18, 2, f.readOnly),
    f.date('CloseDate', f.readOnly),
    f.percent('Probability', 3, 0, f.readOnly),
    f.picklist(
      'ForecastCategory',
      FORECAST_CATEGORIES.map((category) => category.name),
      { label: 'To Forecast Category', length: 40, restricted: true, ...f.readOnly },
    ),
    f.currency('PrevAmount', 18, 2, { label: 'Previous Amount', ...f.readOnly }),
    f.date('PrevCloseDate', { label: 'Previous Close Date', ...f.readOnly }),
  ],
  {
    labelPlural: 'Opportunity History',
    createable: false,
    updateable: false,
    deletable: false,
    without: ['LastModifiedDate', 'LastModifiedById'],
  },
)
