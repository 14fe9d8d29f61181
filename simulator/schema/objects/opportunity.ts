import * as f from '../field-builders.ts'
import { FORECAST_CATEGORIES, OPPORTUNITY_STAGES } from '../opportunity-stages.ts'
import { LEAD_SOURCES } from '../picklists.ts'

export const opportunity = f.object('Opportunity', '006', [
  f.lookup('AccountId', 'Account', {
    label: 'Account ID',
    childRelationshipName: 'Opportunities',
    cascadeDelete: true,
  }),
  f.checkbox('IsPrivate', { label: 'Private' }),
  f.text('Name', 120, { required: true, nameField: true }),
  f.longText('Description', 32_000),
  f.picklist(
    'StageName',
    OPPORTUNITY_STAGES.map((stage) => stage.name),
    { label: 'Stage', required: true },
  ),
  f.currency('Amount', 18, 2),
  f.percent('Probability', 3, 0, { label: 'Probability (%)' }),
  f.currency('ExpectedRevenue', 18, 2, { label: 'Expected Amount', ...f.readOnly }),
  f.date('CloseDate', { required: true }),
  f.picklist('Type', ['Existing Customer - Upgrade', 'New Customer'], {
    label: 'Opportunity Type',
  }),
  f.text('NextStep', 255),
  f.picklist('LeadSource', LEAD_SOURCES),
  f.checkbox('IsClosed', { label: 'Closed', ...f.readOnly }),
  f.checkbox('IsWon', { label: 'Won', ...f.readOnly }),
  f.picklist(
    'ForecastCategory',
    FORECAST_CATEGORIES.map((category) => category.name),
    { length: 40, restricted: true, ...f.readOnly },
  ),
  f.picklist(
    'ForecastCategoryName',
    // `Most Likely` has to be switched on before people may choose it.
    FORECAST_CATEGORIES.map((category) => category.label).filter((name) => name !== 'Most Likely'),
    { label: 'Forecast Category', restricted: true },
  ),
  f.lookup('CampaignId', 'Campaign', {
    label: 'Campaign ID',
    childRelationshipName: 'Opportunities',
  }),
  f.checkbox('HasOpportunityLineItem', { label: 'Has Line Item', ...f.readOnly }),
  f.lookup('Pricebook2Id', 'Pricebook2', {
    label: 'Price Book ID',
    childRelationshipName: 'Opportunities',
    restrictedDelete: true,
  }),
  f.lookup('OwnerId', 'User', { label: 'Owner ID' }),
  f.decimal('TotalOpportunityQuantity', 18, 2, { label: 'Quantity' }),
  f.date('LastActivityDate', { label: 'Last Activity', ...f.readOnly }),
  ...f.lastViewed(),
  f.integer('PushCount', 8, { defaultValue: 0, ...f.readOnly }),
  f.datetime('LastStageChangeDate', f.readOnly),
  f.integer('FiscalQuarter', 8, { compoundFieldName: 'Fiscal', ...f.readOnly }),
  f.integer('FiscalYear', 8, { compoundFieldName: 'Fiscal', ...f.readOnly }),
  f.text('Fiscal', 6, { label: 'Fiscal Period', ...f.readOnly }),
  f.lookup('LastAmountChangedHistoryId', 'OpportunityHistory', {
    label: 'Opportunity History ID',
    ...f.readOnly,
  }),
  f.lookup('LastCloseDateChangedHistoryId', 'OpportunityHistory', {
    label: 'Opportunity History ID',
    ...f.readOnly,
  }),
  f.externalId('External_Id__c'),
])
